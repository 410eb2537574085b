# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The script that README.md shows, run as it stands there, and the lines that are for
everybody's shell."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from lib import readme, whole
from lib.command_line import DONE, PROGRAM, TIMED_OUT, CommandLineTest
from lib.whole import PAGE, WEB_ADDRESS


class Script(CommandLineTest):
    def run_script(self, port, seconds="60"):
        """Runs it with the web server on that port; returns exit code, output, errors."""
        script = readme.commands(
            "In a script", url=("https://example.com/", f"http://[{WEB_ADDRESS}]:{port}/"),
            target=("example.com:443", f"[{WEB_ADDRESS}]:{port}"),
            patience=("--timeout 60", f"--timeout {seconds}"))
        done = subprocess.run(
            ["sh", "-c", script], capture_output=True, text=True, timeout=120, check=False,
            env={**self.environment,
                 "PATH": f"{os.path.dirname(PROGRAM)}:{os.environ['PATH']}"})
        return done.returncode, done.stdout, done.stderr

    def test_it_fetches_a_page(self):
        proxy = self.open_proxy("a")
        self.start_and_sweep()
        self.assertEqual(self.run_script(80), (DONE, PAGE.decode(), ""))
        self.assertEqual(self.client.pop_remote_change(), ("", proxy.endpoint, "automatic"))

    def test_it_says_what_is_wrong(self):
        proxy = self.open_proxy("a")
        self.start_and_sweep()
        code, output, errors = self.run_script(81)
        self.assertEqual((code, output), (1, ""))
        self.assertIn("curl: ", errors)
        *_, last = errors.splitlines()
        self.assertRegex(errors, r"✗ +Forwarding +\S")
        self.assertEqual(last, "The proxy works. Check the target, or try another one.")
        self.assertEqual(self.client.pop_remote_change(), ("", proxy.endpoint, "automatic"))

    def test_it_waits_for_a_proxy_and_gives_up(self):
        self.start_and_sweep()
        code, output, errors = self.run_script(80, seconds="0.5")
        self.assertEqual((code, output), (TIMED_OUT, ""))
        self.assertTrue(errors)


class Lines(unittest.TestCase):
    def test_no_shell_takes_an_address_for_a_pattern(self):
        lines = re.findall(r"^ *\$ (curl .*)", readme.README.read_text("utf-8"),
                           re.MULTILINE)
        self.assertGreater(len(lines), 3)
        with tempfile.TemporaryDirectory() as directory:
            curl = pathlib.Path(directory, "curl")
            curl.write_text('#!/bin/sh\nprintf "%s\\n" "$2"\n', "ascii")
            curl.chmod(0o755)
            for shell in "bash", "fish", "zsh":
                for line in lines:
                    done = subprocess.run(
                        [shell, "-c", line], stdout=subprocess.PIPE, text=True, check=False,
                        env={**os.environ, "PATH": f"{directory}:{os.environ['PATH']}"})
                    self.assertEqual((done.returncode, done.stdout),
                                     (0, "socks5h://[::1]:1080\n"), (shell, line))


if __name__ == "__main__":
    whole.main()
