# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real panels of three desktops, each with a tray in it and little else."""

from gi.repository import GLib

from lib.desktop import SIZE
from lib.screen import Box, Picture
from lib.waiting import wait_until

WATCHER = "org.kde.StatusNotifierWatcher"
WATCHER_PATH = "/StatusNotifierWatcher"

SHELL = "org.gnome.Shell", "/org/gnome/Shell", "org.gnome.Shell"

XFCE = """<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="28"/>
      <property name="plugin-ids" type="array">
        <value type="int" value="1"/>
      </property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray">
      <property name="square-icons" type="bool" value="true"/>
    </property>
  </property>
</channel>
"""

LXQT = """panels=panel1

[panel1]
plugins=statusnotifier
position=Top
desktop=0
width=100
width-percent=true
panelSize=32
iconSize=22

[statusnotifier]
type=statusnotifier
alignment=Right
"""

GNOME = """[org/gnome/shell]
enabled-extensions=['ubuntu-appindicators@ubuntu.com']
disable-user-extensions=false
welcome-dialog-last-shown-version='9999'
[org/gnome/desktop/interface]
enable-animations=false
[org/gnome/desktop/notifications]
show-banners=false
[org/gnome/desktop/background]
picture-options='none'
"""


class Panel:
    """A panel at the upper edge of the desktop.

    bar: where its tray can be; menu_button: the mouse button that opens a menu.
    """

    bar = Box(0, 0, SIZE[0], 28)
    menu_button = 1

    def __init__(self, desktop, system_bus):
        self.desktop = desktop
        self._system_bus = system_bus
        self._process = self._window_manager = None
        self._empty = None  # the bar without an icon
        self.configure()

    def configure(self):
        """Writes the configuration, once."""
        raise NotImplementedError

    def launch(self):
        """Starts the panel's program and returns it."""
        raise NotImplementedError

    def write(self, path, text):
        """Writes a file of configuration."""
        path = self.desktop.home / "config" / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def start(self):
        """Starts it and waits for its tray."""
        self._process = self.launch()

        def has_tray():
            if self._process.returncode is not None:
                raise AssertionError(f"the panel ended: {self._process.output()}")
            return self.desktop.has_owner(WATCHER)

        wait_until(has_tray, "the tray", 60)

    def kill(self):
        """Ends it without a warning, and all that belongs to it."""
        if self._process:
            self._process.kill()
            wait_until(lambda: not self.desktop.has_owner(WATCHER), "the end of the tray")

    def output(self):
        """What it has said."""
        return self._process.output() if self._process else ""

    def items(self):
        """Returns what its tray has: (bus name, path) of each item."""
        items = self.desktop.get(WATCHER, WATCHER_PATH, WATCHER,
                                 "RegisteredStatusNotifierItems")
        # GNOME has name@path, the others have it without the @.
        return [(name, "/" + path) for name, _, path in
                (item.replace("@", "").partition("/") for item in items)]

    def below(self):
        """Returns a picture of what is below the bar."""
        top = self.bar.y + self.bar.height
        return Picture(Box(0, top, SIZE[0], SIZE[1] - top))

    def icon(self):
        """Returns a picture of the bar."""
        return Picture(self.bar)


class OpenboxPanel(Panel):
    """A panel that needs somebody to manage its windows."""

    def start(self):
        if not self._window_manager:
            self._window_manager = self.desktop.start("openbox")
        super().start()


class Xfce(OpenboxPanel):
    """xfce4-panel, with its systray."""

    def configure(self):
        self.write("xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml", XFCE)

    def launch(self):
        return self.desktop.start("xfce4-panel", "--disable-wm-check")


class Lxqt(OpenboxPanel):
    """lxqt-panel, with its statusnotifier; a left click is for the program there."""

    bar = Box(0, 0, SIZE[0], 32)
    menu_button = 3

    def configure(self):
        self.write("lxqt/panel.conf", LXQT)

    def launch(self):
        return self.desktop.start("lxqt-panel")


class Gnome(Panel):
    """GNOME Shell, with the extension for the tray. It manages windows itself."""

    # Right of the clock.
    bar = Box(SIZE[0] // 2 + 100, 0, SIZE[0] // 2 - 100, 32)

    def configure(self):
        self.write("glib-2.0/settings/keyfile", GNOME)

    def launch(self):
        return self.desktop.start("gnome-shell", "--x11", env={
            "GSETTINGS_BACKEND": "keyfile", "XDG_CURRENT_DESKTOP": "GNOME",
            "XDG_SESSION_TYPE": "x11", "DBUS_SYSTEM_BUS_ADDRESS": self._system_bus.address,
        })

    def _has_overview(self):
        try:
            return self.desktop.get(*SHELL, "OverviewActive")
        except GLib.Error:
            return False  # not there yet

    def start(self):
        super().start()
        # It begins with an overview, when all else is there.
        wait_until(self._has_overview, "the overview", 60)
        self.desktop.call(*SHELL[:2], "org.freedesktop.DBus.Properties", "Set", "(ssv)",
                          SHELL[2], "OverviewActive", GLib.Variant("b", False))
        wait_until(lambda: not self._has_overview(), "the desktop")


PANELS = {"xfce": Xfce, "lxqt": Lxqt, "gnome": Gnome}
