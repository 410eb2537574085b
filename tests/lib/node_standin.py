# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for the HTTP API of the Mycelium node, in a thread or as a program.

It answers the three requests that the service makes as Mycelium 0.7 does, on
127.0.0.1:8989, and misbehaves when told to. It speaks plain HTTP/1.1 on asyncio, for a
node with 10,000 routes must not be what a measurement waits for.
"""

import argparse
import asyncio
import ipaddress
import json
import threading

from lib.overlay import Peer

ADMIN = "/api/v1/admin"
ROUTES = "/api/v1/admin/routes/selected"
PUBKEY = "/api/v1/pubkey/"

NEXT_HOP = "TCP 192.0.2.2:60128 <-> 192.0.2.1:9651"


class _Connection(asyncio.Protocol):
    """One client of the API: requests with no body, one after the other."""

    def __init__(self, node):
        self._node = node
        self._received = b""
        self._transport = None

    def connection_made(self, transport):
        self._transport = transport
        self._node.connections.add(transport)

    def connection_lost(self, exc):
        self._node.connections.discard(self._transport)

    def data_received(self, data):
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, self._received = self._received.split(b"\r\n\r\n", 1)
            path = head.split(b" ", 2)[1].decode("ascii")
            self._node.requests.append(path)
            answer = self._node.answer(path)
            if answer is not None:
                self._transport.write(answer)
            else:
                self._node.stalled.append((self._transport, path))


class NodeStandIn:
    """A node that hands out routes and keys.

    mode: "up", "stalled" (takes requests and answers when it is no longer stalled) or
    "broken" (status 500). May be changed at any time from any thread, as may the routes.
    """

    def __init__(self, own=None, *, host="127.0.0.1", port=8989):
        self.own = own or Peer("this node")
        self.requests = []  # every path that was asked for
        self.connections = set()  # owned by the loop's thread, as what is below
        self.stalled = []  # requests that wait for an answer: (transport, path)
        self._mode = "up"
        self._where = host, port
        self._peers = {}  # first 64 bits of the address -> peer
        self._extra_routes = []
        self._loop = self._thread = self._server = None

    @property
    def mode(self):
        """How it behaves now."""
        return self._mode

    @mode.setter
    def mode(self, mode):
        self._mode = mode
        if mode != "stalled" and self._loop:
            self._loop.call_soon_threadsafe(self._go_on)

    def _go_on(self):
        waiting, self.stalled = self.stalled, []
        for transport, path in waiting:
            if not transport.is_closing():
                transport.write(self.answer(path))

    def add(self, *peers, metric=10):
        """Announces routes to the peers; the metric may be "infinite"."""
        added = {self._prefix(peer.address): (peer, metric) for peer in peers}
        self._peers = {**self._peers, **added}

    def remove(self, *peers):
        """Withdraws their routes."""
        gone = {self._prefix(peer.address) for peer in peers}
        self._peers = {k: v for k, v in self._peers.items() if k not in gone}

    def add_raw_route(self, route):
        """Announces anything at all in the list of routes."""
        self._extra_routes = [*self._extra_routes, route]

    @staticmethod
    def _prefix(address):
        return int(ipaddress.IPv6Address(address)) >> 64

    def answer(self, path):
        """Returns the whole HTTP answer to a request, or None for not yet."""
        if self._mode == "stalled":
            return None
        status, body = (500, {}) if self._mode == "broken" else self._content(path)
        text = json.dumps(body).encode()
        return (f"HTTP/1.1 {status} Status\r\ncontent-type: application/json\r\n"
                f"content-length: {len(text)}\r\n\r\n").encode() + text

    def _content(self, path):
        if path == ADMIN:
            return 200, {"nodeSubnet": self.own.subnet, "nodeIp": self.own.address,
                         "nodePubkey": self.own.key.hex(), "nodeStartTime": 1716100000}
        if path == ROUTES:
            routes = [{"subnet": peer.subnet, "nextHop": NEXT_HOP,
                       "metric": metric, "seqno": 1}
                      for peer, metric in self._peers.values()]
            return 200, routes + self._extra_routes
        if path.startswith(PUBKEY):
            try:
                peer, _ = self._peers[self._prefix(path.removeprefix(PUBKEY))]
                return 200, {"publicKey": peer.key.hex()}
            except (KeyError, ValueError):
                pass
        return 404, {}

    def start(self):
        """Comes up: answers requests from here on."""
        self._loop = asyncio.new_event_loop()
        listening = self._loop.create_server(lambda: _Connection(self), *self._where,
                                             backlog=1024)
        self._server = self._loop.run_until_complete(listening)
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        return self

    def stop(self):
        """Goes down: the port refuses, every connection is cut."""
        if not self._loop:
            return
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._loop = None

    async def _close(self):
        self._server.close()
        for transport in list(self.connections):
            transport.abort()


def main():
    """Runs a stand-in with made-up peers until it is ended."""
    parser = argparse.ArgumentParser(description="A stand-in for a Mycelium node's API")
    parser.add_argument("--peers", type=int, default=3, help="how many routes to announce")
    parser.add_argument("--port", type=int, default=8989)
    options = parser.parse_args()

    node = NodeStandIn(port=options.port)
    node.add(*(Peer(f"peer {i}") for i in range(options.peers)))
    node.start()
    print(f"{options.peers} routes on http://127.0.0.1:{options.port}", flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        node.stop()


if __name__ == "__main__":
    main()
