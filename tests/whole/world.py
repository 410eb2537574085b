# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The made-up world is what it claims to be: a wrong one would prove nothing."""

import errno
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

from lib import blake3, overlay, tally, whole
from lib.node_standin import ADMIN, PUBKEY, ROUTES, NodeStandIn
from lib.socks_servers import (LOGIN, PASSWORD, Impostor, MicroSocks, WebServer, big_body,
                               login_server)
from lib.whole import CURL_PROXY_REFUSED, curl

# The first of BLAKE3's official test vectors: the bytes 0, 1, 2, ... of that length.
HASHES = {
    0: "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
    1: "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213",
    2: "7b7015bb92cf0b318037702a6cdd81dee41224f734684c2c122cd6359cb1ee63",
    63: "e9bc37a594daad83be9470df7f7b3798297c3d834ce80ba85d6e207627b7db7b",
    64: "4eed7141ea4a5cd4b788606bd23f46e212af9cacebacdc7d1f4c6dc7f2511b98",
}

ADDRESSES = {
    "b5ad45dc932b245a2f88f729ce30a4a098c868bd549de8bf8d8641b37a5e8501":
        "4b9:6a05:7595:dd31:198a:cc7:7b4a:3fd0",
    "755857880e120d9459f8a967958f4bf832e02acdb94518de504f35c6443d818a":
        "470:fa8e:7f9d:7bf2:8d67:60a6:df44:4089",
    "da360ee2266b1c52042a4d8735d594f85d129c90d4ddc1cc5eab4f4917872704":
        "466:c04a:9011:c676:722a:a049:1b6d:627",
    "801d8b5450e12d2a81b26bd0bdab479dbac079fa9717d4ba0e2df9bc8d07bb1d":
        "537:6779:91ff:708e:8730:f50d:9d85:3f6b",
    "00" * 32: "5da:83c1:819a:5372:dae1:238f:c1de:d123",
    "ff" * 32: "534:f060:fbc0:f0aa:11f1:50e2:6519:deff",
}


class Derivation(unittest.TestCase):
    def test_the_hash_is_blake3(self):
        for length, digest in HASHES.items():
            self.assertEqual(blake3.digest(bytes(range(length))).hex(), digest)

    def test_more_than_a_block_is_refused(self):
        with self.assertRaises(ValueError):
            blake3.digest(bytes(65))

    def test_addresses_are_those_of_mycelium(self):
        for key, address in ADDRESSES.items():
            self.assertEqual(overlay.address_of_key(bytes.fromhex(key)), address)


class Overlay(unittest.TestCase):
    def setUp(self):
        self.addCleanup(overlay.clear)
        self.address = overlay.Peer("somebody").address

    def connect(self, seconds=20):
        socket.create_connection((self.address, 1080), seconds).close()

    def test_an_address_nobody_has_is_silent(self):
        with self.assertRaises(TimeoutError):
            self.connect(0.3)

    def test_a_host_refuses_where_nobody_listens(self):
        overlay.add_host(self.address)
        with self.assertRaises(ConnectionRefusedError):
            self.connect()

    def test_an_unreachable_address_says_so(self):
        overlay.make_unreachable(self.address)
        with self.assertRaises(OSError) as caught:
            self.connect()
        self.assertEqual(caught.exception.errno, errno.EHOSTUNREACH)

    def test_a_host_that_went_is_silent(self):
        overlay.add_host(self.address)
        overlay.clear()
        with self.assertRaises(TimeoutError):
            self.connect(0.3)


