# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""“Use for this desktop” on a desktop of our own: the real program, or one that fails."""

import pathlib
import subprocess

from gi.repository import Gio

from lib.desktop import DBUS

NAME = INTERFACE = "org.mycelium.Socks.DesktopProxy"
PATH = "/org/mycelium/Socks/DesktopProxy"
DESCRIPTION = (pathlib.Path(__file__).parents[2] / "applet" / "desktop-proxy"
               / f"{NAME}.xml")

SCHEMA = "org.gnome.system.proxy"


def install(desktop, program):
    """Lets the session bus start that program for the name."""
    services = desktop.home / "data" / "dbus-1" / "services"
    services.mkdir(parents=True, exist_ok=True)
    (services / f"{NAME}.service").write_text(
        f"[D-BUS Service]\nName={NAME}\nExec={program}\n", encoding="utf-8")
    desktop.call(DBUS, "/", DBUS, "ReloadConfig")


def settings():
    """Returns what the desktop's proxy is: (mode, host, port) as gsettings has them."""
    return tuple(subprocess.run(["gsettings", "get", *key], check=True, text=True,
                                capture_output=True).stdout.strip()
                 for key in [(SCHEMA, "mode"), (f"{SCHEMA}.socks", "host"),
                             (f"{SCHEMA}.socks", "port")])


class FailingDesktopProxy:
    """It has the name on a desktop's session bus, and whatever it is told fails."""

    def __init__(self, desktop, error):
        self._desktop = desktop
        self._error = f"{NAME}.Error.{error}"
        interface = Gio.DBusNodeInfo.new_for_xml(
            DESCRIPTION.read_text(encoding="utf-8")).lookup_interface(INTERFACE)
        self._object = desktop.bus.register_object(PATH, interface, self._called_cb,
                                                   lambda *_: None, None)
        desktop.call(DBUS, "/", DBUS, "RequestName", "(su)", NAME, 0)

    def _called_cb(self, *call):
        call[6].return_dbus_error(self._error, "A stand-in")

    def stop(self):
        """Takes it away."""
        self._desktop.bus.unregister_object(self._object)
        self._desktop.call(DBUS, "/", DBUS, "ReleaseName", "(s)", NAME)
