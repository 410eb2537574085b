# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node, or somebody in its place, that wants to do harm."""

import json
import time

from lib import whole
from lib.node_standin import ADMIN, PUBKEY, ROUTES
from lib.rude_node import OK, RudeNode, Trap, body, reset
from lib.socks_servers import Impostor
from lib.waiting import wait_until
from lib.whole import WholeTest
from lib.wiretap import Wiretap

MEGABYTE = 1024 * 1024

# How far a time-out may be off, in seconds.
PRECISION = 0.2

# A busy machine may wake the service late; a wrong time-out is wrong every time.
N_ATTEMPTS = 5

EVERY_TYPE = ["null", "true", "false", "0", "-1", "1.5", "1e400", "18446744073709551617",
              '""', '"text"', '"\\u0000"', "[]", "[[]]", "{}", '{"a":{"b":null}}']


def hang(connection):
    """Takes the request and says nothing."""
    connection.recv(1)


def drip(head):
    """Says the head, then one byte a second."""
    def answer(connection):
        connection.sendall(head)
        while True:
            connection.sendall(b" ")
            time.sleep(1)
    return answer


def flood(head, block, n_bytes):
    """Says the head and then so many bytes."""
    def answer(connection):
        connection.sendall(head)
        for _ in range(n_bytes // len(block)):
            connection.sendall(block)
    return answer


def million(entry):
    """Returns a list of a million entries."""
    return body("[" + ",".join([entry] * 1_000_000) + "]")


ROUTE = json.dumps({"subnet": "4aa:1:2:3::/64", "nextHop": "TCP [::1]:1 <-> [::1]:2",
                    "metric": 1, "seqno": 1})

SAYS_NO_ROUTES = {
    "reset": reset,
    "end of file": lambda connection: None,
    "150 MB": flood(OK + b"Content-Length: 157286400\r\n\r\n", b" " * MEGABYTE, 157286400),
    "150 MB in chunks": flood(OK + b"Transfer-Encoding: chunked\r\n\r\n",
                              b"10000\r\n" + b" " * 65536 + b"\r\n", 157286400),
    "150 MB of headers": flood(OK, b"X-Long: header\r\n" * 65536, 157286400),
    "150 MB of one header": flood(OK + b"X: ", b"x" * MEGABYTE, 157286400),
    "a million routes": million(ROUTE),
    "a million numbers": million("1"),
    "a million objects": million("{}"),
    "a million objects in one": body('{"a":[' + ",".join(["{}"] * 1_000_000) + "]}"),
    "100,000 brackets": body("[" * 100_000),
    "100,000 brackets, closed": body("[" * 100_000 + "]" * 100_000),
    "100,000 objects": body('{"a":' * 100_000),
    "NUL": body(b"[\0]"),
    "not UTF-8": body(b'["\xff"]'),
    "no length and no end": OK + b"\r\n[",
    "status 500": body("[]", b"HTTP/1.1 500 Internal Server Error\r\n"),
    "status 204": b"HTTP/1.1 204 No Content\r\n\r\n",
    **{f"{value} in place of the list": body(value) for value in EVERY_TYPE
       if value not in ("[]", "[[]]")},
}


class HostileNode(WholeTest):
    """A service that knows two peers, from a time when the node was honest."""

    def setUp(self):
        super().setUp()
        self.node.stop()
        self.rude = RudeNode(self.node)
        self.addCleanup(self.rude.stop)
        self.proxy = self.peer("a proxy")
        self.serve(Impostor, self.proxy.address, says=b"\x05\x00")
        self.other = self.peer("no proxy")

    def start(self):
        self.start_and_sweep()
        self.assert_list(up=True)

    def assert_list(self, *, up):
        """The list is as it was. Only what the node is says whether it may be stale."""
        self.assertEqual(
            {address: peer["Status"] for address, peer in self.peers().items()},
            {self.proxy.endpoint: "Valid", self.other.endpoint: "NotListening"})
        self.assertEqual([entry["Address"] for entry in self.client.get("Proxies")],
                         [self.proxy.endpoint])
        self.assertEqual(self.client.get("NodeState"), "up" if up else "down")

    def assert_old_list_is_kept(self):
        """The next sweeps bring no routes, take nothing away, and probe who is known."""
        self.sweep()
        self.assert_list(up=False)
        # Two sweeps in a row without a route end a peer, but only if the node said so.
        asked = self.peers()[self.proxy.endpoint]["LastProbed"]
        self.sweep()
        self.assert_list(up=False)
        self.assertGreater(self.peers()[self.proxy.endpoint]["LastProbed"], asked)


class Routes(HostileNode):
    def test_whatever_it_says_the_old_list_is_kept_and_memory_too(self):
        self.start()
        n_descriptors = self.daemon.n_descriptors
        # Of all together: what stays of each would add up.
        with self.assert_little_memory():
            for name, answer in SAYS_NO_ROUTES.items():
                with self.subTest(name):
                    self.rude.rude = {ROUTES: answer}
                    self.assert_old_list_is_kept()
                    self.rude.rude.clear()
                    self.sweep()
                    self.assert_list(up=True)
        wait_until(lambda: self.daemon.n_descriptors <= n_descriptors + 2,
                   "descriptors given back")

    def test_one_that_is_down_or_refuses_leaves_the_old_list(self):
        self.start()
        self.rude.stop()
        self.assert_old_list_is_kept()

    def test_the_longest_list_that_is_read_takes_little_memory(self):
        self.start()
        good = self.node.answer(ROUTES).partition(b"\r\n\r\n[")[2][:-1].decode()
        self.rude.rude = {ROUTES: body("[" + good + ",[{},{},{}]" * 49_000 + "]")}
        with self.assert_little_memory():
            self.sweep()
        self.assert_list(up=True)

    def test_the_most_routes_that_are_read_take_little_memory(self):
        self.start()
        good = self.node.answer(ROUTES).partition(b"\r\n\r\n[")[2][:-1].decode()
        route = '{"subnet":"4aa:0:%x:%x::/64","nextHop":"' + "x" * 110 + '","metric":1}'
        more = ",".join(route % (n >> 16, n & 0xFFFF) for n in range(49_000))
        self.rude.rude = {ROUTES: body(f"[{good},{more}]"), PUBKEY: hang}
        with self.assert_little_memory():
            self.sweep()
        self.assert_list(up=True)

    def test_every_type_in_every_field_costs_that_entry_alone(self):
        self.start()
        good = self.node.answer(ROUTES).partition(b"\r\n\r\n[")[2][:-1].decode()
        subnets = {"subnet": '"4aa:%x::/64"', "metric": "1"}
        wrong = [*EVERY_TYPE, '{"subnet":"4ab::/64"}', '{"metric":1}']
        for field, whole_value in subnets.items():
            for value in EVERY_TYPE:
                # The one value of EVERY_TYPE that is a metric.
                if (field, value) == ("metric", "0"):
                    continue
                fields = {**subnets, field: value}
                wrong.append("{" + ",".join(
                    f'"{name}":{text.replace("%x", "1")}' for name, text in fields.items())
                    + "}")
        self.rude.rude = {ROUTES: body("[" + ",".join([*wrong, good, *wrong]) + "]")}
        self.sweep()
        self.assert_list(up=True)
        self.assertFalse([head for head in self.rude.heads if "/pubkey/4a" in head])

    def test_duplicates_and_nul_add_nothing(self):
        self.start()
        good = self.node.answer(ROUTES).partition(b"\r\n\r\n[")[2][:-1]
        for name, text in {
                "routes twice": b"[" + b",".join([good] * 1000) + b"]",
                "members twice": b"[" + good.replace(
                    b'"metric": 10', b'"metric": "x", "metric": 10, "metric": 10') + b"]",
                "NUL in a name": b'[{"subnet\\u0000":"4aa::/64","metric":1},' + good + b"]",
                "NUL in a value": b'[{"subnet":"4aa::/64\\u0000","metric":1},' + good
                                  + b"]",
                "raw NUL": b'[{"subnet":"4aa::/64\0","metric":1},' + good + b"]"}.items():
            with self.subTest(name):
                self.rude.rude = {ROUTES: body(text)}
                self.sweep()
                self.assert_list(up=True)
        self.assertFalse([head for head in self.rude.heads if "/pubkey/4aa" in head])


class OtherAnswers(HostileNode):
    def answers(self, field, key):
        """Returns every kind of wrong answer in the place of an object with that field."""
        return [hang, reset, body("[" * 100_000), million("{}"), body(b'{"a":"\0"}'),
                flood(OK + b"Content-Length: 157286400\r\n\r\n", b" " * MEGABYTE, 157286400),
                *map(body, EVERY_TYPE),
                *(body(f'{{"{field}":{value}}}') for value in EVERY_TYPE),
                body(f'{{"{field}":"{key}\\u0000"}}')]

    def test_who_the_node_is_stays_known(self):
        self.start()
        own = self.client.get("NodeAddress")
        self.assertEqual(own, self.node.own.address)
        key = self.node.own.key.hex()
        with self.assert_little_memory():
            for answer in [*self.answers("nodePubkey", key),
                           *(body(f'{{"nodePubkey":"{key}","nodeIp":"{address}"}}')
                             for address in ("400::1", "127.0.0.1", "x"))]:
                self.rude.rude = {ADMIN: answer}
                self.sweep()
                self.assert_list(up=True)
                self.assertEqual(self.client.get("NodeAddress"), own)

    def test_a_peer_without_a_right_key_is_not_there(self):
        self.start()
        third = self.peer("a third")
        with self.assert_little_memory():
            for answer in self.answers("publicKey", third.key.hex()):
                self.rude.rude = {PUBKEY: answer}
                self.sweep()
                self.assert_list(up=True)
        self.rude.rude.clear()
        self.sweep()
        self.assertIn(third.endpoint, self.peers())


class TimeOuts(HostileNode):
    def setUp(self):
        super().setUp()
        self.tap = Wiretap()
        self.addCleanup(self.tap.stop)

    def assert_ends_after(self, seconds):
        """The longest request of a sweep is given up then, by the kernel's clock."""
        taken = []
        while len(taken) < N_ATTEMPTS:
            n_before = len(self.tap.attempts(("127.0.0.1", 8989)))
            self.sweep()
            attempts = self.tap.attempts(("127.0.0.1", 8989))[n_before:]
            wait_until(lambda: all(map(self.tap.end_of, attempts)), "the ends")
            taken.append(max(self.tap.end_of(one) - one.time for one in attempts))
            if abs(taken[-1] - seconds) < PRECISION:
                return
        self.fail(f"not {seconds} s: {taken}")

    def test_hanging_ends_after_5_seconds(self):
        self.start()
        self.rude.rude = {ROUTES: hang}
        self.assert_ends_after(5)
        self.assert_list(up=False)

    def test_dripping_one_byte_a_second_ends_after_5_seconds(self):
        self.start()
        for head in OK + b"Content-Length: 1000\r\n\r\n", OK + b"X: ":
            self.rude.rude = {ROUTES: drip(head)}
            self.assert_ends_after(5)
            self.assert_list(up=False)


class Elsewhere(HostileNode):
    def test_nothing_but_the_intended_requests_leaves(self):
        traps = {name: Trap(*where) for name, where in {
            "impostor": ("::1", 8989), "HTTP proxy": ("127.0.0.1", 3128),
            "SOCKS proxy": ("127.0.0.1", 1085), "redirect": ("127.0.0.1", 8990)}.items()}
        for trap in traps.values():
            self.addCleanup(trap.stop)
        self.daemon.environment = {
            name: value for lower, value in [
                ("http_proxy", "http://127.0.0.1:3128"),
                ("https_proxy", "http://127.0.0.1:3128"),
                ("all_proxy", "socks5h://127.0.0.1:1085")]
            for name in (lower, lower.upper())}
        tap = Wiretap()
        self.addCleanup(tap.stop)
        self.start()

        for status in 301, 302, 303, 307, 308:
            redirect = (b"HTTP/1.1 %d Elsewhere\r\nLocation: http://127.0.0.1:8990/\r\n"
                        b"Refresh: 0; url=http://127.0.0.1:8990/\r\n"
                        b"Alt-Svc: h2=\":8990\"\r\nSet-Cookie: a=b\r\n"
                        b"WWW-Authenticate: Basic realm=\"x\"\r\n" % status)
            self.rude.rude = dict.fromkeys((ADMIN, ROUTES, PUBKEY), body("[]", redirect))
            self.assert_old_list_is_kept()
        self.rude.rude.clear()
        self.sweep()
        self.assert_list(up=True)
        self.rude.stop()
        self.assert_old_list_is_kept()

        self.assertEqual({name: trap.visits for name, trap in traps.items()},
                         dict.fromkeys(traps, []))
        self.assertEqual(tap.targets(), {
            ("127.0.0.1", 8989), (self.proxy.address, 1080), (self.other.address, 1080)})
        lines = {head.splitlines()[0] for head in self.rude.heads}
        keys = {f"GET {PUBKEY}{peer.subnet.removesuffix('/64')}1 HTTP/1.1"
                for peer in (self.proxy, self.other)}
        self.assertEqual(lines, {f"GET {ADMIN} HTTP/1.1", f"GET {ROUTES} HTTP/1.1", *keys})
        headers = {line.partition(":")[0] for head in self.rude.heads
                   for line in head.splitlines()[1:]}
        self.assertLessEqual(headers, {"Host", "Connection"})


if __name__ == "__main__":
    whole.main()
