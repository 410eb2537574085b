# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where mycelium-socksctl prints to: what has no room left, and what has gone."""

import signal
import subprocess

from lib import whole
from lib.command_line import FAILED, NAME, CommandLineTest, PROGRAM
from lib.waiting import wait_until


class Full(CommandLineTest):
    def test_what_can_not_be_written_is_a_failure(self):
        self.start_and_sweep()
        for arguments in (("status",), ("list", "--json"), ("--help",), ("list", "--help"),
                          ("--version",), ("monitor", "--json")):
            with self.subTest(arguments=arguments), open("/dev/full", "wb") as full:
                done = subprocess.run([PROGRAM, *arguments], stdout=full, text=True,
                                      stderr=subprocess.PIPE, env=self.environment,
                                      timeout=60, check=False)
                self.assertEqual(done.returncode, FAILED)
                self.assertRegex(done.stderr, rf"^{NAME}[^\n]*standard output\..*\.\n$")

    def test_what_prints_nothing_needs_no_room(self):
        self.start_service()
        with open("/dev/full", "wb") as full:
            subprocess.run([PROGRAM, "disconnect"], stdout=full, env=self.environment,
                           timeout=60, check=True)


class Gone(CommandLineTest):
    def monitor_for_one_line(self, *options, **how):
        """As in "monitor | head -1"; returns (exit code, standard error)."""
        self.client.call("StartProbing")
        monitor = subprocess.Popen([PROGRAM, "monitor", *options], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=self.environment, **how)
        try:
            self.assertTrue(monitor.stdout.readline())
            monitor.stdout.close()
            self.client.call("StopProbing")
            wait_until(lambda: monitor.poll() is not None, "the end of monitor")
            return monitor.returncode, monitor.stderr.read().decode()
        finally:
            monitor.kill()
            monitor.wait()
            monitor.stderr.close()

    def test_monitor_ends_with_who_reads_it(self):
        self.start_service()
        for options in (), ("--json",):
            self.assertEqual(self.monitor_for_one_line(*options), (-signal.SIGPIPE, ""))
            # This program ignores the signal, and so do those that it starts in this way.
            code, errors = self.monitor_for_one_line(*options, restore_signals=False)
            self.assertEqual(code, FAILED)
            self.assertIn("standard output", errors)


if __name__ == "__main__":
    whole.main()
