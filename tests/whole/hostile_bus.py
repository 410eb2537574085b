# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs on the bus that send what nobody asked for."""

import os

from gi.repository import Gio, GLib

from lib import whole
from lib.bus import INTERFACE, NAME, PATH
from lib.waiting import DEADLINE_S, wait_until
from lib.whole import WholeTest

PROPERTIES = "org.freedesktop.DBus.Properties"
DBUS_ERROR = "org.freedesktop.DBus.Error."

MEGABYTE = 1024 * 1024

# The message that carries it must fit into the 32 MiB that the bus lets through.
HUGE_BYTES = 32 * MEGABYTE - 4096

FDS_PER_MESSAGE = 16  # as many as the bus lets through

METHODS = ["Check", "Connect", "Disconnect", "ListPeers", "ProbeNow", "StartProbing",
           "StopProbing"]

# Parameters of every type but the right one, which is a string for Connect, two for Check,
# else nothing.
WRONG = [
    GLib.Variant("(i)", (1080,)), GLib.Variant("(as)", (["[400::1]:1080"],)),
    GLib.Variant("(v)", (GLib.Variant("s", "[400::1]:1080"),)),
    GLib.Variant("(sss)", ("", "", "")), GLib.Variant("(o)", ("/a",)),
    GLib.Variant("(g)", ("s",)), GLib.Variant("(ay)", (b"[400::1]:1080\0",)),
    GLib.Variant("(a{sv})", ({"a": GLib.Variant("s", "b")},)),
    GLib.Variant("((s))", (("",),)), GLib.Variant("(d)", (1.5,)),
    GLib.Variant("(b)", (True,)), GLib.Variant("(as)", (["x" * 1000] * 1000,)),
]


class HostileBus(WholeTest):
    def setUp(self):
        super().setUp()
        self.proxy = self.open_proxy("a proxy")
        self.start_and_sweep()
        self.connect()

    def send(self, member, parameters=None, *, interface=INTERFACE, path=PATH, fds=()):
        """Calls a method; returns the name of the error, None where there is none."""
        descriptors = Gio.UnixFDList.new()
        for fd in fds:
            descriptors.append(fd)
        try:
            self.client.connection.call_with_unix_fd_list_sync(
                NAME, path, interface, member, parameters, None, Gio.DBusCallFlags.NONE,
                DEADLINE_S * 1000, descriptors, None)
        except GLib.Error as error:
            if not Gio.DBusError.is_remote_error(error):
                raise
            return Gio.DBusError.get_remote_error(error)
        return None

    def assert_answers(self):
        """All is as it was, and works."""
        self.assertEqual(self.client.get("State"), "connected")
        self.assertEqual(self.client.get("Remote"), self.proxy.endpoint)
        self.assertEqual(self.client.call("Connect", self.proxy.endpoint),
                         self.proxy.endpoint)
        self.assert_fetches()


class Types(HostileBus):
    def test_parameters_of_another_type_are_an_error(self):
        for method in METHODS:
            nothing_or_text = None if method == "Connect" else GLib.Variant("(s)", ("",))
            for parameters in [*WRONG, nothing_or_text]:
                self.assertEqual(self.send(method, parameters), DBUS_ERROR + "InvalidArgs",
                                 f"{method} {parameters}")
        self.assert_answers()

    def test_unknown_members_are_an_error(self):
        for member in "Reconnect", "connect", "x" * 255, "_":
            self.assertEqual(self.send(member), DBUS_ERROR + "UnknownMethod")
        for interface in "org.mycelium.Socks2", "org.mycelium", "a.b":
            self.assertEqual(self.send("Connect", interface=interface),
                             DBUS_ERROR + "UnknownMethod")
        for path in "/", "/org/mycelium", PATH + "/1", "/a" * 1000:
            self.assertEqual(self.send("Disconnect", path=path),
                             DBUS_ERROR + "UnknownMethod")
        self.assert_answers()

    def test_properties_can_neither_be_written_nor_made_up(self):
        for name in self.client.get_all():
            for value in GLib.Variant("s", ""), GLib.Variant("u", 7), GLib.Variant("b", True):
                self.assertIn(
                    self.send("Set", GLib.Variant("(ssv)", (INTERFACE, name, value)),
                              interface=PROPERTIES),
                    [DBUS_ERROR + "InvalidArgs", DBUS_ERROR + "PropertyReadOnly"])
        for interface, name in [(INTERFACE, "Secret"), (INTERFACE, ""), ("a.b", "State"),
                                ("", "State"), (INTERFACE, "state")]:
            for method, value in [("Get", ()), ("Set", (GLib.Variant("s", ""),))]:
                parameters = GLib.Variant("(ssv)" if value else "(ss)",
                                          (interface, name, *value))
                self.assertTrue(self.send(method, parameters, interface=PROPERTIES))
        for method in "Get", "GetAll", "Set":
            for parameters in WRONG[:-1]:
                self.assertTrue(self.send(method, parameters, interface=PROPERTIES))
        self.assert_answers()


