# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program with real settings: dconf behind GNOME's, KDE's own tools for Plasma's.

One private bus is the session's and the system's, with a home of its own; the service is a
made-up one that says what the test has it say.

Usage: real_settings.py PROGRAM ACTIVATION_FILE
"""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

from gi.repository import Gio, GLib

from lib import tap
from lib.process import Process
from lib.waiting import wait_until

PROGRAM, ACTIVATION_FILE = map(pathlib.Path, sys.argv[1:3])

NAME = INTERFACE = "org.mycelium.Socks.DesktopProxy"
PATH = "/org/mycelium/Socks/DesktopProxy"
ERROR = NAME + ".Error."
SERVICE = "org.mycelium.Socks"
DCONF_FILE = "/usr/share/dbus-1/services/ca.desrt.dconf.service"

BUS_CONFIGURATION = """<busconfig>
  <type>session</type>
  <listen>unix:path={directory}/bus</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{directory}/services</servicedir>
  <policy context="default">
    <allow user="*"/> <allow own="*"/>
    <allow send_destination="*"/> <allow receive_sender="*"/>
  </policy>
</busconfig>
"""

SERVICE_XML = """<node><interface name="org.mycelium.Socks">
  <property name="State" type="s" access="read"/>
  <property name="Listening" type="s" access="read"/>
</interface></node>"""

# What a person has set before.
KIOSLAVERC = """[Proxy Settings]
NoProxyFor=localhost,.example
ProxyType=0
httpProxy=http://old.example 3128
"""


class World:
    """A home, a bus, and a service on it."""

    def __init__(self, desktop):
        self.directory = tempfile.TemporaryDirectory(prefix="socks-desktop-")
        self.root = pathlib.Path(self.directory.name)
        self.kioslaverc = self.root / "config" / "kioslaverc"
        self.journal = self.root / "state" / "mycelium-socks" / "desktop-proxy.journal"
        for name in "services", "config", "run", "system-config":
            (self.root / name).mkdir(mode=0o700)
        (self.root / "bus.conf").write_text(
            BUS_CONFIGURATION.format(directory=self.root))
        shutil.copy(DCONF_FILE, self.root / "services")
        (self.root / "services" / ACTIVATION_FILE.name).write_text(
            f"[D-BUS Service]\nName={NAME}\nExec={PROGRAM}\n")
        address = f"unix:path={self.root}/bus"
        self.environment = os.environ | {
            "HOME": str(self.root),
            "XDG_CONFIG_HOME": f"{self.root}/config",
            "XDG_STATE_HOME": f"{self.root}/state",
            "XDG_CACHE_HOME": f"{self.root}/cache",
            "XDG_RUNTIME_DIR": f"{self.root}/run",
            "XDG_CONFIG_DIRS": f"{self.root}/system-config",
            "XDG_CURRENT_DESKTOP": desktop,
            "DBUS_SESSION_BUS_ADDRESS": address,
            "DBUS_SYSTEM_BUS_ADDRESS": address,
            "GSETTINGS_BACKEND": "dconf",
            "LC_ALL": "C.UTF-8",
        }
        self.properties = {"State": "disconnected", "Listening": ""}
        self.kio_signals = 0
        self.start_bus(address)

    def start_bus(self, address):
        self.daemon = Process(
            ["dbus-daemon", f"--config-file={self.root}/bus.conf", "--nofork",
             "--nopidfile"],
            self.root / "bus.log", env=self.environment)
        wait_until((self.root / "bus").exists, "the bus is there")

        def connected():
            try:
                return Gio.DBusConnection.new_for_address_sync(
                    address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT |
                    Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
            except GLib.Error:
                return None
        self.bus = wait_until(connected, "the bus answers")
        self.bus.signal_subscribe(
            None, "org.kde.KIO.Scheduler", "reparseSlaveConfiguration", "/KIO/Scheduler",
            None, Gio.DBusSignalFlags.NONE, self._kio_cb)

    def _kio_cb(self, *signal_):
        self.kio_signals += 1

    def start_service(self):
        self.bus.register_object(
            "/org/mycelium/Socks", Gio.DBusNodeInfo.new_for_xml(SERVICE_XML).interfaces[0],
            None, self._get_cb, None)
        self.ask("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                 "RequestName", GLib.Variant("(su)", (SERVICE, 4)))

    def _get_cb(self, connection, sender, path, interface, name):
        return GLib.Variant("s", self.properties[name])

    def say(self, state, listening):
        self.properties = {"State": state, "Listening": listening}
        self.bus.emit_signal(
            None, "/org/mycelium/Socks", "org.freedesktop.DBus.Properties",
            "PropertiesChanged", GLib.Variant("(sa{sv}as)", (SERVICE, {
                name: GLib.Variant("s", value)
                for name, value in self.properties.items()}, [])))

    def ask(self, name, path, interface, method, arguments=None,
            flags=Gio.DBusCallFlags.NONE):
        """Calls, while this program answers others; returns the reply or raises."""
        outcome = []
        self.bus.call(name, path, interface, method, arguments, None, flags, 60000, None,
                      lambda bus, result: outcome.append(result))
        wait_until(lambda: outcome, f"an answer to {method}")
        return self.bus.call_finish(outcome[0]).unpack()

    def call(self, method):
        """Returns None, or the name of the error."""
        try:
            self.ask(NAME, PATH, INTERFACE, method)
        except GLib.Error as error:
            return Gio.DBusError.get_remote_error(error)
        return None

    def has_program(self):
        return self.ask("org.freedesktop.DBus", "/org/freedesktop/DBus",
                        "org.freedesktop.DBus", "NameHasOwner",
                        GLib.Variant("(s)", (NAME,)))[0]

    def get(self, name):
        return self.ask(NAME, PATH, "org.freedesktop.DBus.Properties", "Get",
                        GLib.Variant("(ss)", (INTERFACE, name)))[0]

    def pid(self):
        return self.ask("org.freedesktop.DBus", "/org/freedesktop/DBus",
                        "org.freedesktop.DBus", "GetConnectionUnixProcessID",
                        GLib.Variant("(s)", (NAME,)))[0]

    def run(self, *command):
        done = subprocess.run([str(word) for word in command], env=self.environment,
                              capture_output=True, text=True, timeout=60, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{command}: {done.stdout}{done.stderr}")
        return done.stdout

    def gnome(self):
        """Returns all of GNOME's proxy settings that somebody has set."""
        return self.run("dconf", "dump", "/system/proxy/")

    def stop(self):
        """Ends everything; returns what the programs that the bus started have said."""
        self.daemon.stop()
        said = self.daemon.output()
        self.directory.cleanup()
        return said


