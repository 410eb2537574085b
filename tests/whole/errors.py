# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every error of the interface, and the sentence that says what to do."""

import subprocess

from lib import whole
from lib.bus import ACCESS_DENIED, ERROR, INTERFACE, NAME, PATH
from lib.socks_servers import Impostor
from lib.whole import WholeTest

LIMITS_EXCEEDED = "org.freedesktop.DBus.Error.LimitsExceeded"

NOBODY = "65534"

CHANGES = [("Connect", ""), ("Connect", "[400::1]:1080"), ("Disconnect",),
           ("StartProbing",), ("StopProbing",), ("ProbeNow",),
           ("Check", "[400::1]:1080", "")]


class Port(WholeTest):
    def test_a_port_that_is_taken_names_who_holds_it(self):
        proxy = self.open_proxy("a")
        holder = self.hold_local_port()
        self.start_and_sweep()
        for remote in "", proxy.endpoint:
            message = self.assert_bus_error("AddressInUse", self.client.call, "Connect",
                                            remote)
            self.assertIn("Could not bind TCP listener", message)
            self.assertIn("[::]:1080", message)
            self.assertIn("microsocks", message)
            self.assertEqual(self.client.get("LastError"),
                             (ERROR + "AddressInUse", message))
        self.assertEqual(self.client.get("State"), "disconnected")

        holder.stop()
        self.connect()
        self.assert_fetches()
        self.assertEqual(self.client.get("LastError"), ("", ""))

    def test_a_port_that_can_not_be_opened_is_listen_failed(self):
        self.daemon.configure({"Listen": {"Address": "[2001:db8::dead]:1080"}})
        self.start_service()
        message = self.assert_bus_error("ListenFailed", self.client.call, "Connect",
                                        "[400::1]:1080")
        self.assertIn("[2001:db8::dead]:1080", message)


class NoValidProxy(WholeTest):
    def message(self):
        message = self.assert_bus_error("NoValidProxy", self.client.call, "Connect", "")
        self.assertTrue(message.startswith("No valid proxy available or connection failed"))
        self.assertEqual(self.client.get("LastError"), (ERROR + "NoValidProxy", message))
        return message

    def test_says_that_the_node_is_down(self):
        self.node.stop()
        self.start_service()
        self.client.wait_for("NodeState", "down")
        self.assertIn("127.0.0.1:8989", self.message())

    def test_says_that_nothing_was_found_or_nobody_answered(self):
        self.start_and_sweep()
        nothing_found = self.message()

        proxy = self.peer("a")
        answering = self.serve(Impostor, proxy.address, says=b"\x05\x00")
        self.sweep()
        answering.stop()
        nobody_answered = self.message()
        self.assertNotEqual(nothing_found, nobody_answered)
        self.assertNotIn("127.0.0.1:8989", nothing_found + nobody_answered)


class Permission(WholeTest):
    def call_as_nobody(self, method, *arguments):
        """Calls a method with gdbus as another user; returns (succeeded, what it says)."""
        done = subprocess.run(
            ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
             "gdbus", "call", "--system", "-d", NAME, "-o", PATH, "-m", method,
             *arguments], capture_output=True, text=True)
        return done.returncode == 0, done.stdout + done.stderr

    def test_without_polkit_only_root_may_change_anything(self):
        self.start_service()
        for method, *arguments in CHANGES:
            succeeded, answer = self.call_as_nobody(f"{INTERFACE}.{method}", *arguments)
            self.assertFalse(succeeded)
            self.assertIn(ACCESS_DENIED, answer)
        self.client.call("ProbeNow")

    def test_everyone_may_read(self):
        self.start_service()
        for method, *arguments in [
                (f"{INTERFACE}.ListPeers",),
                ("org.freedesktop.DBus.Properties.GetAll", INTERFACE),
                ("org.freedesktop.DBus.Introspectable.Introspect",)]:
            succeeded, answer = self.call_as_nobody(method, *arguments)
            self.assertTrue(succeeded, answer)

    def test_a_malformed_remote_is_told_to_everyone(self):
        self.start_service()
        _, answer = self.call_as_nobody(f"{INTERFACE}.Connect", "localhost:1080")
        self.assertIn(ERROR + "InvalidRemote", answer)

    def test_polkit_decides_by_what_is_asked_for(self):
        self.bus.start_polkit("connect")
        self.start_service()
        self.client.call("Connect", "[400::1]:1080")
        for method, *arguments in [("Connect", "192.0.2.7:1080"), ("ProbeNow",),
                                   ("StartProbing",), ("StopProbing",)]:
            self.assert_bus_error(ACCESS_DENIED, self.client.call, method, *arguments)
        self.client.call("Disconnect")

        self.bus.start_polkit("probe")
        for method, *arguments in [("Connect", "[400::1]:1080"), ("Connect", ""),
                                   ("Disconnect",)]:
            self.assert_bus_error(ACCESS_DENIED, self.client.call, method, *arguments)
        self.client.call("ProbeNow")

        self.bus.start_polkit("connect-elsewhere")
        self.client.call("Connect", "192.0.2.7:1080")
        self.assertEqual(
            [self.client.pop_remote_change() for _ in range(3)],
            [("", "[400::1]:1080", "user"), ("[400::1]:1080", "", "user"),
             ("", "192.0.2.7:1080", "user")])

    def test_a_denied_call_changes_nothing(self):
        self.bus.start_polkit()
        self.start_service()
        before = self.client.get_all()
        for method, *arguments in CHANGES:
            message = self.assert_bus_error(ACCESS_DENIED, self.client.call, method,
                                            *arguments)
            self.assertTrue(message)
        after = self.client.get_all()
        for name in "State", "Remote", "Selection", "Listening", "Probing", "LastError":
            self.assertEqual(after[name], before[name])

    def test_more_than_four_waiting_calls_are_too_many(self):
        self.bus.start_polkit(hangs=True)
        self.start_service()
        waiting = [self.client.begin("ProbeNow") for _ in range(4)]
        self.assert_bus_error(LIMITS_EXCEEDED, self.client.call, "ProbeNow")
        self.assertEqual([call.is_done for call in waiting], [False] * 4)
        self.daemon.stop()
        for call in waiting:
            self.assert_bus_error("Cancelled", call.result)


if __name__ == "__main__":
    whole.main()
