# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The world of the tests of a real boot: that of every whole test, and a machine in it."""

import contextlib
import os
import resource
import socket
import sys
import threading
import time

from lib import machine, tap
from lib.machine import Machine, MachineBus
from lib.whole import WholeTest

UNIT = "mycelium-socksd.service"
USER = "mycelium-socks"
PROGRAM = "usr/libexec/mycelium-socksd"
STATE = "/var/lib/mycelium-socks"
RUNTIME = "/run/mycelium-socks"
CONFIGURATION = "etc/mycelium-socks/mycelium-socks.conf"


class Booted(WholeTest):
    """The service in a machine that has booted, stopped and without a memory.

    machine: the one that was booted for all tests;
    after_boot: what systemd knew of the unit when the boot had ended;
    usr_before: the files below /usr before the installation.
    """

    machine = after_boot = usr_before = None
    bus_kind = staticmethod(lambda: MachineBus(Booted.machine))

    def setUp(self):
        super().setUp()
        self.addCleanup(self.forget)
        self.proxy = self.open_proxy("a")

    def forget(self):
        """Stops the service, and lets nothing remind of it."""
        self.machine.do("systemctl", "stop", UNIT)
        self.machine.run("systemctl", "reset-failed", UNIT)  # it need not have failed
        self.machine.do("rm", "-rf", STATE)

    def run(self, result=None):
        """Shows the machine's journal of a test that failed."""
        n_before = len(result.failures) + len(result.errors)
        started = time.time()
        super().run(result)
        if len(result.failures) + len(result.errors) > n_before:
            print(f"# journal of the machine, {self._testMethodName}:")
            _, journal = self.machine.run("journalctl", f"--since=@{started}")
            for line in journal.splitlines()[-200:]:
                print("#   ", line)
            sys.stdout.flush()

    def pop_change(self):
        """Waits for the next RemoteChanged and takes it."""
        return self.client.pop_remote_change()

    def call(self, method, *arguments):
        """Lets root call a method, which succeeds."""
        signature = ["s"] if arguments else []
        status, output = self.machine.busctl("call", method, *signature, *arguments)
        self.assertEqual(status, 0, output)
        return output

    def connect_to(self, remote):
        """Lets root connect, and checks what is said of it."""
        self.call("Connect", remote.endpoint)
        self.assertEqual(self.pop_change(), ("", remote.endpoint, "user"))

    def main_pid(self):
        """Returns the id of the service's process, as the machine knows it; 0 for none."""
        return int(self.machine.show(UNIT, "MainPID"))

    def configure(self, text):
        """Adds to the configuration, until the test ends."""
        path = self.machine.root / CONFIGURATION
        before = path.read_bytes()
        self.addCleanup(path.write_bytes, before)
        path.write_bytes(before + text.encode())

    def keep_loaded(self):
        """Lets systemd remember how the service ended: something wants the unit."""
        self.machine.do("systemctl", "enable", UNIT)
        self.addCleanup(self.machine.do, "systemctl", "disable", UNIT)

    def open_streams(self, n):
        """Connects to the local port n times, and lets each stream work once."""
        streams = [socket.create_connection(("::1", 1080), 60) for _ in range(n)]
        for stream in streams:
            self.addCleanup(stream.close)
            stream.sendall(b"x")
        for stream in streams:
            self.assertEqual(stream.recv(1), b"x")
        return streams

    def keep_busy(self, streams):
        """Sends through each stream, and reads back, for as long as it lasts."""
        def send(stream):
            with contextlib.suppress(OSError):
                while True:
                    stream.sendall(bytes(65536))

        def receive(stream):
            with contextlib.suppress(OSError):
                while stream.recv(65536):
                    pass

        for stream in streams:
            for work in send, receive:
                threading.Thread(target=work, args=[stream], daemon=True).start()


def files_below(directory):
    """Returns the paths of all files below the directory, not those of folders."""
    return {os.path.join(folder, name) for folder, _, files in os.walk(directory)
            for name in files}


def main(prepare=Machine.install):
    """Boots the Debian that the command line names first, and runs the tests there.

    prepare: what is done to the machine before it boots.
    """
    machine.become_root()
    Booted.machine = here = Machine(sys.argv.pop(1), machine.enter())
    Booted.usr_before = files_below(here.root / "usr")
    prepare(here)
    here.add_users("alice", "bob", "carol")
    here.boot()
    Booted.after_boot = {name: here.show(UNIT, name) for name in
                         ("ActiveState", "ActiveEnterTimestampMonotonic")}
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    tap.main()
