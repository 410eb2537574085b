# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of metrics: what it says is so, its readers can read it, and it is there
exactly while the service runs."""

import errno
import os
import pathlib
import socket
import tempfile
import time

from lib import daemon, overlay, whole
from lib.metrics import (PREFIX, NodeExporter, read_openmetrics, read_prometheus,
                         types_and_units)
from lib.socks_servers import Impostor, big_body
from lib.waiting import wait_until
from lib.whole import FAST, WholeTest, curl

STATES = "disconnected", "connecting", "connected", "failing"

# What the file calls the statuses of PeerCounts.
STATUSES = {"Unprobed": "unprobed", "Valid": "valid",
            "AuthenticationRequired": "authentication_required",
            "NotAProxy": "not_a_proxy", "NotListening": "not_listening"}

FAMILIES = {PREFIX + name: kind_and_unit for name, kind_and_unit in {
    "build_info": ("gauge", ""),
    "start_time_seconds": ("gauge", "seconds"),
    "state": ("gauge", ""),
    "peers": ("gauge", ""),
    "streams": ("gauge", ""),
    "last_sweep_timestamp_seconds": ("gauge", "seconds"),
    "sweep_duration_seconds": ("gauge", "seconds"),
    "accepted_streams": ("counter", ""),
    "refused_streams": ("counter", ""),
    "dial_failures": ("counter", ""),
    "bytes": ("counter", "bytes"),
    "failovers": ("counter", ""),
}.items()}

BIG = big_body(300_000)
US = 1_000_000


class Metrics(WholeTest):
    """The service, told to keep a file in a directory of the test's own."""

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="metrics-"))
        self.file = self.directory / "mycelium-socks.prom"
        self.daemon.configure({**FAST, "Metrics": {"TextFile": self.file}})

    def samples(self):
        """Returns what the file says, once there is one; every reader agrees on it."""
        wait_until(self.file.exists, "the file")
        text = self.file.read_text("ascii")
        samples = read_openmetrics(text)
        self.assertEqual(read_prometheus(text), samples)
        return samples

    def value(self, *key):
        return self.samples()[PREFIX + key[0], *key[1:]]

    def files(self):
        return sorted(path.name for path in self.directory.iterdir())


class Figures(Metrics):
    def use(self):
        """Lets everything happen that is counted, and three streams stay."""
        self.web.pages["/big"] = BIG
        proxies = {peer.endpoint: peer for peer in (self.open_proxy("a"),
                                                    self.open_proxy("b"))}
        self.login_proxy("login")
        self.serve(Impostor, self.peer("http").address, says=b"HTTP/1.1 400 Bad\r\n")
        self.peer("silent", is_host=False)
        self.start_and_sweep()
        self.client.call("StopProbing")

        first = self.connect()
        self.assertEqual(curl(self.web.url("/big")), (0, BIG))
        proxies[first].server.kill()
        self.assertNotEqual(curl(self.web.url()).status, 0)
        old, _, reason = self.client.pop_remote_change()
        self.assertEqual((old, reason), (first, "failover"))
        self.assertEqual(curl(self.web.url("/big")), (0, BIG))

        echo = self.peer("echo")
        self.serve(Impostor, echo.address, then="echo")
        self.connect(echo.endpoint)
        for _ in range(3):
            self.open_stream()

    def open_stream(self):
        """Opens a connection that stays, and sends a byte there and back."""
        stream = socket.create_connection(("::1", 1080), 20)
        self.addCleanup(stream.close)
        stream.sendall(b"x")
        self.assertEqual(stream.recv(1), b"x")

    def told(self):
        """Returns the samples that D-Bus has, too."""
        told = self.client.get_all()
        samples = {
            ("build_info", told["Version"]): 1,
            ("last_sweep_timestamp_seconds",): told["LastSweep"] / US,
            ("streams",): told["ActiveConnections"],
            ("accepted_streams_total",): told["TotalConnections"],
            ("refused_streams_total",): told["RefusedConnections"],
            ("bytes_total", "sent"): told["BytesSent"],
            ("bytes_total", "received"): told["BytesReceived"]}
        samples.update({("state", state): state == told["State"] for state in STATES})
        samples.update({("peers", STATUSES[status]): n
                        for status, n in told["PeerCounts"].items()})
        return {(PREFIX + name, *labels): value
                for (name, *labels), value in samples.items()}

    def test_what_happened_stands_there_and_node_exporter_reads_it(self):
        collected = pathlib.Path(tempfile.mkdtemp(prefix="collected-"))
        (collected / self.file.name).symlink_to(self.file)
        exporter = NodeExporter(collected)
        self.addCleanup(exporter.stop)
        before = time.time()
        self.use()
        wait_until(lambda: self.told().items() <= self.samples().items(),
                   "what D-Bus tells in the file")

        samples = self.samples()
        others = {
            (PREFIX + "dial_failures_total",): samples[PREFIX + "dial_failures_total",],
            (PREFIX + "failovers_total",): 1,
            (PREFIX + "start_time_seconds",): samples[PREFIX + "start_time_seconds",],
            (PREFIX + "sweep_duration_seconds",):
                samples[PREFIX + "sweep_duration_seconds",]}
        self.assertEqual(samples, {**self.told(), **others})
        self.assertGreaterEqual(self.value("dial_failures_total"), 1)
        self.assertGreaterEqual(self.value("bytes_total", "received"), 2 * len(BIG))
        # Somebody was silent for as long as a probe may take.
        self.assertGreaterEqual(self.value("sweep_duration_seconds"), 1)
        self.assertLess(self.value("sweep_duration_seconds"), time.time() - before)
        self.assertAlmostEqual(self.value("start_time_seconds"), before, delta=60)

        scraped = exporter.scrape()
        self.assertEqual({key: value for key, value in scraped.items()
                          if key[0].startswith(PREFIX)}, samples)
        self.assertEqual(scraped["node_textfile_scrape_error",], 0)

        self.assertEqual(types_and_units(self.file.read_text("ascii")), FAMILIES)

        self.daemon.stop()
        self.assertEqual(self.client.pop_remote_change()[2], "shutdown")
        self.assertEqual(self.files(), [])
        scraped = exporter.scrape()
        self.assertFalse([key for key in scraped if key[0].startswith(PREFIX)])
        self.assertEqual(scraped["node_textfile_scrape_error",], 1)


