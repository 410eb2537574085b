# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""mycelium-socksctl: what status and list show, in a pipe and in a terminal."""

import jsonschema

from lib import whole
from lib.bus import NAME
from lib.command_line import (DONE, NO_PROXY, NOT_RUNNING, USAGE, CommandLineTest,
                              validate, width_of, without_color)
from lib.socks_servers import Impostor
from lib.waiting import wait_until
from lib.whole import PAGE

GREEN = "\033[32m"


class Status(CommandLineTest):
    def test_looking_does_not_start_the_service(self):
        ended = self.ctl()
        self.assertEqual(ended.code, NOT_RUNNING)
        self.assertIn("not installed", ended.out)
        self.assertIn(self.json("status", code=NOT_RUNNING)["service"],
                      ("not-running", "not-installed"))
        self.refuse(NOT_RUNNING, "list")
        self.refuse(NOT_RUNNING, "env")
        _, text = self.terminal(columns=30)
        self.assertEqual(text.split(), ended.out.split())
        self.assertLessEqual(max(map(width_of, text.splitlines())), 30)
        self.assertFalse(self.bus.has_owner(NAME))

    def test_without_a_bus_it_says_so(self):
        self.environment["DBUS_SYSTEM_BUS_ADDRESS"] = "unix:path=/nonexistent"
        self.assertEqual(self.json("status", code=NOT_RUNNING), {"service": "no-bus"})
        self.assertIn("system bus", self.refuse(NOT_RUNNING, "disconnect"))

    def test_all_is_told(self):
        proxy = self.open_proxy("open")
        self.peer("nothing")
        self.start_and_sweep()
        status = self.json("status")
        self.assertEqual((status["service"], status["state"], status["remote"]),
                         ("running", "disconnected", None))
        self.assertEqual(status["peers"]["Valid"], 1)
        self.assertEqual(status["peers"]["NotListening"], 1)
        self.assertEqual(status["node_address"], self.node.own.address)
        # Nothing is told that the schema does not.
        with self.assertRaises(jsonschema.ValidationError):
            validate("status", {**status, "more": 1})

        self.connect(proxy.endpoint)
        self.assert_fetches()
        wait_until(lambda: self.client.get("ActiveConnections") == 0, "the stream's end")
        status = self.json("status")
        self.assertEqual((status["remote"], status["selection"], status["listening"]),
                         (proxy.endpoint, "manual", "[::]:1080"))
        self.assertEqual(status["traffic"]["total_connections"], 1)
        self.assertGreater(status["remote_latency_us"], 0)
        text = self.succeed()
        self.assertEqual(text, self.succeed("status"))
        for told in (f"{proxy.endpoint}, chosen by hand", self.node.own.address,
                     "[::]:1080, for this computer only", "Open: 1 · No answer: 1",
                     "every 60 s"):
            self.assertIn(told, text)
        self.assertRegex(text, r"State +Connected to .* — [0-9.]+ ms\n")
        traffic = status["traffic"]
        self.assertGreaterEqual(traffic["bytes_received"], len(PAGE))
        self.assertRegex(text, f"Traffic +{traffic['bytes_sent']} bytes sent, "
                               f"{traffic['bytes_received']} bytes received, "
                               "connections now: 0\n")

    def test_who_can_reach_the_port_is_told(self):
        proxy = self.open_proxy("open")
        self.daemon.configure({"Listen": {"Scope": "any", "AllowFrom": "192.0.2.0/24"}})
        self.start_service()
        self.assertRegex(self.succeed(), "Local port +closed\n")
        self.connect(proxy.endpoint)
        self.assertEqual(self.json("status")["listen_scope"], "any")
        self.assertRegex(self.succeed(), r"Local port +\[::\]:1080, open to other computers "
                                         r"too, as the configuration says\n")

    def test_what_went_wrong_last_is_told(self):
        self.start_and_sweep()
        self.refuse(NO_PROXY, "connect")
        self.assertIn("No proxy answered", self.succeed())
        self.assertIn("NoValidProxy", self.json("status")["last_error"]["name"])

    def test_a_narrow_terminal_gets_more_lines(self):
        proxy = self.open_proxy("open")
        self.start_and_sweep()
        self.connect(proxy.endpoint)
        for name in "Oslo office of the northern branch", "奥斯陆办公室" * 6:
            self.succeed("name", proxy.endpoint, name)
            for columns in 80, 60, 40:
                code, text = self.terminal("status", columns=columns)
                self.assertEqual(code, DONE)
                lines = without_color(text).splitlines()
                self.assertLessEqual(max(map(width_of, lines)), columns, text)
                # Below each other, and nothing is lost.
                begin = lines[0].index("Connected")
                self.assertEqual({line[begin - 2:begin] for line in lines}, {"  "}, text)
                self.assertIn("".join(f"{name} ({proxy.endpoint}), chosen by hand".split()),
                              "".join("".join(line[begin:] for line in lines).split()))

    def test_colour_is_for_terminals_that_want_it(self):
        proxy = self.open_proxy("open")
        self.start_and_sweep()
        self.connect(proxy.endpoint)
        plain = self.succeed("status")
        code, text = self.terminal("status")
        self.assertEqual(code, DONE)
        self.assertIn(GREEN, text)
        self.assertEqual(without_color(text), plain)
        self.assertEqual(self.terminal("status", NO_COLOR="1"), (DONE, plain))
        self.assertEqual(self.terminal("status", TERM="dumb"), (DONE, plain))


