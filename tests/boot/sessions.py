# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may connect: sessions of the real logind, answers of the real polkit."""

from lib.booted import Booted
from lib.machine import Session
from lib.waiting import wait_until

DENIED = 1, "Call failed: Access denied"


class Sessions(Booted):
    def log_in(self, user, **options):
        session = Session(self.machine, user, **options)
        self.addCleanup(session.log_out)
        return session

    def test_who_sits_at_the_machine_may_connect_without_a_password(self):
        alice = self.log_in("alice")
        self.assertEqual((alice.get("Active"), alice.get("Remote")), ("yes", "no"))
        self.assertEqual(alice.busctl("call", "Connect", "s", ""),
                         (0, f's "{self.proxy.endpoint}"'))
        self.assertEqual(self.pop_change(), ("", self.proxy.endpoint, "automatic"))
        self.assertEqual(alice.busctl("call", "Connect", "s", "192.0.2.1:1080"), DENIED)

    def test_who_has_left_the_seat_may_not(self):
        alice = self.log_in("alice")
        self.log_in("bob")
        wait_until(lambda: alice.get("Active") == "no", "bob at the seat")
        self.assertEqual(alice.busctl("call", "Connect", "s", ""), DENIED)

    def test_who_comes_from_another_host_may_not(self):
        carol = self.log_in("carol", host="192.0.2.9")
        self.assertEqual((carol.get("Active"), carol.get("Remote")), ("yes", "yes"))
        self.assertEqual(carol.busctl("call", "Connect", "s", ""), DENIED)
        self.assertEqual(carol.busctl("get-property", "State"), (0, 's "disconnected"'))

    def test_root_may(self):
        self.connect_to(self.proxy)
        elsewhere = "192.0.2.1:1080"
        self.call("Connect", elsewhere)
        self.assertEqual(self.pop_change(), (self.proxy.endpoint, elsewhere, "user"))
