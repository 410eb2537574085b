# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is in place of proxies, and what a person can do about it."""

import os
import signal

from lib.bus import NAME
from lib.daemon import program
from lib.waiting import wait_until
from lib.window_test import WindowTest, main


class Situations(WindowTest):
    def expect(self, title, button=None):
        """The page with that title and button is shown."""
        self.window.wait_for("label", title)
        if button:
            return self.window.wait_for("push button", button)
        return None

    def test_not_installed(self):
        self.window.start()
        self.expect("The service is not installed")
        self.window.wait_for("label",
                             "Install Mycelium Socks together with its system service.")
        self.assertEqual(self.window.describe("connect-fastest"), (False, None))

    def test_opening_the_window_starts_the_service_and_so_does_the_button(self):
        self.bus.install(f"{program()} --config {self.daemon.configuration}")
        os.environ["STATE_DIRECTORY"] = str(self.daemon.directory / "state")
        self.window.start()
        self.window.wait_for("label", "Not connected")
        first = self.bus.process_of(NAME)
        os.kill(first, signal.SIGTERM)
        button = self.expect("The service is not running", "Start the Service")
        self.assertTrue(self.window.describe("start")[0])
        button.press()
        self.window.wait_for("label", "Not connected")
        second = self.bus.process_of(NAME)
        self.assertNotEqual(second, first)
        os.kill(second, signal.SIGTERM)
        wait_until(lambda: not self.bus.has_owner(NAME), "the end of the service")

    def test_the_node_is_down(self):
        self.node.mode = "broken"
        self.start_service()
        self.client.wait_for("NodeState", "down")
        self.window.start()
        button = self.expect("Mycelium is not running", "Look Again")
        self.open_proxy("open")
        self.node.mode = "up"
        button.press()
        self.wait_for_rows(1)

    def test_the_search_is_off(self):
        self.daemon.configure({"Probing": {"Enabled": "false", "TimeoutSec": "1"}})
        self.open_proxy("open")
        self.start_service()
        self.window.start()
        button = self.expect("The search for proxies is off", "Look for Proxies")
        self.assertEqual(self.window.describe("look-for-proxies"), (True, False))
        button.press()
        self.wait_for_rows(1)
        wait_until(lambda: self.window.describe("look-for-proxies") == (True, True),
                   "the state of the action")

    def test_no_proxies_yet(self):
        self.peer("silent", is_host=False)
        self.daemon.configure({"Probing": {"TimeoutSec": "20"}})
        self.start_service()
        self.window.start()
        self.expect("Looking for proxies…")
        self.window.wait_for("label", "The first ones appear within seconds.")

    def test_none_found(self):
        self.peer("refuses")
        self.start_and_sweep()
        self.window.start()
        button = self.expect("No proxies found", "Look Again")
        self.open_proxy("open")
        button.press()
        self.wait_for_rows(1)

    def test_the_system_bus_is_gone_and_comes_back(self):
        self.open_with()
        self.wait_for_rows(3)
        self.bus.stop()
        self.expect("The system bus can’t be reached")
        self.restart_bus()
        self.expect("The service is not installed")
        self.daemon.start()
        self.wait_for_rows(3)
        self.window.wait_for("push button", "Connect to the Fastest").press()
        self.assertEqual(self.pop_remote_change()[2], "automatic")

    def test_the_service_is_killed_and_comes_back(self):
        self.open_with()
        self.wait_for_rows(3)
        self.daemon.kill()
        self.expect("The service is not installed")
        self.daemon.start()
        self.wait_for_rows(3)


if __name__ == "__main__":
    main()