class Life(Metrics):
    def test_without_the_key_there_is_no_file_and_no_thread(self):
        self.daemon.configure(FAST)
        self.start_and_sweep()
        names = {path.read_text().strip() for path in
                 pathlib.Path(f"/proc/{self.daemon.process.pid}/task").glob("*/comm")}
        self.assertIn("socks-memory", names)
        self.assertNotIn("socks-metrics", names)
        self.assertEqual(self.files(), [])

    def test_everyone_may_read_it(self):
        self.start_service()
        wait_until(self.file.exists, "the file")
        self.assertEqual(self.file.stat().st_mode & 0o7777, 0o644)

    def test_a_second_service_leaves_the_file_of_the_first_alone(self):
        self.start_service()
        wait_until(self.file.exists, "the file")
        before = self.file.stat().st_ino, self.file.read_bytes()
        second = daemon.Daemon(self.bus, {"Metrics": {"TextFile": self.file}}).launch()
        self.assertNotEqual(second.wait(), 0)
        self.assertEqual((self.file.stat().st_ino, self.file.read_bytes()), before)

    def test_what_a_killed_service_left_is_replaced_at_the_next_start(self):
        self.start_service()
        wait_until(self.file.exists, "the file")
        started = self.value("start_time_seconds")
        self.daemon.kill()
        self.assertEqual(self.files(), [self.file.name])
        (self.directory / "mycelium-socks.prom.new").write_text("half a li")
        self.start_service()
        wait_until(lambda: self.value("start_time_seconds") > started, "a newer file")
        self.assertEqual(self.files(), [self.file.name])
        self.daemon.stop()
        self.assertEqual(self.files(), [])


class Faults(Metrics):
    """The file can't be written: it says so once and does all else."""

    def check_does_without(self, error_number):
        self.open_proxy("a")
        self.start_and_sweep()
        self.connect()
        self.assert_fetches()
        said = f"can't be written to {self.file}: {os.strerror(error_number)}"
        self.disconnect()
        self.daemon.stop()
        output = self.daemon.process.output()
        self.assertEqual(output.count("can't be written"), 1)
        self.assertIn(said, output)
        self.assertNotIn("again", output)

    def test_where_the_directory_is_missing(self):
        self.directory.rmdir()
        self.check_does_without(errno.ENOENT)

    def test_where_the_file_is_a_directory(self):
        self.file.mkdir()
        self.check_does_without(errno.EISDIR)
        self.assertEqual(self.files(), [self.file.name])

    def test_on_a_file_system_that_is_read_only(self):
        overlay.mount_empty(self.directory, is_read_only=True)
        self.check_does_without(errno.EROFS)

    def test_on_a_full_disk(self):
        overlay.mount_empty(self.directory, size="64k")
        with self.assertRaises(OSError), open(self.directory / "filler", "wb") as filler:
            while True:
                filler.write(bytes(4096))
                filler.flush()
        self.check_does_without(errno.ENOSPC)
        self.assertEqual(self.files(), ["filler"])


if __name__ == "__main__":
    whole.main()
