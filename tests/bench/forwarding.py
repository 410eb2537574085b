# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first part: how the service forwards, beside others."""

import contextlib
import dataclasses
import pathlib
import resource
import subprocess
import sys
import time

from bench import contenders, load
from bench.figures import OURS, Figure, Samples
from lib import overlay
from lib.process import find_program

GIB = 1 << 30

SYSCTLS = pathlib.Path("/proc/sys/net/ipv4")

# What a namespace may use, by the leave of the machine. Where cubic is not among them,
# reno does the same on ways as short as these.
ALLOWED_CONGESTION_CONTROLS = (SYSCTLS / "tcp_allowed_congestion_control").read_text(
    encoding="ascii").split()

ONE_WAY, BOTH_WAYS = "one way", "both ways"

N_CLIENTS = 32
N_IDLE_STREAMS = 5000
IDLE_MESSAGE_BYTES = 256 * 1024

# Between two loads: what the first left behind shall not disturb the second.
PAUSE_S = 0.05

# After the streams were opened: what the forwarders still do about them is over then.
SETTLE_S = 2

OVERLAY_MTU = 1400

# Nothing is asked of the ratios to the other peers: a third of the rounds will do.
ROUNDS_FOR_OTHERS = 3

WORKERS = contenders.Service.worker_threads


@dataclasses.dataclass(frozen=True)
class Pace:
    """How long everything takes: seconds, and how many rounds."""

    n_rounds: int
    warm_up_s: float
    bulk_s: float
    rate_s: float
    ping_s: float
    idle_s: float


def _bulk_figure(n_streams, way, of_direct=None):
    return Figure(f"bulk-{n_streams}-{way}",
                  f"bulk, {n_streams} stream{'s' if n_streams > 1 else ''}, {way}",
                  "GiB/s", more_is_better=True, of_haproxy=1.0, of_direct=of_direct)


def bulk_figures(of_direct=None):
    """Returns the figures of bulk; of_direct is asked of one stream one way."""
    return [
        _bulk_figure(1, ONE_WAY, of_direct),
        _bulk_figure(1, BOTH_WAYS),
        _bulk_figure(32, ONE_WAY),
        _bulk_figure(32, BOTH_WAYS),
        Figure("processor", f"processor time, 1 stream, {ONE_WAY}", "s/GiB", 3,
               of_haproxy=1.0),
    ]


LOOPBACK_FIGURES = bulk_figures(of_direct=0.85) + [
    Figure("rate", f"connections, {N_CLIENTS} clients", "1/s", 0,
           more_is_better=True, of_haproxy=1.1),
    Figure("ping-1", "round trip, 1 byte, p50", "µs", 1),
    Figure("ping-512", "round trip, 512 bytes, p50", "µs", 1),
    Figure("ping-1-pinned", "on one core, 1 byte, p50", "µs", 1,
           of_haproxy=0.8, of_direct=2.1),
    Figure("ping-1-pinned-p99", "on one core, 1 byte, p99", "µs", 1),
    Figure("ping-512-pinned", "on one core, 512 bytes, p50", "µs", 1),
]

IDLE_FIGURES = [
    Figure("memory", "resident memory of one stream", "bytes", 0, at_most=200),
    Figure("memory-used", "the same, after bulk", "bytes", 0, at_most=200),
    Figure("descriptors", "descriptors of one stream", "", 2),
    Figure("wakeups-workers", "wake-ups of the workers", "1/s", 2, at_most=0),
    Figure("wakeups", "wake-ups in all", "1/s", 2),
]


class Bulk:
    """Bulk with so many streams."""

    def __init__(self, n_streams, way):
        self.n_streams, self.way = n_streams, way

    def measure(self, contender, sink, pace):
        """Returns the figures of one run."""
        costs = contender.costs
        before = costs.processor_seconds if costs else 0
        found = load.run("bulk", contender.where, sink, streams=self.n_streams,
                         threads=load.N_PROCESSORS, warm_up=pace.warm_up_s,
                         seconds=pace.bulk_s, both_ways=self.way == BOTH_WAYS)
        values = {f"bulk-{self.n_streams}-{self.way}": found["bytes_per_s"] / GIB}
        if costs and self.n_streams == 1 and self.way == ONE_WAY:
            used = costs.processor_seconds - before
            values["processor"] = used * GIB / found["received_bytes"]
        return values


class Rate:
    """Connections per second."""

    def measure(self, contender, sink, pace):
        """Returns the figure of one run."""
        found = load.run("rate", contender.where, sink, streams=N_CLIENTS,
                         threads=load.N_PROCESSORS, warm_up=pace.warm_up_s,
                         seconds=pace.rate_s)
        if found["failed"]:
            print(f"{contender.name}: {found['failed']} connections came to nothing",
                  file=sys.stderr)
        return {"rate": found["per_s"]}


class Ping:
    """Round trips, with everything on one processor or as the kernel likes it."""

    def __init__(self, n_bytes, *, is_pinned=False):
        self.n_bytes, self.is_pinned = n_bytes, is_pinned

    def measure(self, contender, sink, pace):
        """Returns the figures of one run."""
        there = {max(load.PROCESSORS)} if self.is_pinned else load.PROCESSORS
        for program in contender, sink:
            program.pin(there)
        found = load.run("ping", contender.where, sink, bytes=self.n_bytes,
                         warm_up=pace.warm_up_s, seconds=pace.ping_s, pinned_to=there)
        for program in contender, sink:
            program.pin(load.PROCESSORS)
        if not self.is_pinned:
            return {f"ping-{self.n_bytes}": found["p50_us"]}
        values = {f"ping-{self.n_bytes}-pinned": found["p50_us"]}
        if self.n_bytes == 1:
            values["ping-1-pinned-p99"] = found["p99_us"]
        return values


