# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real boot: installed into a Debian that systemd starts, then used, broken and removed.

One boot for all tests, also for those that are imported here. Needs root, since a
container has devices and control groups.

Usage: boot.py SUITE [TEST...]
"""

import contextlib
import json
import os
import socket
import time

from lib import booted
from lib.booted import CONFIGURATION, PROGRAM, STATE, UNIT, USER, Booted, files_below
from lib.bus import Client
from lib.many_echoes import ManyEchoes
from lib.waiting import wait_until
from sandbox import Sandbox  # pylint: disable=unused-import
from sessions import Sessions  # pylint: disable=unused-import

N_STREAMS = 4000


class Activation(Booted):
    def test_the_service_does_not_run_until_it_is_called(self):
        self.assertEqual(self.after_boot, {
            "ActiveState": "inactive", "ActiveEnterTimestampMonotonic": "0"})

    def test_the_first_call_starts_the_unit_and_connects(self):
        self.assert_closed()
        self.assertEqual(self.call("Connect", ""), f's "{self.proxy.endpoint}"')
        self.assertEqual(self.pop_change(), ("", self.proxy.endpoint, "automatic"))
        self.assertEqual(self.machine.show(UNIT, "ActiveState"), "active")
        self.assert_fetches()

    def test_it_is_ordered_after_network_and_node_and_needs_neither(self):
        self.assertLessEqual({"network.target", "mycelium.service"},
                             set(self.machine.show(UNIT, "After").split()))
        for kind in "Requires", "Requisite", "Wants", "BindsTo", "PartOf":
            self.assertNotRegex(self.machine.show(UNIT, kind), "network|mycelium")

    def test_what_it_does_is_in_the_journal_with_fields(self):
        self.connect_to(self.proxy)
        fields = {"SOCKS_NEW_REMOTE": self.proxy.endpoint, "SOCKS_OLD_REMOTE": "",
                  "SOCKS_REASON": "user", "PRIORITY": "5", "GLIB_DOMAIN": "socks-engine",
                  "_SYSTEMD_UNIT": UNIT, "_PID": str(self.main_pid())}

        def find():
            lines = self.machine.do("journalctl", "--output=json", f"_PID={fields['_PID']}")
            return any(fields.items() <= json.loads(line).items()
                       for line in lines.splitlines())

        wait_until(find, f"an entry with {fields}")

    def test_a_machine_that_boots_again_takes_up_its_choice(self):
        self.connect_to(self.proxy)
        self.machine.do("systemctl", "enable", UNIT)
        self.client.close()
        self.machine.power_off()
        self.machine.boot()
        self.client = Client(self.bus_kind())
        self.addCleanup(self.client.close)
        self.machine.do("systemctl", "disable", UNIT)
        self.client.wait_for("Remote", self.proxy.endpoint)
        self.assert_fetches()


class Faults(Booted):
    def setUp(self):
        super().setUp()
        self.echoes = self.peer("echoes")
        self.serve(ManyEchoes, self.echoes.address)

    def wait_for_restart(self, before):
        """Waits until systemd sees the bus name of a process that is not that one."""
        wait_until(lambda: self.main_pid() not in (0, before)
                   and self.machine.show(UNIT, "ActiveState") == "active", "the restart")

    def when_on_the_bus(self):
        """Returns when systemd saw the bus name, by the clock that never jumps."""
        return int(self.machine.show(UNIT, "ActiveEnterTimestampMonotonic")) / 1e6

    def when_restored(self):
        """Returns when the service said that it forwards as before, by the same clock."""
        entries = wait_until(lambda: self.machine.do(
            "journalctl", "--quiet", "--output=json", f"_PID={self.main_pid()}",
            "SOCKS_REASON=restored"), "the choice restored")
        return int(json.loads(entries)["__MONOTONIC_TIMESTAMP"]) / 1e6

    def test_killed_under_load_it_is_back_with_its_choice_within_two_seconds(self):
        self.connect_to(self.echoes)
        streams = self.open_streams(1000)
        self.keep_busy(streams[:8])
        before = self.main_pid()
        killed = time.monotonic()
        self.machine.do("kill", "-KILL", before)
        self.wait_for_restart(before)
        for moment in self.when_on_the_bus(), self.when_restored():
            self.assertGreater(moment, killed)
            self.assertLess(moment - killed, 2)
        for stream in streams[8:]:
            with contextlib.suppress(ConnectionResetError):
                self.assertEqual(stream.recv(1), b"")
        self.assertEqual(self.pop_change(), ("", self.echoes.endpoint, "restored"))
        self.open_streams(1)

    def test_the_bus_restarts_and_the_service_with_it(self):
        self.connect_to(self.echoes)
        before = self.main_pid()
        self.client.close()
        self.machine.do("systemctl", "restart", "dbus.service")
        # logind goes on without a bus (Debian 13), and would keep people from logging in.
        self.addCleanup(self.machine.do, "systemctl", "restart", "systemd-logind.service")
        self.wait_for_restart(before)
        self.client = Client(self.bus)
        self.addCleanup(self.client.close)
        self.client.wait_for("State", "connected")
        self.assertEqual(self.client.get("Remote"), self.echoes.endpoint)
        self.open_streams(1)
        self.assertIn("connection to the system bus is lost",
                      self.machine.do("journalctl", f"_PID={before}"))

    def test_stopped_with_thousands_of_streams_it_ends_within_a_second(self):
        self.keep_loaded()
        self.connect_to(self.echoes)
        streams = self.open_streams(N_STREAMS)
        self.keep_busy(streams[:8])
        self.client.wait_for("ActiveConnections", N_STREAMS)
        asked = time.monotonic()
        self.machine.do("systemctl", "stop", UNIT)
        ended = int(self.machine.show(UNIT, "ExecMainExitTimestampMonotonic")) / 1e6
        self.assertGreater(ended, asked)
        self.assertLess(ended - asked, 1)
        self.assertEqual(self.machine.show(UNIT, "ExecMainCode"), "1")  # CLD_EXITED
        self.assertEqual(self.machine.show(UNIT, "ExecMainStatus"), "0")
        self.assertEqual(self.machine.show(UNIT, "Result"), "success")
        self.assertEqual(self.pop_change(), (self.echoes.endpoint, "", "shutdown"))
        with contextlib.suppress(ConnectionResetError):
            self.assertEqual(streams[-1].recv(1), b"")

    def test_stopped_it_frees_the_port(self):
        self.connect_to(self.echoes)
        self.open_streams(10)
        self.machine.do("systemctl", "stop", UNIT)
        self.assertEqual(self.pop_change()[2], "shutdown")
        self.assert_closed()
        socket.create_server(("::", 1080), family=socket.AF_INET6,
                             dualstack_ipv6=True).close()

    def test_a_second_one_refuses_to_start_and_leaves_the_first_alone(self):
        self.connect_to(self.echoes)
        stream, = self.open_streams(1)
        memory = self.machine.path(f"{STATE}/selection")
        before = self.main_pid(), memory.read_bytes(), memory.stat().st_mtime_ns
        for user in USER, "root":
            status, output = self.machine.run("setpriv", f"--reuid={user}",
                                              "--clear-groups", f"/{PROGRAM}")
            self.assertEqual(status, 1)
            self.assertIn("another instance runs", output)
        stream.sendall(b"y")
        self.assertEqual(stream.recv(1), b"y")
        self.assertEqual(self.client.get("Remote"), self.echoes.endpoint)
        self.assertEqual((self.main_pid(), memory.read_bytes(), memory.stat().st_mtime_ns),
                         before)


class Administration(Booted):
    def set_up(self):
        """Does what README.md says about `meson install` on a machine that runs."""
        self.machine.do("systemd-sysusers")
        self.machine.do("systemctl", "daemon-reload")
        self.machine.do("busctl", "call", "org.freedesktop.DBus", "/org/freedesktop/DBus",
                        "org.freedesktop.DBus", "ReloadConfig")

    def traces(self):
        """Returns the files and folders of the machine that are called after us."""
        root = str(self.machine.root)
        paths = {f"{folder}/{name}".removeprefix(root)
                 for folder, folders, files in os.walk(root) for name in folders + files}
        return {path for path in paths if "mycelium" in path.lower()}

    def test_an_upgrade_keeps_selection_and_configuration(self):
        self.configure("[Probing]\nIntervalSec=61\n")
        configuration = self.machine.root / CONFIGURATION
        edited = configuration.read_bytes()
        self.connect_to(self.proxy)
        installed = self.machine.root / PROGRAM
        inode = installed.stat().st_ino
        self.machine.install()
        self.set_up()
        self.machine.do("systemctl", "restart", UNIT)
        self.assertNotEqual(installed.stat().st_ino, inode)
        self.assertEqual(configuration.read_bytes(), edited)
        self.assertEqual([self.pop_change() for _ in range(2)],
                         [(self.proxy.endpoint, "", "shutdown"),
                          ("", self.proxy.endpoint, "restored")])
        self.assertEqual(self.client.get("ProbeInterval"), 61)
        self.assert_fetches()

    def test_a_wrong_configuration_keeps_it_from_starting_and_says_why(self):
        self.configure("[Probing]\nIntervalSec=0\n")
        self.assertEqual(self.machine.run("systemctl", "start", UNIT)[0], 1)
        self.assertEqual(self.machine.show(UNIT, "ExecMainStatus"), "2")
        self.assertEqual(self.machine.show(UNIT, "ActiveState"), "failed")
        self.assertRegex(self.machine.do("journalctl", "--unit", UNIT, "--boot"),
                         r"mycelium-socks\.conf.*IntervalSec")

    def test_removed_it_leaves_its_configuration_and_nothing_else(self):
        self.configure("[Probing]\nIntervalSec=61\n")
        edited = (self.machine.root / CONFIGURATION).read_bytes()
        self.machine.install()  # what is removed was installed more than once
        self.connect_to(self.proxy)
        self.machine.do("systemctl", "enable", UNIT)
        self.addCleanup(self.set_up)
        self.addCleanup(self.machine.install)

        self.machine.do("systemctl", "disable", "--now", UNIT)
        self.assertEqual(self.pop_change()[2], "shutdown")
        self.machine.uninstall()
        # The second is empty: meson forgets what it made before the last installation.
        self.machine.do("rm", "-rf", STATE, "/usr/share/mycelium-socks")
        self.machine.do("userdel", USER)
        self.machine.do("systemctl", "daemon-reload")

        self.assertEqual(self.traces(), {"/etc/mycelium-socks", f"/{CONFIGURATION}"})
        self.assertEqual(files_below(self.machine.root / "usr"), self.usr_before)
        self.assertEqual((self.machine.root / CONFIGURATION).read_bytes(), edited)
        for database in "passwd", "group", "shadow", "gshadow":
            text = (self.machine.root / "etc" / database).read_text(encoding="utf-8")
            self.assertNotIn(USER, text)
        self.assertEqual(self.machine.show(UNIT, "LoadState"), "not-found")


if __name__ == "__main__":
    booted.main()
