# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody sets the clock a year on or back: what is told shows it, nothing else does."""

import os
import socket
import struct
import time

from lib import whole
from lib.node_standin import ROUTES
from lib.socks_servers import Impostor
from lib.waiting import wait_until
from lib.whole import WholeTest

YEAR_S = 365 * 24 * 60 * 60
INTERVAL_S = 1
RACE_S = 5

US = 1_000_000


class Clock(WholeTest):
    """The service with a clock of its own, and a stream through it."""

    settings = {"Probing": {"TimeoutSec": "1", "IntervalSec": str(INTERVAL_S)}}

    def setUp(self):
        super().setUp()
        self.shift = self.daemon.directory / "clock-shift"
        self.set_clock(0)
        sanitizer = os.environ.get("ASAN_OPTIONS", "")
        self.daemon.environment = {
            "LD_PRELOAD": os.environ["SHIFTED_CLOCK"], "CLOCK_SHIFT": str(self.shift),
            "ASAN_OPTIONS": f"{sanitizer}:verify_asan_link_order=0"}
        self.remote = self.peer("echo")
        self.remote.server = self.serve(Impostor, self.remote.address, says=b"\x05\x00",
                                        then="echo")

    def set_clock(self, shift_s):
        """Sets the service's clock that far from the true time."""
        with open(self.shift, "r+b" if self.shift.exists() else "wb") as file:
            file.write(struct.pack("q", shift_s))

    def shift_of(self, us):
        """Returns by how many years that point in time, of just now, is wrong."""
        return round((us / US - time.time()) / YEAR_S)

    def sweeps(self):
        """Returns how many sweeps have begun."""
        return self.node.requests.count(ROUTES)

    def check_sweeps(self):
        """They go on, and not faster than they should."""
        began = time.monotonic()
        first = self.sweeps()
        wait_until(lambda: self.sweeps() > first + 2, "some sweeps more")
        n_sweeps = self.sweeps() - first
        self.assertLessEqual(n_sweeps, (time.monotonic() - began) / INTERVAL_S + 1)

    def check_sweep_told(self, years):
        self.client.wait_for("LastSweep", lambda ended: self.shift_of(ended) == years)

    def check_told(self, years):
        """What is told of the time follows the clock."""
        self.check_sweep_told(years)

        def is_seen():
            entry = self.peers()[self.remote.endpoint]
            return all(self.shift_of(entry[key]) == years
                       for key in ("LastProbed", "LastSeen"))

        wait_until(is_seen, f"the peer seen {years} years from now")

    def check_stream(self, stream):
        stream.sendall(b"alive")
        self.assertEqual(stream.recv(5, socket.MSG_WAITALL), b"alive")

    def test_sweeps_and_streams_do_not_care(self):
        self.start_and_sweep()
        self.connect(self.remote.endpoint)
        with socket.create_connection(("::1", 1080), 20) as stream:
            self.assertEqual(stream.recv(2, socket.MSG_WAITALL), b"\x05\x00")
            self.check_told(0)
            for years in 1, -1, 0:
                self.set_clock(years * YEAR_S)
                self.check_sweeps()
                self.check_told(years)
                self.check_stream(stream)
        self.assertEqual(self.client.get("State"), "connected")
        self.assertEqual(self.client.get("PeerCounts")["Valid"], 1)

    def test_a_race_ends_when_it_would_have(self):
        self.daemon.configure({})
        self.start_and_sweep()
        self.remote.server.stop()
        self.serve(Impostor, self.remote.address)  # silent from now on

        began = time.monotonic()
        racing = self.client.begin("Connect", "")
        self.client.wait_for("State", "connecting")
        self.set_clock(YEAR_S)
        self.client.wait_for("State", "connecting")
        self.set_clock(-YEAR_S)
        self.assert_bus_error("NoValidProxy", racing.result)
        self.assertGreaterEqual(time.monotonic() - began, RACE_S)
        self.client.call("ProbeNow")
        self.check_sweep_told(-1)


if __name__ == "__main__":
    whole.main()