class Idle:
    """Many streams on which nothing happens."""

    def measure(self, contender, sink, pace):
        """Returns the figures of one run."""
        costs = contender.costs
        with load.idle_streams(100, contender.where, sink):
            pass
        time.sleep(0.5)
        memory, descriptors = costs.resident_bytes, costs.n_descriptors
        with load.idle_streams(N_IDLE_STREAMS, contender.where, sink,
                               IDLE_MESSAGE_BYTES) as use:
            time.sleep(SETTLE_S)
            unused = costs.resident_bytes - memory
            descriptors = costs.n_descriptors - descriptors
            wakeups, workers = costs.count_wakeups(pace.idle_s, "", WORKERS)
            use()
            time.sleep(SETTLE_S)
            used = costs.resident_bytes - memory
        values = {"memory": unused / N_IDLE_STREAMS,
                  "memory-used": used / N_IDLE_STREAMS,
                  "descriptors": descriptors / N_IDLE_STREAMS,
                  "wakeups": wakeups / pace.idle_s}
        if contender.name == OURS:
            values["wakeups-workers"] = workers / pace.idle_s
        return values


BULK = [Bulk(n_streams, way) for n_streams in (1, 32) for way in (ONE_WAY, BOTH_WAYS)]
LATENCY = [Ping(1), Ping(512), Ping(1, is_pinned=True), Ping(512, is_pinned=True)]


def _setting(name, value):
    (SYSCTLS / name).write_text(value, encoding="ascii")


def set_up_network():
    """Makes room for thousands of connections a second, and the overlay as it is.

    An overlay's device hands every packet to a program: it has no offloads.
    """
    _setting("tcp_tw_reuse", "1")
    _setting("ip_local_port_range", "10000 65535")
    overlay.add_own_address(overlay.Peer("this node").address)
    for run_ip in overlay.ip, overlay.ip_beyond:
        run_ip("link", "set", overlay.CABLE, "mtu", OVERLAY_MTU)
    _turn_offloads_off()
    with overlay.beyond():
        _turn_offloads_off()


def _turn_offloads_off():
    subprocess.run([find_program("ethtool"), "-K", overlay.CABLE, "tso", "off", "gso",
                    "off", "gro", "off", "tx", "off"], check=True,
                   stdout=subprocess.DEVNULL)


def _with_descriptors_for(n_streams):
    """Returns those that can hold so many streams within this machine's limit."""
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return [kind for kind in contenders.EVENT_DRIVEN
            if kind.descriptors_per_stream * n_streams < 0.9 * most]


def _in_turn(kinds, turn):
    """Another one begins each round, so that none is always after the same one."""
    first = turn % len(kinds)
    return kinds[first:] + kinds[:first]


@contextlib.contextmanager
def _running(kinds, sink):
    started = []
    try:
        for kind in kinds:
            started.append(kind(sink))
        yield started
    finally:
        for contender in started:
            contender.stop()


def _measure(title, figures, measures, kinds, sink, pace, n_rounds):
    samples = Samples(title, figures)
    with _running(kinds, sink) as running:
        for turn in range(n_rounds):
            print(f"{title}: round {turn + 1} of {n_rounds}", file=sys.stderr)
            present = running if turn % ROUNDS_FOR_OTHERS == 0 else [
                contender for contender in running
                if isinstance(contender, contenders.CLOSEST)]
            for measure in measures:
                for contender in _in_turn(present, turn):
                    samples.add(contender.name, measure.measure(contender, sink, pace))
                    time.sleep(PAUSE_S)
    return samples


def measure_all(pace):
    """Measures everything and returns the samples, part by part."""
    classic = "cubic" if "cubic" in ALLOWED_CONGESTION_CONTROLS else "reno"
    _setting("tcp_congestion_control", classic)
    here = load.Sink()
    here.wait()
    parts = [
        _measure(f"Loopback, {classic}", LOOPBACK_FIGURES, BULK + [Rate()] + LATENCY,
                 contenders.ALL, here, pace, pace.n_rounds),
        _measure(f"{N_IDLE_STREAMS} idle streams", IDLE_FIGURES, [Idle()],
                 _with_descriptors_for(N_IDLE_STREAMS), here, pace, 1),
    ]
    if "bbr" in ALLOWED_CONGESTION_CONTROLS:
        _setting("tcp_congestion_control", "bbr")
        here.stop()
        here = load.Sink()
        here.wait()
        parts.append(_measure("Loopback, bbr", bulk_figures(), BULK,
                              contenders.CLOSEST, here, pace, pace.n_rounds))
        _setting("tcp_congestion_control", classic)
    here.stop()

    there = overlay.Peer("sink")
    overlay.add_host(there.address)
    with overlay.beyond():
        _setting("tcp_congestion_control", classic)
        sink = load.Sink(there.address)
    sink.wait()
    parts.append(_measure(f"veth, MTU {OVERLAY_MTU}, offloads off, {classic}",
                          bulk_figures(), BULK, contenders.CLOSEST, sink, pace,
                          pace.n_rounds))
    sink.stop()
    return parts
