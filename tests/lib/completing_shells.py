# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real shells, and what they complete a command line of mycelium-socksctl to."""

import fcntl
import os
import pathlib
import pty
import re
import select
import shlex
import signal
import struct
import subprocess
import termios
import time

from lib.waiting import DEADLINE_S

COMPLETIONS = pathlib.Path(os.environ["MYCELIUM_SOCKSCTL_COMPLETIONS"])

NAME = "mycelium-socksctl"

HOME_KEY, END_KEY = "\x01", "\x05"  # as Emacs has them

CONTROL_SEQUENCE = r"\033(?:\[[0-9;?]*[a-zA-Z]|[=>]|\][^\a]*\a)"


class Typed:
    """An interactive shell in a terminal, at which somebody types and presses Tab."""

    def __init__(self, command, setup, environment):
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            # So wide that nothing is cut or broken.
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 400, 0, 0))
            os.execvpe(command[0], command, environment)
        self._seen = ""
        self._type(f"{setup}; echo REA''DY\r")
        self._expect("READY\r?\n")

    def _type(self, text):
        os.write(self._terminal, text.encode())

    def _read_until(self, condition, what):
        deadline = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < deadline, f"{what} in {self._seen!r}"
            if select.select([self._terminal], [], [], 1)[0]:
                self._seen += os.read(self._terminal, 65536).decode(errors="replace")

    def _expect(self, pattern):
        self._read_until(lambda: re.search(pattern, self._seen), pattern)
        end = re.search(pattern, self._seen).end()
        text, self._seen = self._seen[:end], self._seen[end:]
        return re.sub(CONTROL_SEQUENCE, "", text)

    def complete(self, line):
        """Types the line and presses Tab; returns what the last word of it became."""
        self._type(f"{NAME} {line}\t")
        return self._echo()[1]

    def complete_words(self, line):
        """Types the line and presses Tab; returns what the shell takes all of it for."""
        self._type(f"{NAME} {line}\t")
        return self._echo()[2]

    def list(self, line, expected):
        """Types the line, presses Tab and waits until all of these are listed; returns all
        words that are shown, but for those that were typed.

        Zsh shows them quoted, which is left out.
        """
        self._type(f"{NAME} {line}\t")
        # A shell may list nothing where more has been typed since.
        self._read_until(lambda: all(word in self._seen.replace("\\", "")
                                     for word in expected), expected)
        return set(self._echo()[0].replace("\\", "").split()) - set(line.split())

    def _echo(self):
        # The line is turned into an echo of itself, which comes when Tab is over.
        self._type(f"{HOME_KEY}echo BE''GIN {END_KEY} E''ND\r")
        screen = self._expect(r"BEGIN ((?:.|\n)*?) END\r?\n")
        completed = re.search(r"BEGIN (.*) END", screen)[1]
        return screen.partition("BEGIN")[0], completed.split()[-1], completed

    def close(self):
        """Ends it."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._terminal)


def typed_bash(environment):
    """A bash that has the completion and nothing else."""
    script = shlex.quote(str(COMPLETIONS / f"{NAME}.bash"))
    return Typed(["bash", "--norc", "--noprofile", "-i"],
                 f"PS1='$ '; bind 'set enable-bracketed-paste off'; "
                 f"bind 'set page-completions off'; bind 'set show-all-if-ambiguous on'; source {script}", environment)


def typed_zsh(environment):
    """A zsh with its own completion system, which finds ours by its place."""
    return Typed(["zsh", "-f", "-i"],
                 f"PS1='%% '; unset zle_bracketed_paste; setopt no_beep no_nomatch no_list_ambiguous; "
                 f"fpath=({shlex.quote(str(COMPLETIONS))} $fpath); "
                 f"autoload -Uz compinit; compinit -u -D", environment)


def fish_candidates(line, environment):
    """What fish offers for the line."""
    script = shlex.quote(str(COMPLETIONS / f"{NAME}.fish"))
    done = subprocess.run(
        ["fish", "--no-config", "-c",
         f"source {script}; complete --do-complete {shlex.quote(f'{NAME} {line}')}"],
        env=environment, capture_output=True, text=True, check=True)
    assert not done.stderr, done.stderr
    return {offer.partition("\t")[0] for offer in done.stdout.splitlines()}
