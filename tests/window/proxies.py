# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list: found, searched, put in order; and the field for an address of one's own."""

from lib import overlay
from lib.socks_servers import Impostor
from lib.waiting import wait_until
from lib.window_test import WindowTest, main


class List(WindowTest):
    def test_it_shows_what_was_found_with_badge_and_latency(self):
        proxies = self.open_with()
        rows = self.wait_for_rows(3)
        self.assertEqual({row.split(",")[0] for row in rows[:2]},
                         {proxy.address for proxy in proxies})
        for row in rows[:2]:
            self.assertRegex(row, r", Open, [0-9.]+ ms$")
        self.assertRegex(rows[2], r", Login required, [0-9.]+ ms$")
        self.window.wait_for("label", "3 proxies")

    def test_it_follows_the_service(self):
        proxies = self.open_with()
        self.wait_for_rows(3)
        proxies[0].server.kill()
        self.open_proxy("late")
        self.open_proxy("later")
        self.sweep()
        rows = self.wait_for_rows(4)
        self.assertFalse(any(row.startswith(proxies[0].address) for row in rows))

    def test_a_search_finds_by_address_and_by_what_a_proxy_is(self):
        proxies = self.open_with()
        self.window.activate("search")
        entry = self.window.wait_for("entry", "Search the proxies")
        wait_until(lambda: entry.has("FOCUSED"), "the focus in the search")
        for text, found in [(proxies[1].address[:9], [proxies[1].address]),
                            ("OPEN", [proxy.address for proxy in proxies])]:
            entry.type(text)
            rows = self.wait_for_rows(len(found))
            self.assertEqual({row.split(",")[0] for row in rows}, set(found))
        entry.type("nobody")
        self.window.wait_for("label", "No such proxy")
        self.desktop.press("Escape")
        self.wait_for_rows(3)

    def test_it_can_be_put_in_order(self):
        self.open_with(n_open=4)
        best = self.wait_for_rows(5)
        self.window.activate_in_window("order", "address")
        by_address = sorted(best)
        wait_until(lambda: self.rows() == by_address, "the order of the addresses")
        self.window.activate_in_window("order", "best")
        wait_until(lambda: self.rows() == best, "the service's order")

    def test_300_proxies(self):
        peers = [overlay.Peer(f"many {i}") for i in range(300)]
        for peer in peers:
            overlay.add_host(peer.address)
        self.node.add(*peers)
        with overlay.beyond():
            server = Impostor("::", says=b"\x05\x00")
        self.addCleanup(server.stop)
        self.start_and_sweep()
        self.window.start()
        self.window.wait_for("label", "300 proxies")
        self.window.wait_for("list item")

    def test_the_progress_of_a_sweep_is_seen(self):
        self.peer("silent", is_host=False)
        self.daemon.configure({"Probing": {"TimeoutSec": "20"}})
        self.open_proxy("open")
        self.start_service()
        self.window.start()
        bar = self.window.wait_for("progress bar", "Looking for proxies")
        self.window.wait_for("label", "1 of 2 addresses asked")
        wait_until(lambda: 0.4 < bar.value < 0.6, "half of the progress")
        self.client.call("StopProbing")
        self.window.wait_for_no("progress bar", "Looking for proxies")


class Address(WindowTest):
    def entry(self):
        return self.window.wait_for("text", "Another address")

    def connect_button(self):
        return self.window.wait_for("push button", "Connect")

    def test_what_is_wrong_is_said_while_it_is_typed(self):
        self.open_with()
        entry = self.entry()
        for text, sentence in [
                ("[400::1]:99999", "The port is a number from 1 to 65535."),
                ("example.com:1080", "No address has this name. Write another name, or an "
                                     "address, as in [407:1f::9ab2]:1080"),
                ("[400::g]:1080", "What is in the brackets is not an IPv6 address."),
                ("0.0.0.0:1", "No proxy can be at this address.")]:
            entry.type(text)
            self.window.wait_for("label", sentence)
            wait_until(lambda: entry.is_wrong, "that it is wrong")
            self.assertFalse(self.connect_button().has("SENSITIVE"))

    def test_an_unfinished_address_is_not_wrong(self):
        self.open_with()
        entry = self.entry()
        entry.type("[400::1]")
        self.window.wait_for("label", "Add the port at the end, usually :1080")
        self.assertFalse(entry.is_wrong)
        self.assertFalse(self.connect_button().has("SENSITIVE"))

    def test_a_good_one_connects_by_enter_and_by_the_button(self):
        proxies = self.open_with()
        self.entry().type(f" {proxies[0].endpoint} ")
        wait_until(lambda: self.connect_button().has("SENSITIVE"), "the button")
        self.connect_button().press()
        self.assertEqual(self.pop_remote_change(), ("", proxies[0].endpoint, "user"))
        self.window.activate("enter-address")
        wait_until(lambda: self.entry().has("FOCUSED"), "the focus in the field")
        self.entry().type(proxies[1].endpoint)
        self.desktop.press("Return")
        self.assertEqual(self.pop_remote_change(),
                         (proxies[0].endpoint, proxies[1].endpoint, "user"))


if __name__ == "__main__":
    main()