GNOME_SET = """[/]
mode='manual'

[socks]
host='127.0.0.1'
port=1080
"""


class DesktopProxy(unittest.TestCase):
    desktop = "GNOME"

    def setUp(self):
        self.world = World(self.desktop)
        self.addCleanup(self.stop)
        self.world.start_service()

    def stop(self):
        said = self.world.stop()
        for mark in "Sanitizer", "runtime error", "CRITICAL":
            self.assertNotIn(mark, said)

    def enable_connected(self):
        self.world.say("connected", "[::]:1080")
        self.assertIsNone(self.world.call("Enable"))
        self.assertTrue(self.world.get("Enabled"))
        self.assertTrue(self.world.get("Active"))

    def wait_until_restored(self):
        wait_until(lambda: not self.world.journal.exists(), "restored")


class Gnome(DesktopProxy):
    def test_it_follows_the_service_and_restores_to_the_last_key(self):
        self.world.run("gsettings", "set", "org.gnome.system.proxy.http", "port", "3128")
        before = self.world.gnome()
        self.assertIsNone(self.world.call("Enable"))
        self.assertFalse(self.world.get("Active"))
        self.assertEqual(self.world.gnome(), before)

        self.world.say("connected", "[::]:1080")
        wait_until(lambda: self.world.get("Active"), "set")
        self.assertIn("mode='manual'", self.world.gnome())
        self.assertIn("host='127.0.0.1'\nport=1080", self.world.gnome())
        # As long as the port is open.
        self.world.say("failing", "[::]:1080")
        self.assertTrue(self.world.get("Active"))
        self.world.say("connected", "[::]:9050")
        wait_until(lambda: "port=9050" in self.world.gnome(), "the other port")

        self.world.say("disconnected", "")
        self.wait_until_restored()
        self.assertEqual(self.world.gnome(), before)
        self.assertTrue(self.world.get("Enabled"))
        self.world.say("connected", "[::]:1080")
        wait_until(lambda: self.world.get("Active"), "set again")

        self.assertIsNone(self.world.call("Disable"))
        self.assertEqual(self.world.gnome(), before)
        wait_until(lambda: not self.world.has_program(), "the program has ended")
        self.assertFalse(self.world.kioslaverc.exists())

    def test_a_proxy_that_would_come_first_is_taken_out_meanwhile(self):
        self.world.run("gsettings", "set", "org.gnome.system.proxy.http", "host", "old")
        before = self.world.gnome()
        self.enable_connected()
        self.assertIn("[http]\nhost=''", self.world.gnome())
        self.assertIsNone(self.world.call("Disable"))
        self.assertEqual(self.world.gnome(), before)

    def test_somebody_elses_change_stays_and_switches_it_off(self):
        self.enable_connected()
        self.assertEqual(self.world.gnome(), GNOME_SET)
        self.world.run("gsettings", "set", "org.gnome.system.proxy.socks", "port", "9150")
        self.world.say("disconnected", "")
        wait_until(lambda: not self.world.has_program(), "the program has ended")
        self.assertEqual(self.world.gnome(), GNOME_SET.replace("1080", "9150"))
        self.assertFalse(self.world.journal.exists())

    def test_a_killed_program_is_made_up_for_at_the_next_login(self):
        self.enable_connected()
        os.kill(self.world.pid(), signal.SIGKILL)
        wait_until(lambda: not self.world.has_program(), "the program has ended")
        self.assertEqual(self.world.gnome(), GNOME_SET)
        self.world.run(PROGRAM, "--recover")
        self.assertEqual(self.world.gnome(), "")
        self.assertFalse(self.world.journal.exists())

    def test_a_program_that_is_told_to_end_restores_and_says_so_before(self):
        self.enable_connected()
        said = []
        self.world.bus.signal_subscribe(
            NAME, "org.freedesktop.DBus.Properties", "PropertiesChanged", PATH, None,
            Gio.DBusSignalFlags.NONE, lambda *signal_: said.append(signal_[5].unpack()[1]))
        os.kill(self.world.pid(), signal.SIGTERM)
        wait_until(lambda: not self.world.has_program(), "the program has ended")
        self.assertEqual(said, [{"Enabled": False, "Active": False}])
        self.assertEqual(self.world.gnome(), "")

    def test_a_login_beside_a_running_session_changes_nothing(self):
        self.enable_connected()
        self.world.run(PROGRAM, "--recover")
        self.assertEqual(self.world.gnome(), GNOME_SET)
        self.assertTrue(self.world.get("Active"))

    def test_a_session_that_breaks_off_is_made_up_for_at_the_next_login(self):
        self.enable_connected()
        pid = self.world.pid()
        self.world.bus.set_exit_on_close(False)
        self.world.daemon.kill()
        wait_until(lambda: not os.path.exists(f"/proc/{pid}"), "the program has ended")
        (self.world.root / "bus").unlink(missing_ok=True)
        self.world.start_bus(f"unix:path={self.world.root}/bus")
        self.world.run(PROGRAM, "--recover")
        self.assertEqual(self.world.gnome(), "")
        self.assertFalse(self.world.journal.exists())


