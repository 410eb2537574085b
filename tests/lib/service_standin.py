# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for the service: it says what it is told to, and notes what it is asked."""

import pathlib

from gi.repository import Gio, GLib

from lib.bus import INTERFACE, NAME, PATH
from lib.desktop import DBUS

DESCRIPTION = pathlib.Path(__file__).parents[2] / "dbus" / f"{NAME}.xml"

PROPERTIES = """<node>
  <interface name="org.freedesktop.DBus.Properties">
    <method name="Get">
      <arg type="s" direction="in"/><arg type="s" direction="in"/>
      <arg type="v" direction="out"/>
    </method>
    <method name="GetAll">
      <arg type="s" direction="in"/><arg type="a{sv}" direction="out"/>
    </method>
  </interface>
</node>"""

# What stands for a type where nothing was said.
ZEROS = {"s": "", "b": False, "u": 0, "t": 0, "x": 0, "(uu)": (0, 0), "(ss)": ("", ""),
         "a{su}": {}, "aa{sv}": []}


def entry(address, *, latency_us=42000, status="Valid", last_probed=1, **more):
    """Returns what the service says of one peer."""
    values = {"Address": GLib.Variant("s", address), "Status": GLib.Variant("s", status),
              "Latency": GLib.Variant("u", latency_us),
              "LastProbed": GLib.Variant("x", last_probed)}
    return values | more


class ServiceStandIn:
    """It has the service's name on a bus, and its methods fail.

    calls: (method, arguments) of each call that has come in, in order;
    answers: what is answered to a method all the same, by its name.
    """

    def __init__(self, bus, **values):
        self.calls = []
        self.answers = {}
        description = Gio.DBusNodeInfo.new_for_xml(DESCRIPTION.read_text(encoding="utf-8"))
        interface = description.lookup_interface(INTERFACE)
        self._types = {each.name: each.signature for each in interface.properties}
        self._values = self._variants(
            {name: ZEROS[kind] for name, kind in self._types.items()} |
            {"State": "disconnected", "NodeState": "up", "ListenScope": "local"} | values)
        self._connection = bus.connect()
        # Properties as an interface of its own: only so are the questions seen.
        for each in interface, Gio.DBusNodeInfo.new_for_xml(PROPERTIES).interfaces[0]:
            self._connection.register_object(PATH, each, self._called_cb, None, None)
        self._connection.call_sync(DBUS, "/", DBUS, "RequestName",
                                   GLib.Variant("(su)", (NAME, 0)), None, 0, -1, None)

    def _variants(self, values):
        return {name: GLib.Variant(self._types[name], value)
                for name, value in values.items()}

    def _called_cb(self, _bus, _sender, _path, _interface, method, arguments, invocation):
        self.calls.append((method, arguments.unpack()))
        if method == "Get":
            value = self._values[arguments.unpack()[1]]
            invocation.return_value(GLib.Variant("(v)", (value,)))
        elif method == "GetAll":
            invocation.return_value(GLib.Variant("(a{sv})", (self._values,)))
        elif method in self.answers:
            invocation.return_value(self.answers[method])
        else:
            invocation.return_dbus_error(f"{INTERFACE}.Error.Failed", "A stand-in")

    def say(self, **values):
        """Lets these properties have these values, and tells so."""
        changed = self._variants(values)
        self._values |= changed
        self._connection.emit_signal(
            None, PATH, f"{DBUS}.Properties", "PropertiesChanged",
            GLib.Variant("(sa{sv}as)", (INTERFACE, changed, [])))

    def stop(self):
        """Takes it away."""
        self._connection.close_sync()
