# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why can't I connect? The method Check, by mycelium-socksctl, about each kind of peer."""

import json

from lib import overlay, whole
from lib.command_line import (DONE, NO_PROXY, PROBLEM, USAGE, CommandLineTest, validate,
                              width_of, without_color)
from lib.socks_servers import Impostor, login_server
from lib.whole import WEB_ADDRESS

STEPS = ["node", "route", "tcp", "greeting", "login", "forwarding", "local-port"]

NO_LOGIN = b"\x05\x00"

WEB = f"[{WEB_ADDRESS}]:80"

# Half a second more, which a busy machine may take to see that ten are over, or five.
IN_ALL_US = 10_500_000
NODE_US = 5_500_000


class Check(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.running = []

    def begin_check(self, remote, *target, problem, reason):
        """Starts a check that will find that, or one of those; see expect_all()."""
        arguments = ["check", "--json", getattr(remote, "endpoint", remote), *target]
        self.running.append((self.begin(*arguments), arguments, problem, reason))

    def expect_all(self):
        """Each check that was begun finds what it was to find."""
        for running, arguments, problem, reason in self.running:
            ended = running.wait()
            with self.subTest(arguments=arguments, ended=ended):
                found = json.loads(ended.out)
                validate("check", found)
                steps = {step["step"]: step for step in found["steps"]}
                self.assertEqual(list(steps), STEPS)
                self.assertEqual(found["problem"], problem)
                is_warning = problem == "login"
                self.assertEqual(ended.code, DONE if not problem or is_warning else PROBLEM)
                if problem:
                    self.assertEqual(steps[problem]["result"],
                                     "warning" if is_warning else "failed")
                    self.assertIn(steps[problem]["reason"],
                                  reason if isinstance(reason, tuple) else (reason,))
                talk_us = sum(steps[step]["duration_us"] for step in STEPS[2:6])
                self.assertLessEqual(talk_us, IN_ALL_US)
                self.assertLessEqual(steps["node"]["duration_us"], NODE_US)
        self.running.clear()

    def impostor(self, name, **behaviour):
        peer = self.peer(name)
        self.serve(Impostor, peer.address, **behaviour)
        return peer


class EachKind(Check):
    def test_a_proxy_reaches_the_target_or_says_why_not(self):
        proxy = self.open_proxy("open")
        self.start_service()
        self.begin_check(proxy, problem=None, reason=None)
        self.begin_check(proxy, WEB, problem=None, reason=None)
        self.begin_check(proxy, f"[{WEB_ADDRESS}]:81", problem="forwarding",
                         reason="target-refused")
        # What the name of nobody is, microsocks calls a general failure.
        self.begin_check(proxy, "nobody.invalid:80", problem="forwarding",
                         reason="general-failure")
        self.expect_all()
        # However it was written.
        self.assertEqual(self.json("check", proxy.endpoint.upper())["remote"], proxy.endpoint)

    def test_a_login_is_told_and_not_tried(self):
        proxy = self.login_proxy("login", kind=login_server)
        self.start_service()
        self.begin_check(proxy, WEB, problem="login", reason="login-required")
        self.expect_all()

    def test_no_proxy_at_all(self):
        self.start_service()
        self.begin_check(self.peer("refuses"), WEB, problem="tcp", reason="refused")
        self.begin_check(self.impostor("resets", then="reset"), problem="greeting",
                         reason="reset")
        self.begin_check(self.impostor("closes", then="close"), problem="greeting",
                         reason="closed")
        self.begin_check(self.impostor("web", says=b"HTTP/1.1 400 No\r\n"),
                         problem="greeting", reason="not-socks5")
        self.begin_check(self.impostor("method", says=b"\x05\x02"), problem="greeting",
                         reason="bad-method")
        self.begin_check(self.impostor("silent"), problem="greeting", reason="timed-out")
        self.begin_check(self.peer("black hole", is_host=False), problem="tcp",
                         reason="timed-out")
        cut_off = self.peer("cut off", is_host=False)
        overlay.make_unreachable(cut_off.address)
        self.begin_check(cut_off, problem="tcp", reason="unreachable")
        self.expect_all()

    def test_who_greets_and_does_not_forward_is_told_apart(self):
        self.start_service()
        for name, reason, behaviour in [
                ("closes then", ("closed", "reset"), {"then": "close"}),
                ("echoes", "general-failure", {"then": "echo"}),
                ("is silent then", "timed-out", {"then": "hold"}),
                ("forbids", "not-allowed", {"says": NO_LOGIN + b"\x05\x02"}),
                ("is cut short", "timed-out", {"says": NO_LOGIN + b"\x05\x00\x00\x01\x7f"}),
                ("speaks HTTP then", "not-socks5", {"says": NO_LOGIN + b"HTTP/1.1 200 OK"}),
                ("makes it up", "bad-reply", {"says": NO_LOGIN + b"\x05\x00\x00\x09\x00"}),
                ("knows more", "unknown-reply", {"says": NO_LOGIN + b"\x05\x63"})]:
            peer = self.impostor(name, **{"says": NO_LOGIN, **behaviour})
            self.begin_check(peer, WEB, problem="forwarding", reason=reason)
            if len(self.running) == 4:
                self.begin_check(peer, problem=None, reason=None)
        self.expect_all()


class AroundIt(Check):
    def test_the_node_is_down(self):
        silent = self.peer("silent", is_host=False)
        proxy = self.open_proxy("open")
        self.node.stop()
        self.start_service()
        self.begin_check(silent, problem="node", reason="no-answer")
        # Whoever is reached is not kept from it by the node.
        self.begin_check(proxy, WEB, problem=None, reason=None)
        self.expect_all()

    def test_the_node_does_not_answer_as_it_should(self):
        silent = self.peer("silent", is_host=False)
        self.node.mode = "broken"
        self.start_service()
        self.begin_check(silent, problem="node", reason="bad-answer")
        self.expect_all()

    def test_the_node_takes_questions_and_does_not_answer(self):
        silent = self.peer("silent", is_host=False)
        self.node.mode = "stalled"
        self.start_service()
        self.begin_check(silent, problem="node", reason="no-answer")
        self.expect_all()

    def test_there_is_no_route(self):
        stranger = overlay.Peer("stranger")
        self.start_service()
        self.begin_check(stranger, problem="route", reason="no-route")
        self.expect_all()

    def test_the_local_port_is_taken(self):
        proxy = self.open_proxy("open")
        self.hold_local_port()
        self.start_service()
        self.begin_check(proxy, WEB, problem="local-port", reason="in-use")
        self.expect_all()

    def test_outside_the_overlay_it_takes_more_than_to_probe(self):
        self.bus.start_polkit("probe")
        proxy = self.open_proxy("open")
        self.start_service()
        self.begin_check(proxy, problem=None, reason=None)
        self.expect_all()
        self.assertIn("not allowed", self.ctl("check", f"[{WEB_ADDRESS}]:80").err)
        self.bus.start_polkit("connect-elsewhere")
        self.begin_check("127.0.0.1:81", problem="tcp", reason="refused")
        self.expect_all()

    def test_what_can_not_be_checked(self):
        self.start_and_sweep()
        self.refuse(USAGE, "check", "[400::1]:1080", "example.com")
        self.refuse(USAGE, "check", "[400::1]:1080", "example.com:80", "and:more")
        self.refuse(USAGE, "check", "[::1]:1080")
        self.refuse(NO_PROXY, "check", "zzz")

    def test_people_get_steps_and_advice(self):
        proxy, refusing = self.open_proxy("open"), self.peer("refuses")
        self.start_service()
        code, text = self.terminal("check", refusing.endpoint)
        self.assertEqual(code, PROBLEM)
        lines = without_color(text).replace("\r\033[K", "\n").splitlines()[-8:]
        self.assertRegex(lines[0], r"^✓  Mycelium +Is running")
        self.assertRegex(lines[2], r"^✗  Connection +Refused the connection")
        self.assertRegex(lines[3], r"^–  Greeting +Not tried")
        self.assertIn("There is no SOCKS5 proxy at this address.", lines[7])
        code, text = self.terminal("check", refusing.endpoint, columns=40)
        self.assertEqual(code, PROBLEM)
        narrow = without_color(text).rpartition("\r\033[K")[2].splitlines()
        self.assertLessEqual(max(map(width_of, narrow)), 40, text)
        self.assertEqual(narrow[2], 15 * " " + "way there")
        self.assertIn("There is no SOCKS5 proxy at this address.", " ".join(narrow))
        self.connect(proxy.endpoint)
        text = self.succeed("check", proxy.endpoint, WEB)
        self.assertIn("Leads to this proxy", text)
        self.assertEqual(text.splitlines()[-1], "Nothing is wrong.")


if __name__ == "__main__":
    whole.main()
