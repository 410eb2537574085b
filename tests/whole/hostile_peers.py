# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Peers that are anything but proxies, and how long the service puts up with each."""

import socket
import socketserver
import threading
import time

from lib import overlay, whole
from lib.bus import ERROR, BusError
from lib.rude_node import reset
from lib.socks_servers import Impostor
from lib.waiting import wait_until
from lib.whole import WholeTest
from lib.wiretap import Wiretap

GREETING = b"\x05\x01\x00"
MEGABYTE = b"m" * 1024 * 1024

HTTP = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
SSH = b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"

# How far a time-out may be off, in seconds.
PRECISION = 0.2

# A busy machine may wake the service late; a wrong time-out is wrong every time.
N_ATTEMPTS = 5

PROBE_SECONDS = 5
DIAL_SECONDS = 10
RACE_SECONDS = 5


class Talker(socketserver.ThreadingTCPServer):
    """A peer that does with each connection what a function says.

    heard: what the service sent to it and was not read by the function.
    """

    daemon_threads = True
    block_on_close = False
    address_family = socket.AF_INET6
    request_queue_size = 64

    def __init__(self, address, talk):
        self.talk = talk
        self.heard = []
        super().__init__((address, 1080), None)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05},
                         daemon=True).start()

    def finish_request(self, request, client_address):
        """Talks to one client, in a thread of its own."""
        try:
            self.talk(request)
            while data := request.recv(65536):
                self.heard.append(data)
        except OSError:
            pass

    def shutdown_request(self, request):
        """Closes without a half-close before it, so that a reset stays one."""
        request.close()

    def stop(self):
        """Closes the port."""
        self.shutdown()
        self.server_close()


def after_greeting(*said, then=None):
    """Reads the greeting, says that, one piece a second, and does what comes then."""
    def talk(connection):
        assert connection.recv(3, socket.MSG_WAITALL) == GREETING
        for i, piece in enumerate(said):
            if i:
                time.sleep(1)
            connection.sendall(piece)
        if then:
            then(connection)
    return talk


def at_once(said, then=None):
    """Says that before the greeting is read, and does what comes then."""
    def talk(connection):
        connection.sendall(said)
        if then:
            then(connection)
    return talk


def close(connection):
    """Ends the connection in order: with nothing unread, which would make it a reset."""
    connection.shutdown(socket.SHUT_WR)


def drip_too_slowly(connection):
    """Says the second byte when nobody waits for it any more."""
    connection.sendall(b"\x05")
    time.sleep(PROBE_SECONDS + 1)
    connection.sendall(b"\x00")


# Name -> what it does, status, reason.
TALKERS = {
    "an HTTP server": (after_greeting(HTTP, then=close), "NotAProxy", "not-socks5"),
    "an SSH server": (at_once(SSH), "NotAProxy", "not-socks5"),
    "an HTTP server that speaks first": (at_once(HTTP), "NotAProxy", "not-socks5"),
    "SOCKS4": (after_greeting(b"\x00\x5b" + b"\x00" * 6), "NotAProxy", "not-socks5"),
    "a method not offered": (after_greeting(b"\x05\x02"), "NotAProxy", "bad-method"),
    "a method not offered, first": (at_once(b"\x05\x01"), "NotAProxy", "bad-method"),
    "one byte": (after_greeting(b"\x05"), "NotListening", "timed-out"),
    "one byte and the end": (after_greeting(b"\x05", then=close), "NotListening", "closed"),
    "one byte and a reset": (after_greeting(b"\x05", then=reset), "NotListening", "reset"),
    "the end": (after_greeting(then=close), "NotListening", "closed"),
    "the end at once": (close, "NotListening", "closed"),
    "a reset": (after_greeting(then=reset), "NotListening", "reset"),
    "a reset at once": (reset, "NotListening", "reset"),
    "silence": (after_greeting(), "NotListening", "timed-out"),
    "a drip": (after_greeting(b"H", b"T", b"T", b"P"), "NotAProxy", "not-socks5"),
    "a drip of a proxy": (after_greeting(b"\x05", b"\x00"), "Valid", None),
    "too slow a drip": (drip_too_slowly, "NotListening", "timed-out"),
    "a proxy": (after_greeting(b"\x05\x00"), "Valid", None),
    "a proxy, first": (at_once(b"\x05\x00"), "Valid", None),
    "a proxy and a flood": (after_greeting(b"\x05\x00" + MEGABYTE), "Valid", None),
    "a proxy and a flood, first": (at_once(b"\x05\x00" + MEGABYTE), "Valid", None),
    "a proxy and a reset": (after_greeting(b"\x05\x00", then=reset), "Valid", None),
    "a login": (after_greeting(b"\x05\xff"), "AuthenticationRequired", None),
    "a login and a flood": (after_greeting(b"\x05\xff" + MEGABYTE),
                            "AuthenticationRequired", None),
    "a flood": (at_once(MEGABYTE), "NotAProxy", "not-socks5"),
}


