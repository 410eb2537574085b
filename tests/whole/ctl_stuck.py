# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has stopped does not stop mycelium-socksctl, and what has changed meanwhile is not
told as if it had not."""

import os

from gi.repository import GLib

from lib import whole
from lib.command_line import DONE, FAILED, CommandLineTest
from lib.service_standin import ServiceStandIn

REMOTE = "[400::1]:1080"


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
        self.assertFalse((self.state / "recent").exists())

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
