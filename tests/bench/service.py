# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The second part: what else the service costs."""

import contextlib
import pathlib
import statistics
import sys
import tempfile
import time

from gi.repository import Gio, GLib

from bench import contenders, load
from bench.costs import Costs
from bench.figures import OURS, Figure, Samples
from lib import overlay
from lib.bus import INTERFACE, NAME, PATH, Bus, Client
from lib.daemon import Daemon
from lib.process import Process, accepts_connections
from lib.waiting import wait_until

MIB = 1 << 20

N_PEERS = 10_000
N_PEERS_QUICK = 2_000

N_RACES = 20
N_CALLS = 1000

SWEEP_FIGURES = [
    Figure("listed", "all of them known after", "s", at_most=10),
    Figure("swept", "all of them probed after", "s", at_most=60),
    Figure("processor", "processor time used meanwhile", "s"),
    Figure("cores", "that is, of one core", "", at_most=0.2),
    Figure("memory", "resident memory afterwards", "MiB", 1),
    Figure("call", "a D-Bus call meanwhile, median", "ms", at_most=10),
    Figure("call-max", "a D-Bus call meanwhile, longest", "ms", at_most=50),
    Figure("list", "ListPeers with all of them", "ms", 1, at_most=500),
]
# Nobody makes peers that answer slow: how long that takes is up to the processor.
ANSWERED_FIGURES = [Figure(**{**vars(figure), "at_most": None})
                    if figure.key == "cores" else figure for figure in SWEEP_FIGURES]
RACE_FIGURES = [
    Figure("race", "Connect \"\", median", "ms", at_most=5000),
    Figure("race-max", "Connect \"\", longest", "ms", at_most=5000),
]
CALL_FIGURES = [
    Figure("rest", "while nothing else happens, median", "ms"),
    Figure("rest-p99", "while nothing else happens, p99", "ms"),
    Figure("speed", "at full speed, median", "ms", at_most=10),
    Figure("speed-p99", "at full speed, p99", "ms", at_most=250),
]
WAKEUP_FIGURES = [
    Figure("disconnected", "disconnected", "1/min", 1, at_most=0),
    Figure("connected", "connected, all threads", "1/min", 1),
    Figure("connected-workers", "connected, the workers", "1/min", 1, at_most=0),
]


class _World:
    """A service on a bus of its own, and a client of it.

    Calls are timed on a connection that hears no signals, and without what Python makes
    of the answer: on the client's own they would wait behind thousands of peers.
    """

    def __init__(self, *, probing):
        self._bus = Bus(tempfile.mktemp(prefix="bus-"))
        self.client = Client(self._bus)
        self._timing = self._bus.connect()
        self._daemon = Daemon(self._bus, {"Probing": {"Enabled": str(probing).lower()}})
        self._daemon.environment = {"G_MESSAGES_DEBUG": ""}
        self._daemon.start()
        self.costs = Costs(self._daemon.process.pid)

    def time_call(self, interface, method, *arguments):
        """Returns (milliseconds, the answer)."""
        text = GLib.Variant(f"({'s' * len(arguments)})", arguments)
        began = time.monotonic()
        answer = self._timing.call_sync(NAME, PATH, interface, method, text, None,
                                        Gio.DBusCallFlags.NONE, 60_000, None)
        return (time.monotonic() - began) * 1000, answer

    def time_get(self, name):
        """Returns (milliseconds, the value of a property)."""
        taken_ms, answer = self.time_call("org.freedesktop.DBus.Properties", "Get",
                                          INTERFACE, name)
        return taken_ms, answer.unpack()[0]

    def stop(self):
        """Ends all of it in order."""
        self._daemon.stop()
        self._timing.close_sync()
        self.client.close()
        self._bus.stop()


@contextlib.contextmanager
def _world(*, probing):
    world = _World(probing=probing)
    try:
        yield world
    finally:
        world.stop()


@contextlib.contextmanager
def _node(n_peers):
    """A stand-in in a process of its own: its time is not to be counted as ours."""
    tests = str(pathlib.Path(__file__).parents[1])
    node = Process([sys.executable, "-B", "-m", "lib.node_standin", "--peers", n_peers],
                   tempfile.mktemp(prefix="node-"), env={"PYTHONPATH": tests})
    wait_until(lambda: accepts_connections("127.0.0.1", 8989), "the node", 60)
    try:
        yield
    finally:
        node.stop()


