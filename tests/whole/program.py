# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program: its options, its configuration, its end, and how people call it."""

import pathlib
import random
import re
import signal
import subprocess
import time
import xml.etree.ElementTree

from lib import daemon, whole
from lib.bus import INTERFACE, NAME, PATH
from lib.waiting import wait_until
from lib.whole import WholeTest

SOURCE = pathlib.Path(__file__).parents[2]


def run(*command):
    """Runs a program to its end; returns (exit status, output, errors)."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


class Options(WholeTest):
    def test_version_is_said(self):
        status, output, errors = run(daemon.program(), "--version")
        self.assertEqual((status, errors), (0, ""))
        self.start_service()
        self.assertIn(self.client.get("Version"), output)
        self.assertRegex(output, r"\b\d+\.\d+\.\d+\b")

    def test_help_names_every_option(self):
        status, output, _ = run(daemon.program(), "--help")
        self.assertEqual(status, 0)
        for option in "--config", "--version", "--help":
            self.assertIn(option, output)

    def test_what_it_does_not_know_is_an_error(self):
        for wrong in (["--surprise"], ["argument"], ["--config"]):
            status, output, errors = run(daemon.program(), *wrong)
            self.assertEqual((status, output), (2, ""), errors)
            self.assertTrue(errors)


class Configuration(WholeTest):
    def assert_refused(self, *expected):
        process = self.daemon.launch()
        self.assertEqual(process.wait(), 2)
        for text in expected:
            self.assertIn(text, process.output())

    def test_a_wrong_value_names_file_group_and_key(self):
        for group, key, value in [
                ("Probing", "IntervalSec", "0"), ("Probing", "TimeoutSec", "soon"),
                ("Probing", "Port", "65536"), ("Probing", "Enabled", "perhaps"),
                ("Probing", "StaticPeers", "localhost:1080"),
                ("Listen", "Address", "1080"), ("Listen", "Scope", "everyone"),
                ("Listen", "AllowFrom", "192.0.2.0/33"), ("Limits", "Connections", "0"),
                ("Limits", "Threads", "65"), ("Node", "Url", "127.0.0.1:8989")]:
            self.daemon.configure({group: {key: value}})
            self.assert_refused(str(self.daemon.configuration), group, key)

    def test_a_named_file_that_is_missing_is_an_error(self):
        self.daemon.configuration.unlink()
        self.assert_refused(str(self.daemon.configuration))

    def test_an_unknown_key_is_a_warning(self):
        self.daemon.configure({"Probing": {"IntervalSecs": "7"}, "Extras": {"A": "1"}})
        self.start_service()
        self.assertEqual(self.client.get("ProbeInterval"), 60)
        for text in "IntervalSecs", "Extras":
            self.assertIn(text, self.daemon.process.output())

    def test_the_installed_file_holds_the_defaults(self):
        installed = SOURCE / "data" / "mycelium-socks.conf"
        self.daemon.configuration.write_bytes(installed.read_bytes())
        self.start_service()
        self.assertEqual(self.client.get("ProbeInterval"), 60)
        keys = re.findall(r"^#([A-Z]\w+)=", installed.read_text(), re.MULTILINE)
        self.assertEqual(sorted(keys), sorted(
            "Url Enabled IntervalSec TimeoutSec Port Parallel StaticPeers Address Scope "
            "AllowFrom Failover Restore Connections Threads TextFile".split()))


class End(WholeTest):
    def test_sigterm_and_sigint_end_it_in_order(self):
        for number in signal.SIGTERM, signal.SIGINT:
            self.start_service()
            self.daemon.process.send(number)
            self.assertEqual(self.daemon.process.wait(), 0)

    def test_told_so_while_it_starts_it_does_not_begin(self):
        """Whatever it takes up after that, nobody would let go of."""
        proxy = self.open_proxy("a")
        self.start_service()
        self.connect(proxy.endpoint)
        self.daemon.stop()
        for _ in range(40):
            before = len(self.daemon.process.output())
            process = self.daemon.launch()
            time.sleep(random.uniform(0, 0.05))
            process.send(signal.SIGTERM)
            self.assertIn(process.wait(), (0, -signal.SIGTERM))
            after = process.output()[before:].partition("Asked to stop")[2]
            self.assertNotIn("is ready", after)
        self.start_service()
        self.client.wait_for("Remote", proxy.endpoint)
        wait_until(lambda: self.client.remote_changes[-1][2] == "restored", "RemoteChanged")
        reasons = [reason for _, _, reason in self.client.remote_changes]
        self.client.remote_changes.clear()
        self.assertEqual(reasons, ["shutdown", "restored"] * (len(reasons) // 2))

    def test_a_second_one_leaves_the_first_alone(self):
        proxy = self.open_proxy("a")
        self.start_and_sweep()
        self.connect(proxy.endpoint)
        second = daemon.Daemon(self.bus, self.settings).launch()
        self.assertNotEqual(second.wait(), 0)
        self.assertIn(NAME, second.output())
        self.assert_fetches()

    def test_the_loss_of_the_bus_is_a_failure(self):
        self.start_service()
        self.bus.stop()
        self.assertGreater(self.daemon.process.wait(), 0)

    def test_no_bus_is_a_failure(self):
        self.bus.stop()
        process = self.daemon.launch()
        self.assertGreater(process.wait(), 0)
        self.assertTrue(process.output())


class Callers(WholeTest):
    """busctl and gdbus, as the documentation says."""

    def setUp(self):
        super().setUp()
        self.proxy = self.open_proxy("a")
        self.start_and_sweep()

    def test_busctl_calls_and_reads(self):
        status, output, errors = run("busctl", "call", NAME, PATH, INTERFACE,
                                     "Connect", "s", "")
        self.assertEqual((status, output), (0, f's "{self.proxy.endpoint}"\n'), errors)
        status, output, errors = run("busctl", "get-property", NAME, PATH, INTERFACE,
                                     "Proxies")
        self.assertEqual(status, 0, errors)
        self.assertRegex(output, r"^aa\{sv\} 1 ")
        self.assertIn(f'"Address" s "{self.proxy.endpoint}"', output)
        self.assertEqual(self.client.pop_remote_change(),
                         ("", self.proxy.endpoint, "automatic"))

    def test_gdbus_calls(self):
        status, output, errors = run(
            "gdbus", "call", "--system", "-d", NAME, "-o", PATH, "-m",
            f"{INTERFACE}.Connect", self.proxy.endpoint)
        self.assertEqual((status, output), (0, f"('{self.proxy.endpoint}',)\n"), errors)
        self.assertEqual(self.client.pop_remote_change(),
                         ("", self.proxy.endpoint, "user"))

    def test_busctl_introspects_every_member(self):
        interface = xml.etree.ElementTree.parse(SOURCE / "dbus" / f"{NAME}.xml").find(
            f"interface[@name='{INTERFACE}']")
        expected = set()
        for member in interface:
            if member.tag in ("method", "signal"):
                kinds = {"method": ("in", "out"), "signal": (None,)}[member.tag]
                signature = ["".join(arg.get("type") for arg in member.findall("arg")
                                     if arg.get("direction") == kind) or "-"
                             for kind in kinds]
                expected.add((f".{member.get('name')}", member.tag, signature[0]))
            elif member.tag == "property":
                expected.add((f".{member.get('name')}", "property", member.get("type")))
        self.assertEqual(len(expected), 7 + 1 + 21)

        status, output, errors = run("busctl", "introspect", NAME, PATH, INTERFACE)
        self.assertEqual(status, 0, errors)
        shown = {tuple(line.split()[:3]) for line in output.splitlines()[1:]}
        self.assertEqual(shown, expected)


if __name__ == "__main__":
    whole.main()
