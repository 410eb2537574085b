# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the shells complete: commands, options, and the addresses that are known now."""

import os
import re

from lib import whole
from lib.command_line import PROGRAM, CommandLineTest
from lib.completing_shells import NAME, fish_candidates, typed_bash, typed_zsh

COMMANDS = {"check", "connect", "disconnect", "env", "list", "monitor", "name", "probe",
            "run", "status"}


class Completion:
    """What every shell completes; a subclass says how it is asked.

    expect(line, candidates, others): of all these words it offers the candidates;
    bracket: how one is typed.
    """

    bracket = "["

    def setUp(self):
        super().setUp()
        (self.home / NAME).symlink_to(PROGRAM)
        self.environment["PATH"] = f"{self.home}:{os.environ['PATH']}"

    def test_commands(self):
        self.start_service()
        self.expect("", COMMANDS, {"csh"})
        self.expect("con", {"connect"}, COMMANDS)
        self.expect("--timeout 3 dis", {"disconnect"}, COMMANDS)

    def test_what_a_command_takes(self):
        self.start_service()
        self.expect("probe ", {"now", "start", "stop"}, COMMANDS)
        self.expect("probe n", {"now"}, COMMANDS)
        self.expect("env f", {"fish"}, COMMANDS | {"sh"})
        self.expect("list --sort ", {"address", "latency", "seen", "status"}, {"list"})
        self.expect("list --al", {"--all"}, {"--addresses"})
        self.expect("connect --wa", {"--wait"}, COMMANDS)

    def test_the_addresses_known_now(self):
        proxies = {self.open_proxy(name).endpoint for name in ("a", "b", "c")}
        refusing = self.peer("refusing").endpoint
        self.start_and_sweep()
        self.client.wait_for("PeerCounts", lambda counts: counts["Valid"] == 3)
        self.expect("connect ", proxies, {refusing})
        self.expect("check ", proxies | {refusing}, COMMANDS)
        one = min(proxies)
        for n_bytes in 8, 14, 22, len(one) - 7:
            self.expect(f"connect {self.bracket}{one[1:n_bytes]}", {one}, proxies)
        self.expect(f"check {self.bracket}{refusing[1:12]}", {refusing}, proxies)

        later = self.open_proxy("later").endpoint
        self.sweep()
        self.expect("connect ", proxies | {later}, {refusing})

    def test_the_names(self):
        proxy = self.open_proxy("a").endpoint
        self.start_and_sweep()
        self.client.wait_for("PeerCounts", lambda counts: counts["Valid"] == 1)
        self.succeed("name", proxy, "oslo")
        self.succeed("name", "192.0.2.7", "Rome")
        for command in "connect", "check", "name":
            self.expect(f"{command} ", {"oslo", "Rome", proxy}, COMMANDS)
            self.expect(f"{command} os", {"oslo"}, COMMANDS | {"Rome"})
        # They need no service.
        self.daemon.stop()
        self.expect("connect ", {"oslo", "Rome"}, {proxy})

    def test_no_address_while_the_service_is_not_running(self):
        self.expect("connect ", set(), COMMANDS)


