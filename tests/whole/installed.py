# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installed, and then called: the stock system bus starts it as a user of its own, and the
real polkit says who may do what. The machine's files are seen, but what is installed lies
on top of them and is gone with the test."""

import os
import pathlib
import pwd
import signal
import subprocess
import tempfile

from lib import whole
from lib.bus import INTERFACE, NAME, PATH
from lib.installation import USER, SystemBus, install, processes_of
from lib.waiting import wait_until
from lib.whole import WholeTest

ANOTHER_USER = "nobody"
STATE = pathlib.Path("/var/lib/mycelium-socks")


def busctl(verb, *arguments, user="root"):
    """Runs busctl as that user; returns (exit status, output, errors)."""
    done = subprocess.run(
        ["setpriv", f"--reuid={user}", "--clear-groups", "busctl", verb, NAME, PATH,
         INTERFACE, *arguments], capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout.strip(), done.stderr.strip()


class Installed(WholeTest):
    bus_kind = SystemBus

    def setUp(self):
        super().setUp()
        self.proxy = self.open_proxy("a")

    def pop_change(self):
        return self.client.pop_remote_change()

    def test_nothing_runs_before_it_is_called(self):
        self.assertEqual(processes_of(USER), [])
        self.assert_closed()

    def test_the_first_call_starts_it_as_its_own_user_and_connects(self):
        self.assertEqual(busctl("call", "Connect", "s", ""),
                         (0, f's "{self.proxy.endpoint}"', ""))
        self.assertEqual(self.pop_change(), ("", self.proxy.endpoint, "automatic"))
        self.assert_fetches()
        self.assertEqual(len(processes_of(USER)), 1)

    def test_everyone_may_look_and_polkit_says_who_may_change(self):
        self.assertEqual(busctl("get-property", "State", user=ANOTHER_USER),
                         (0, 's "disconnected"', ""))
        for call in (["Connect", "s", ""], ["Connect", "s", self.proxy.endpoint],
                     ["Connect", "s", "192.0.2.1:1080"], ["Disconnect"],
                     ["StartProbing"], ["StopProbing"], ["ProbeNow"]):
            status, _, errors = busctl("call", *call, user=ANOTHER_USER)
            self.assertEqual((status, errors), (1, "Call failed: Access denied"), call)
        self.assertEqual(busctl("call", "ListPeers", user=ANOTHER_USER)[0], 0)

    def test_the_next_call_starts_it_again_with_its_choice(self):
        STATE.mkdir()
        os.chown(STATE, pwd.getpwnam(USER).pw_uid, -1)
        self.addCleanup(subprocess.run, ["rm", "-r", STATE], check=True)
        self.assertEqual(busctl("call", "Connect", "s", self.proxy.endpoint)[0], 0)
        self.assertEqual(self.pop_change(), ("", self.proxy.endpoint, "user"))
        # It is written by a thread, and the answer does not wait for the disk.
        wait_until((STATE / "selection").exists, "what is chosen written down")
        [process] = processes_of(USER)
        os.kill(process, signal.SIGKILL)
        wait_until(lambda: not self.bus.has_owner(NAME), "the name given back")

        self.assertEqual(busctl("get-property", "Remote"),
                         (0, f's "{self.proxy.endpoint}"', ""))
        self.assertEqual(self.pop_change(), ("", self.proxy.endpoint, "restored"))
        self.assert_fetches()

    def test_the_command_line_starts_it_when_it_does_something(self):
        def ctl(*arguments, **environment):
            done = subprocess.run(
                ["mycelium-socksctl", *arguments], capture_output=True, text=True,
                env={**os.environ, "LC_ALL": "C.UTF-8", **environment}, check=False)
            return done.returncode, done.stdout, done.stderr

        code, out, _ = ctl()
        self.assertEqual((code, out), (3, "The service is not running. “mycelium-socksctl "
                                          "probe” starts it.\n"))
        self.assertIn("Der Dienst läuft nicht.", ctl(LANGUAGE="de")[1])
        self.assertEqual(processes_of(USER), [])
        self.assertEqual(ctl("probe"), (0, "1 proxy found\n", ""))
        self.assertEqual(ctl("run", "curl", "--silent", self.web.url()),
                         (0, whole.PAGE.decode(), ""))
        self.assertEqual(self.pop_change(), ("", self.proxy.endpoint, "automatic"))

    def test_man_finds_the_pages(self):
        for section, name in ("1", "mycelium-socksctl"), ("5", NAME), ("8", "mycelium-socksd"):
            found = subprocess.run(["man", "--where", section, name], capture_output=True,
                                   text=True, check=True).stdout.strip()
            self.assertEqual(found, f"/usr/share/man/man{section}/{name}.{section}")

    def test_the_shells_find_its_completion(self):
        def ask(*command):
            return subprocess.run(command, capture_output=True, text=True, check=True,
                                  env={**os.environ, "HOME": home}).stdout.split()

        home = tempfile.mkdtemp(prefix="home-")
        self.assertEqual(ask("fish", "-c",
                             "complete --do-complete 'mycelium-socksctl conn'"),
                         ["connect"])
        self.assertEqual(ask("zsh", "-fc", "autoload -Uz compinit; compinit -u -D; "
                             "print $_comps[mycelium-socksctl]"), ["_mycelium-socksctl"])
        # Where bash-completion looks, by the command's name.
        self.assertIn("_mycelium_socksctl", ask(
            "bash", "-c", "source /usr/share/bash-completion/completions/mycelium-socksctl; "
            "complete -p mycelium-socksctl"))


if __name__ == "__main__":
    whole.main(install)
