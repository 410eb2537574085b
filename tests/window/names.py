# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names, pins and the last ones used: given in the window, and seen there."""

import contextlib
import fcntl
import pathlib

from lib.waiting import wait_until
from lib.window import NAME, Window
from lib.window_test import WindowTest, main

MACHINE_NAMES = pathlib.Path("/etc/mycelium-socks/names")


class Names(WindowTest):
    def titles(self):
        return [name.split(",")[0] for name in self.rows()]

    def wait_for_titles(self, *titles):
        wait_until(lambda: self.titles() == list(titles), f"{titles} in this order")

    def ask_for_name(self, address):
        """Opens the dialog for the address and returns its field."""
        self.window.activate("name", address)
        entry = self.window.wait_for("text", "Name")
        wait_until(lambda: entry.has("FOCUSED"), "the focus in the field")
        return entry

    def press_button(self, name):
        # In GTK 4.8 the name of a button with a mnemonic is more than its label.
        button = self.window.wait_for("push button", lambda found: name in found)
        wait_until(lambda: button.has("SENSITIVE"), f"{name} to press")
        button.press()

    def test_a_proxy_is_named_and_its_address_stands_beneath(self):
        proxies = self.open_with()
        self.wait_for_rows(3)
        entry = self.ask_for_name(proxies[0].endpoint)
        self.window.wait_for("label", proxies[0].address)
        entry.type("  Oslo office ")
        self.press_button("Save")
        row = self.wait_for_row("Oslo office")
        self.assertRegex(row.name, r"^Oslo office, Open, [0-9.]+ ms$")
        labels = [part.name for part in row.parts() if part.role == "label"]
        self.assertIn(proxies[0].address, labels)
        self.assertEqual(self.desktop.read("config", "names"),
                         f"{proxies[0].endpoint} Oslo office\n")

        # It is what it is called from now on.
        self.window.activate("connect", "oslo office")
        self.assertEqual(self.pop_remote_change()[1], proxies[0].endpoint)
        self.window.wait_for("label", lambda text: text.startswith("Oslo office — "))
        self.window.activate_in_window("page", "connection")
        self.window.wait_for("label", "Oslo office")

    def test_what_can_be_no_name_is_said_while_it_is_typed(self):
        proxies = self.open_with()
        self.desktop.write("config", "names", f"{proxies[1].endpoint} taken\n")
        self.wait_for_row("taken")
        entry = self.ask_for_name(proxies[0].endpoint)
        for text, sentence in [
                ("17", "A name can’t be a number alone."),
                ("a:b", "A name can’t look like an address: leave out colons and brackets."),
                ("Taken", f"This is the name of {proxies[1].address} already.")]:
            entry.type(text)
            self.window.wait_for("label", sentence)
            wait_until(lambda: entry.is_wrong, "that it is wrong")
            save = self.window.find("push button", lambda found: "Save" in found)
            self.assertFalse(save.has("SENSITIVE"))
        entry.type("free")
        wait_until(lambda: not entry.is_wrong, "that it is fine")
        self.desktop.press("Return")
        self.wait_for_row("free")

    def open_with_focus_on_a_named_row(self):
        """Opens the window with one proxy that has a name on every port, and goes to it."""
        [proxy] = self.open_with(n_open=1, n_login=0)
        self.desktop.write("config", "names", f"{proxy.address} every port\n")
        self.wait_for_row("every port")

        def focused():
            row = self.window.find("list item")
            return row and row.has("FOCUSED")

        for _ in range(12):
            if focused():
                break
            self.desktop.press("Tab")
        wait_until(focused, "the focus on the row")
        return proxy

    def test_a_name_is_changed_by_the_keyboard(self):
        proxy = self.open_with_focus_on_a_named_row()
        self.desktop.press("F2")
        entry = self.window.wait_for("text", "Name")
        self.assertEqual(entry.text, "every port")
        entry.type("changed")
        self.desktop.press("Return")
        self.wait_for_row("changed")
        self.assertEqual(self.desktop.read("config", "names"), f"{proxy.address} changed\n")

    def test_a_name_is_taken_away_by_the_keyboard(self):
        proxy = self.open_with_focus_on_a_named_row()
        self.desktop.press("shift+F10")
        self.choose_from_menu("n")
        self.press_button("Remove")
        self.wait_for_row(proxy.address)
        self.assertEqual(self.desktop.read("config", "names"), "")

    def test_a_name_that_is_left_as_it_is_is_not_given(self):
        first, second = self.open_with(n_open=2, n_login=0)
        MACHINE_NAMES.parent.mkdir(exist_ok=True)
        MACHINE_NAMES.write_text(f"{first.address} Dakar\n", "utf-8")
        self.addCleanup(MACHINE_NAMES.unlink)
        self.wait_for_row("Dakar")
        self.assertEqual(self.ask_for_name(first.endpoint).text, "Dakar")
        self.press_button("Save")
        self.window.wait_for_no("text", "Name")
        # Names are written one after the other.
        self.ask_for_name(second.endpoint).type("Oslo")
        self.press_button("Save")
        self.wait_for_row("Oslo")
        self.assertEqual(self.desktop.read("config", "names"), f"{second.endpoint} Oslo\n")

    def test_what_is_no_address_gets_no_name_and_no_pin(self):
        proxies = self.open_with()
        for action in "pin", "name":
            for text in "[abc", "somewhere", "":
                self.window.activate(action, text)
        self.window.wait_for("alert", "This is not an address. Write it as "
                             "[address]:port, for instance [407:1f::9ab2]:1080.")
        self.ask_for_name(proxies[0].endpoint)
        self.assertEqual(self.window.count_on_screen(), 2)

    def put_a_folder_in_the_way(self):
        """Lets a folder be where the names are to be."""
        self.desktop.write("config", "names", "")
        path = self.desktop.home / "config" / "mycelium-socks" / "names"
        path.unlink()
        path.mkdir()
        self.addCleanup(path.rmdir)

    @contextlib.contextmanager
    def slow_to_write(self):
        """Lets nobody change the names until this is left, as a slow disk does."""
        self.desktop.write("config", "names", "")
        with open(self.desktop.home / "config" / "mycelium-socks" / "names", "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextlib.contextmanager
    def ended_while_it_writes(self, end):
        """Gives a name that is not written before end(button Close) ends the window, nor
        before this is left. It is for the proxy that this gives."""
        [proxy] = self.open_with(n_open=1, n_login=0)
        close = self.window.wait_for("push button", "Close")
        self.ask_for_name(proxy.endpoint).type("Oslo")
        save = self.window.wait_for("push button", lambda name: "Save" in name)
        wait_until(lambda: save.has("SENSITIVE"), "Save to press")
        wait_until(lambda: self.window.count_on_screen() == 2, "the dialog")
        with self.slow_to_write():
            save.press()
            wait_until(lambda: self.window.count_on_screen() == 1, "the end of the dialog")
            end(close)
            wait_until(lambda: self.window.count_on_screen() == 0, "the end of the window")
            self.assertIsNone(self.window.process.returncode)
            self.assertEqual(self.desktop.read("config", "names"), "")
            yield proxy
        self.assertEqual(self.window.process.wait(), 0)

    def quit_while_it_writes(self):
        return self.ended_while_it_writes(lambda close: self.window.activate("quit"))

    def test_a_name_is_written_though_the_window_is_closed(self):
        with self.ended_while_it_writes(lambda close: close.press()) as proxy:
            pass
        self.assertEqual(self.desktop.read("config", "names"), f"{proxy.endpoint} Oslo\n")

    def test_a_name_is_written_though_the_program_is_quit(self):
        with self.quit_while_it_writes() as proxy:
            # Whoever opens it again gets another one, not that which is about to end.
            wait_until(lambda: not self.desktop.has_owner(NAME), "the end of the name")
            again = Window(self.desktop, self.bus)
            self.addCleanup(again.stop)
            again.start()
            self.assertEqual(self.window.count_on_screen(), 0)
            self.assertIsNone(self.window.process.returncode)
        self.assertEqual(self.desktop.read("config", "names"), f"{proxy.endpoint} Oslo\n")

    def test_what_can_not_be_written_after_the_program_is_quit_is_in_the_log(self):
        with self.quit_while_it_writes():
            self.put_a_folder_in_the_way()
            self.window.expects_warning = True
        self.assertIn("/mycelium-socks/names: Is a directory",
                      self.window.process.output())

    def test_a_name_is_taken_where_an_address_is(self):
        proxies = self.open_with()
        self.desktop.write("config", "names", f"{proxies[1].endpoint} Oslo\n")
        self.wait_for_row("Oslo")
        self.window.activate("pin", "oslo")
        wait_until(lambda: self.desktop.read("config", "pins")
                   == f"{proxies[1].endpoint}\n", "the pin")
        self.assertEqual(self.ask_for_name("OSLO").text, "Oslo")
        self.window.wait_for("label", proxies[1].address)

    def test_pins_come_first_and_then_the_last_three(self):
        self.open_with(n_open=5, n_login=0)
        self.wait_for_rows(5)
        self.window.activate_in_window("order", "address")
        wait_until(lambda: self.titles() == sorted(self.titles()), "the order")
        a, b, c, d, e = self.titles()
        endpoints = {title: f"[{title}]:1080" for title in (a, b, c, d, e)}
        for title in b, c, d, e:
            self.window.activate("connect", endpoints[title])
            self.pop_remote_change()
        self.wait_for_titles(e, d, c, a, b)
        self.window.activate("pin", endpoints[b])
        self.wait_for_titles(b, e, d, c, a)
        self.assertRegex(self.rows()[0], ", pinned, ")
        self.assertEqual(self.desktop.read("config", "pins"), f"{endpoints[b]}\n")
        self.window.activate("pin", endpoints[b])
        self.wait_for_titles(e, d, c, a, b)

    def test_the_menu_of_a_row_opens_by_a_click_and_pins(self):
        self.open_with(n_open=2, n_login=0)
        last = self.wait_for_rows(2)[1].split(",")[0]
        for button in 3, 1:
            row = self.wait_for_row(last)
            if button == 3:
                self.desktop.click(row.box, button=3)
            else:
                menu = next(part for part in row.parts()
                            if part.name == "Menu of the Proxy" and part.is_shown)
                self.desktop.click(menu.box)
            self.choose_from_menu("p")
            self.desktop.park_pointer()
            expected = f"[{last}]:1080\n" if button == 3 else ""
            wait_until(lambda e=expected: self.desktop.read("config", "pins") == e, "the pin")
        self.client.wait_for("State", "disconnected")

    def test_a_name_is_searched_for_and_taken_for_the_address(self):
        proxies = self.open_with()
        self.desktop.write("config", "names", f"{proxies[1].endpoint} São Paulo\n")
        self.wait_for_row("São Paulo")
        entry = self.window.wait_for("text", "Another address")
        entry.type("são")
        connect = self.window.wait_for("push button", "Connect")
        self.assertFalse(entry.is_wrong)
        self.assertFalse(connect.has("SENSITIVE"))
        entry.type("são x")
        wait_until(lambda: entry.is_wrong, "that it is wrong")
        entry.type("são paulo")
        wait_until(lambda: connect.has("SENSITIVE"), "the button")
        connect.press()
        self.assertEqual(self.pop_remote_change(), ("", proxies[1].endpoint, "user"))

        self.window.activate("search")
        self.window.wait_for("entry", "Search the proxies").type("paulo")
        self.wait_for_titles("São Paulo")

    def test_what_can_not_be_written_is_told(self):
        proxies = self.open_with()
        self.put_a_folder_in_the_way()
        self.ask_for_name(proxies[0].endpoint).type("name")
        self.press_button("Save")
        self.window.wait_for("alert", "This can’t be written down.")
        self.window.expects_warning = True


if __name__ == "__main__":
    main()
