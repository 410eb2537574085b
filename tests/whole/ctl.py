# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""mycelium-socksctl: connecting and probing, and the exit codes."""

import ipaddress

from lib import whole
from lib.command_line import (DONE, FAILED, LOCAL_PORT, NO_PROXY, NOT_ALLOWED, TIMED_OUT,
                              USAGE, CommandLineTest)
from lib.socks_servers import Impostor


class Connect(CommandLineTest):
    def expect_connected(self, *arguments, remote, reason="user"):
        self.assertEqual(self.json("connect", *arguments)["remote"], remote)
        self.assertEqual(self.client.pop_remote_change()[1:], (remote, reason))

    def test_to_the_fastest(self):
        proxy = self.open_proxy("a")
        self.start_and_sweep()
        self.expect_connected(remote=proxy.endpoint, reason="automatic")
        self.assert_fetches()
        self.assertEqual(self.succeed("connect"),
                         f"Connected to {proxy.endpoint}\n"
                         f"Programs reach it at socks5h://127.0.0.1:1080\n")
        self.assert_fetches(proxy="127.0.0.1:1080")

    def test_to_whoever_is_meant(self):
        for name in "a", "b", "c":
            self.open_proxy(name)
        refusing = self.peer("refusing")
        self.start_and_sweep()
        known = self.succeed("list", "--addresses").splitlines()
        one = known[1]
        bare = one[1:].partition("]")[0]
        # All are in 400::/7, and so of three two begin alike.
        shared = max("[4", "[5", key=lambda text: sum(p.startswith(text) for p in known))
        beginning = bare[:bare.index(":", 4)]
        for text in one, bare, "2", f"[{beginning}", beginning, beginning.upper():
            self.expect_connected(text, remote=one)
            self.succeed("disconnect")
            self.client.pop_remote_change()
        # Nobody's business is whether it is a proxy: it is one by its address alone.
        self.expect_connected(refusing.address[:9], remote=refusing.endpoint)
        self.assertIn("More than one", self.refuse(USAGE, "connect", shared))
        self.assertIn("list --all", self.refuse(NO_PROXY, "connect", "zzz"))
        self.assertIn("\\u001b", self.refuse(NO_PROXY, "connect", "\033[2J"))

    def test_in_any_spelling(self):
        proxy = self.open_proxy("a")
        self.daemon.configure({"Probing": {"Enabled": "false"}})
        self.start_service()  # and it knows nobody
        for text in (f"[{proxy.address}]", proxy.address.upper(), proxy.endpoint.upper(),
                     f"[{ipaddress.ip_address(proxy.address).exploded}]:01080"):
            self.expect_connected(text, remote=proxy.endpoint)
            self.succeed("disconnect")
            self.client.pop_remote_change()

    def test_what_was_left_empty_is_nobody(self):
        """As with an unset variable of a script."""
        self.open_proxy("alone")
        self.start_and_sweep()
        for text in "", "[":
            for command in ("connect", text), ("check", text), ("name", text, "Oslo"):
                self.assertIn("“mycelium-socksctl connect” without one connects to the fastest",
                              self.refuse(USAGE, *command))
        self.assertEqual(self.client.get("State"), "disconnected")
        self.assertEqual(self.json("name"), [])

    def test_what_can_not_be_is_told(self):
        self.start_and_sweep()
        self.refuse(USAGE, "connect", "[::1]:1080")
        self.refuse(USAGE, "connect", "example.com:1080")
        self.refuse(USAGE, "connect", "[400::1]:99999")
        self.refuse(USAGE, "connect", "one", "two")
        self.refuse(USAGE, "connect", "--wait", "two")
        self.refuse(USAGE, "connect", "--so-what")
        self.refuse(USAGE, "conect")
        self.refuse(USAGE, "probe", "later")
        self.refuse(USAGE, "disconnect", "now")
        self.refuse(USAGE, "monitor", "me")
        self.refuse(USAGE, "status", "quo")
        self.refuse(USAGE, "env", "csh")
        self.refuse(USAGE, "check")
        self.refuse(USAGE, "run")

    def test_a_time_that_can_not_be_waited_for_is_refused(self):
        self.start_service()
        for seconds in "-1", "-inf", "inf", "nan", "4294967.001", "4294968", "1e300":
            self.assertIn("0 to 4294967 seconds",
                          self.refuse(USAGE, "disconnect", f"--timeout={seconds}"))
        for seconds in "1e400", "soon", "":
            self.refuse(USAGE, "disconnect", f"--timeout={seconds}")
        for seconds in "0", "4294967", "0x1p10":
            self.succeed(f"--timeout={seconds}", "disconnect")

    def test_nobody_to_connect_to(self):
        self.start_and_sweep()
        self.assertIn("No proxy answered", self.refuse(NO_PROXY, "connect"))

    def test_waits_until_there_is_one(self):
        self.start_and_sweep()
        self.client.call("StopProbing")
        self.daemon.stop()
        self.daemon.configure({"Probing": {"TimeoutSec": 1, "IntervalSec": 5,
                                           "Enabled": "false"}})
        self.start_service()
        running = self.begin("connect", "--wait")
        self.wait_for_sweep(0)
        proxy = self.open_proxy("late")
        ended = running.wait()
        self.assertEqual((ended.code, ended.err), (DONE, ""))
        self.assertIn(proxy.endpoint, ended.out)
        self.assertEqual(self.client.pop_remote_change()[1], proxy.endpoint)
        self.assertFalse(self.client.get("Probing"))

    def test_not_in_time(self):
        self.node.mode = "stalled"
        self.start_service()
        self.assertIn("0.2 s", self.refuse(TIMED_OUT, "--timeout", "0.2", "connect", "--wait"))
        self.refuse(TIMED_OUT, "connect", "--timeout=0.2")

    def test_the_port_is_taken(self):
        proxy = self.open_proxy("a")
        self.hold_local_port()
        self.start_service()
        self.assertIn("microsocks", self.refuse(LOCAL_PORT, "connect", proxy.endpoint))

    def test_not_allowed(self):
        self.bus.start_polkit()
        self.start_and_sweep()
        for command in (("connect",), ("connect", "[400::1]:1080"), ("disconnect",),
                        ("probe",), ("probe", "start"), ("probe", "stop"),
                        ("check", "[400::1]:1080")):
            self.assertIn("administrator", self.refuse(NOT_ALLOWED, *command))

    def test_somebody_else_takes_over(self):
        peer = self.peer("gone since")
        server = self.serve(Impostor, peer.address, says=b"\x05\x00")
        self.start_and_sweep()
        server.stop()
        self.serve(Impostor, peer.address, then="hold")
        running = self.begin("connect")
        self.client.wait_for("State", "connecting")
        self.connect(peer.endpoint)
        ended = running.wait()
        self.assertEqual(ended.code, FAILED)
        self.assertIn("newer request", ended.err)

    def test_disconnecting_twice_is_well(self):
        proxy = self.open_proxy("a")
        self.start_service()
        self.connect(proxy.endpoint)
        self.assertEqual(self.succeed("disconnect"), "")
        self.client.pop_remote_change()
        self.assertEqual(self.succeed("disconnect"), "")
        self.assert_closed()


