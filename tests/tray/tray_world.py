# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The world of the tray's tests: the service's own, and a desktop beside it."""

import pathlib
import subprocess
import sys
import tempfile

from gi.repository import Gio, GLib

from lib import desktop_proxy, tray, whole
from lib.desktop import Desktop
from lib.waiting import wait_until
from lib.whole import WholeTest

WINDOW = "org.mycelium.Socks.Applet"

APPLICATION = """<node>
  <interface name="org.freedesktop.Application">
    <method name="Activate"><arg type="a{sv}" direction="in"/></method>
  </interface>
</node>"""


class Window:
    """A stand-in for the window: it counts how often it was opened."""

    def __init__(self, desktop):
        self.n_opened = 0
        self._bus = desktop.bus
        interface = Gio.DBusNodeInfo.new_for_xml(APPLICATION).interfaces[0]
        self._object = self._bus.register_object(
            f"/{WINDOW.replace('.', '/')}", interface, self._called_cb, None, None)
        desktop.call("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "RequestName",
                     "(su)", WINDOW, 0)

    def _called_cb(self, *call):
        self.n_opened += 1
        call[6].return_value(None)

    def stop(self):
        """Takes it away."""
        self._bus.unregister_object(self._object)
        self._bus.call_sync("org.freedesktop.DBus", "/", "org.freedesktop.DBus",
                            "ReleaseName", GLib.Variant("(s)", (WINDOW,)), None, 0, -1,
                            None)


class TrayTest(WholeTest):
    """A service and a tray that are ready to be started."""

    desktop = None

    def setUp(self):
        super().setUp()
        self.desktop.forget()
        self.tray = tray.Tray(self.desktop, self.bus)
        self.addCleanup(self.tray.stop)

    def run(self, result=None):
        """Shows what the tray said in a test that failed."""
        n_before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > n_before and self.tray.process:
            for line in self.tray.process.output().splitlines()[-100:]:
                print("#    tray:", line)
            sys.stdout.flush()

    def wait_for_icon_name(self, state):
        """Waits until the tray's icon is the one of the state."""
        name = f"mycelium-socks-{state}-symbolic"
        wait_until(lambda: self.tray.get("IconName") == name, f"the icon {name}")

    def line(self, label):
        """Waits for the line of the menu that begins with these words."""
        return wait_until(lambda: next((line for line in self.tray.lines()
                                        if line.label.startswith(label)), None),
                          f"“{label}” in the menu")

    def proxy_line(self, peer):
        """Waits for the line of the menu that is for the peer."""
        return self.line(short(peer.endpoint))

    def wait_for_proxies(self, *peers):
        """Waits until the menu shows these proxies, in any order."""
        expected = {short(peer.endpoint) for peer in peers}
        wait_until(lambda: {line.label.split(" — ")[0] for line in self.proxies()}
                   == expected, f"{expected} in the menu")

    def proxies(self):
        """Returns the lines of the menu that are for proxies."""
        return [line for line in self.tray.lines() if line.toggle_type == "radio"]

    def marked(self):
        """Returns the address in the line that has the radio mark, or None."""
        marked = [line.label.split(" — ")[0] for line in self.proxies()
                  if line.toggle_state == 1]
        self.assertLessEqual(len(marked), 1)
        return marked[0] if marked else None


def short(endpoint):
    """Returns an endpoint as people read it."""
    host = endpoint[1:].partition("]")[0]
    return host if len(host) <= 15 else f"{host[:6]}…{host.rpartition(':')[2]}"


def main():
    """Runs the tests of the main module on a desktop where the icons are installed."""
    whole.main(make_desktop)


def make_desktop():
    """Installs the build that is tested for a desktop of its own."""
    installed = tempfile.mkdtemp(prefix="installed-")
    build = pathlib.Path(tray.program()).parents[2]
    subprocess.run(["meson", "install", "-C", build, "--no-rebuild", "--quiet",
                    "--destdir", installed], check=True, stdout=subprocess.DEVNULL)
    TrayTest.desktop = Desktop(f"{installed}/usr/share")
    desktop_proxy.install(TrayTest.desktop, build / "applet" / "desktop-proxy"
                          / "mycelium-socks-desktop-proxy")
