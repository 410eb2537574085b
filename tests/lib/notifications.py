# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server of notifications that shows nothing, and knows what it was to show."""

from gi.repository import Gio, GLib

from lib.desktop import DBUS

NAME = "org.freedesktop.Notifications"

INTERFACE = f"""<node>
  <interface name="{NAME}">
    <method name="Notify">
      <arg type="s" direction="in"/><arg type="u" direction="in"/>
      <arg type="s" direction="in"/><arg type="s" direction="in"/>
      <arg type="s" direction="in"/><arg type="as" direction="in"/>
      <arg type="a{{sv}}" direction="in"/><arg type="i" direction="in"/>
      <arg type="u" direction="out"/>
    </method>
  </interface>
</node>"""


class Notifications:
    """The server's name on a desktop's session bus.

    shown: (title, body) of each notification, in order.
    """

    def __init__(self, desktop):
        self.shown = []
        self._desktop = desktop
        interface = Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0]
        self._object = desktop.bus.register_object(f"/{NAME.replace('.', '/')}", interface,
                                                   self._called_cb, None, None)
        desktop.call(DBUS, "/", DBUS, "RequestName", "(su)", NAME, 0)

    def _called_cb(self, _bus, _sender, _path, _interface, _method, arguments, invocation):
        self.shown.append(arguments.unpack()[3:5])
        invocation.return_value(GLib.Variant("(u)", (len(self.shown),)))

    def stop(self):
        """Takes it away."""
        self._desktop.bus.unregister_object(self._object)
        self._desktop.call(DBUS, "/", DBUS, "ReleaseName", "(s)", NAME)
