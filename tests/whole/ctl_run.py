# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands and shells that use the proxy: mycelium-socksctl run and env."""

import pathlib
import signal
import subprocess
import sys
import tempfile

from lib import whole
from lib.command_line import (DONE, NO_PROXY, NOT_RUNNING, USAGE, CommandLineTest, PROGRAM)
from lib.whole import PAGE

NOT_EXECUTABLE, NOT_FOUND = 126, 127

URL = "socks5h://127.0.0.1:1080"

# Each would win over the one for all protocols.
RIVALS = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ftp_proxy", "FTP_PROXY"]

# Says that it is ready, and which signal it gets.
LISTENER = """
import signal, sys
def heard(number, frame):
    print("heard", signal.Signals(number).name, flush=True)
    sys.exit(7)
for number in signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1:
    signal.signal(number, heard)
print("ready", flush=True)
signal.pause()
"""


class Run(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.proxy = self.open_proxy("a")

    def connected(self):
        self.start_and_sweep()
        self.connect(self.proxy.endpoint)

    def test_it_connects_first_if_need_be(self):
        self.start_and_sweep()
        page = self.succeed("run", "--", "curl", "--silent", "--max-time", "20",
                            self.web.url())
        self.assertEqual(page, PAGE.decode())
        self.assertEqual(self.client.pop_remote_change(),
                         ("", self.proxy.endpoint, "automatic"))
        self.succeed("run", "curl", "--silent", self.web.url())
        self.assertEqual(set(self.web.visitors), {self.proxy.address})

    def test_it_changes_no_choice(self):
        self.connected()
        self.succeed("run", "true")
        self.assertEqual(self.client.get("Selection"), "manual")

    def test_the_exit_code_is_the_commands(self):
        self.connected()
        for code in 0, 1, 3, 42, 255:
            ended = self.ctl("run", "--", "sh", "-c", f"exit {code}")
            self.assertEqual((ended.code, ended.out, ended.err), (code, "", ""))

    def test_so_is_its_death(self):
        self.connected()
        for number in signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV:
            ended = self.ctl("run", "--", "sh", "-c", f"kill -{int(number)} $$")
            self.assertEqual(ended.code, -number)

    def test_it_gets_the_signals(self):
        self.connected()
        for number in signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1:
            running = self.begin("run", sys.executable, "-c", LISTENER)
            running.wait_for("ready")
            running.send(number)
            ended = running.wait()
            self.assertEqual((ended.code, ended.out),
                             (7, f"ready\nheard {number.name}\n"))

    def test_signals_are_to_it_what_they_are_without_this_program(self):
        self.connected()
        show = "grep -E 'Sig(Blk|Ign)' /proc/self/status"

        def signals(command):
            return subprocess.run(["sh", "-c", command], env=self.environment, check=True,
                                  capture_output=True, text=True).stdout

        for before in "", "trap '' PIPE HUP; ":
            self.assertEqual(signals(f"{before}exec {PROGRAM} run {show}"),
                             signals(f"{before}exec {show}"))
        # Else this one says that its pipe is broken.
        self.assertEqual(self.succeed("run", "sh", "-c", "yes | head -1"), "y\n")

    def test_it_gets_its_own_options_and_input(self):
        self.connected()
        self.assertEqual(self.succeed("run", "echo", "--json", "--", "-t", "a b"),
                         "--json -- -t a b\n")
        done = subprocess.run([PROGRAM, "run", "cat"], input=b"in and out",
                              env=self.environment, capture_output=True, check=True)
        self.assertEqual(done.stdout, b"in and out")

    def test_a_command_that_can_not_be_run(self):
        self.connected()
        self.refuse(NOT_FOUND, "run", "no-such-command")
        self.refuse(NOT_EXECUTABLE, "run", "/etc/passwd")
        self.assertIn("\\u001b", self.refuse(NOT_FOUND, "run", "\033[2J"))

    def test_without_a_proxy_nothing_is_run(self):
        self.proxy.server.kill()
        self.start_and_sweep()
        self.refuse(NO_PROXY, "run", "echo", "in the open")
        self.daemon.stop()
        self.refuse(NOT_RUNNING, "run", "echo", "in the open")
        self.refuse(USAGE, "run", "--json", "true")

    def test_no_other_proxy_gets_in_between(self):
        self.connected()
        self.environment |= {name: "http://elsewhere:1" for name in RIVALS}
        self.environment |= {"ALL_PROXY": "socks5://elsewhere:1", "NO_PROXY": "localhost"}
        variables = self.succeed("run", "env").splitlines()
        proxies = [line for line in variables if "proxy" in line.partition("=")[0].lower()]
        self.assertEqual(sorted(proxies), [f"ALL_PROXY={URL}", "NO_PROXY=localhost",
                                           f"all_proxy={URL}"])

    def test_a_terminal_stays_the_commands(self):
        self.connected()
        self.assertEqual(self.terminal("run", "sh", "-c", "test -t 0 && test -t 1 && tty"
                                       " >/dev/null && echo yes"), (DONE, "yes\n"))


class Env(CommandLineTest):
    def test_there_is_nothing_to_say_while_the_port_is_closed(self):
        self.start_service()
        self.assertIn("mycelium-socksctl connect", self.refuse(NO_PROXY, "env"))

    def fetch_in(self, *shell, lines):
        script = pathlib.Path(tempfile.mktemp(prefix="shell-"))
        script.write_text(lines + f"\ncurl --silent --max-time 20 '{self.web.url()}'\n",
                          encoding="utf-8")
        self.addCleanup(script.unlink)
        done = subprocess.run([*shell, script], capture_output=True, check=False,
                              env={**self.environment, "HOME": tempfile.gettempdir()})
        self.assertEqual((done.returncode, done.stdout), (0, PAGE), done.stderr)

    def test_a_shell_takes_the_lines(self):
        proxy = self.open_proxy("a")
        self.start_service()
        self.connect(proxy.endpoint)
        for rivals in (), RIVALS:
            self.environment |= {name: "http://127.0.0.1:9" for name in rivals}
            for shell in "sh", "bash", "zsh":
                for call in "env", "env sh":
                    self.fetch_in(shell, "-eu", lines=f'eval "$({PROGRAM} {call})"')
            for call in "env fish", "env":
                self.environment["SHELL"] = "/usr/bin/fish" if call == "env" else "/bin/sh"
                self.fetch_in("fish", "--no-config", lines=f"{PROGRAM} {call} | source")
            self.environment["SHELL"] = "/bin/sh"
        self.assertEqual(set(self.web.visitors), {proxy.address})

    def test_a_script_takes_json(self):
        proxy = self.open_proxy("a")
        self.start_service()
        self.connect(proxy.endpoint)
        self.assertEqual(self.json("env"), {
            "proxy_url": URL, "variables": {"ALL_PROXY": URL, "all_proxy": URL},
            "unset": RIVALS})

    def test_the_address_that_is_bound_is_named(self):
        proxy = self.open_proxy("a")
        for bound, reached in [("127.0.0.1:1081", "127.0.0.1:1081"),
                               ("0.0.0.0:1082", "127.0.0.1:1082"),
                               ("[::1]:1083", "[::1]:1083")]:
            self.daemon.configure({"Listen": {"Address": bound},
                                   "Selection": {"Restore": "false"}})
            self.start_service()
            self.connect(proxy.endpoint)
            self.assertEqual(self.json("env")["proxy_url"], f"socks5h://{reached}")
            self.daemon.stop()
            self.client.pop_remote_change()


if __name__ == "__main__":
    whole.main()