class Probe(CommandLineTest):
    settings = {"Probing": {"TimeoutSec": 1, "Enabled": "false"}}

    def test_once(self):
        self.open_proxy("a")
        self.peer("silent", is_host=False)
        self.start_service()
        found = self.json("probe")
        self.assertEqual((found["probing"], found["peers"]["Valid"]), (False, 1))
        self.assertEqual(self.succeed("probe", "now"), "1 proxy found\n")

    def test_a_terminal_shows_how_far_it_is(self):
        self.open_proxy("a")
        self.peer("silent", is_host=False)
        self.start_service()
        code, text = self.terminal("probe")
        self.assertEqual(code, DONE)
        self.assertIn("█", text)
        self.assertIn("of 2 addresses asked", text)
        self.assertTrue(text.endswith("\r\033[K1 proxy found\n"), text)

    def test_again_and_again_and_no_more(self):
        self.start_service()
        self.assertEqual(self.succeed("probe", "start"), "0 proxies found\n")
        self.assertTrue(self.client.get("Probing"))
        self.assertEqual(self.succeed("probe", "stop"), "")
        self.assertFalse(self.client.get("Probing"))
        self.assertFalse(self.json("probe", "stop")["probing"])

    def test_the_node_is_down(self):
        self.node.stop()
        self.start_service()
        self.assertIn("Mycelium is not running", self.succeed("probe"))


if __name__ == "__main__":
    whole.main()