class Plasma(DesktopProxy):
    desktop = "KDE"

    def test_kdes_tools_write_it_and_kde_is_told(self):
        self.world.kioslaverc.write_text(KIOSLAVERC)
        self.enable_connected()
        for key, value in ("ProxyType", "1"), ("socksProxy", "socks://127.0.0.1 1080"), \
                ("httpProxy", ""), ("NoProxyFor", "localhost,.example"):
            self.assertEqual(self.world.run(
                "kreadconfig5", "--file", "kioslaverc", "--group", "Proxy Settings",
                "--key", key).strip(), value)
        wait_until(lambda: self.world.kio_signals == 1, "KDE's programs were told")
        self.assertIsNone(self.world.call("Disable"))
        self.assertEqual(self.world.kioslaverc.read_text(), KIOSLAVERC)
        wait_until(lambda: self.world.kio_signals == 2, "KDE's programs were told")

    def test_an_entry_with_options_comes_back_just_as_it_was(self):
        text = KIOSLAVERC.replace("httpProxy=", "httpProxy[$e]=")
        self.world.kioslaverc.write_text(text)
        self.enable_connected()
        self.assertIsNone(self.world.call("Disable"))
        self.assertEqual(self.world.kioslaverc.read_text(), text)

    def test_what_an_administrator_has_locked_is_an_error_and_nothing_is_set(self):
        (self.world.root / "system-config" / "kioslaverc").write_text(
            "[Proxy Settings][$i]\nProxyType=0\n")
        self.world.say("connected", "[::]:1080")
        self.assertEqual(self.world.call("Enable"), ERROR + "NotWritable")
        self.assertEqual(self.world.gnome(), "")
        self.assertFalse(self.world.journal.exists())
        wait_until(lambda: not self.world.has_program(), "the program has ended")

    def test_without_a_place_for_the_journal_nothing_is_set(self):
        (self.world.root / "state").write_text("in the way")
        self.world.say("connected", "[::]:1080")
        self.assertEqual(self.world.call("Enable"), ERROR + "Journal")
        self.assertFalse(self.world.kioslaverc.exists())
        self.assertEqual(self.world.gnome(), "")


if __name__ == "__main__":
    sys.argv[1:] = []
    tap.main()