class HostilePeers(WholeTest):
    settings = {}  # the defaults: the real time-outs

    def setUp(self):
        super().setUp()
        self.tap = Wiretap()
        self.addCleanup(self.tap.stop)

    def assert_within(self, seconds, measure):
        """One of some measurements is that time, as nearly as is demanded."""
        taken = []
        while len(taken) < N_ATTEMPTS:
            taken.append(measure())
            if abs(taken[-1] - seconds) < PRECISION:
                return
        self.fail(f"not {seconds} s: {taken}")


class Verdicts(HostilePeers):
    def test_each_has_its_verdict_and_reason_in_time(self):
        expected, talkers = {}, {}
        for name, (talk, status, reason) in TALKERS.items():
            peer = self.peer(name)
            talkers[name] = self.serve(Talker, peer.address, talk)
            expected[peer.endpoint] = name, status, reason
        for name, options, reason in [("a black hole", {"is_host": False}, "timed-out"),
                                      ("nobody", {}, "refused"),
                                      ("no way", {"is_host": False}, "unreachable")]:
            peer = self.peer(name, **options)
            expected[peer.endpoint] = name, "NotListening", reason
            if name == "no way":
                overlay.make_unreachable(peer.address)

        self.start_and_sweep()
        n_descriptors = self.daemon.n_descriptors
        peers = self.peers()
        self.assertEqual({address: (expected[address][0], peer["Status"],
                                    peer.get("Reason"))
                          for address, peer in peers.items()}, expected)
        for peer in peers.values():
            self.assertEqual("Latency" in peer, peer["Status"] != "NotListening")
            self.assertEqual("LastSeen" in peer, peer["Status"] != "NotListening")

        def time_outs():
            """How far the time-out that was furthest off was, by the kernel's clock."""
            self.sweep()
            return max((self.seconds_of(peer) for peer in self.peers().values()
                        if peer.get("Reason") == "timed-out"),
                       key=lambda seconds: abs(seconds - PROBE_SECONDS))

        self.assert_within(PROBE_SECONDS, time_outs)
        self.assertLessEqual(self.daemon.n_descriptors, n_descriptors)
        for name, talker in talkers.items():
            heard = b"".join(talker.heard)
            self.assertEqual(heard, GREETING * (len(heard) // 3), name)

    def seconds_of(self, peer):
        """From the first packet of the last probe to its verdict."""
        address = peer["Address"].rpartition(":")[0].strip("[]")
        last = self.tap.attempts((address, 1080))[-1]
        return peer["LastProbed"] / 1e6 - last.time


class OtherTimeOuts(HostilePeers):
    def test_a_race_of_silent_proxies_ends_after_5_seconds(self):
        peer = self.peer("fell silent")
        proxy = self.serve(Impostor, peer.address, says=b"\x05\x00")
        self.start_and_sweep()
        proxy.says = b""

        def race():
            began = time.monotonic()
            with self.assertRaises(BusError) as caught:
                self.client.call("Connect", "")
            self.assertEqual(caught.exception.name, ERROR + "NoValidProxy")
            return time.monotonic() - began

        self.client.call("StopProbing")
        self.assert_within(RACE_SECONDS, race)

    def test_dialling_a_black_hole_ends_after_10_seconds(self):
        hole = self.peer("a black hole", is_host=False)
        self.start_service()
        self.client.call("StopProbing")
        self.connect(hole.endpoint)

        def dial():
            with socket.create_connection(("::1", 1080), 60) as stream:
                port = stream.getsockname()[1]
                self.assertEqual(stream.recv(1), b"")
            local = next(one for one in self.tap.attempts(("::1", 1080))
                         if one.source[1] == port)
            closed = wait_until(lambda: self.tap.closing_of(local), "the service's end")
            return closed - local.time

        self.assert_within(DIAL_SECONDS, dial)


if __name__ == "__main__":
    whole.main()
