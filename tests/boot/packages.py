# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packages of the service and the command line in a real boot: installed, used,
upgraded, removed and purged by apt.

Usage: packages.py SUITE [TEST...]
"""

import shutil
import socket

from lib import booted, readme
from lib.booted import CONFIGURATION, STATE, UNIT, USER, Booted
from lib.machine import Session
from lib.packages import built, lasting_files, make_newer, user_entries

NAMES = "mycelium-socksd", "mycelium-socksctl"
BUILT, REBUILT = "/srv/built", "/srv/rebuilt"  # in the machine, where a tree would be


def suite_of(machine):
    """Returns the name of the release of Debian that the machine has."""
    return machine.root.name.removeprefix("debian-")


def bring_packages(machine):
    """Puts the packages where the machine will find them."""
    suite = suite_of(machine)
    for tree, bring in (BUILT, shutil.copy), (REBUILT, make_newer):
        directory = machine.root / tree[1:] / "build-packages" / suite
        directory.mkdir(parents=True)
        for name in NAMES:
            package = built(suite, name)
            bring(package, directory / package.name)


class Packages(Booted):
    def forget(self):
        self.machine.do("dpkg", "--purge", *NAMES)  # as far as they are there

    def apt(self, verb, *what):
        """Lets apt do something, which succeeds; without a person, and without network."""
        self.machine.do("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--yes",
                        "--quiet", verb, *what)

    def install(self, tree=BUILT, *options):
        """Installs the service and the command line, as README.md says."""
        command = readme.installation(suite_of(self.machine), desktop=False)
        self.machine.do("bash", "-euc",
                        f"cd {tree}; DEBIAN_FRONTEND=noninteractive {command} \"$@\"",
                        "bash", *options)

    def files(self):
        """Returns the paths of all that lasts in the machine."""
        return lasting_files(self.machine.path(""))

    def users(self):
        """Returns what the machine knows of the service's user."""
        return user_entries(self.machine.path(""))

    def edit(self):
        """Changes the configuration as an administrator does; returns what it is then."""
        path = self.machine.path(f"/{CONFIGURATION}")
        with path.open("a", encoding="ascii") as file:
            file.write("[Probing]\nIntervalSec=61\n")
        return path.read_bytes()

    def test_installed_it_runs_and_is_enabled_and_has_a_user(self):
        self.assertEqual(self.users(), [])
        self.install()
        self.assertEqual(self.machine.do("systemctl", "is-enabled", UNIT), "enabled")
        self.assertEqual(self.machine.show(UNIT, "ActiveState"), "active")
        # The bus knew the user in time: the first attempt was the last.
        self.assertEqual(self.machine.show(UNIT, "NRestarts"), "0")
        self.assertEqual(self.machine.do("stat", "--format=%U", f"/proc/{self.main_pid()}"),
                         USER)
        self.assertEqual(self.machine.do("systemctl", "--failed", "--quiet"), "")

    def test_the_port_is_free_until_somebody_connects(self):
        self.install()
        self.wait_for_peer(self.proxy, Status="Valid")
        self.assertEqual(self.client.get("State"), "disconnected")
        self.assert_closed()
        socket.create_server(("::", 1080), family=socket.AF_INET6,
                             dualstack_ipv6=True).close()
        self.assertEqual(self.call("Connect", ""), f's "{self.proxy.endpoint}"')
        self.assertEqual(self.pop_change(), ("", self.proxy.endpoint, "automatic"))
        self.assert_fetches()

    def test_polkit_knows_its_actions_at_once(self):
        self.install()
        alice = Session(self.machine, "alice")
        self.addCleanup(alice.log_out)
        self.assertEqual(alice.busctl("call", "Connect", "s", self.proxy.endpoint),
                         (0, f's "{self.proxy.endpoint}"'))
        self.assertEqual(self.pop_change(), ("", self.proxy.endpoint, "user"))

    def test_the_command_line_talks_to_it(self):
        self.install()
        self.machine.do("mycelium-socksctl", "connect", self.proxy.endpoint)
        self.assertEqual(self.pop_change(), ("", self.proxy.endpoint, "user"))
        self.assertIn(self.proxy.endpoint, self.machine.do("mycelium-socksctl"))

    def test_the_administrators_commands_of_the_readme(self):
        self.install()
        output = self.machine.do("bash", "-euc", readme.commands(
            "Configure", address=("43e:76ee:3d9d:329d:6184:d5a1:78d6:5dde",
                                  self.proxy.address)))
        self.assertEqual(self.pop_change(), ("", self.proxy.endpoint, "user"))
        self.assertEqual(self.client.get("ListenScope"), "any")
        for expected in ("Dakar", "open to other computers",
                         "Forwarding to " + self.proxy.endpoint,
                         'mycelium_socks_peers{status="valid"} '):
            self.assertIn(expected, output)

    def test_an_upgrade_restarts_it_with_its_choice_and_the_configuration(self):
        self.install()
        edited = self.edit()
        self.connect_to(self.proxy)
        before = self.main_pid()
        self.install(REBUILT, "--option=Dpkg::Options::=--force-confold")
        self.assertNotIn(self.main_pid(), (0, before))
        self.assertEqual([self.pop_change() for _ in range(2)],
                         [(self.proxy.endpoint, "", "shutdown"),
                          ("", self.proxy.endpoint, "restored")])
        self.assertEqual(self.machine.path(f"/{CONFIGURATION}").read_bytes(), edited)
        self.assertIn("later version", self.machine.read(f"/{CONFIGURATION}.dpkg-dist"))
        self.assertEqual(self.client.get("ProbeInterval"), 61)
        self.assertEqual(self.machine.show(UNIT, "NRestarts"), "0")
        self.assert_fetches()

    def test_an_upgrade_brings_a_configuration_that_nobody_has_edited(self):
        self.install()
        self.install(REBUILT)
        self.assertIn("later version", self.machine.read(f"/{CONFIGURATION}"))

    def test_an_upgrade_leaves_a_service_disabled_that_was_disabled(self):
        self.install()
        self.machine.do("systemctl", "disable", "--now", UNIT)
        self.install(REBUILT)
        self.assertEqual(self.machine.run("systemctl", "is-enabled", UNIT), (1, "disabled"))
        # It is there for whoever calls it.
        self.connect_to(self.proxy)

    def test_removed_it_is_gone_but_configuration_and_choice(self):
        before = self.files()
        self.install()
        edited = self.edit()
        self.connect_to(self.proxy)
        self.apt("remove", *NAMES)
        self.assertEqual(self.pop_change(), (self.proxy.endpoint, "", "shutdown"))
        self.assert_closed()
        self.assertEqual(self.machine.path(f"/{CONFIGURATION}").read_bytes(), edited)
        left = {path for path in self.files() - before
                if not path.startswith(("/var/lib/dpkg/info/", "/var/lib/systemd/"))}
        self.assertEqual(left - {"/etc/systemd/system/multi-user.target.wants/" + UNIT},
                         {"/etc/mycelium-socks", f"/{CONFIGURATION}", STATE,
                          f"{STATE}/selection"})
        self.install()
        self.client.wait_for("Remote", self.proxy.endpoint)
        self.assertEqual(self.pop_change(), ("", self.proxy.endpoint, "restored"))

    def test_purged_it_leaves_nothing(self):
        before = self.files()
        self.install()
        self.edit()
        self.machine.path("/etc/mycelium-socks/names").write_text("# Mine.\n", "ascii")
        self.connect_to(self.proxy)
        self.assertNotEqual(self.users(), [])
        self.apt("purge", "mycelium-socks*")
        self.assertEqual(self.pop_change(), (self.proxy.endpoint, "", "shutdown"))
        self.assertEqual(self.files(), before)
        self.assertEqual(self.users(), [])
        self.assertEqual(self.machine.show(UNIT, "LoadState"), "not-found")
        self.assertEqual(self.machine.show(UNIT, "ActiveState"), "inactive")
        status, output = self.machine.busctl("call", "ListPeers")
        self.assertEqual(status, 1)
        self.assertIn("not provided by any .service file", output)
        self.assertEqual(self.machine.run("dpkg-query", "--show", *NAMES)[0], 1)


if __name__ == "__main__":
    booted.main(bring_packages)
