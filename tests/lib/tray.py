# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tray's program, and what it tells a panel over the session bus."""

import collections
import os
import pathlib

from gi.repository import GLib

from lib.daemon import SANITIZER_REPORTS

COMPLAINTS = *SANITIZER_REPORTS, "CRITICAL **", "WARNING **"

ITEM = "org.kde.StatusNotifierItem"
ITEM_PATH = "/org/ayatana/NotificationItem/mycelium_socks_tray"
MENU = "com.canonical.dbusmenu"
MENU_PATH = f"{ITEM_PATH}/Menu"

# What libdbusmenu leaves out of a layout because it is so by default.
DEFAULTS = {"label": "", "visible": True, "enabled": True, "toggle-state": -1,
            "toggle-type": "", "type": "standard", "icon-data": None,
            "accessible-desc": ""}

Entry = collections.namedtuple("Entry", ["id", *(key.replace("-", "_")
                                                 for key in DEFAULTS)])


def program():
    """Returns where the tray was built: meson tells its tests."""
    tree = pathlib.Path(__file__).parents[2]
    return os.environ.get("MYCELIUM_SOCKS_TRAY",
                          str(tree / "build-plain" / "applet" / "tray"
                              / "mycelium-socks-tray"))


class Tray:
    """One mycelium-socks-tray on a desktop, with a service on a system bus."""

    def __init__(self, desktop, system_bus):
        self._desktop = desktop
        self.environment = {"DBUS_SYSTEM_BUS_ADDRESS": system_bus.address,
                             "G_MESSAGES_DEBUG": "mycelium-socks-tray socks-model"}
        self.expected_complaint = None
        self.process = None
        self.name = None  # on the bus; of its item

    def start(self):
        """Starts it and does not wait."""
        self.process = self._desktop.start(program(), env=self.environment)
        return self.process

    def stop(self):
        """Ends it in order, if it has not ended, and checks that it went well."""
        if self.process is None:
            return
        self.process.stop()
        text = self.process.output()
        complaints = [line for line in text.splitlines()
                      if any(complaint in line for complaint in COMPLAINTS)
                      and not (self.expected_complaint and self.expected_complaint in line)]
        assert not complaints, text
        assert self.process.returncode == 0, f"{self.process.returncode}: {text}"

    def get(self, key):
        """Asks for a property of its item: IconName, Title, Status, ..."""
        return self._desktop.get(self.name, ITEM_PATH, ITEM, key)

    def entries(self):
        """Returns every place of its menu, those that are not shown too."""
        _, (_, _, children) = self._desktop.call(
            self.name, MENU_PATH, MENU, "GetLayout", "(iias)", 0, -1, [])
        return [Entry(number, *({**DEFAULTS, **properties}[key] for key in DEFAULTS))
                for number, properties, _ in children]

    def lines(self):
        """Returns what can be seen of its menu as lines of text, from the top."""
        return [entry for entry in self.entries()
                if entry.visible and entry.type != "separator"]

    def labels(self):
        """Returns the words of these lines."""
        return [line.label for line in self.lines()]

    def event(self, entry, name):
        """Tells it, as a panel does, that something happened to an entry, or the root."""
        self._desktop.call(self.name, MENU_PATH, MENU, "Event", "(isvu)",
                           entry.id if entry else 0, name, GLib.Variant("i", 0), 0)
