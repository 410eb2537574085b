# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service that says what no service should: nothing of it moves a terminal's cursor, or
becomes a shell's command."""

import pathlib

from gi.repository import Gio, GLib

from lib import whole
from lib.bus import NAME, PATH
from lib.command_line import NO_PROXY, CommandLineTest, without_color
from lib.waiting import wait_until

XML = pathlib.Path(__file__).parents[2] / "dbus" / f"{NAME}.xml"

EVIL = "[400::1\033[2J\a\u202e]:1080"
INJECTION = "127.0.0.1:1080'; touch /tmp/injected; '"

NOTHING = {"s": "", "b": False, "u": 0, "t": 0, "x": 0, "(uu)": (0, 0), "(ss)": ("", ""),
           "a{su}": {}, "aa{sv}": []}


class Imposter(CommandLineTest):
    """Something that has the service's name; properties: name -> value, of those that
    matter."""

    def impose(self, **properties):
        interface = Gio.DBusNodeInfo.new_for_xml(XML.read_text("utf-8")).interfaces[0]
        signatures = {each.name: each.signature for each in interface.properties}
        peer = {"Address": GLib.Variant("s", EVIL), "Status": GLib.Variant("s", "Valid")}
        properties = {"Proxies": [peer], **properties}

        def call_cb(connection, sender, path, name, method, parameters, invocation):
            if method == "ListPeers":
                invocation.return_value(GLib.Variant("(aa{sv})", ([peer],)))
            else:
                invocation.return_dbus_error(f"{NAME}.Error.AddressInUse", f"By {EVIL}")

        def get_cb(connection, sender, path, name, wanted):
            signature = signatures[wanted]
            return GLib.Variant(signature, properties.get(wanted, NOTHING[signature]))

        connection = self.bus.connect()
        self.addCleanup(connection.close_sync)
        connection.register_object(PATH, interface, call_cb, get_cb, None)
        Gio.bus_own_name_on_connection(connection, NAME, 0, None, None)
        wait_until(lambda: self.bus.has_owner(NAME), "the name")

    def assert_harmless(self, text):
        for character in "\033\a\u202e":
            self.assertNotIn(character, text)

    def test_what_it_shows_is_escaped(self):
        self.impose(State="connected", Remote=EVIL, Listening=EVIL, NodeAddress=EVIL,
                    NodeState="up", LastError=(EVIL, EVIL), Version=EVIL)
        for arguments in (("status",), ("list",), ("list", "--addresses"),
                          ("list", "--all", "--wide"), ("monitor", "--timeout", "1")):
            ended = self.ctl(*arguments)
            self.assert_harmless(ended.out + ended.err)
            self.assertIn("\\u001b", ended.out)
        self.assert_harmless(self.ctl("connect", "[400::1]:1080").err)
        self.assert_harmless(without_color(self.terminal("list", columns=40)[1]))

    def test_a_shell_is_given_nothing_but_an_address(self):
        self.impose(State="connected", Remote="[400::1]:1080", Listening=INJECTION)
        self.refuse(NO_PROXY, "env")
        self.refuse(NO_PROXY, "run", "true")


if __name__ == "__main__":
    whole.main()
