# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tray that shows nothing: it knows the icons, and can be deaf to them at first."""

from gi.repository import Gio, GLib

from lib.desktop import DBUS
from lib.panels import WATCHER, WATCHER_PATH

INTERFACE = f"""<node>
  <interface name="{WATCHER}">
    <method name="RegisterStatusNotifierItem"><arg type="s" direction="in"/></method>
    <property name="RegisteredStatusNotifierItems" type="as" access="read"/>
    <property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
    <property name="ProtocolVersion" type="i" access="read"/>
    <signal name="StatusNotifierItemRegistered"><arg type="s"/></signal>
  </interface>
</node>"""


class Watcher:
    """The watcher's name on a desktop's session bus.

    items: (bus name, path) of each, in the order in which they came; n_calls: how many
    calls were heard.
    """

    def __init__(self, desktop, *, n_deaf=0):
        self.items = []
        self.n_calls = 0
        self._desktop = desktop
        self._n_deaf = n_deaf
        interface = Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0]
        self._object = desktop.bus.register_object(WATCHER_PATH, interface,
                                                   self._called_cb, self._get_cb, None)
        desktop.call(DBUS, "/", DBUS, "RequestName", "(su)", WATCHER, 0)

    def _called_cb(self, _bus, sender, _path, _interface, _method, arguments, invocation):
        if self._n_deaf:
            self._n_deaf -= 1
            invocation.return_dbus_error("org.freedesktop.DBus.Error.Failed", "Not now")
            return
        self.n_calls += 1
        item = sender, arguments.unpack()[0]
        if item not in self.items:
            self.items.append(item)
        invocation.return_value(None)

    def _get_cb(self, _bus, _sender, _path, _interface, key):
        return {"RegisteredStatusNotifierItems":
                GLib.Variant("as", [name + path for name, path in self.items]),
                "IsStatusNotifierHostRegistered": GLib.Variant("b", True),
                "ProtocolVersion": GLib.Variant("i", 0)}[key]

    def stop(self):
        """Takes it away."""
        self._desktop.bus.unregister_object(self._object)
        self._desktop.call(DBUS, "/", DBUS, "ReleaseName", "(s)", WATCHER)
