# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has stopped does not stop mycelium-socksctl, and what has changed meanwhile is not
told as if it had not."""

import functools
import os
import signal

from gi.repository import GLib

from lib import whole
from lib.bus import Bus
from lib.command_line import DONE, FAILED, NOT_RUNNING, TIMED_OUT, CommandLineTest
from lib.service_standin import ServiceStandIn
from lib.waiting import wait_until

REMOTE = "[400::1]:1080"

# All that ask the service something, and would be at it for ever.
COMMANDS = (("status",), ("list",), ("list", "--all"), ("env",), ("connect",),
            ("connect", REMOTE), ("connect", "400:"), ("connect", "--wait"),
            ("disconnect",), ("probe",), ("probe", "start"), ("probe", "stop"),
            ("check", REMOTE), ("run", "echo", "in the open"))


class Service(CommandLineTest):
    """It is there and does nothing."""

    def stop_the_service(self):
        self.start_and_sweep()
        self.daemon.process.send(signal.SIGSTOP)
        self.addCleanup(self.daemon.process.send, signal.SIGCONT)
        wait_until(lambda: self.daemon.state == "T", "the service stopped")


class Patient(Service):
    def test_each_command_ends_when_its_time_is_over(self):
        self.stop_the_service()
        for command in COMMANDS:
            with self.subTest(command=command):
                self.assertIn("longer than 0.3 s",
                              self.refuse(TIMED_OUT, "--timeout", "0.3", *command))
        ended = self.ctl("--timeout", "0.3", "monitor")
        self.assertEqual((ended.code, ended.err), (DONE, ""))


class Impatient(Service):
    bus_kind = functools.partial(Bus, patience_ms=500)

    def test_each_command_says_that_there_is_no_answer(self):
        self.stop_the_service()
        ended = self.ctl("status")
        self.assertEqual((ended.code, ended.err), (NOT_RUNNING, ""))
        self.assertIn("did not answer", ended.out)
        self.assertEqual(self.json("status", code=NOT_RUNNING),
                         {"service": "not-answering"})
        for command in COMMANDS[1:]:
            with self.subTest(command=command):
                self.assertIn("did not answer", self.refuse(NOT_RUNNING, *command))


class Disk(CommandLineTest):
    """Nothing can be written down any more."""

    def setUp(self):
        super().setUp()
        sanitizer = os.environ.get("ASAN_OPTIONS", "")
        self.environment |= {"LD_PRELOAD": os.environ["STUCK_DISK"],
                             "ASAN_OPTIONS": f"{sanitizer}:verify_asan_link_order=0"}
        self.proxy = self.open_proxy("a")
        self.start_and_sweep()

    def test_connecting_does_not_wait_for_it(self):
        running = self.begin("connect")
        running.wait_for("Programs reach it")
        self.assertEqual(self.client.pop_remote_change()[1], self.proxy.endpoint)
        # What is so by the time that it gives up is not what it has told.
        self.disconnect()
        ended = running.wait()
        self.assertEqual((ended.code, ended.err), (DONE, ""))
        self.assertEqual(ended.out, f"Connected to {self.proxy.endpoint}\n"
                         f"Programs reach it at socks5h://127.0.0.1:1080\n")
        # It was opened, to be locked, and that is all.
        self.assertEqual((self.state / "recent").read_text(), "")

    def test_a_name_is_waited_for_as_long_as_is_asked_for(self):
        self.assertIn("longer than 0.3 s",
                      self.refuse(TIMED_OUT, "--timeout", "0.3", "name", REMOTE, "Oslo"))

    def test_a_command_does_not_wait_for_it(self):
        self.assertEqual(self.succeed("run", "echo", "there"), "there\n")
        self.client.pop_remote_change()


class Overtaken(CommandLineTest):
    def test_what_somebody_else_has_ended_is_not_told_as_done(self):
        service = ServiceStandIn(self.bus)
        self.addCleanup(service.stop)
        service.answers["Connect"] = GLib.Variant("(s)", (REMOTE,))
        for options in (), ("--json",):
            self.assertIn("newer request", self.refuse(FAILED, *options, "connect", REMOTE))
        self.assertEqual([name for name, _ in service.calls if name == "Connect"],
                         ["Connect"] * 2)


if __name__ == "__main__":
    whole.main()
