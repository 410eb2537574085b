# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program that runs beside the test, with all its children, and its output."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess

# Where tests/install-dependencies unpacks what shall not be installed on the machine: in the
# tree that this is, or that a release was unpacked somewhere below.
_TREES = pathlib.Path(__file__).parents[2:]
UNPACKED = next((tree for tree in _TREES if (tree / "build-tools").is_dir()),
                _TREES[0]) / "build-tools"

# With the places where Debian puts daemons, there and on the machine.
SEARCH_PATH = ":".join([
    os.environ.get("PATH", "/usr/bin:/bin"), "/usr/sbin:/sbin",
    f"{UNPACKED}/usr/bin:{UNPACKED}/usr/sbin",
])


def has_program(name):
    """Whether there is such a program."""
    return shutil.which(name, path=SEARCH_PATH) is not None


def find_program(name):
    """Returns where the program is."""
    path = shutil.which(name, path=SEARCH_PATH)
    if not path:
        raise FileNotFoundError(f"{name} is missing, run tests/install-dependencies")
    return path


class Process:
    """A program in a session of its own, its output in a file.

    Its children are in that session too and end with it.
    """

    def __init__(self, command, log, *, env=None, preparation=None):
        self.log = pathlib.Path(log)
        with open(self.log, "ab") as output:
            self._popen = subprocess.Popen(
                [find_program(command[0]), *map(str, command[1:])],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env={**os.environ, **(env or {})}, start_new_session=True,
                preexec_fn=preparation)
        self.pid = self._popen.pid

    @property
    def returncode(self):
        """The exit status, negative for a signal; None while it runs."""
        return self._popen.poll()

    def output(self):
        """Everything that it has said."""
        return self.log.read_text(errors="replace")

    def send(self, number):
        """Sends a signal to the program alone."""
        self._popen.send_signal(number)

    def wait(self, seconds=30):
        """Waits for its end and returns the exit status."""
        return self._popen.wait(seconds)

    def stop(self):
        """Ends it in order, or else by force, and all that it started."""
        if self.returncode is None:
            self.send(signal.SIGTERM)
            try:
                self.wait(10)
            except subprocess.TimeoutExpired:
                pass
        self.kill()

    def kill(self):
        """Ends it and all that it started, at once."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.wait()


def accepts_connections(address, port):
    """Whether somebody listens there."""
    try:
        socket.create_connection((address, port), timeout=1).close()
        return True
    except OSError:
        return False
