# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many of everything. No time is measured here: tests/bench/run does."""

import socket

from lib import whole
from lib.many_echoes import ManyEchoes
from lib.waiting import wait_until
from lib.whole import WholeTest

N_STREAMS = 2000
N_SILENT = 1500

# Less than a hundred bytes for each time that somebody connects and disconnects.
MAY_GROW_KIB = 900


class Streams(WholeTest):
    def setUp(self):
        super().setUp()
        peer = self.peer("echoes")
        self.serve(ManyEchoes, peer.address)
        self.endpoint = peer.endpoint

    def open_streams(self, n):
        streams = [socket.create_connection(("::1", 1080), 60) for _ in range(n)]
        for stream in streams:
            self.addCleanup(stream.close)
        return streams

    def test_thousands_of_idle_streams_are_held_and_all_work(self):
        self.start_service()
        self.connect(self.endpoint)
        streams = self.open_streams(N_STREAMS)
        self.client.wait_for("ActiveConnections", N_STREAMS)
        self.assertLessEqual(self.daemon.n_descriptors, 2 * N_STREAMS + 100)

        for i, stream in enumerate(streams):
            stream.sendall(i.to_bytes(4, "big"))
        for i, stream in enumerate(streams):
            self.assertEqual(stream.recv(4, socket.MSG_WAITALL), i.to_bytes(4, "big"))

        self.disconnect()
        self.assertEqual(self.client.get("ActiveConnections"), 0)
        for stream in streams:
            self.assertRaises(ConnectionResetError, stream.recv, 1)
        self.assertLess(self.daemon.n_descriptors, 100)

    def test_more_streams_than_the_limit_are_closed_at_once(self):
        self.daemon.configure({"Limits": {"Connections": "50", "Threads": "1"}})
        self.start_service()
        self.connect(self.endpoint)
        streams = self.open_streams(50)
        self.client.wait_for("ActiveConnections", 50)
        for stream in self.open_streams(10):
            self.assertEqual(stream.recv(1), b"")
        self.client.wait_for("RefusedConnections", 10)

        streams[0].close()
        self.client.wait_for("ActiveConnections", 49)
        (stream,) = self.open_streams(1)
        stream.sendall(b"x")
        self.assertEqual(stream.recv(1), b"x")

    def test_a_low_descriptor_limit_lowers_the_limit_of_streams(self):
        self.daemon.configure({"Probing": {"Parallel": "16"}, "Limits": {"Threads": "1"}})
        self.daemon.start(n_files=512)
        # 64 for itself, 16 for probes, and 64 pipes for each worker.
        n_allowed = (512 - 64 - 16 - 2 * 64) // 2
        self.assertIn(f": The descriptor limit of 512 allows {n_allowed} connections "
                      "instead of 4096;", self.daemon.process.output())
        self.connect(self.endpoint)
        self.open_streams(512)
        # Those that wait in the kernel's queue are taken while this is asked.
        wait_until(lambda: self.client.get("ActiveConnections")
                   + self.client.get("RefusedConnections") == 512, "an end of each")
        self.assertEqual(self.client.get("ActiveConnections"), n_allowed)
        self.assertEqual(self.client.get("RefusedConnections"), 512 - n_allowed)
        self.assertLess(self.daemon.n_descriptors, 512)


class Peers(WholeTest):
    def test_many_silent_peers_are_swept_while_the_service_answers(self):
        silent = [self.peer(f"silent {i}", is_host=False) for i in range(N_SILENT)]
        proxy = self.open_proxy("open")
        self.start_service()
        self.wait_for_peer(proxy, Status="Valid")
        self.assertTrue(self.client.get("Sweeping"))
        self.assertEqual(self.connect(), proxy.endpoint)
        self.assert_fetches()

        self.wait_for_sweep(0)
        self.assertEqual(self.client.get("PeerCounts"), {
            "Valid": 1, "AuthenticationRequired": 0, "NotAProxy": 0,
            "NotListening": len(silent), "Unprobed": 0})

    def test_ten_thousand_connects_and_disconnects_leave_nothing(self):
        echo = self.peer("echo")
        self.serve(ManyEchoes, echo.address)
        self.start_service()
        n_cycles = 1_000 if self.daemon.is_sanitized else 10_000
        n_descriptors = memory_kib = None
        for i in range(n_cycles):
            self.client.call_at_once("Connect", echo.endpoint)
            with socket.create_connection(("::1", 1080), 20) as stream:
                stream.sendall(b"x")
                self.assertEqual(stream.recv(1), b"x")
            self.client.call_at_once("Disconnect")
            if i == n_cycles // 100:
                n_descriptors = self.daemon.n_descriptors
                memory_kib = self.daemon.memory_kib()
        wait_until(lambda: self.daemon.n_descriptors <= n_descriptors,
                   "descriptors given back")
        if not self.daemon.is_sanitized:
            self.assertLessEqual(self.daemon.memory_kib() - memory_kib, MAY_GROW_KIB)
        self.assertEqual(len(self.client.remote_changes), 2 * n_cycles)
        self.client.remote_changes.clear()


if __name__ == "__main__":
    whole.main()
