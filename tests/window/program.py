# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program: its actions on the session bus, what it copies, names for everybody."""

import pathlib
import subprocess
import tempfile

from lib import desktop_proxy
from lib.service_standin import ServiceStandIn
from lib.waiting import wait_until
from lib.whole import curl
from lib.window import Window
from lib.window_test import WindowTest, main

ACTIONS = {"start", "connect-fastest", "connect", "disconnect", "look-now",
           "look-for-proxies", "copy-url", "copy-shell", "copy-remote", "copy-address",
           "name", "pin", "why-not", "search", "enter-address", "use-for-desktop",
           "shortcuts", "about", "quit"}


class Program(WindowTest):
    def test_every_action_is_on_the_session_bus(self):
        self.open_with()
        self.assertEqual(set(self.window.actions()), ACTIONS)

    def test_actions_are_enabled_while_they_can_be_done(self):
        proxies = self.open_with()
        self.assertEqual(self.window.describe("disconnect"), (False, None))
        self.assertEqual(self.window.describe("start"), (False, None))
        self.window.activate("connect", proxies[0].endpoint)
        self.pop_remote_change()
        wait_until(lambda: self.window.describe("disconnect")[0], "disconnect enabled")

    def test_probing_is_switched_by_an_action(self):
        self.open_with()
        self.window.activate("look-for-proxies")
        self.client.wait_for("Probing", False)
        wait_until(lambda: not self.window.describe("look-for-proxies")[1], "the state")
        earlier = self.client.get("LastSweep")
        self.window.activate("look-now")
        self.wait_for_sweep(earlier)

    def test_address_and_lines_are_copied(self):
        proxies = self.open_with()
        self.window.activate("copy-url")
        self.window.wait_for("alert", "Address of the local port copied")
        self.assertEqual(self.clipboard(), "socks5h://localhost:1080")
        self.window.activate("copy-shell")
        self.window.wait_for("alert", "Lines for a shell copied")
        self.assertIn("export all_proxy=socks5h://localhost:1080 ", self.clipboard())
        self.window.activate("connect", proxies[0].endpoint)
        self.pop_remote_change()
        wait_until(lambda: self.window.describe("copy-remote")[0], "a remote to copy")
        self.window.activate("copy-remote")
        self.window.wait_for("alert", "Address of the proxy copied")
        self.assertEqual(self.clipboard(), proxies[0].endpoint)

    def test_the_copied_lines_work_in_a_shell(self):
        self.open_with()
        self.window.activate("connect-fastest")
        self.pop_remote_change()
        self.window.activate("copy-shell")
        self.window.wait_for("alert", "Lines for a shell copied")
        done = subprocess.run(
            ["sh", "-c", f"{self.clipboard()}curl --silent {self.web.url()}"],
            capture_output=True, text=True, timeout=60, check=True)
        self.assertEqual(done.stdout, "A page of the web behind the proxies.\n")

    def test_traffic_and_reach_are_shown(self):
        self.open_with()
        self.window.activate_in_window("page", "connection")
        self.window.wait_for("label", "Closed. It opens when you connect.")
        self.window.activate("connect-fastest")
        self.pop_remote_change()
        self.window.wait_for("label", "Only applications on this computer can use it.")
        self.window.wait_for("label", "socks5h://localhost:1080")
        self.assertEqual(curl(self.web.url()).status, 0)
        self.window.wait_for("label", lambda text: text.endswith("in all")
                             and not text.startswith("0 "))
        self.window.wait_for("image", lambda text: text.endswith(" sent"))

    def desktop_switch(self):
        """The switch of the page of the connection."""
        self.window.activate_in_window("page", "connection")
        return self.window.wait_for("check box", "Use for this desktop")

    def test_the_switch_sets_the_proxy_of_the_desktop_and_restores_it(self):
        before = desktop_proxy.settings()
        self.open_with()
        self.window.activate("connect-fastest")
        self.pop_remote_change()
        switch = self.desktop_switch()
        for is_on, expected in [(True, ("'manual'", "'127.0.0.1'", "1080")),
                                (False, before)]:
            switch.press()
            wait_until(lambda e=expected: desktop_proxy.settings() == e, f"{expected}")
            wait_until(lambda on=is_on: switch.has("CHECKED") == on, "the switch")
            # A switch moves when it is pressed, and the action when it has succeeded.
            wait_until(lambda on=is_on: self.window.describe("use-for-desktop")
                       == (True, on), "the action")

    def test_what_the_desktop_refuses_is_told(self):
        program = desktop_proxy.FailingDesktopProxy(self.desktop, "NotWritable")
        self.addCleanup(program.stop)
        self.open_with()
        self.desktop_switch().press()
        self.window.wait_for("alert", "The proxy of this desktop can’t be changed. It may "
                             "have been locked by an administrator.")
        wait_until(lambda: not self.desktop_switch().has("CHECKED"), "the switch as it was")

    def test_a_switch_goes_back_when_the_service_refuses(self):
        service = ServiceStandIn(self.bus, Probing=True)
        self.addCleanup(service.stop)
        self.window.start()
        self.window.wait_for("label", "Not connected")
        self.window.activate_in_window("page", "connection")
        switch = self.window.wait_for("check box", "Look for proxies")
        self.assertTrue(switch.has("CHECKED"))
        switch.press()
        self.window.wait_for("push button", lambda name: "Details" in name)
        wait_until(lambda: switch.has("CHECKED"), "the switch as it was")
        self.assertEqual(self.window.describe("look-for-proxies"), (True, True))

    def test_a_desktop_without_such_a_setting_is_offered_none(self):
        # The schemas of GTK's own settings, and no others; without types there are no icons.
        data = pathlib.Path(tempfile.mkdtemp(prefix="data-"))
        (data / "mime").symlink_to("/usr/share/mime")
        schemas = data / "glib-2.0" / "schemas"
        schemas.mkdir(parents=True)
        for file in pathlib.Path("/usr/share/glib-2.0/schemas").glob("org.gtk.*.xml"):
            (schemas / file.name).symlink_to(file)
        subprocess.run(["glib-compile-schemas", schemas], check=True)
        self.window = Window(self.desktop, self.bus, {"XDG_DATA_DIRS": str(data)})
        self.addCleanup(self.window.stop)
        self.open_with()
        self.window.activate_in_window("page", "connection")
        self.window.wait_for("label", "Lines for a shell")
        self.assertIsNone(self.window.find("label", "Use for this desktop"))
        self.assertEqual(self.window.describe("use-for-desktop"), (False, False))

    def test_there_is_one_instance(self):
        self.open_with()
        second = Window(self.desktop, self.bus)
        second.start()
        self.assertEqual(second.process.wait(), 0)
        frames = [part for part in self.window.frames() if part.role == "frame"]
        self.assertEqual(len(frames), 1)

    def test_the_bus_can_start_it_for_an_action_without_a_window(self):
        proxies = [self.open_proxy("open")]
        self.start_and_sweep()
        self.window.start("--gapplication-service")
        self.window.activate("connect", proxies[0].endpoint)
        self.assertEqual(self.pop_remote_change(), ("", proxies[0].endpoint, "user"))
        # Nothing holds it any more, and no window ever did.
        self.assertEqual(self.window.process.wait(), 0)

    def test_about_and_shortcuts_open(self):
        self.open_with()
        self.window.activate("about")
        wait_until(lambda: len(self.window.frames()) == 2, "the window about it")
        self.window.activate("shortcuts")
        wait_until(lambda: len(self.window.frames()) == 3, "the shortcuts")

    def test_whatever_can_have_the_focus_has_a_name(self):
        self.open_with()
        for page in "proxies", "connection":
            self.window.activate_in_window("page", page)
            self.window.wait_for("list", {"proxies": "Proxies",
                                          "connection": "Network"}[page])
            nameless = [part for part in self.window.parts()
                        if part.has("FOCUSABLE") and not part.name.strip()
                        and part.role != "scroll pane"]
            self.assertEqual(nameless, [])


if __name__ == "__main__":
    main()
