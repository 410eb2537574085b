# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine that boots: a Debian of its own, with the build that is tested installed.

It is a container of systemd-nspawn with its own systemd, bus, journal, logind and
polkit. The network is the test's, so who is beyond() is its overlay. What is written to
it lies on top of the files that tests/install-dependencies has fetched, and is gone with
the test.
"""

import contextlib
import os
import pathlib
import shlex
import signal
import subprocess
import sys
import tempfile
import time

from lib import overlay
from lib.bus import INTERFACE, NAME, PATH, Bus
from lib.daemon import program
from lib.process import UNPACKED, Process
from lib.waiting import wait_until

CGROUPS = pathlib.Path("/sys/fs/cgroup")
POWER_OFF = signal.SIGRTMIN + 4  # what it means to systemd as process 1

# A seat without a screen: the last to log in is the one who sits there.
AT_THE_SEAT = ["XDG_SEAT=seat0", "XDG_SESSION_TYPE=x11", "XDG_SESSION_CLASS=user"]


def _remove_cgroup(top):
    """Removes a control group with all below it, once nobody is left in it."""
    deadline = time.monotonic() + 20
    while top.exists() and time.monotonic() < deadline:
        for directory, _, _ in os.walk(top, topdown=False):
            with contextlib.suppress(OSError):
                os.rmdir(directory)
        time.sleep(0.01)


def _tidy_up_afterwards(cgroup):
    """Leaves a process behind that waits for our end, however we end, and cleans up."""
    until_our_end, held_by_us = os.pipe()
    if os.fork() == 0:
        os.setsid()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in range(3):
            os.dup2(nowhere, descriptor)
        os.close(held_by_us)
        os.read(until_our_end, 1)
        _remove_cgroup(cgroup)
        os._exit(0)
    os.close(until_our_end)


def become_root():
    """Starts the test again by sudo where it was not root who has started it."""
    if os.geteuid() != 0:
        os.execvp("sudo", [
            "sudo", "env", f"PYTHONPATH={os.environ['PYTHONPATH']}",
            f"MYCELIUM_SOCKSD={program()}", sys.executable, "-B", *sys.argv])


def enter():
    """Enters the overlay with a control group for machines, which it returns.

    Control groups have no namespace that would take them away. systemd wants all of
    them in one hierarchy, which not every machine has at the usual place.
    """
    overlay.mount_cgroups()
    cgroup = CGROUPS / f"mycelium-socks-boot-{os.getpid()}"
    cgroup.mkdir()
    _tidy_up_afterwards(cgroup)
    overlay.enter()
    # Not sys.exit(): to unittest that is a test that failed, and the next one is to run.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(143))
    return cgroup


class MachineBus(Bus):
    """The machine's system bus, as root outside of it sees it. polkit does not know whom
    it can't see: there, this root may look and listen, no more."""

    def __init__(self, machine):  # pylint: disable=super-init-not-called
        self.address = f"unix:path={machine.path('/run/dbus/system_bus_socket')}"

    def output(self):
        """Nothing: what it says is in the machine's journal."""
        return ""

    def stop(self):
        """Leaves it running."""


