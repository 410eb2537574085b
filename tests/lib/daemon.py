# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service itself, as a process with a configuration and a memory of its own."""

import os
import pathlib
import resource
import tempfile

from lib.bus import NAME
from lib.process import Process
from lib.waiting import wait_until

# What a sanitizer says when it has found something; it may not change the exit status of
# a process that was killed.
SANITIZER_REPORTS = "ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "runtime error:", \
    "WARNING: ThreadSanitizer"


def program():
    """Returns where the daemon was built: meson tells its tests."""
    tree = pathlib.Path(__file__).parents[2]
    return os.environ.get("MYCELIUM_SOCKSD",
                          str(tree / "build-plain" / "service" / "mycelium-socksd"))


def is_sanitized():
    """Whether it was built with a sanitizer, and is slow and large for that."""
    return b"__asan_" in pathlib.Path(program()).read_bytes()


class Daemon:
    """One mycelium-socksd on a bus; may be started more than once, with one memory."""

    def __init__(self, bus, settings):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="daemon-"))
        self.configuration = self.directory / "test.conf"
        self.log = self.directory / "log"
        self.environment = {}
        self.errors_to = None  # a descriptor in place of the log
        self.process = None
        self._bus = bus
        (self.directory / "state").mkdir()
        self.configure(settings)

    def configure(self, settings):
        """Writes the configuration file: group -> key -> value; for the next start."""
        lines = []
        for group, keys in settings.items():
            lines.append(f"[{group}]")
            lines += (f"{key}={value}" for key, value in keys.items())
        self.configuration.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def start(self, *, n_files=None):
        """Starts it, with that limit of descriptors, and waits for its name."""
        self.launch(n_files=n_files)

        def is_there():
            if self.process.returncode is not None:
                raise AssertionError(f"the service ended: {self.process.output()}")
            return self._bus.has_owner(NAME)

        wait_until(is_there, "the service on the bus")

    def launch(self, *options, n_files=None):
        """Starts it and does not wait; with options, instead of the configuration."""
        def prepare():
            if n_files:
                resource.setrlimit(resource.RLIMIT_NOFILE, (n_files, n_files))
            if self.errors_to is not None:
                os.dup2(self.errors_to, 2)

        self.process = Process(
            [program(), *(options or ("--config", self.configuration))], self.log,
            env={"DBUS_SYSTEM_BUS_ADDRESS": self._bus.address,
                 "STATE_DIRECTORY": str(self.directory / "state"),
                 "G_MESSAGES_DEBUG": "all", "G_DEBUG": "fatal-criticals",
                 **self.environment},
            preparation=prepare)
        return self.process

    def stop(self):
        """Ends it in order and checks that it was."""
        if self.process and self.process.returncode is None:
            self.process.stop()
            assert self.process.returncode == 0, f"ended with {self.process.returncode}"

    def kill(self):
        """Ends it without a warning, as kill -9 does, and waits until that is seen."""
        self.process.kill()
        wait_until(lambda: not self._bus.has_owner(NAME), "the name given back")

    def check_log(self):
        """Fails if a sanitizer found something."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        found = [report for report in SANITIZER_REPORTS if report in text]
        assert not found, text

    @property
    def n_descriptors(self):
        """How many descriptors it holds."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    @property
    def is_sanitized(self):
        """Whether it was built with a sanitizer, whose memory is not the service's."""
        maps = pathlib.Path(f"/proc/{self.process.pid}/maps").read_text(encoding="ascii")
        return "libasan" in maps or "libtsan" in maps

    def memory_kib(self, *, peak=False):
        """Resident memory, or the most it was since forget_peak()."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        field = "VmHWM:" if peak else "VmRSS:"
        return int(status.partition(field)[2].split(maxsplit=1)[0])

    def forget_peak(self):
        """Begins to measure the peak of resident memory anew."""
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5", "ascii")

    def _stat(self):
        stat = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii")
        return stat.rpartition(")")[2].split()

    @property
    def state(self):
        """What proc(5) says of it: S sleeping, T stopped, ..."""
        return self._stat()[0]

    @property
    def processor_seconds(self):
        """Processor time that it has used."""
        fields = self._stat()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