def _routes_beyond(verb):
    # In the main table, where the way back to us is the narrower route.
    overlay.ip_beyond("-6", "route", verb, "local", "400::/7", "dev", "lo",
                      "table", "main")
    overlay.ip_beyond("-6", "route", verb, f"{overlay.Peer('this node').address}/128",
                      "via", "fe80::1", "dev", overlay.CABLE)


@contextlib.contextmanager
def _answering_peers():
    """Every address beyond is a proxy."""
    _routes_beyond("add")
    with overlay.beyond():
        sink = load.Sink("::", 1080)
    try:
        yield
    finally:
        sink.stop()
        _routes_beyond("delete")


def _sweep(world, n_peers, status):
    """Measures the first sweep of a service that has just started."""
    began, used = time.monotonic(), world.costs.processor_seconds
    calls_ms = []

    def get(name):
        taken_ms, value = world.time_get(name)
        calls_ms.append(taken_ms)
        return value

    wait_until(lambda: get("SweepProgress")[1] == n_peers, "all peers known", 120)
    listed_s = time.monotonic() - began
    wait_until(lambda: get("LastSweep") > 0, "the end of the sweep", 120)
    swept_s = time.monotonic() - began
    used = world.costs.processor_seconds - used
    list_ms, peers = world.time_call(INTERFACE, "ListPeers")
    counts = world.client.get("PeerCounts")
    assert peers.get_child_value(0).n_children() == counts[status] == n_peers, counts
    return {"listed": listed_s, "swept": swept_s, "processor": used,
            "cores": used / swept_s, "memory": world.costs.resident_bytes / MIB,
            "call": statistics.median(calls_ms), "call-max": max(calls_ms),
            "list": list_ms}


def _race(world):
    """Measures Connect "" with everybody known; nothing else happens meanwhile."""
    world.client.call("StopProbing")
    taken_ms = []
    for _ in range(N_RACES):
        one_ms, _ = world.time_call(INTERFACE, "Connect", "")
        taken_ms.append(one_ms)
        world.client.call("Disconnect")
    return {"race": statistics.median(taken_ms), "race-max": max(taken_ms)}


def _time_calls(world):
    calls_ms = sorted(world.time_get("State")[0]
                      for _ in range(N_CALLS))
    return statistics.median(calls_ms), calls_ms[int(N_CALLS * 0.99)]


def _calls(world, sink):
    rest = _time_calls(world)
    world.client.call("Connect", sink.endpoint)
    with load.in_background("bulk", ("::1", 1080), sink, streams=32, both_ways=True,
                            threads=load.N_PROCESSORS, seconds=2):
        time.sleep(0.3)
        speed = _time_calls(world)
    return dict(zip(["rest", "rest-p99", "speed", "speed-p99"], rest + speed))


def _wakeups(world, sink, seconds):
    def per_minute(*kinds):
        time.sleep(1)
        return [n * 60 / seconds for n in world.costs.count_wakeups(seconds, *kinds)]

    disconnected, = per_minute("")
    world.client.call("Connect", sink.endpoint)
    connected, workers = per_minute("", contenders.Service.worker_threads)
    return {"disconnected": disconnected, "connected": connected,
            "connected-workers": workers}


def measure_all(*, is_quick):
    """Measures everything and returns the samples, part by part."""
    n_peers = N_PEERS_QUICK if is_quick else N_PEERS
    parts = []

    def add(title, figures, values):
        print(title, file=sys.stderr)
        parts.append(Samples(title, figures))
        parts[-1].add(OURS, values)

    with _node(n_peers):
        with _world(probing=True) as world:
            add(f"A sweep of {n_peers} silent peers", SWEEP_FIGURES,
                _sweep(world, n_peers, "NotListening"))
        with _answering_peers(), _world(probing=True) as world:
            add(f"A sweep of {n_peers} answering peers", ANSWERED_FIGURES,
                _sweep(world, n_peers, "Valid"))
            add("A race of 64", RACE_FIGURES, _race(world))

    sink = load.Sink()
    sink.wait()
    with _world(probing=False) as world:
        add("The time of a D-Bus call", CALL_FIGURES, _calls(world, sink))
    with _world(probing=False) as world:
        add("Wake-ups of the idle service", WAKEUP_FIGURES,
            _wakeups(world, sink, 4 if is_quick else 16))
    sink.stop()
    return parts