class Servers(unittest.TestCase):
    def setUp(self):
        self.addCleanup(overlay.clear)
        self.peer = overlay.Peer("somebody")
        overlay.add_host(self.peer.address)
        overlay.add_host(whole.WEB_ADDRESS)
        with overlay.beyond():
            self.web = WebServer(whole.WEB_ADDRESS, {"/": whole.PAGE})
        self.addCleanup(self.web.stop)

    def fetch(self, login=None):
        return curl(self.web.url(), self.peer.endpoint, login)

    def test_microsocks_forwards_from_its_own_address(self):
        with overlay.beyond():
            self.addCleanup(MicroSocks(self.peer.address).stop)
        self.assertEqual(self.fetch(), (0, whole.PAGE))
        self.assertEqual(self.web.visitors, [self.peer.address])

    def test_the_web_is_out_of_reach_without_a_proxy(self):
        self.assertEqual(subprocess.call(["curl", "--silent", self.web.url()]),
                         whole.CURL_COULD_NOT_CONNECT)

    def test_login_is_asked_for(self):
        for kind in lambda a: MicroSocks(a, login=True), login_server:
            with overlay.beyond():
                server = kind(self.peer.address)
            self.assertEqual(self.fetch().status, CURL_PROXY_REFUSED)
            self.assertEqual(self.fetch((LOGIN, "wrong")).status, CURL_PROXY_REFUSED)
            self.assertEqual(self.fetch((LOGIN, PASSWORD)), (0, whole.PAGE))
            server.stop()

    def test_an_impostor_ends_its_connections_as_it_was_told(self):
        endings = {"close": b"", "echo": b"\x05\x01\x00", "reset": ConnectionResetError}
        for then, ending in endings.items():
            with overlay.beyond():
                impostor = Impostor(self.peer.address, then=then)
            with socket.create_connection((self.peer.address, 1080), 20) as client:
                client.sendall(b"\x05\x01\x00")
                if isinstance(ending, bytes):
                    self.assertEqual(client.recv(10), ending)
                else:
                    self.assertRaises(ending, client.recv, 10)
            impostor.stop()

    def test_a_big_body_is_always_the_same_and_never_repeats(self):
        self.assertEqual(big_body(100_000), big_body(100_000))
        self.assertNotEqual(big_body(100_000)[:50_000], big_body(100_000)[50_000:])


class Node(unittest.TestCase):
    def setUp(self):
        self.node = NodeStandIn().start()
        self.addCleanup(self.node.stop)
        self.peer = overlay.Peer("somebody")

    def ask(self, path, seconds=20):
        url = "http://127.0.0.1:8989" + path
        with urllib.request.urlopen(url, timeout=seconds) as answer:
            return json.load(answer)

    def test_it_tells_its_own_address(self):
        self.assertEqual(self.ask(ADMIN)["nodeIp"], self.node.own.address)

    def test_it_announces_routes_and_takes_them_back(self):
        self.node.add(self.peer)
        self.assertEqual([r["subnet"] for r in self.ask(ROUTES)], [self.peer.subnet])
        self.node.remove(self.peer)
        self.assertEqual(self.ask(ROUTES), [])

    def test_it_tells_keys_of_whom_it_has_a_route_to(self):
        inside = self.peer.subnet.replace("/64", "1")
        with self.assertRaises(urllib.error.HTTPError):
            self.ask(PUBKEY + inside)
        self.node.add(self.peer)
        self.assertEqual(self.ask(PUBKEY + inside), {"publicKey": self.peer.key.hex()})

    def test_it_can_be_broken_or_down(self):
        self.node.mode = "broken"
        with self.assertRaises(urllib.error.HTTPError):
            self.ask(ROUTES)
        self.node.stop()
        with self.assertRaises(urllib.error.URLError):
            self.ask(ROUTES)

    def test_it_answers_late_what_came_while_it_was_stalled(self):
        self.node.mode = "stalled"
        with self.assertRaises(TimeoutError):
            self.ask(ROUTES, 0.3)
        asking = subprocess.Popen(["curl", "-s", "http://127.0.0.1:8989" + ROUTES],
                                  stdout=subprocess.PIPE)
        whole.wait_until(lambda: self.node.requests == [ROUTES] * 2, "the second request")
        self.node.mode = "up"
        self.assertEqual(asking.communicate()[0], b"[]")


