# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The world that every test of the window finds: the service, a display, both buses."""

import pathlib
import subprocess

from gi.repository import GLib

from lib import desktop_proxy, whole
from lib.desktop import Desktop
from lib.process import find_program
from lib.waiting import wait_until
from lib.window import Window, program

_desktop = None


class WindowTest(whole.WholeTest):
    """A window that is ready to be opened."""

    def setUp(self):
        super().setUp()
        self.desktop = _desktop
        self.desktop.forget()
        self.window = Window(_desktop, self.bus)
        self.addCleanup(self.window.stop)

    def open_with(self, *, n_open=2, n_login=1):
        """Starts the service, lets it find so many proxies, and opens the window.

        Returns those that are open.
        """
        proxies = [self.open_proxy(f"open {i}") for i in range(n_open)]
        for i in range(n_login):
            self.login_proxy(f"login {i}")
        self.start_and_sweep()
        self.window.start()
        self.window.wait_for("list", "Proxies")
        return proxies

    def rows(self):
        """Returns the names of the rows of the list, from the top."""
        proxies = self.window.find("list", "Proxies")
        try:
            return [part.name for part in proxies.parts() if part.role == "list item"] \
                if proxies else []
        except GLib.Error:  # a row went away while it was looked at
            return []

    def wait_for_row(self, title):
        """Waits for the row whose name begins with these words, as a whole."""
        return self.window.wait_for("list item", lambda name: name.startswith(f"{title},"))

    def choose_from_menu(self, key):
        """Chooses from the menu of a row, which opens, by the key of an item.

        In GTK 4.8 the items themselves take up no room to assistive technology.
        """
        self.window.wait_for("menu")
        self.desktop.press(key)
        self.window.wait_for_no("menu")

    def wait_for_rows(self, count):
        """Waits until the list has so many rows and returns them."""
        wait_until(lambda: len(self.rows()) == count, f"{count} rows")
        return self.rows()

    def pop_remote_change(self):
        """What the window did to the remote: (old, new, reason)."""
        return self.client.pop_remote_change()

    def clipboard(self):
        """Returns what was copied."""
        done = subprocess.run([find_program("xclip"), "-o", "-selection", "clipboard"],
                              capture_output=True, text=True, timeout=20, check=False)
        return done.stdout


def main():
    """Runs the tests of the main module on one display in an overlay of their own."""
    def prepare():
        global _desktop
        _desktop = Desktop("/usr/local/share")
        desktop_proxy.install(_desktop, pathlib.Path(program()).parents[1]
                              / "desktop-proxy" / "mycelium-socks-desktop-proxy")

    whole.main(prepare)