class Machine:
    """A Debian with our build in it, to be booted.

    root: its files, for what is done from outside; build: what is installed.
    """

    def __init__(self, suite, cgroup):
        self.root = UNPACKED / f"debian-{suite}"
        self.build = pathlib.Path(program()).parents[1]
        self._cgroup = cgroup
        self._container = self._leader = None
        if not self.root.exists():
            raise FileNotFoundError(f"{self.root}: run tests/install-dependencies {suite}")
        # Beside the root is nspawn's lock, and in the build the log of the installation.
        for directory in UNPACKED, self.build:
            overlay.mount_over(str(directory))

    def install(self):
        """Installs the build, as an administrator does."""
        subprocess.run(["meson", "install", "-C", self.build, "--no-rebuild", "--quiet",
                        "--destdir", self.root], check=True, stdout=subprocess.DEVNULL)
        assert (self.root / f"usr/share/polkit-1/actions/{NAME}.policy").exists(), \
            "the build that is tested is to be installed somewhere else: set the prefix /usr"

    def uninstall(self):
        """Removes what was installed last."""
        subprocess.run(["ninja", "-C", self.build, "uninstall"], check=True,
                       stdout=subprocess.DEVNULL)

    def add_users(self, *names):
        """Adds people who can log in; before it boots."""
        for name in names:
            subprocess.run(["useradd", f"--root={self.root}", "--create-home",
                            "--shell=/bin/sh", name], check=True)

    def boot(self):
        """Boots it and waits until everything has been started."""
        def enter_cgroup():
            (self._cgroup / "cgroup.procs").write_text("0", encoding="ascii")

        self._container = Process(
            ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--boot",
             "--console=read-only", "--machine=mycelium-socks-boot",
             f"--directory={self.root}"],
            tempfile.mktemp(prefix="console-"), preparation=enter_cgroup)
        try:
            wait_until(self._is_running, "the end of the boot")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self._container.output()}") from None

    def _is_running(self):
        pid = self._container.pid
        if self._container.returncode is not None:
            raise AssertionError("the machine went down")
        # Its child is process 1 of the machine, and before that one that prepares it.
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
        for child in children.split():
            self._leader = child
            if self.run("systemctl", "is-system-running")[1] in ("running", "degraded"):
                return True
        return False

    def power_off(self):
        """Shuts it down in order."""
        os.kill(int(self._leader), POWER_OFF)
        assert self._container.wait() == 0, self._container.output()

    def enter_with(self, *command):
        """Returns the command line that runs a program in the machine, as root."""
        return ["nsenter", f"--target={self._leader}", "--mount", "--uts", "--ipc", "--pid",
                "--net", "--cgroup", "env", "LC_ALL=C.UTF-8", *map(str, command)]

    def run(self, *command):
        """Runs a program in the machine; returns (exit status, output)."""
        done = subprocess.run(self.enter_with(*command), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=90, check=False)
        return done.returncode, done.stdout.strip()

    def do(self, *command):
        """Runs a program in the machine that has to succeed; returns its output."""
        status, output = self.run(*command)
        assert status == 0, f"{shlex.join(map(str, command))}: {output}"
        return output

    def busctl(self, verb, *arguments):
        """Lets root ask something of the service; returns (exit status, output)."""
        return self.run("busctl", verb, NAME, PATH, INTERFACE, *arguments)

    def show(self, unit, name):
        """Returns what systemd knows of a unit."""
        return self.do("systemctl", "show", "--value", f"--property={name}", unit)

    def path(self, path):
        """Returns where a file is that the machine sees at that path now."""
        return pathlib.Path(f"/proc/{self._leader}/root{path}")

    def read(self, path):
        """Returns what is in a file of the machine."""
        return self.path(path).read_text(encoding="utf-8")

    def status_of(self, pid):
        """Returns what proc(5) says of a process of the machine: field -> text."""
        lines = self.read(f"/proc/{pid}/status").splitlines()
        return dict(line.split(":\t", 1) for line in lines)


class Session:
    """Somebody who is logged in, by PAM and logind, and has a shell.

    Sits at the machine, or comes from a host elsewhere.
    """

    def __init__(self, machine, user, *, host=None):
        self._answer = machine.path(f"/tmp/{user}.answer")
        # In place of script's shell, whichever that is: as a child of dash, Debian 13's
        # login is stopped when it touches the terminal.
        log_in = ["script", "--quiet", "--command", f"exec login -f -h {host} {user}",
                  "/dev/null"] if host else [
            "systemd-run", "--quiet", "--collect", "--pipe", f"--uid={user}",
            "--property=PAMName=login", *(f"--setenv={value}" for value in AT_THE_SEAT),
            "/bin/sh", "-i"]
        self._shell = subprocess.Popen(
            machine.enter_with(*log_in), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True)
        self._said = b""
        os.set_blocking(self._shell.stdout.fileno(), False)
        try:
            wait_until(self._has_prompt, f"{user} logged in")
        except AssertionError as error:
            raise AssertionError(f"{error}; there is {self._said!r}") from None

    def _has_prompt(self):
        self._said += self._shell.stdout.read() or b""
        return self._said.endswith(b"$ ")

    def get(self, name):
        """Returns what logind knows of the session."""
        return self.run(f"loginctl show-session --value -p {name} $XDG_SESSION_ID")[1]

    def run(self, command):
        """Runs a command there; returns (exit status, output)."""
        inside = f"/tmp/{self._answer.stem}"
        self._shell.stdin.write(
            f"({command}) >{inside}.part 2>&1 </dev/null; echo $? >>{inside}.part;"
            f" mv {inside}.part {inside}.answer\n".encode())
        self._shell.stdin.flush()
        wait_until(self._answer.exists, f"the answer to {command}")
        *output, status = self._answer.read_text(encoding="utf-8").splitlines()
        self._answer.unlink()
        return int(status), "\n".join(output)

    def busctl(self, verb, *arguments):
        """Asks something of the service; returns (exit status, output)."""
        return self.run(shlex.join(["busctl", verb, NAME, PATH, INTERFACE, *arguments]))

    def log_out(self):
        """Ends it."""
        self._shell.communicate(timeout=30)