class Reporting(unittest.TestCase):
    """A test that failed, or was none, is seen as that."""

    def run_module(self, text):
        with tempfile.NamedTemporaryFile("w", suffix=".py") as module:
            module.write("import unittest\nfrom lib import tap\n"
                         f"class T(unittest.TestCase):\n{text}\ntap.main()\n")
            module.flush()
            done = subprocess.run([sys.executable, module.name], capture_output=True,
                                  text=True)
        return done.returncode, tally.tally_one("OK" if done.returncode == 0 else "ERROR",
                                                done.stdout, True)

    def test_what_passes_and_fails_is_counted(self):
        self.assertEqual(self.run_module(" def test_a(self): pass"), (0, (1, 0)))
        self.assertEqual(self.run_module(
            " def test_a(self): pass\n def test_b(self): self.fail('x\\ny')"), (1, (1, 1)))
        self.assertEqual(self.run_module(
            " def test_a(self):\n"
            "  for i in range(3):\n"
            "   with self.subTest(i): self.assertEqual(i, 1)"), (1, (0, 1)))

    def test_a_test_that_was_skipped_or_is_none_has_failed(self):
        self.assertEqual(self.run_module(" pass"), (1, (0, 1)))
        self.assertEqual(self.run_module(
            " def test_a(self): self.skipTest('later')"), (1, (0, 1)))
        self.assertEqual(self.run_module(
            " @unittest.expectedFailure\n def test_a(self): self.fail()"), (1, (0, 1)))

    def test_a_broken_fixture_is_a_failure(self):
        self.assertEqual(self.run_module(
            " def setUp(self): 1 / 0\n def test_a(self): pass"), (1, (0, 1)))
        self.assertEqual(self.run_module(
            " @classmethod\n def setUpClass(cls): 1 / 0\n def test_a(self): pass"),
            (1, (0, 1)))

    def test_a_program_that_ends_badly_has_failed_whatever_it_said(self):
        self.assertEqual(tally.tally_one("ERROR", "ok 1 a\nok 2 b\n1..2\n", True), (2, 1))
        self.assertEqual(tally.tally_one("TIMEOUT", "ok 1 a\n", True), (1, 1))
        self.assertEqual(tally.tally_one("OK", "1..0\n", True), (0, 1))
        self.assertEqual(tally.tally_one("OK", "ok 1 a # SKIP why\n1..1\n", True), (0, 1))
        self.assertEqual(tally.tally_one("FAIL", "", False), (0, 1))
        self.assertEqual(tally.tally_one("OK", "", False), (1, 0))
        self.assertEqual(tally.tally_one("SKIP", "", False), (0, 1))

    def test_what_a_program_said_before_it_failed_is_told(self):
        one = {"name": "x:whole / one", "result": "OK", "returncode": 0,
               "stdout": "ok 1 a\n1..1\n"}
        two = {"name": "x:whole / two", "result": "ERROR", "returncode": 1,
               "stdout": "ok 1 a\nnot ok 2 b\n# 1 is not 2\nok 3 c\n", "stderr": "why\n"}
        with tempfile.TemporaryDirectory() as build:
            for name in ("meson-logs", "meson-info"):
                pathlib.Path(build, name).mkdir()
            pathlib.Path(build, "meson-info/intro-tests.json").write_text(
                json.dumps([{"name": name, "protocol": "tap"} for name in ("one", "two")]))
            self.assertEqual(tally.tally(build), (0, 1, ["  no test has run"]))
            pathlib.Path(build, "meson-logs/testlog.json").write_text(
                json.dumps(one) + "\n" + json.dumps(two) + "\n")
            self.assertEqual(tally.tally(build), (3, 1, [
                "  two: ERROR, exit status 1",
                "    not ok 2 b", "    # 1 is not 2", "    why"]))


if __name__ == "__main__":
    whole.main()
