# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of the menu in the panel that PANEL names, for the eye and for the README.

They are written into the directory that PICTURES names; tests/pictures starts it.
"""

import os
import pathlib

import panel
import tray_world

from lib.desktop import SIZE
from lib.screen import Box, Picture
from lib.waiting import wait_until

DIRECTORY = pathlib.Path(os.environ.get("PICTURES", "."))
MARGIN = 12


class Pictures(panel.InPanel):
    """The tray in a few situations."""

    def save(self, name):
        """Writes the part of the desktop where the icon and the menu are."""
        left = max(0, min(self.menu_box.x, self.icon_box.x) - MARGIN)
        right = min(SIZE[0], max(self.menu_box.x + self.menu_box.width,
                                 self.icon_box.x + self.icon_box.width) + MARGIN)
        bottom = min(SIZE[1], self.menu_box.y + self.menu_box.height + MARGIN)
        kind = self.panel_class.__name__.lower()
        Picture(Box(left, 0, right - left, bottom)).save(
            DIRECTORY / f"tray-{kind}-{name}.png")

    def test_no_service(self):
        self.start_panel()
        self.tray.start()
        self.wait_for_icon("no-service")
        self.open_menu()
        self.save("no-service")

    def test_connected(self):
        for name in "abcdefgh":
            self.open_proxy(name)
        for name in "xyz":
            self.login_proxy(name)
        self.start_and_sweep()
        remote = self.connect()
        self.start_panel()
        self.tray.start()
        self.wait_for_icon("connected")
        wait_until(lambda: self.marked() == tray_world.short(remote), "the mark")
        self.open_menu()
        self.save("connected")


# What panel.py brings with it is shown there.
del panel.InPanel.test_a_click_connects
del panel.InPanel.test_use_for_this_desktop_is_set_and_restored
del panel.InPanel.test_nothing_moves_under_the_pointer
del panel.InPanel.test_it_is_back_whatever_restarts
del panel.InPanel.test_many_proxies_fit

if __name__ == "__main__":
    tray_world.main()
