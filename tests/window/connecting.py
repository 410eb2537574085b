# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a click to a connection, and back."""

from lib.waiting import wait_until
from lib.whole import curl
from lib.window_test import WindowTest, main


class Connecting(WindowTest):
    def test_the_big_button_connects_to_the_fastest_and_disconnects(self):
        proxies = self.open_with()
        self.window.wait_for("push button", "Connect to the Fastest").press()
        old, new, reason = self.pop_remote_change()
        self.assertEqual((old, reason), ("", "automatic"))
        self.assertIn(new, [proxy.endpoint for proxy in proxies])
        self.window.wait_for("label", "Connected")
        self.assert_fetches()

        self.window.wait_for("push button", "Disconnect").press()
        self.assertEqual(self.pop_remote_change(), (new, "", "user"))
        self.window.wait_for("label", "Not connected")
        self.window.wait_for("push button", "Connect to the Fastest")
        self.assert_closed()

    def test_one_click_on_a_row_connects_to_it_and_marks_it(self):
        proxies = self.open_with()
        for proxy in proxies:
            row = self.window.wait_for("list item",
                                       lambda name, p=proxy: name.startswith(p.address))
            before = self.client.get("Remote")
            self.desktop.click(row.box)
            self.assertEqual(self.pop_remote_change(), (before, proxy.endpoint, "user"))
            self.window.wait_for("list item", lambda name, p=proxy: name.startswith(
                f"{p.address}, Open, in use"))
            in_use = [name for name in self.rows() if "in use" in name]
            self.assertEqual(len(in_use), 1, in_use)

    def test_a_row_is_reached_and_chosen_by_the_keyboard_alone(self):
        self.open_with()
        self.window.wait_for("push button", "Connect to the Fastest")

        def focused_row():
            row = self.window.find("list item")
            return row and any(part.role == "list item" and part.has("FOCUSED")
                               for part in self.window.parts())

        for _ in range(12):
            if focused_row():
                break
            self.desktop.press("Tab")
        wait_until(focused_row, "the focus on a row")
        self.desktop.press("Down")
        second = self.rows()[1]
        wait_until(lambda: self.window.find("list item", second).has("FOCUSED"),
                   "the focus on the second row")
        self.desktop.press("Return")
        _, new, reason = self.pop_remote_change()
        self.assertEqual((second.split(",")[0], reason),
                         (new.removeprefix("[").split("]")[0], "user"))

    def test_connecting_can_be_cancelled(self):
        # Who wants to connect before the first sweep has ended waits for its first answer.
        for i in range(3):
            self.peer(f"silent {i}", is_host=False)
        self.daemon.configure({"Probing": {"TimeoutSec": "20"}})
        self.start_service()
        self.window.start()
        self.window.wait_for("push button", "Connect to the Fastest").press()
        self.window.wait_for("label", "Connecting…")
        self.window.wait_for("push button", "Cancel").press()
        self.window.wait_for("label", "Not connected")
        self.client.wait_for("State", "disconnected")

    def test_login_required_is_said(self):
        self.open_with()
        locked = next(peer for peer in self.peers().values()
                      if peer["Status"] == "AuthenticationRequired")
        self.window.activate("connect", locked["Address"])
        self.assertEqual(self.pop_remote_change(), ("", locked["Address"], "user"))
        self.window.wait_for(
            "label", "Your applications must log in to this proxy themselves.")

    def test_login_required_is_said_before_it_is_chosen(self):
        self.open_with()
        row = self.window.wait_for("list item", lambda name: ", Login required, " in name)
        self.assertEqual(row.description,
                         "Your applications must log in to this proxy themselves.")
        # For the eye, too, beside the lock; and what to do where the pointer rests.
        [words] = [part for part in row.parts() if part.name == "Login required"]
        self.desktop.point_at(words.box)
        self.window.wait_for(
            "label", "Your applications must log in to this proxy themselves.")
        row = self.window.find("list item", lambda name: ", Open, " in name)
        self.assertEqual(row.description, "")

    def test_a_proxy_that_died_is_said(self):
        proxies = self.open_with(n_open=1)
        self.window.activate("connect", proxies[0].endpoint)
        self.pop_remote_change()
        self.window.wait_for("label", "Connected")
        proxies[0].server.kill()
        self.assertNotEqual(self.fetch_status(), 0)
        self.window.wait_for("label", "Proxy does not answer")
        self.window.activate("disconnect")
        self.pop_remote_change()
        self.window.wait_for("label", "Not connected")

    def test_what_failed_is_told_with_its_details(self):
        proxies = self.open_with()
        self.hold_local_port()
        self.window.activate("connect", proxies[0].endpoint)
        self.window.wait_for("alert", "Another program uses the local port. Close "
                             "that program, then try again.")
        # In GTK 4.8 the name of a button with a mnemonic is more than its label.
        self.window.wait_for("push button", lambda name: "Details" in name).press()
        self.window.wait_for("label", lambda text: "microsocks" in text)

    def fetch_status(self):
        """Tries the local port and returns how curl ends."""
        return curl(self.web.url()).status


if __name__ == "__main__":
    main()
