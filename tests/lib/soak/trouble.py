# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to the service meanwhile: people, programs, peers and the node."""

import collections
import random
import time

from gi.repository import Gio, GLib

from lib import overlay
from lib.bus import INTERFACE, NAME, PATH, Client
from lib.socks_servers import Impostor
from lib.waiting import wait_until

N_STEADY = 3
N_FLAPPING = 12
N_CALLERS = 6
N_CALLS = 100

MOST_PAUSE_S = 0.3

# Generous, for sanitizers on a busy machine; usually it is a thousandth of that.
ANSWERS_WITHIN_S = 10

PROPERTIES = "org.freedesktop.DBus.Properties"

# What programs send, right and wrong: interface, method, arguments.
CALLS = [
    (PROPERTIES, "GetAll", GLib.Variant("(s)", (INTERFACE,))),
    (PROPERTIES, "Get", GLib.Variant("(ss)", (INTERFACE, "Proxies"))),
    (PROPERTIES, "Get", GLib.Variant("(ss)", (INTERFACE, "NoSuchProperty"))),
    (PROPERTIES, "Set", GLib.Variant("(ssv)", (INTERFACE, "State",
                                               GLib.Variant("s", "connected")))),
    (INTERFACE, "ListPeers", None),
    (INTERFACE, "ProbeNow", None),
    (INTERFACE, "Connect", GLib.Variant("(s)", ("localhost:1080",))),
    (INTERFACE, "Connect", GLib.Variant("(s)", ("[::1]:1080",))),
    (INTERFACE, "Connect", GLib.Variant("(i)", (1080,))),
    (INTERFACE, "Connect", GLib.Variant("(s)", ("x" * 100_000,))),
    (INTERFACE, "NoSuchMethod", None),
    ("org.freedesktop.DBus.Introspectable", "Introspect", None),
]


