# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why not? Asked of a row, of an address, and of a proxy that does not answer."""

from lib.socks_servers import Impostor
from lib.waiting import wait_until
from lib.whole import WEB_ADDRESS
from lib.window_test import WindowTest, main


class WhyNot(WindowTest):
    def steps(self):
        """Returns the steps that the dialog shows, as a screen reader tells them."""
        steps = self.window.wait_for("list", "Steps of the check")
        return [part.name for part in steps.parts() if part.role == "list item"]

    def expect(self, summary, *more):
        """Waits until the dialog says that, and shows more."""
        self.window.wait_for("status bar", summary)
        for text in more:
            self.window.wait_for("label", text)

    def test_each_step_has_its_verdict_and_there_is_advice(self):
        refusing = self.peer("refusing")
        self.open_with()
        self.window.activate("why-not", refusing.endpoint)
        self.expect("Connection: Refused the connection",
                    "There is no SOCKS5 proxy at this address. Check the port, or choose "
                    "another proxy.", refusing.address)
        self.assertEqual(self.steps(), [
            "Mycelium: Is running", "Route: Mycelium knows a way there",
            "Connection: Refused the connection", "Greeting: Not tried",
            "Login: Not tried", "Forwarding: No target was given", "Local port: Is free"])

        self.window.wait_for("push button", "Copy").press()
        wait_until(lambda: "Connection: Refused the connection\n" in self.clipboard(),
                   "what was found in the clipboard")
        self.assertTrue(self.clipboard().startswith(f"{refusing.address}\n"))

        # It may be another one by now.
        self.serve(Impostor, refusing.address, says=b"\x05\x00")
        self.window.wait_for("push button", "Check Again").press()
        self.expect("Nothing is wrong.")
        self.desktop.press("Escape")
        wait_until(lambda: len(self.window.frames()) == 1, "the dialog's end")

    def test_a_target_is_tried_through_the_proxy(self):
        proxies = self.open_with(n_open=1)
        self.desktop.write("config", "names", f"{proxies[0].endpoint} Oslo\n")
        self.wait_for_row("Oslo")
        self.window.activate("why-not", "Oslo")
        self.expect("Nothing is wrong.", f"Oslo ({proxies[0].address})")
        target = self.window.wait_for("text", lambda name: "Also try to reach" in name)
        target.type(f"[{WEB_ADDRESS}]:1")
        self.window.wait_for("push button", "Check Again").press()
        self.expect("Forwarding: The target refuses connections",
                    "The proxy works. Check the target, or try another one.")
        target.type("nonsense")
        self.window.wait_for("push button", "Check Again").press()
        self.window.wait_for("status bar", lambda text: "target" in text)

    def test_it_is_asked_by_the_menu_of_a_row(self):
        self.open_with(n_open=0)
        [row] = self.wait_for_rows(1)
        self.desktop.click(self.wait_for_row(row.split(",")[0]).box, button=3)
        self.choose_from_menu("w")
        self.expect("Login: Is required")

    def test_it_is_asked_by_the_field_for_an_address(self):
        refusing = self.peer("refusing")
        self.open_with()
        button = self.window.wait_for("push button", "Why not? Check this address")
        self.assertFalse(button.has("SENSITIVE"))
        self.window.wait_for("text", "Another address").type(refusing.endpoint)
        wait_until(lambda: button.has("SENSITIVE"), "the button")
        button.press()
        self.expect("Connection: Refused the connection")

    def test_it_is_asked_of_a_proxy_that_does_not_answer(self):
        proxies = self.open_with(n_open=1, n_login=0)
        self.window.activate("connect", proxies[0].endpoint)
        self.pop_remote_change()
        self.window.wait_for("label", "Connected")
        self.assertIsNone(self.window.find("push button", "Why Not?"))
        proxies[0].server.kill()
        self.client.wait_for("State", "failing")
        self.window.wait_for("push button", "Why Not?").press()
        self.expect("Connection: Refused the connection")
        self.window.activate("disconnect")
        self.pop_remote_change()

    def test_it_is_asked_of_what_failed(self):
        proxies = self.open_with()
        self.hold_local_port()
        self.window.activate("connect", proxies[0].endpoint)
        self.window.wait_for("push button", lambda name: "Details" in name).press()
        self.window.wait_for("push button", lambda name: "Why Not?" in name).press()
        self.expect("Local port: Is taken")

    def test_a_check_under_way_is_called_off(self):
        silent = self.peer("silent", is_host=False)
        self.daemon.configure({"Probing": {"TimeoutSec": "20"}})
        self.open_proxy("open")
        self.start_service()
        self.window.start()
        self.window.wait_for("list", "Proxies")
        self.window.activate("why-not", silent.endpoint)
        self.expect("Checking…")
        self.assertFalse(self.window.find("push button", "Copy").has("SENSITIVE"))
        self.desktop.press("Escape")
        wait_until(lambda: len(self.window.frames()) == 1, "the dialog's end")
        self.window.stop()

    def test_who_may_not_is_told(self):
        self.open_with()
        self.bus.start_polkit()
        self.window.activate("why-not", "[400::1]:1080")
        self.window.wait_for("status bar", lambda text: "administrator" in text)


if __name__ == "__main__":
    main()