class List(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.proxies = [self.open_proxy(name) for name in ("a", "b")]
        self.login = self.login_proxy("login")
        self.refusing = self.peer("refusing")
        self.web_peer = self.peer("http")
        self.serve(Impostor, self.web_peer.address, says=b"HTTP/1.1 400 No\r\n")
        self.start_and_sweep()

    def addresses(self, *options):
        return [peer["address"] for peer in self.json("list", *options)]

    def test_the_proxies_in_the_order_of_the_service(self):
        known = [peer["Address"] for peer in self.client.get("Proxies")]
        self.assertEqual(self.addresses(), known)
        self.assertEqual(self.succeed("list", "--addresses").splitlines(), known)
        for number, (line, address) in enumerate(
                zip(self.succeed("list").splitlines()[1:], known), 1):
            self.assertEqual(line.split()[:2], [str(number), address])

    def test_all_with_the_reason_why_not(self):
        peers = {peer["address"]: peer for peer in self.json("list", "--all")}
        self.assertEqual(peers[self.refusing.endpoint]["reason"], "refused")
        self.assertEqual(peers[self.web_peer.endpoint]["reason"], "not-socks5")
        text = self.succeed("list", "--all", "--wide")
        self.assertIn("No answer: Refused the connection", text)
        self.assertIn("Last seen", text)
        lines = text.splitlines()
        self.assertEqual(len(lines), 6)
        for line in lines[1:3]:
            self.assertRegex(line, r"  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")

    def test_sorted_by_each_key(self):
        self.assertEqual(self.addresses("-a", "-s", "address"),
                         sorted(self.peers()))
        latencies = [peer["latency_us"] for peer in
                     self.json("list", "--all", "--sort", "latency")]
        known = [latency for latency in latencies if latency]
        self.assertEqual(latencies, sorted(known) + [None] * (len(latencies) - len(known)))
        statuses = [peer["status"] for peer in self.json("list", "-a", "--sort", "status")]
        self.assertEqual(statuses, ["Valid", "Valid", "AuthenticationRequired", "NotAProxy",
                                    "NotListening"])
        seen = [peer["last_seen_us"] or 0 for peer in
                self.json("list", "--all", "--sort=seen")]
        self.assertEqual(seen, sorted(seen, reverse=True))
        self.refuse(USAGE, "list", "--sort", "colour")

    def test_all_in_the_same_order_every_time(self):
        """By status, and within each by address."""
        ranks = ["Valid", "AuthenticationRequired", "NotAProxy", "NotListening"]
        # So many that the fastest are hardly the first by their addresses, too.
        for number in range(5):
            self.open_proxy(f"open {number}")
            self.peer(f"refusing {number}")
        self.sweep()
        known = self.peers()
        self.assertEqual(len(known), 15)
        self.assertEqual(self.addresses("--all"), sorted(
            known, key=lambda address: (ranks.index(known[address]["Status"]), address)))

    def test_the_chosen_one_is_marked(self):
        self.connect(self.login.endpoint)
        (chosen,) = (peer for peer in self.json("list") if peer["selected"])
        self.assertEqual(chosen["address"], self.login.endpoint)
        (line,) = (line for line in self.succeed("list").splitlines() if line[0] == "*")
        self.assertIn(self.login.endpoint, line)

    def test_a_narrow_terminal_gets_short_addresses(self):
        code, text = self.terminal("list", columns=50)
        self.assertEqual(code, DONE)
        self.assertNotIn(self.login.endpoint, text)
        self.assertIn("…", text)
        for options in (), ("--all",):
            _, text = self.terminal("list", *options, columns=50)
            self.assertLessEqual(max(map(width_of, without_color(text).splitlines())), 50)
        self.assertIn(self.login.endpoint, self.terminal("list", columns=100)[1])
        self.assertIn(self.login.endpoint, self.terminal("list", "-w", columns=50)[1])

    def test_the_numbers_are_the_same_however_it_is_sorted(self):
        numbers = {}
        for options in (), ("--sort", "address"), ("--all",):
            for line in self.succeed("list", *options).splitlines()[1:]:
                cells = line.removeprefix("*").split()
                if cells[0].isdigit():
                    self.assertEqual(numbers.setdefault(cells[1], cells[0]), cells[0])
        self.assertEqual(len(numbers), 3)


if __name__ == "__main__":
    whole.main()
