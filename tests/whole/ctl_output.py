# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where mycelium-socksctl prints to: a terminal in which somebody waits for a connection,
what has no room left, and what has gone."""

import signal
import subprocess

from lib import whole
from lib.command_line import DONE, FAILED, NAME, TIMED_OUT, CommandLineTest, PROGRAM
from lib.waiting import wait_until


CLEARED = "\r\033[K"


class Waiting(CommandLineTest):
    settings = {"Probing": {"TimeoutSec": 2, "Enabled": "false"}}

    def test_connecting_is_shown_while_it_lasts(self):
        proxy = self.open_proxy("a")
        self.start_service()
        told = (f"{CLEARED}Connecting…{CLEARED}Connected to {proxy.endpoint}\n"
                f"Programs reach it at socks5h://127.0.0.1:1080\n")
        self.assertEqual(self.terminal("connect", proxy.endpoint), (DONE, told))
        self.client.pop_remote_change()
        self.assertEqual(self.terminal("connect", proxy.endpoint, TERM="dumb"),
                         (DONE, told.replace(CLEARED, "").removeprefix("Connecting…")))

    def test_so_is_the_search_for_a_proxy(self):
        for name in "one", "two":
            self.peer(name, is_host=False)
        self.start_service()
        terminal = self.begin_in_terminal("connect", "--wait")
        terminal.wait_for("░ 0 of 2 addresses asked")
        self.wait_for_sweep(0)
        # Nobody was found, and it goes on.
        proxy = self.open_proxy("late")
        self.sweep()
        code, text = terminal.wait()
        self.assertEqual(code, DONE)
        self.assertIn(f"{CLEARED}Looking for proxies…", text)
        self.assertIn(f"{CLEARED}Connecting…{CLEARED}Connected to {proxy.endpoint}\n", text)
        self.assertEqual(self.client.pop_remote_change()[1], proxy.endpoint)

    def test_it_is_cleared_when_the_time_is_over(self):
        self.peer("silent", is_host=False)
        self.start_service()
        code, text = self.terminal("connect", "--wait", "--timeout", "3")
        self.assertEqual(code, TIMED_OUT)
        self.assertRegex(text, "1 address asked|Looking for proxies…")
        last = text.rpartition(CLEARED)[2]
        self.assertRegex(last, rf"^{NAME}This took longer than 3 s\..*\n$")


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
