# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""mycelium-socksctl: names of addresses, given, shown, and taken for the addresses."""

import json
import pathlib

from lib import overlay, whole
from lib.bus import NAME
from lib.command_line import (DONE, FAILED, NO_PROXY, USAGE, CommandLineTest, width_of,
                              without_color)

MACHINE = pathlib.Path("/etc/mycelium-socks")


class Names(CommandLineTest):
    def setUp(self):
        super().setUp()
        MACHINE.mkdir(exist_ok=True)
        (MACHINE / "names").unlink(missing_ok=True)

    def own_file(self):
        return (self.config / "names").read_text("utf-8")

    def test_a_name_is_given_shown_and_taken_away(self):
        self.assertEqual(self.json("name"), [])
        self.assertIn("mycelium-socksctl name ADDRESS NAME", self.succeed("name"))
        self.assertEqual(self.succeed("name", "400:0::1", "São Paulo"), "")
        self.assertEqual(self.succeed("name", "400::1"), "São Paulo\n")
        self.assertEqual(self.succeed("name", "[400::1]:9050"), "São Paulo\n")
        self.assertEqual(self.json("name", "[400::1]:9050"),
                         [{"address": "400::1", "name": "São Paulo", "origin": "user"}])
        self.assertEqual(self.own_file(), "400::1 São Paulo\n")
        self.assertEqual(self.json("name", "são paulo", "Santos"),
                         [{"address": "400::1", "name": "Santos", "origin": "user"}])
        self.assertEqual(self.json("name", "--remove", "Santos"), [])
        self.assertEqual(self.own_file(), "")
        self.assertIn("has no name. “mycelium-socksctl name ADDRESS NAME” gives it one.",
                      self.refuse(FAILED, "name", "400::1"))
        self.assertEqual(self.json("name", "400::1"), [])
        self.assertFalse(self.bus.has_owner(NAME), "the service was started for names")

    def test_the_users_names_win_over_the_machines(self):
        (MACHINE / "names").write_text("# ours\n400::1 gateway\n400::2 printer\n", "utf-8")
        self.succeed("name", "400::2", "Mine")
        self.assertEqual(self.json("name"), [
            {"address": "400::2", "name": "Mine", "origin": "user"},
            {"address": "400::1", "name": "gateway", "origin": "machine"}])
        self.assertEqual([line.split() for line in self.succeed("name").splitlines()],
                         [["Name", "Address", "Given", "by"], ["Mine", "400::2", "you"],
                          ["gateway", "400::1", "this", "computer"]])
        self.assertEqual(self.succeed("name", "--names"), "Mine\ngateway\n")
        self.succeed("name", "400::2", "The printer of the northern branch")
        _, text = self.terminal("name", columns=50)
        lines = without_color(text).splitlines()
        self.assertEqual(lines[1:3], ["The printer of the          400::2   you",
                                      "northern branch"])
        self.assertLessEqual(max(map(width_of, lines)), 50)
        self.succeed("name", "--remove", "400::2")
        self.assertEqual(self.succeed("name", "400::2"), "printer\n")
        # The machine's name stands for every port, and so for this one.
        self.succeed("name", "[400::2]:1080", "Printer")
        self.assertEqual(self.own_file(), "[400::2]:1080 Printer\n")
        self.assertEqual((MACHINE / "names").read_text("utf-8").splitlines()[0], "# ours")

    def test_the_one_that_is_nearest_counts(self):
        (MACHINE / "names").write_text("[400::1]:9050 machine's\n400::1 host\n", "utf-8")
        for port, names in (9050, ["machine's"]), (1080, ["host"]):
            self.assertEqual([entry["name"] for entry in self.json("name", f"[400::1]:{port}")],
                             names)
        self.succeed("name", "400::1", "mine")
        self.succeed("name", "[400::1]:1081", "this port's")
        for port, name in (9050, "mine"), (1080, "mine"), (1081, "this port's"):
            self.assertEqual(self.succeed("name", f"[400::1]:{port}"), f"{name}\n")
            (entry,) = self.json("name", f"[400::1]:{port}")
            self.assertEqual(entry["name"], name)

    def test_what_is_taken_away_is_the_name_that_was_shown(self):
        (MACHINE / "names").write_text("400::1 gateway\n", "utf-8")
        self.succeed("name", "400::1", "Oslo")
        self.succeed("name", "[400::1]:9050", "Bergen")
        self.assertEqual(self.succeed("name", "--remove", "[400::1]:9050"), "")
        self.assertEqual(self.own_file(), "400::1 Oslo\n")
        # Now it is that of every port.
        self.assertEqual(self.json("name", "--remove", "[400::1]:9050"),
                         [{"address": "400::1", "name": "gateway", "origin": "machine"}])
        self.assertEqual(self.own_file(), "")
        for address in "[400::1]:9050", "400::1", "gateway", "400::2":
            self.assertIn("“mycelium-socksctl name” shows who has given which",
                          self.refuse(FAILED, "name", "--remove", address))
        self.assertEqual(self.succeed("name", "400::1"), "gateway\n")

    def test_what_can_be_no_name_is_told(self):
        self.succeed("name", "400::1", "taken")
        for name, sentence in [("", "Write a name."), ("17", "number"), ("a:b", "address"),
                               ("a\u202eb", "can’t be seen"), ("x" * 41, "too long"),
                               ("TAKEN", "name of 400::1 already")]:
            self.assertIn(sentence, self.refuse(USAGE, "name", "400::2", name))
        self.refuse(USAGE, "name", "400::2", "a", "b")
        self.refuse(USAGE, "name", "--remove")
        self.refuse(USAGE, "name", "--remove", "400::2", "a")
        self.refuse(USAGE, "name", "--names", "400::2")
        self.refuse(USAGE, "name", "[400::2]:0", "zero")
        self.assertEqual(self.own_file(), "400::1 taken\n")

    def test_a_wrong_line_is_told_and_the_others_count(self):
        (MACHINE / "names").write_text("400::1 gateway\nnonsense\n400::2 17\n", "utf-8")
        ended = self.ctl("name", "400::1")
        self.assertEqual((ended.code, ended.out), (DONE, "gateway\n"))
        self.assertEqual(ended.err, "mycelium-socksctl: /etc/mycelium-socks/names: what is "
                                    "in line 2 can't be understood (lines left out: 2).\n")

    def test_nothing_is_lost_where_many_write_at_once(self):
        self.config.parent.mkdir()
        (self.home / "dotfiles").mkdir()
        self.config.symlink_to(self.home / "dotfiles")
        expected = [f"400::{number:x} n{number}." for number in range(1, 31)]
        running = [self.begin("name", *line.split()) for line in expected]
        for ended in [program.wait() for program in running]:
            self.assertEqual(ended, (DONE, "", ""))
        self.assertEqual(sorted(self.own_file().splitlines()), sorted(expected))
        self.assertEqual([file.name for file in self.config.iterdir()], ["names"])

    def test_it_can_not_be_written(self):
        self.config.parent.mkdir()
        self.config.write_text("a file, where a folder is to be", "utf-8")
        told = self.refuse(FAILED, "name", "400::1", "a")
        self.assertIn("can’t be written", told)
        self.assertIn("Check that the file and its folder are yours", told)

    def test_a_name_stands_wherever_an_address_does(self):
        proxy, other = (self.open_proxy(name) for name in ("a", "b"))
        refusing = self.peer("refusing")
        self.start_and_sweep()
        # By its number in the list, or by the beginning of its address.
        second = self.succeed("list", "--addresses").splitlines()[1]
        self.succeed("name", "2", "second")
        self.assertEqual(self.succeed("name", second), "second\n")
        self.succeed("name", "--remove", second[:12])
        self.succeed("name", proxy.address, "Oslo")
        self.succeed("name", refusing.endpoint, "closed")
        self.succeed("name", other.endpoint, "Rome")

        connected = self.json("connect", "oslo")
        self.assertEqual((connected["remote"], connected["remote_name"]),
                         (proxy.endpoint, "Oslo"))
        self.assertEqual(self.client.pop_remote_change()[1:], (proxy.endpoint, "user"))
        self.assertEqual(self.succeed("connect", "ROME").splitlines()[0],
                         f"Connected to Rome ({other.endpoint})")
        self.client.pop_remote_change()
        self.assertEqual((self.state / "recent").read_text("ascii").splitlines(),
                         [other.endpoint, proxy.endpoint])
        checked = self.ctl("--json", "check", "closed")
        self.assertEqual(json.loads(checked.out)["remote"], refusing.endpoint)
        self.assertEqual(json.loads(checked.out)["remote_name"], "closed")
        self.assertIn("none has that name", self.refuse(NO_PROXY, "connect", "Lima"))

    def test_a_name_that_two_have_is_told(self):
        (MACHINE / "names").write_text("400::1 twin\n400::2 twin\n", "utf-8")
        self.assertIn("More than one address", self.refuse(USAGE, "connect", "Twin"))
        self.assertIn("More than one address", self.refuse(USAGE, "name", "400::3", "twin"))

    def test_names_are_in_everything_that_is_shown(self):
        proxy, other = (self.open_proxy(name) for name in ("a", "b"))
        self.start_and_sweep()
        running = self.begin("monitor", "--json")
        people = self.begin("monitor")
        people.wait_for(other.endpoint)
        self.succeed("name", proxy.endpoint, "Oslo office")
        self.connect(proxy.endpoint)
        names = {peer["address"]: peer["name"] for peer in self.json("list")}
        self.assertEqual(names, {proxy.endpoint: "Oslo office", other.endpoint: None})
        text = self.succeed("list")
        self.assertIn("Name", text.splitlines()[0])
        self.assertIn(f"Oslo office  {proxy.endpoint}", text)
        status = self.json("status")
        self.assertEqual((status["remote"], status["remote_name"]),
                         (proxy.endpoint, "Oslo office"))
        text = self.succeed("status")
        self.assertIn("Connected to Oslo office", text)
        self.assertIn(f"Oslo office ({proxy.endpoint}), chosen by hand", text)
        _, text = self.terminal("list", columns=60)
        self.assertIn("Oslo office", without_color(text))
        self.assertNotIn(proxy.endpoint, text)

        running.wait_for('"remote_name":"Oslo office"')
        people.wait_for("Connected to Oslo office")
        # What watches knows it when it is another.
        self.succeed("name", proxy.endpoint, "Bergen")
        running.wait_for('"remote_name":"Bergen"')
        people.wait_for("Connected to Bergen")
        proxy.server.kill()
        self.sweep()
        people.wait_for(f"Bergen ({proxy.endpoint}) is no proxy any more")


if __name__ == "__main__":
    whole.main(lambda: overlay.mount_over("/etc"))
