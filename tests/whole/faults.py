# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad days that change nothing but what they have to."""

import contextlib
import hashlib
import os
import signal
import socket
import threading
import time

from lib import overlay, whole
from lib.node_standin import ROUTES
from lib.socks_servers import Impostor, MicroSocks
from lib.waiting import wait_until
from lib.whole import WholeTest, send_in_background

MEGABYTE = b"m" * 1024 * 1024
MORE_THAN_FITS = 64 * MEGABYTE  # into all buffers on the way

# So many sweeps are missed. Who waits for the tests need not wait for two minutes: all of
# tests/check takes them, once.
STOPPED_S = 120 if os.environ.get("THOROUGH") == "true" else 5

GREETING, ACCEPTED = b"\x05\x01\x00", b"\x05\x00"
ELSEWHERE = "::1", 1090  # not beyond the interface


class Faults(WholeTest):
    settings = {"Probing": {"TimeoutSec": "1", "IntervalSec": "1"}}

    def echo(self, name):
        peer = self.peer(name)
        self.serve(Impostor, peer.address, then="echo")
        return peer

    def local_stream(self):
        stream = socket.create_connection(("::1", 1080), 20)
        self.addCleanup(stream.close)
        return stream

    @staticmethod
    def send_until_cut(stream):
        with contextlib.suppress(ConnectionError):
            stream.sendall(MORE_THAN_FITS)

    def n_sweeps(self):
        return sum(path == ROUTES for path in self.node.requests)

    def go_on(self):
        """Lets the service run again, and end in order, whatever the test saw."""
        self.daemon.process.send(signal.SIGCONT)

    def test_a_stopped_process_goes_on_with_one_sweep_and_its_streams(self):
        echo = self.echo("echo")
        self.start_and_sweep()
        self.connect(echo.endpoint)
        stream = self.local_stream()
        stream.sendall(b"before")
        self.assertEqual(stream.recv(6, socket.MSG_WAITALL), b"before")

        self.addCleanup(self.go_on)
        self.daemon.process.send(signal.SIGSTOP)
        wait_until(lambda: self.daemon.state == "T", "the service stopped")
        before, missed = self.n_sweeps(), threading.Event()
        missed.wait(STOPPED_S)
        stream.sendall(b"after")
        went_on = time.monotonic()
        self.go_on()
        self.assertEqual(stream.recv(5, socket.MSG_WAITALL), b"after")
        wait_until(lambda: self.n_sweeps() > before, "a sweep")
        self.wait_for_sweep()
        # One for all that were missed, and since then one a second as ever.
        n_sweeps = self.n_sweeps() - before
        self.assertLessEqual(n_sweeps, 2 + int(time.monotonic() - went_on))
        self.assertEqual(self.client.get("State"), "connected")

    def unplug(self):
        overlay.unplug()
        self.addCleanup(overlay.plug_in)
        self.local_stream()  # finds out

    def check_stream(self, stream):
        stream.sendall(b"again")
        self.assertEqual(stream.recv(5, socket.MSG_WAITALL), b"again")

    def test_the_overlay_interface_may_go_and_come_back(self):
        echo = self.echo("echo")
        self.start_and_sweep()
        self.connect(echo.endpoint)
        self.unplug()
        self.client.wait_for("State", "failing")
        self.wait_for_peer(echo, Status="NotListening", Reason="unreachable")
        self.assertEqual(self.client.get("Remote"), echo.endpoint)

        overlay.plug_in()
        self.client.wait_for("State", "connected")
        self.check_stream(self.local_stream())

    def test_an_automatic_choice_waits_for_the_overlay_interface(self):
        proxy = self.open_proxy("a")
        self.start_and_sweep()
        self.connect()
        self.unplug()
        self.client.wait_for("State", "failing")
        self.wait_for_peer(proxy, Status="NotListening", Reason="unreachable")
        self.assertEqual(self.local_stream().recv(1), b"")

        overlay.plug_in()
        self.client.wait_for("State", "connected")
        self.wait_for_peer(proxy, Status="Valid")
        self.assert_fetches()

    def test_an_automatic_choice_moves_away_from_the_overlay_and_back(self):
        elsewhere = "[{}]:{}".format(*ELSEWHERE)
        self.daemon.configure({"Probing": {**self.settings["Probing"],
                                           "StaticPeers": elsewhere}})
        proxy = self.open_proxy("a")
        self.start_and_sweep()
        self.connect()
        other = MicroSocks(*ELSEWHERE)
        self.addCleanup(other.stop)
        wait_until(lambda: self.peers()[elsewhere]["Status"] == "Valid", elsewhere)

        self.unplug()
        self.assertEqual(self.client.pop_remote_change(),
                         (proxy.endpoint, elsewhere, "failover"))
        self.wait_for_peer(proxy, Status="NotListening", Reason="unreachable")
        stream = self.local_stream()
        stream.sendall(GREETING)
        self.assertEqual(stream.recv(2, socket.MSG_WAITALL), ACCEPTED)

        overlay.plug_in()
        self.wait_for_peer(proxy, Status="Valid")
        self.assertEqual(self.client.get("Remote"), elsewhere)
        other.stop()
        self.local_stream()
        self.assertEqual(self.client.pop_remote_change(),
                         (elsewhere, proxy.endpoint, "failover"))
        self.assert_fetches()

    def test_streams_outlive_a_while_without_the_own_address(self):
        echo = self.echo("echo")
        self.start_and_sweep()
        self.connect(echo.endpoint)
        stream = self.local_stream()
        self.check_stream(stream)

        overlay.remove_own_address(self.node.own.address)
        self.wait_for_sweep()
        stream.sendall(b"meanwhile")
        overlay.add_own_address(self.node.own.address)
        self.assertEqual(stream.recv(9, socket.MSG_WAITALL), b"meanwhile")
        self.sweep()
        self.wait_for_peer(echo, Status="NotAProxy")
        self.client.wait_for("State", "connected")
        self.check_stream(self.local_stream())

    def test_killed_under_load_it_is_back_with_its_choice(self):
        echo = self.echo("echo")
        self.start_and_sweep()
        self.connect(echo.endpoint)
        streams = [self.local_stream() for _ in range(20)]
        for stream in streams:
            threading.Thread(target=self.send_until_cut, args=[stream]).start()
            self.assertTrue(stream.recv(1))
        self.daemon.kill()
        for stream in streams:  # by an end of file or a reset, as the kernel likes
            with contextlib.suppress(ConnectionResetError):
                while stream.recv(65536):
                    pass

        self.start_service()
        self.assertEqual(self.client.pop_remote_change(), ("", echo.endpoint, "restored"))
        stream = self.local_stream()
        send_in_background(stream, MEGABYTE)
        digest = hashlib.sha256()
        while data := stream.recv(65536):
            digest.update(data)
        self.assertEqual(digest.digest(), hashlib.sha256(MEGABYTE).digest())


if __name__ == "__main__":
    whole.main()
