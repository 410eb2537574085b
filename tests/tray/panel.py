# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""In a real panel, the one that PANEL names: a person looks, clicks and is connected."""

import os

import tray_world
from tray_world import TrayTest, short

from lib import desktop_proxy
from lib.panels import PANELS
from lib.screen import Picture
from lib.socks_servers import MicroSocks
from lib.waiting import wait_until

N_MANY, N_SHOWN = 300, 12

# So many pictures in a row that are the same, and nothing is still being drawn.
ENOUGH_PICTURES = 20


class InPanel(TrayTest):
    """The panel, and how a person uses it."""

    panel_class = PANELS[os.environ.get("PANEL", "xfce")]

    def setUp(self):
        super().setUp()
        self.desktop.park_pointer()
        self.panel = self.panel_class(self.desktop, self.bus)
        self.addCleanup(self.panel.kill)
        self.empty_bar = self.menu_box = None

    def start_panel(self):
        """Starts the panel and, the first time, remembers it without an icon."""
        self.panel.start()
        if self.empty_bar is None:
            self.empty_bar = self.settled(self.panel.icon)

    @staticmethod
    def settled(take_picture):
        """Returns the picture once it stays the same for a while."""
        pictures = [take_picture()]

        def is_settled():
            pictures.append(take_picture())
            if pictures[-1] != pictures[0]:
                del pictures[:-1]
            return len(pictures) == ENOUGH_PICTURES

        wait_until(is_settled, "a picture that stays as it is")
        return pictures[-1]

    def wait_for_icon(self, state, unlike=None):
        """Waits until the icon of the state is to be seen, which is not that picture;
        returns its picture.
        """
        wait_until(self.panel.items, "an item in the tray")
        [(self.tray.name, _)] = self.panel.items()

        # While a panel starts, all of its bar may be unlike the one without an icon.
        def find_icon():
            self.settled(self.panel.icon)
            return self.icon_box

        # The tray must not take a look of ours for the panel's, so that is first.
        wait_until(find_icon, "an icon in the panel")
        self.wait_for_icon_name(state)
        if unlike:
            wait_until(lambda: Picture(unlike.box) != unlike, "another icon")
        box = wait_until(find_icon, "an icon that stays as it is")
        # One, and not another one in a tray of the old kind.
        self.assertLessEqual(box.width, self.panel.bar.height)
        return Picture(box)

    def wait_for_picture(self, icon):
        """Waits until the icon looks like that again."""
        wait_until(lambda: Picture(icon.box) == icon, "the icon of before")

    def find_lines(self, box):
        """Returns where the lines of the menu are, by their labels; None if not (yet)."""
        if box is None:
            return None
        labels, places = self.tray.labels(), Picture(box).lines_of_text()
        return dict(zip(labels, places)) if len(labels) == len(places) else None

    def open_menu(self):
        """Opens the menu by a click on the icon; returns its lines' places by label."""
        before = self.panel.below()
        self.desktop.click(self.icon_box, self.panel.menu_button)

        def find_menu():
            self.menu_box = self.panel.below().changed_box(before)
            return self.find_lines(self.menu_box)

        places = wait_until(find_menu, f"the menu's lines: {self.tray.labels()}")
        settled = self.settled(lambda: Picture(self.menu_box))
        return self.find_lines(settled.box) or places

    def close_menu(self):
        """Closes the menu by a key and waits until it can't be seen."""
        before = self.panel.below()
        self.desktop.press("Escape")
        wait_until(lambda: self.panel.below() != before, "the menu's end")
        self.settled(self.panel.below)

    @property
    def icon_box(self):
        """Where the icon is."""
        return self.panel.icon().changed_box(self.empty_bar)

    def pick(self, places, label):
        """Clicks the line of the open menu that begins with these words."""
        [place] = [place for line, place in places.items() if line.startswith(label)]
        self.desktop.click(place)
        self.desktop.park_pointer()

    def test_a_click_connects(self):
        peers = [self.open_proxy(name) for name in ("a", "b", "c")]
        login = self.login_proxy("d")
        self.start_and_sweep()
        self.start_panel()
        self.tray.start()
        disconnected = self.wait_for_icon("disconnected")
        self.wait_for_proxies(*peers, login)

        # Two, for the protocol has another use for one.
        slowest = "My__proxy"
        address = self.client.get("Proxies")[2]["Address"]
        self.desktop.write("config", "names", f"{address} My_proxy\n")
        self.line(slowest)
        self.pick(self.open_menu(), slowest)
        self.client.wait_for("State", "connected")
        _, chosen, reason = self.client.pop_remote_change()
        self.assertEqual((chosen, reason), (address, "user"))
        self.assert_fetches()
        self.wait_for_icon("connected", unlike=disconnected)
        wait_until(lambda: self.marked() == slowest, "the mark on the remote")

        self.pick(self.open_menu(), "Disconnect")
        self.client.wait_for("State", "disconnected")
        self.assertEqual(self.client.pop_remote_change(), (chosen, "", "user"))
        self.wait_for_icon_name("disconnected")
        self.wait_for_picture(disconnected)

    def test_use_for_this_desktop_is_set_and_restored(self):
        before = desktop_proxy.settings()
        self.assertNotEqual(before[0], "'manual'")
        self.open_proxy("a")
        self.start_and_sweep()
        self.connect()
        self.start_panel()
        self.tray.start()
        self.wait_for_icon("connected")
        for expected in ("'manual'", "'127.0.0.1'", "1080"), before:
            self.pick(self.open_menu(), "Use for this desktop")
            wait_until(lambda e=expected: desktop_proxy.settings() == e, f"{expected}")

        # Quit does not leave it behind.
        wait_until(lambda: self.line("Use for this desktop").toggle_state == 0, "no mark")
        self.pick(self.open_menu(), "Use for this desktop")
        wait_until(lambda: self.line("Use for this desktop").toggle_state == 1, "the mark")
        wait_until(lambda: desktop_proxy.settings() != before, "the setting")
        self.pick(self.open_menu(), "Quit")
        self.assertEqual(self.tray.process.wait(), 0)
        self.assertEqual(desktop_proxy.settings(), before)

    def test_nothing_moves_under_the_pointer(self):
        peers = [self.open_proxy(name) for name in ("a", "b", "c")]
        self.start_and_sweep()
        self.start_panel()
        self.tray.start()
        self.wait_for_icon("disconnected")
        self.wait_for_proxies(*peers)

        places = self.open_menu()
        shown = [line.label.split(" — ")[0] for line in self.proxies()]
        gone = next(peer for peer in peers if short(peer.endpoint) == shown[0])
        gone.server.stop()
        new = self.open_proxy("e")
        self.sweep()
        wait_until(lambda: not self.line(shown[0]).enabled, "the one that is gone")
        self.assertEqual([line.label.split(" — ")[0] for line in self.proxies()], shown)
        self.settled(lambda: Picture(self.menu_box))
        after = self.find_lines(self.menu_box)
        self.assertEqual([place.y for place in after.values()],
                         [place.y for place in places.values()])

        self.pick(after, shown[2])
        self.client.wait_for("State", "connected")
        self.assertEqual(short(self.client.pop_remote_change()[1]), shown[2])
        # In a menu that is not open, the new one has a place, and the one in use the first.
        self.wait_for_proxies(new, *(peer for peer in peers if peer is not gone))
        wait_until(lambda: self.proxies()[0].label.startswith(shown[2]), "the remote first")

    def test_many_proxies_fit(self):
        for number in range(N_MANY):
            self.peer(f"peer {number}")
        self.serve(MicroSocks, "::")
        self.start_and_sweep()
        self.start_panel()
        self.tray.start()
        self.wait_for_icon("disconnected")
        self.line(f"Not connected — {N_MANY} proxies found")
        wait_until(lambda: len(self.proxies()) == N_SHOWN, "a dozen proxies")

        places = self.open_menu()
        last = self.proxies()[-1].label.split(" — ")[0]
        self.pick(places, last)
        self.client.wait_for("State", "connected")
        self.assertEqual(short(self.client.pop_remote_change()[1]), last)

    def test_it_is_back_whatever_restarts(self):
        peers = [self.open_proxy(name) for name in ("a", "b")]
        self.start_panel()
        self.panel.kill()
        # The tray before the panel and before the service.
        self.tray.start()
        self.start_panel()
        no_service = self.wait_for_icon("no-service")
        self.start_and_sweep()
        disconnected = self.wait_for_icon("disconnected", unlike=no_service)

        self.panel.kill()
        self.start_panel()
        self.wait_for_icon("disconnected")
        self.wait_for_picture(disconnected)

        self.daemon.kill()
        self.wait_for_icon("no-service")
        self.wait_for_picture(no_service)
        self.start_and_sweep()
        self.wait_for_icon("disconnected")
        self.wait_for_picture(disconnected)

        # And after both.
        self.tray.stop()
        wait_until(lambda: not self.panel.items(), "an empty tray")
        self.tray.start()
        self.wait_for_icon("disconnected")
        self.pick(self.open_menu(), short(peers[0].endpoint))
        self.client.wait_for("Remote", peers[0].endpoint)
        self.client.pop_remote_change()


if __name__ == "__main__":
    tray_world.main()
