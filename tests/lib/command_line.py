# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""mycelium-socksctl as a person or a script runs it: in a terminal, or in a pipe."""

import collections
import fcntl
import json
import os
import pathlib
import pty
import re
import signal
import struct
import subprocess
import tempfile
import termios
import threading
import unicodedata

import jsonschema

from lib.waiting import DEADLINE_S, wait_until
from lib.whole import WholeTest

PROGRAM = os.environ.get("MYCELIUM_SOCKSCTL", "mycelium-socksctl")
SCHEMA = json.loads(pathlib.Path(os.environ["MYCELIUM_SOCKSCTL_SCHEMA"]).read_text("utf-8"))

DONE, FAILED, USAGE, NOT_RUNNING, NOT_ALLOWED, NO_PROXY, TIMED_OUT, LOCAL_PORT, PROBLEM = \
    range(9)

NAME = "mycelium-socksctl: "

Ended = collections.namedtuple("Ended", "code out err")


def close(schema):
    """Returns the schema, by which no object has a key now that it does not name."""
    if isinstance(schema, list):
        return [close(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: close(part) for key, part in schema.items()}
    if schema.get("type") == "object" and "additionalProperties" not in schema:
        # Unlike that one it knows the keys that a condition adds.
        closed["unevaluatedProperties"] = False
    return closed


CLOSED_SCHEMA = close(SCHEMA)


def validate(command, value):
    """Fails if this is not what the command prints by its schema, and nothing else."""
    for schema, kind in ((SCHEMA, jsonschema.Draft7Validator),
                         (CLOSED_SCHEMA, jsonschema.Draft201909Validator)):
        jsonschema.validate(value, {**schema, "$ref": f"#/definitions/{command}"}, cls=kind)


class Running:
    """A program that is running, its output in files."""

    def __init__(self, command, environment):
        self._files = [tempfile.TemporaryFile() for _ in range(2)]
        self._popen = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                       stdout=self._files[0], stderr=self._files[1],
                                       env=environment)
        self.pid = self._popen.pid

    def _text(self, file):
        return os.pread(file.fileno(), 1 << 24, 0).decode()

    @property
    def out(self):
        """What it has printed so far."""
        return self._text(self._files[0])

    def wait_for(self, text):
        """Waits until it has printed that, or until the function says so of the output."""
        holds = text if callable(text) else lambda out: text in out
        wait_until(lambda: holds(self.out), f"{text} in {self.out}")

    def send(self, number):
        """Sends it a signal."""
        self._popen.send_signal(number)

    def wait(self):
        """Waits for its end, while signals come in, and returns how it ended."""
        wait_until(lambda: self._popen.poll() is not None, f"the end: {self.out}")
        return Ended(self._popen.returncode, self.out, self._text(self._files[1]))

    def kill(self):
        """Ends it if it has not ended."""
        if self._popen.poll() is None:
            self.send(signal.SIGKILL)
            self._popen.wait()
        for file in self._files:
            file.close()


class Terminal:
    """A program that is running in a terminal."""

    def __init__(self, command, environment, columns):
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self._popen = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs,
                                       env=environment, start_new_session=True)
        os.close(theirs)
        self._pieces = []
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self):
        try:
            while piece := os.read(self._ours, 65536):
                self._pieces.append(piece)
        except OSError:  # the last one has closed it
            pass

    @property
    def text(self):
        """All that was written there so far."""
        return b"".join(self._pieces).decode(errors="replace").replace("\r\n", "\n")

    def wait_for(self, text):
        """Waits until that was written there."""
        wait_until(lambda: text in self.text, f"{text} in {self.text}")

    def wait(self):
        """Waits for the end; returns (code, all that was written there)."""
        wait_until(lambda: self._popen.poll() is not None, "the end in the terminal")
        self._listener.join(DEADLINE_S)
        return self._popen.returncode, self.text

    def close(self):
        """Ends the program if it has not ended, and takes the terminal away."""
        self._popen.kill()
        self._popen.wait()
        self._listener.join(DEADLINE_S)
        os.close(self._ours)


class CommandLineTest(WholeTest):
    """A service beside which mycelium-socksctl is run."""

    def setUp(self):
        super().setUp()
        self.environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": self.bus.address,
                            "LC_ALL": "C.UTF-8", "TERM": "xterm", "SHELL": "/bin/sh"}
        self.environment.pop("NO_COLOR", None)
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="home-"))
        self.config = self.home / ".config" / "mycelium-socks"
        self.state = self.home / ".local" / "state" / "mycelium-socks"
        self.environment["HOME"] = str(self.home)
        for name in "XDG_CONFIG_HOME", "XDG_STATE_HOME":
            self.environment.pop(name, None)

    def begin(self, *arguments):
        """Starts it in a pipe."""
        running = Running([PROGRAM, *arguments], self.environment)
        self.addCleanup(running.kill)
        return running

    def ctl(self, *arguments):
        """Runs it in a pipe; returns (code, out, err)."""
        ended = self.begin(*arguments).wait()
        self.assertNotIn("\033", ended.out)
        self.assert_sound(ended.out + ended.err)
        return ended

    def assert_sound(self, text):
        """Neither a sanitizer nor GLib has found something."""
        for report in "Sanitizer", "runtime error", "CRITICAL", "WARNING **":
            self.assertNotIn(report, text)

    def succeed(self, *arguments):
        """Runs it and returns what it printed."""
        ended = self.ctl(*arguments)
        self.assertEqual((ended.code, ended.err), (DONE, ""))
        return ended.out

    def json(self, *arguments, code=DONE):
        """Runs it with --json; returns what it printed, which is as its schema says."""
        ended = self.ctl("--json", *arguments)
        self.assertEqual((ended.code, ended.err), (code, ""))
        value = json.loads(ended.out)
        validate(arguments[0], value)
        return value

    def refuse(self, code, *arguments):
        """Runs it, and it says in one line what is wrong; returns that."""
        ended = self.ctl(*arguments)
        self.assertEqual((ended.code, ended.out), (code, ""), ended.err)
        lines = ended.err.splitlines()
        self.assertTrue(lines[0].startswith(NAME), ended.err)
        self.assertRegex(lines[0], r"[.”]$")
        self.assertEqual(len(lines), 2 if code == LOCAL_PORT else 1)
        return ended.err.removeprefix(NAME)

    def begin_in_terminal(self, *arguments, columns=200, **environment):
        """Starts it in a terminal."""
        terminal = Terminal([PROGRAM, *arguments], {**self.environment, **environment},
                            columns)
        self.addCleanup(terminal.close)
        return terminal

    def terminal(self, *arguments, columns=200, **environment):
        """Runs it in a terminal; returns (code, all that it wrote there)."""
        ended = self.begin_in_terminal(*arguments, columns=columns, **environment).wait()
        self.assert_sound(ended[1])
        return ended


def width_of(line):
    """How many columns it takes in a terminal."""
    return sum(1 + (unicodedata.east_asian_width(character) in "FW") for character in line)


def without_color(text):
    """The text that a terminal shows, without what colours it."""
    return re.sub(r"\033\[[0-9;]*m", "", text)
