# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tray's program at a tray that is told what to do: what it registers, what each line
of its menu does, and what it costs."""

import pathlib
import time

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk  # pylint: disable=wrong-import-position

import tray_world
from tray_world import TrayTest, Window, short

from lib.desktop_proxy import FailingDesktopProxy
from lib.notifications import Notifications
from lib.socks_servers import MicroSocks
from lib.tray import ITEM_PATH, program
from lib.waiting import wait_until
from lib.watcher import Watcher

APPLICATION = "org.mycelium.Socks.Tray"
N_MANY = 300
IDLE_S = 20


class Program(TrayTest):
    """The program, and a tray that may be there or not."""

    def start_watcher(self, **options):
        self.watcher = Watcher(self.desktop, **options)
        self.addCleanup(self.watcher.stop)

    def start_tray(self):
        """Starts the tray and waits until it is in the other one."""
        self.tray.start()
        self.wait_for_item()

    def wait_for_item(self):
        name, path = wait_until(lambda: self.watcher.items, "the item")[0]
        self.assertEqual(path, ITEM_PATH)
        self.tray.name = name

    def choose(self, label):
        """Clicks the line of the menu that begins with these words."""
        self.tray.event(self.line(label), "clicked")

    def n_wakeups(self):
        """How often its threads were woken up so far."""
        tasks = pathlib.Path(f"/proc/{self.tray.process.pid}/task")
        return sum(int(line.split()[1]) for task in tasks.iterdir()
                   for line in (task / "status").read_text(encoding="ascii").splitlines()
                   if "ctxt_switches" in line)

    def wait_until_asleep(self, seconds=IDLE_S):
        """Waits until it has not woken up for so long: its start takes a moment to end."""
        before = [0, 0]

        def has_slept():
            now = [self.n_wakeups(), time.monotonic()]
            if now[0] != before[0]:
                before[:] = now
            return now[1] - before[1] > seconds

        wait_until(has_slept, f"{seconds} s without a wake-up", 3 * IDLE_S)

    def test_it_registers_with_a_tray_that_did_not_listen(self):
        self.start_watcher(n_deaf=1)
        self.tray.expected_complaint = "Unable to connect to the Notification Watcher"
        self.start_tray()
        self.wait_for_icon_name("no-service")
        self.assertEqual(self.tray.get("Title"), "Mycelium Socks: No service")

    def test_it_registers_until_somebody_has_read_what_it_is(self):
        self.start_watcher()
        self.tray.start()
        wait_until(lambda: self.watcher.n_calls == 3, "three registrations")
        [(self.tray.name, _)] = self.watcher.items
        self.assertEqual(self.tray.get("Title"), "Mycelium Socks: No service")
        n_calls = self.watcher.n_calls
        # The next one would have been in four seconds.
        self.wait_until_asleep(6)
        self.assertEqual(self.watcher.n_calls, n_calls)

    def test_a_panel_can_be_told_where_icons_are_that_are_not_installed(self):
        self.start_watcher()
        self.start_tray()
        self.assertEqual(self.tray.get("IconThemePath"), "")
        self.tray.stop()
        self.tray.environment["MYCELIUM_SOCKS_ICONS"] = "/somewhere"
        self.watcher.items.clear()
        self.start_tray()
        self.assertEqual(self.tray.get("IconThemePath"), "/somewhere")

    def test_it_waits_for_a_tray_and_comes_back_to_it(self):
        self.start_service()
        self.tray.start()
        wait_until(lambda: self.desktop.has_owner(APPLICATION), "the tray's name")
        for _ in range(2):
            watcher = Watcher(self.desktop)
            wait_until(lambda: watcher.items, "the item")
            watcher.stop()
        self.assertIsNone(self.tray.process.returncode)

    def test_there_is_one_in_a_session(self):
        self.start_watcher()
        self.start_tray()
        second = self.desktop.start(program())
        self.assertEqual(second.wait(), 0)
        self.assertEqual(len(self.watcher.items), 1)

    def test_quit(self):
        self.start_watcher()
        self.start_tray()
        self.choose("Quit")
        self.assertEqual(self.tray.process.wait(), 0)

    def test_all_proxies_opens_the_window(self):
        window = Window(self.desktop)
        self.addCleanup(window.stop)
        self.start_watcher()
        self.start_tray()
        self.choose("All proxies…")
        wait_until(lambda: window.n_opened == 1, "the window")

    def start_notifications(self):
        self.notifications = Notifications(self.desktop)
        self.addCleanup(self.notifications.stop)

    def expect_failure(self, sentence):
        """A notification says that it did not work, and that sentence."""
        wait_until(lambda: self.notifications.shown, "a notification")
        self.assertEqual(self.notifications.shown.pop(0), ("This did not work", sentence))

    def test_a_window_that_can_not_be_opened_is_told(self):
        # The bus is to start what is not installed there.
        self.start_notifications()
        self.start_watcher()
        self.start_tray()
        self.choose("All proxies…")
        self.expect_failure("The window could not be opened. Install Mycelium Socks again, "
                            "then try once more.")

    def test_a_desktop_that_can_not_be_set_is_told(self):
        program = FailingDesktopProxy(self.desktop, "Busy")
        self.addCleanup(program.stop)
        self.start_notifications()
        self.start_watcher()
        self.start_tray()
        self.choose("Use for this desktop")
        self.expect_failure("You are logged in more than once, and the other session uses "
                            "the proxy for its desktop. Switch it off there.")
        self.assertEqual(self.line("Use for this desktop").toggle_state, 0)

    def test_connect_to_the_fastest_and_copy_the_address(self):
        peer = self.open_proxy("a")
        self.start_and_sweep()
        self.start_watcher()
        self.start_tray()
        self.wait_for_icon_name("disconnected")
        self.choose("Connect to the fastest")
        self.wait_for_icon_name("connected")
        self.assertEqual(self.client.pop_remote_change(), ("", peer.endpoint, "automatic"))
        self.assertEqual(self.tray.get("Title"), "Mycelium Socks: Connected")
        self.line(f"Connected to {short(peer.endpoint)} — ")
        wait_until(lambda: self.marked() == short(peer.endpoint), "the mark")

        self.choose("Copy address")
        clipboard = Gtk.Clipboard.get_for_display(
            Gdk.Display.open(self.desktop.environment["DISPLAY"]),
            Gdk.SELECTION_CLIPBOARD)
        wait_until(lambda: clipboard.wait_for_text() == "socks5h://localhost:1080",
                   "the address in the clipboard")

        peer.server.stop()
        self.wait_for_icon_name("failing")
        self.choose("Disconnect")
        self.wait_for_icon_name("disconnected")
        self.assertEqual(self.client.pop_remote_change(), (peer.endpoint, "", "user"))

    def test_looking_for_proxies(self):
        self.start_and_sweep()
        self.start_watcher()
        self.start_tray()
        wait_until(lambda: self.line("Look for proxies").toggle_state == 1, "the mark")
        self.choose("Look for proxies")
        self.client.wait_for("Probing", False)
        wait_until(lambda: self.line("Look for proxies").toggle_state == 0, "no mark")

        earlier = self.client.get("LastSweep")
        wait_until(lambda: self.line("Look now").enabled, "a line to click")
        self.choose("Look now")
        self.wait_for_sweep(earlier)

    def test_it_comes_back_when_the_system_bus_does(self):
        peer = self.open_proxy("a")
        self.start_and_sweep()
        self.start_watcher()
        self.start_tray()
        self.wait_for_icon_name("disconnected")
        self.bus.stop()
        self.wait_for_icon_name("no-service")
        self.assertEqual(self.tray.get("Title"), "Mycelium Socks: No service")
        self.assertFalse(self.line("Connect to the fastest").enabled)

        self.restart_bus()
        self.start_and_sweep()
        self.wait_for_icon_name("disconnected")
        self.choose(short(peer.endpoint))
        self.wait_for_icon_name("connected")
        self.assertEqual(self.client.pop_remote_change(), ("", peer.endpoint, "user"))

    def test_badges_are_pixels_and_have_words(self):
        self.open_proxy("a")
        self.login_proxy("b")
        self.start_and_sweep()
        self.start_watcher()
        self.start_tray()
        is_open, is_locked = wait_until(
            lambda: self.proxies() if len(self.proxies()) == 2 else None, "two proxies")
        self.assertTrue(is_open.accessible_desc.endswith(", Open"))
        self.assertTrue(is_locked.accessible_desc.endswith(", Login required"))
        for line in is_open, is_locked:
            self.assertEqual(bytes(line.icon_data[:4]), b"\x89PNG")
        self.assertNotEqual(is_open.icon_data, is_locked.icon_data)

    def test_of_many_proxies_it_shows_a_dozen(self):
        peers = [self.peer(f"peer {i}") for i in range(N_MANY)]
        self.serve(MicroSocks, "::")
        self.start_and_sweep()
        self.client.wait_for("PeerCounts", lambda counts: counts["Valid"] == N_MANY)
        self.start_watcher()
        self.start_tray()
        self.line(f"Not connected — {N_MANY} proxies found")
        # In the order of the service, once it has been published.
        def is_in_order():
            fastest = [short(entry["Address"]) for entry in self.client.get("Proxies")]
            return [line.label.split(" — ")[0] for line in self.proxies()] == fastest[:12]

        wait_until(is_in_order, "the dozen that is the fastest")

        # One that is not among them is the first once it is connected to.
        last = self.client.get("Proxies")[-1]["Address"]
        self.connect(last)
        wait_until(lambda: self.proxies()[0].label.startswith(short(last)), "the remote")
        self.assertEqual((self.marked(), len(self.proxies())), (short(last), 12))
        self.assertEqual(len(peers), N_MANY)

    def test_names_pins_and_the_last_ones(self):
        peers = [self.open_proxy(name) for name in ("a", "b", "c", "d")]
        self.start_and_sweep()
        self.start_watcher()
        self.start_tray()
        self.wait_for_proxies(*peers)
        first, second, third, fourth = (entry["Address"] for entry in
                                        self.client.get("Proxies"))
        # Another program gives a name, and pins.
        self.desktop.write("config", "names", f"{fourth} São Paulo_1\n")
        self.line("São Paulo__1 — ")  # as the protocol writes an underscore
        self.desktop.write("config", "pins", f"{third}\n")
        wait_until(lambda: self.proxies()[0].label.startswith(short(third)), "the pin first")

        self.choose("São Paulo__1")
        self.assertEqual(self.client.pop_remote_change(), ("", fourth, "user"))
        self.line("Connected to São Paulo__1")
        wait_until(lambda: self.desktop.read("state", "recent") == f"{fourth}\n",
                   "what was used last")
        self.choose("Disconnect")
        self.client.pop_remote_change()
        self.line("Not connected")
        self.assertEqual([line.label.split(" — ")[0] for line in self.proxies()],
                         [short(third), "São Paulo__1", short(first), short(second)])

    def test_it_sleeps_while_nothing_happens(self):
        self.open_proxy("a")
        self.start_and_sweep()
        self.client.call("StopProbing")
        self.start_watcher()
        self.start_tray()
        self.wait_for_icon_name("disconnected")
        self.wait_until_asleep()


if __name__ == "__main__":
    tray_world.main()