class Sizes(HostileBus):
    def send_everywhere(self, n_bytes):
        """Sends a string of that length in the place of every string there is."""
        long = GLib.Variant("s", "4" * n_bytes)
        short = GLib.Variant("s", INTERFACE)
        self.assertEqual(self.send("Connect", GLib.Variant.new_tuple(long)),
                         "org.mycelium.Socks.Error.InvalidRemote")
        for method in "Disconnect", "ListPeers", "Reconnect":
            self.assertTrue(self.send(method, GLib.Variant.new_tuple(long)))
        for names in (short, long), (long, short):
            self.assertTrue(self.send("Get", GLib.Variant.new_tuple(*names),
                                      interface=PROPERTIES))
        self.assertTrue(self.send("Set", GLib.Variant.new_tuple(
            short, GLib.Variant("s", "State"), GLib.Variant.new_variant(long)),
            interface=PROPERTIES))

    def test_strings_of_up_to_32_mib_are_an_error_and_leave_no_memory_behind(self):
        # GDBus keeps one buffer, of the size of the largest message there was.
        self.send("Reconnect", GLib.Variant("(s)", ("4" * HUGE_BYTES,)))
        with self.assert_little_memory(peak=False):
            for n_bytes in HUGE_BYTES, *(n * MEGABYTE for n in (15, 10, 5, 1)), 65536:
                self.send_everywhere(n_bytes)
        self.assert_answers()


class Descriptors(HostileBus):
    def setUp(self):
        super().setUp()
        ends = os.pipe()
        for end in ends:
            self.addCleanup(os.close, end)
        self.fds = [ends[0]] * FDS_PER_MESSAGE

    def message(self, kind, **headers):
        """Sends a message that expects no answer, with descriptors attached."""
        message = kind()
        message.set_destination(NAME)
        for name, value in headers.items():
            getattr(message, f"set_{name}")(value)
        descriptors = Gio.UnixFDList.new()
        for fd in self.fds:
            descriptors.append(fd)
        message.set_unix_fd_list(descriptors)
        self.client.connection.send_message(message, Gio.DBusSendMessageFlags.NONE)

    def test_attached_descriptors_are_closed(self):
        before = self.daemon.n_descriptors
        handle = GLib.Variant("(h)", (0,))
        handles = GLib.Variant("(ah)", (list(range(FDS_PER_MESSAGE)),))
        with self.assert_little_memory():
            for _ in range(50):
                for method in METHODS:
                    for parameters in handle, handles:
                        self.assertEqual(self.send(method, parameters, fds=self.fds),
                                         DBUS_ERROR + "InvalidArgs")
                # With the right parameters they are of no interest.
                self.assertIsNone(self.send("ListPeers", fds=self.fds))
                self.assertEqual(
                    self.send("Connect", GLib.Variant("(s)", ("x",)), fds=self.fds),
                    "org.mycelium.Socks.Error.InvalidRemote")
                self.assertIsNone(self.send(
                    "Get", GLib.Variant("(ss)", (INTERFACE, "State")),
                    interface=PROPERTIES, fds=self.fds))
                self.assertTrue(self.send("Reconnect", handle, fds=self.fds))
                self.assertTrue(self.send("Connect", handle, path="/", fds=self.fds))
                self.message(lambda: Gio.DBusMessage.new_signal(PATH, INTERFACE, "Connect"))
                self.message(lambda: Gio.DBusMessage.new_method_call(
                    None, PATH, INTERFACE, "ListPeers"),
                    flags=Gio.DBusMessageFlags.NO_REPLY_EXPECTED)
        self.assert_answers()
        wait_until(lambda: self.daemon.n_descriptors <= before, "descriptors closed")


if __name__ == "__main__":
    whole.main()