class Typing(Completion):
    """Asked by typing and pressing Tab."""

    def setUp(self):
        super().setUp()
        self.shell = self.open_shell(self.environment)
        self.addCleanup(self.shell.close)

    def expect(self, line, candidates, others):
        if len(candidates) == 1:
            self.assertEqual({self.shell.complete(line)}, candidates)
        else:
            self.assertEqual(self.shell.list(line, candidates) & (candidates | others),
                             candidates)

    def test_who_leaves_the_bracket_out_finds_it_put_in(self):
        proxy = self.open_proxy("a").endpoint
        self.start_and_sweep()
        self.client.wait_for("PeerCounts", lambda counts: counts["Valid"] == 1)
        self.expect(f"connect {proxy[1:4]}", {proxy}, COMMANDS)

    def test_a_name_with_blanks_is_quoted(self):
        self.succeed("name", "192.0.2.7", "São Paulo office")
        self.succeed("name", "192.0.2.8", "São Paulo home")
        for begun in "S", "São\\ ", "São\\ Pa":
            self.assertIn("Paulo", self.shell.complete_words(f"name {begun}"))
        self.assertEqual(self.shell.complete_words("name São\\ Paulo\\ o"),
                         f"{NAME} name São Paulo office")
        self.assertEqual(self.shell.complete_words('name "São Paulo h'),
                         f"{NAME} name São Paulo home")

    def test_a_name_is_nothing_but_a_text(self):
        """Whatever is in it, behind either quotation mark or none."""
        names = ("cost $5 `id`", "Bob's \"office\"", "back\\slash!now", "'tis", "a=b @home",
                 "$(id)")
        for number, name in enumerate(names):
            self.succeed("name", f"192.0.2.{number}", name)
        for name in names:
            for n_typed in 2, len(name) - 1:
                begun = name[:n_typed]
                for typed in (re.sub(r"([^\w=])", r"\\\1", begun),
                              '"' + re.sub(r'([\\"$`])', r"\\\1", begun),
                              "'" + begun.replace("'", "'\\''")):
                    if typed.startswith('"') and "!" in begun:
                        continue  # of which the shell would make an older line
                    self.assertEqual(self.shell.complete_words(f"name {typed}"),
                                     f"{NAME} name {name}", typed)

    def test_a_name_that_begins_with_what_the_shell_reads(self):
        for name, typed in ("'tis", "'"), ("!now", '"'), ('"quoted"', '"'), ("$HOME", '"'):
            self.succeed("name", "192.0.2.1", name)
            self.assertEqual(self.shell.complete_words(f"name {typed}"),
                             f"{NAME} name {name}", typed)

    def test_run_completes_as_the_command_would(self):
        for name in "a-file-of-its-own", "with a blank", "star *":
            (self.home / name).touch()
        for typed in "run cat ", "run -- cat ":
            for begun in "with", "with\\ a", "st":
                self.assertEqual(self.shell.complete_words(f"{typed}{self.home}/{begun}"),
                                 f"{NAME} {typed}{self.home}/"
                                 f"{'star *' if begun == 'st' else 'with a blank'}")
        self.assertEqual(self.shell.complete_words(f'run cat "{self.home}/with a'),
                         f"{NAME} run cat {self.home}/with a blank")
        self.expect("run -- mycelium-socksct", {"mycelium-socksctl"}, COMMANDS)
        self.expect("run mycelium-socksct", {"mycelium-socksctl"}, COMMANDS)
        self.expect(f"run cat {self.home}/a-fi", {f"{self.home}/a-file-of-its-own"}, COMMANDS)


class Bash(Typing, CommandLineTest):
    open_shell = staticmethod(typed_bash)

    def test_behind_a_colon_it_is_too_late_for_a_bracket(self):
        proxy = self.open_proxy("a")
        self.start_and_sweep()
        self.client.wait_for("PeerCounts", lambda counts: counts["Valid"] == 1)
        self.expect(f"connect {proxy.address[:6]}", {proxy.address}, COMMANDS)

    def test_the_options_before_the_command_are_ours_and_those_behind_it_its_own(self):
        (self.home / "a-file-of-its-own").touch()
        self.expect("run --timeout 2 mycelium-socksct", {"mycelium-socksctl"}, COMMANDS)
        self.expect(f"run sort -s {self.home}/a-fi", {f"{self.home}/a-file-of-its-own"},
                    {"seen", "status"})
        self.expect(f"run ssh -t {self.home}/a-fi", {f"{self.home}/a-file-of-its-own"},
                    COMMANDS)


class Zsh(Typing, CommandLineTest):
    open_shell = staticmethod(typed_zsh)
    bracket = "\\["  # else it is a pattern, and Tab would expand it


class Fish(Completion, CommandLineTest):
    def expect(self, line, candidates, others):
        self.assertEqual(fish_candidates(line, self.environment) & (candidates | others),
                         candidates)


if __name__ == "__main__":
    whole.main()
