# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A system bus of our own, polkit on it where wanted, and a client of the service."""

import pathlib
import tempfile

from gi.repository import Gio, GLib

from lib.process import Process
from lib.waiting import DEADLINE_S, dispatch, wait_until

NAME = INTERFACE = "org.mycelium.Socks"
PATH = "/org/mycelium/Socks"
ERROR = NAME + ".Error."
ACCESS_DENIED = "org.freedesktop.DBus.Error.AccessDenied"

REPLIED = "replied"

# The stock rules of a system bus, and the service's own. Root may own every name, since
# there are no users of their own for the service and polkit here.
CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>{address}</listen>
  <auth>EXTERNAL</auth>
{anonymous}{patience}  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus"/>
  </policy>
  <include>{service_policy}</include>
  <servicedir>{services}</servicedir>
  <policy user="root">
    <allow own="*"/>
    <allow send_destination="*"/>
  </policy>
</busconfig>
"""

SERVICE_POLICY = pathlib.Path(__file__).parents[2] / "data" / f"{NAME}.conf"


class BusError(Exception):
    """A call that the service answered with an error.

    name: the D-Bus error name; message: the sentence for the user.
    """

    def __init__(self, error):
        self.name = Gio.DBusError.get_remote_error(error)
        self.message = error.message.removeprefix(f"GDBus.Error:{self.name}: ")
        super().__init__(f"{self.name}: {self.message}")


# For who is a user that has another number in here than outside.
ANONYMOUS = "  <auth>ANONYMOUS</auth>\n  <allow_anonymous/>\n"

PATIENCE = '  <limit name="reply_timeout">{}</limit>\n'


class Bus:
    """A private dbus-daemon of type system, at address.

    is_open: for programs outside of the namespace too, as nobody in particular;
    patience_ms: after so long it answers in the place of who does not; else never.
    """

    def __init__(self, path="/run/dbus/system_bus_socket", *, is_open=False,
                 patience_ms=None):
        self.address = f"unix:path={path}"
        self._services = pathlib.Path(tempfile.mkdtemp(prefix="services-"))
        self._configuration = pathlib.Path(tempfile.mktemp(prefix="bus-", suffix=".conf"))
        self._configuration.write_text(CONFIGURATION.format(
            address=self.address, service_policy=SERVICE_POLICY,
            services=self._services, anonymous=ANONYMOUS if is_open else "",
            patience=PATIENCE.format(patience_ms) if patience_ms else ""), encoding="ascii")
        self._polkit = self._daemon = None
        self.start()

    def start(self):
        """Starts it, again after stop()."""
        self._daemon = Process(
            ["dbus-daemon", "--nofork", "--nopidfile",
             f"--config-file={self._configuration}"],
            tempfile.mktemp(prefix="bus-", suffix=".log"))
        wait_until(self._answers, f"the bus: {self._daemon.output()}")

    def _answers(self):
        try:
            self.connect().close_sync()
            return True
        except GLib.Error:
            return False

    def output(self):
        """Everything that the bus has said, and what it has started."""
        return self._daemon.output()

    def connect(self):
        """Opens a connection of its own."""
        return Gio.DBusConnection.new_for_address_sync(
            self.address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)

    def has_owner(self, name):
        """Whether somebody owns the name."""
        connection = self.connect()
        try:
            return connection.call_sync(
                "org.freedesktop.DBus", "/", "org.freedesktop.DBus", "NameHasOwner",
                GLib.Variant("(s)", (name,)), None, 0, -1, None).unpack()[0]
        finally:
            connection.close_sync()

    def install(self, command):
        """Lets the bus start the service by itself, with that command line."""
        (self._services / f"{NAME}.service").write_text(
            f"[D-BUS Service]\nName={NAME}\nExec={command}\n", encoding="ascii")
        connection = self.connect()
        connection.call_sync("org.freedesktop.DBus", "/", "org.freedesktop.DBus",
                             "ReloadConfig", None, None, 0, -1, None)
        connection.close_sync()

    def process_of(self, name):
        """Returns the number of the process that owns the name."""
        connection = self.connect()
        try:
            return connection.call_sync(
                "org.freedesktop.DBus", "/", "org.freedesktop.DBus",
                "GetConnectionUnixProcessID", GLib.Variant("(s)", (name,)), None, 0, -1,
                None).unpack()[0]
        finally:
            connection.close_sync()

    def start_polkit(self, *allowed, hangs=False):
        """Starts a polkit that allows these actions and no other, or never answers."""
        name = "org.freedesktop.PolicyKit1"
        if not self._polkit:
            self._polkit = Process(
                ["/usr/bin/python3", "-m", "dbusmock", "--system", "--template", "polkitd"],
                tempfile.mktemp(prefix="polkit-"),
                env={"DBUS_SYSTEM_BUS_ADDRESS": self.address})
            wait_until(lambda: self.has_owner(name), "polkit on the bus")
        actions = [f"{NAME}.{action}" for action in allowed]
        connection = self.connect()
        for method, argument in [("SetAllowed", GLib.Variant("(as)", (actions,))),
                                 ("SimulateHang", GLib.Variant("(b)", (hangs,)))]:
            connection.call_sync(name, f"/{name.replace('.', '/')}/Authority",
                                 "org.freedesktop.DBus.Mock", method, argument,
                                 None, 0, -1, None)
        connection.close_sync()

    def stop(self):
        """Ends the bus, and polkit with it."""
        for process in self._polkit, self._daemon:
            if process:
                process.stop()


class Pending:
    """A call that was sent and not waited for."""

    def __init__(self, method, changes):
        self._method, self._changes = method, changes
        self._answer = self._error = None
        self.is_done = False

    def _done_cb(self, connection, result):
        try:
            self._answer = connection.call_finish(result)
        except GLib.Error as error:
            self._error = BusError(error)
        self.is_done = True
        self._changes.append((self._method, REPLIED))

    def result(self, seconds=DEADLINE_S):
        """Waits for the answer and returns it, or raises it."""
        wait_until(lambda: self.is_done, "the answer to a call", seconds)
        if self._error:
            raise self._error
        return _single(self._answer)


def _single(answer):
    values = answer.unpack()
    return values[0] if len(values) == 1 else None


class Client:
    """A program that uses the service and hears every signal of it.

    changes: (name, value) of each property change, and (method, REPLIED) of each reply,
    in the order of their arrival;
    remote_changes: (old, new, reason) of each RemoteChanged, in order.
    """

    def __init__(self, bus):
        self.changes = []
        self.remote_changes = []
        self.connection = bus.connect()
        self.connection.signal_subscribe(
            NAME, "org.freedesktop.DBus.Properties", "PropertiesChanged", PATH, None, 0,
            self._properties_changed_cb)
        self.connection.signal_subscribe(NAME, INTERFACE, "RemoteChanged", PATH, None, 0,
                                         self._remote_changed_cb)

    def _properties_changed_cb(self, *signal):
        _, changed, invalidated = signal[5].unpack()
        self.changes += changed.items()
        self.changes += ((name, None) for name in invalidated)

    def _remote_changed_cb(self, *signal):
        self.remote_changes.append(signal[5].unpack())

    def begin(self, method, *arguments):
        """Sends a call and returns it as Pending; every argument is a string."""
        pending = Pending(method, self.changes)
        self.connection.call(NAME, PATH, INTERFACE, method, _strings(arguments), None,
                             Gio.DBusCallFlags.NONE, DEADLINE_S * 1000, None,
                             pending._done_cb)
        return pending

    def call(self, method, *arguments):
        """Calls a method and returns its answer; every argument is a string."""
        return self.begin(method, *arguments).result()

    def call_at_once(self, method, *arguments):
        """The same; signals are not looked at meanwhile, which is faster."""
        return self._call_sync(INTERFACE, method, *arguments)

    def get(self, name):
        """Asks for a property."""
        return self._properties("Get", name)

    def get_all(self):
        """Asks for every property."""
        return self._properties("GetAll")

    def _properties(self, method, *arguments):
        return self._call_sync("org.freedesktop.DBus.Properties", method, INTERFACE,
                               *arguments)

    def _call_sync(self, interface, method, *arguments):
        try:
            return _single(self.connection.call_sync(
                NAME, PATH, interface, method, _strings(arguments), None,
                Gio.DBusCallFlags.NONE, DEADLINE_S * 1000, None))
        except GLib.Error as error:
            raise BusError(error) from None

    def wait_for(self, name, expected, seconds=DEADLINE_S):
        """Waits until the property has that value, or makes that function true."""
        holds = expected if callable(expected) else lambda value: value == expected
        value = None

        def is_reached():
            nonlocal value
            value = self.get(name)
            return holds(value)

        try:
            wait_until(is_reached, "", seconds)
        except AssertionError:
            raise AssertionError(f"{name} stays {value!r}") from None
        return value

    def pop_remote_change(self):
        """Waits for the next RemoteChanged and takes it."""
        wait_until(lambda: self.remote_changes, "RemoteChanged")
        return self.remote_changes.pop(0)

    def values_of(self, name):
        """Returns the values that a property was announced to have, in order."""
        dispatch()
        return [value for changed, value in self.changes if changed == name]

    def close(self):
        """Leaves the bus."""
        if not self.connection.is_closed():
            self.connection.close_sync()


def _strings(arguments):
    return GLib.Variant(f"({'s' * len(arguments)})", arguments)
