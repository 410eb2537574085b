# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All packages where no systemd runs, as in a chroot or an image that is being made.

That is the Debian that they were built in: it has the libraries of the desktop programs.
What is installed lies on top of its files and is gone with the test.

Usage: packages_at_rest.py SUITE [TEST...]
"""

import os
import pathlib
import subprocess
import sys
import unittest

from lib import machine, overlay, readme, tap
from lib.packages import built, field, lasting_files, user_entries
from lib.process import UNPACKED

NAMES = "mycelium-socksd", "mycelium-socksctl", "mycelium-socks"
SUITE = sys.argv[1]
INSTALL = readme.installation(SUITE, desktop=True)

# What is ours alone for the time of the test.
WRITTEN = "/etc", "/usr", "/var", "/srv"

LINGUAS = pathlib.Path(__file__).parents[2] / "po" / "LINGUAS"
LANGUAGES = {line for line in LINGUAS.read_text("utf-8").splitlines()
             if line and not line.startswith("#")}
PROGRAMS = {"/usr/bin/mycelium-socks", "/usr/bin/mycelium-socks-tray",
            "/usr/bin/mycelium-socksctl", "/usr/libexec/mycelium-socks-desktop-proxy",
            "/usr/libexec/mycelium-socksd"}


def enter():
    """Goes on in the Debian of the packages, where all that was built is below /srv."""
    directory = built(SUITE, NAMES[0]).parent
    packages = {path.name: path.read_bytes() for path in directory.glob("*.deb")}
    overlay.enter(network=False)
    root = UNPACKED / f"packaging-{SUITE}"
    if SUITE == own_suite():
        for directory in WRITTEN:
            overlay.mount_over(directory)
    else:
        overlay.mount_over(str(root))
        for directory in "/proc", "/dev":
            overlay.bind(directory, f"{root}{directory}")
        os.chroot(root)
        os.chdir("/")
        os.environ["TMPDIR"] = "/tmp"
    directory = pathlib.Path("/srv/build-packages", SUITE)
    directory.mkdir(parents=True)
    for name, content in packages.items():
        (directory / name).write_bytes(content)


def own_suite():
    """Returns the name of the release of Debian that this machine has."""
    lines = pathlib.Path("/etc/os-release").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line).get("VERSION_CODENAME")


def run(*command):
    """Runs a program that has to succeed; returns its output."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}"
    return done.stdout


def package(name):
    """Returns where the package of that name is, and no other."""
    path, = pathlib.Path("/srv/build-packages", SUITE).glob(f"{name}_*.deb")
    return path


def install():
    """Installs all of them, as README.md says."""
    run("bash", "-euc", f"cd /srv; DEBIAN_FRONTEND=noninteractive {INSTALL}")


def purge():
    """Purges them, as far as they are there."""
    run("dpkg", "--purge", *NAMES)


class PackagesAtRest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(purge)
        install()

    def test_they_are_what_the_readme_has_installed(self):
        said = run("dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\n",
                   "mycelium-socks*")
        self.assertEqual(set(said.splitlines()), {f"{name} installed" for name in NAMES})

    def listed(self):
        """Returns the paths of what is installed."""
        return run("dpkg", "--listfiles", *NAMES).split()

    def test_every_program_of_them_starts(self):
        self.assertEqual({path for path in self.listed() if os.path.isfile(path)
                          and path.startswith(("/usr/bin/", "/usr/libexec/"))},
                         PROGRAMS)
        version = run("dpkg-query", "--show", "--showformat=${Version}", NAMES[0])
        for program in PROGRAMS:  # with all of its libraries
            self.assertEqual(run(program, "--version").split()[-1], version.split("-")[0])

    def test_everything_that_a_person_starts_has_a_manual_page(self):
        for path in self.listed():
            if path.startswith("/usr/bin/"):
                self.assertIn(os.path.basename(path),
                              run("man", "--where", "1", os.path.basename(path)))

    def test_every_language_is_there(self):
        found = {path.split("/")[4] for path in self.listed() if path.endswith(".mo")}
        self.assertEqual(found, LANGUAGES)

    def test_what_is_installed_is_what_was_packed(self):
        self.assertEqual(run("dpkg", "--verify", *NAMES), "")
        for path in self.listed():
            status = os.stat(path)
            self.assertEqual((status.st_uid, status.st_mode & 0o7022), (0, 0), path)

    def test_the_service_is_enabled_and_has_a_user(self):
        self.assertEqual(run("systemctl", "is-enabled", "mycelium-socksd.service"),
                         "enabled\n")
        self.assertEqual(len(user_entries("/")), 4)


class Purge(unittest.TestCase):
    def test_it_leaves_nothing(self):
        self.addCleanup(purge)
        before = lasting_files("/", *WRITTEN)
        install()
        self.assertNotEqual(lasting_files("/", *WRITTEN), before)
        purge()
        self.assertEqual(lasting_files("/", *WRITTEN), before)
        self.assertEqual(user_entries("/"), [])


class Dependencies(unittest.TestCase):
    def test_a_machine_without_a_desktop_needs_nothing_of_one(self):
        for name in "mycelium-socksd", "mycelium-socksctl":
            for kind in "Pre-Depends", "Depends", "Recommends":
                self.assertNotRegex(field(package(name), kind), "gtk|adwaita|indicator")

    def test_all_of_them_are_of_one_version(self):
        version = field(package("mycelium-socksd"), "Version")
        for name in "mycelium-socksctl", "mycelium-socks":
            self.assertIn(f"mycelium-socksd (= {version})",
                          field(package(name), "Depends").split(", "))


if __name__ == "__main__":
    machine.become_root()
    enter()
    del sys.argv[1]
    tap.main()