class Trouble:
    """Everything but the traffic, a step at a time.

    done: how often each kind of step was taken; slowest_s: the longest that a plain
    question took since this was last set.
    """

    def __init__(self, bus, client, node, traffic, weather, seed):
        self.done = collections.Counter()
        self.slowest_s = 0
        self._bus, self._client, self._node = bus, client, node
        self._traffic, self._weather = traffic, weather
        self._random = random.Random(seed)
        self._steady = [overlay.Peer(f"steady {i}") for i in range(N_STEADY)]
        self._flapping = [overlay.Peer(f"flapping {i}") for i in range(N_FLAPPING)]
        self._servers, self._gone = {}, set()
        for peer in self._steady + self._flapping:
            node.add(peer)
            overlay.add_host(peer.address)
        for peer in self._steady:
            self._serve(peer, traffic.serve)

    def _serve(self, peer, kind, **options):
        with overlay.beyond():
            self._servers[peer] = kind(peer.address, **options)

    def start(self):
        """Ends the rest in which the service is in the beginning."""
        self._client.call("StartProbing")

    def ask(self):
        """Asks a plain question and takes the time."""
        began = time.monotonic()
        self._client.get("State")
        took = time.monotonic() - began
        self.slowest_s = max(self.slowest_s, took)
        if took > ANSWERS_WITHIN_S:
            raise AssertionError(f"the service took {took:.1f} s to say its state")

    def step(self):
        """Lets something happen, and then nothing for a little while."""
        steps = {self.switch: 6, self.connect_again: 2, self.disconnect: 2,
                 self.sweep: 2, self.stop_probing: 1, self.flap: 8, self.move_routes: 2,
                 self.restart_node: 1, self.break_node: 1, self.leave: 3, self.flood: 1}
        (step,) = self._random.choices(list(steps), steps.values())
        step()
        self.done[step.__name__] += 1
        self.ask()
        pause_ends = time.monotonic() + self._random.uniform(0, MOST_PAUSE_S)
        wait_until(lambda: time.monotonic() > pause_ends, "the end of a pause")

    def connect(self, remote=None):
        """Connects to one of the steady peers, or whom is named."""
        if remote is None:
            remote = self._random.choice(self._steady).endpoint
        self._client.call("Connect", remote)
        self._client.wait_for("State", "connected")

    def switch(self):
        """A person chooses, or lets choose."""
        with self._weather:
            self.connect(self._random.choice([None, None, ""]))

    def connect_again(self):
        """The same remote once more, which cuts nothing."""
        remote = self._client.get("Remote")
        if remote and self._client.get("Selection") == "manual":
            self._client.call("Connect", remote)

    def disconnect(self):
        """A person goes, and comes back."""
        with self._weather:
            self._client.call("Disconnect")
            self.connect()

    def sweep(self):
        """Somebody wants to know now."""
        self._client.call("ProbeNow")

    def stop_probing(self):
        """And does no longer, and does."""
        self._client.call("StopProbing")
        self._client.call("StartProbing")

    def flap(self):
        """A peer becomes another: a proxy, something else, silent, or not there.

        That the chosen remote dies is noticed at once only where it refuses.
        """
        peer = self._random.choice(self._flapping)
        kind = self._random.choice(["proxy", "proxy", "web", "silent", "refuses", "gone"])
        with self._weather:
            is_remote = self._client.get("Remote") == peer.endpoint
            self._turn_into(peer, "refuses" if is_remote else kind)
            if is_remote:
                self._client.wait_for("Remote", lambda now: now != peer.endpoint)
            self._client.wait_for("State", "connected")

    def _turn_into(self, peer, kind):
        if peer in self._servers:
            self._servers.pop(peer).stop()
        if peer in self._gone:
            self._gone.remove(peer)
            overlay.add_host(peer.address)
        if kind == "proxy":
            self._serve(peer, self._traffic.serve)
        elif kind == "web":
            self._serve(peer, Impostor, says=b"HTTP/1.1 400 Bad Request\r\n")
        elif kind == "silent":
            self._serve(peer, Impostor)
        elif kind == "gone":
            self._gone.add(peer)
            overlay.remove_host(peer.address)

    def move_routes(self):
        """The node loses the way to some peers and finds it again to others."""
        for peer in self._flapping:
            self._random.choice([self._node.add, self._node.remove])(peer)

    def restart_node(self):
        """The node goes down and comes up."""
        self._node.stop()
        self._client.call("ProbeNow")
        self._client.wait_for("NodeState", "down")
        self._node.start()
        self._client.call("ProbeNow")
        self._client.wait_for("NodeState", "up")

    def break_node(self):
        """The node says nothing, or nonsense, when the next sweep begins."""
        n_requests = len(self._node.requests)
        self._node.mode = self._random.choice(["stalled", "broken"])
        self._client.call("ProbeNow")
        wait_until(lambda: len(self._node.requests) > n_requests, "a question")
        self._node.mode = "up"

    def leave(self):
        """Programs come, listen, ask a lot and leave without waiting for the answers."""
        callers = [Client(self._bus) for _ in range(N_CALLERS)]
        for caller in callers:
            for call in self._random.choices(CALLS, k=self._random.randint(1, 30)):
                caller.connection.call(NAME, PATH, *call, None, Gio.DBusCallFlags.NONE,
                                       -1, None, None)
            if self._random.random() < 0.5:
                caller.connection.flush_sync()
        for caller in callers:
            caller.close()

    def flood(self):
        """One program asks for a hundred things at once, and gets an answer to each."""
        n_answers = 0

        def answered_cb(connection, result):
            nonlocal n_answers
            try:
                connection.call_finish(result)
            except GLib.Error:
                pass  # many are wrong
            n_answers += 1

        caller = Client(self._bus)
        for call in self._random.choices(CALLS, k=N_CALLS):
            caller.connection.call(NAME, PATH, *call, None, Gio.DBusCallFlags.NONE, -1,
                                   None, answered_cb)
        wait_until(lambda: n_answers == N_CALLS, "a hundred answers")
        caller.close()

    def rest(self):
        """Lets all become as it was in the beginning, but for what was left behind."""
        with self._weather:
            self.connect(self._steady[0].endpoint)
            for peer in self._flapping:
                self._turn_into(peer, "refuses")
                self._node.remove(peer)
        self.restart_node()  # ends every connection to it
        self._client.call("StopProbing")  # whose requests keep a thread of the pool busy
        self._client.wait_for("ActiveConnections", 0)
