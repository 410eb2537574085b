# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who can reach the local port from other machines."""

import collections
import socket
import struct
import threading

from lib import daemon, overlay, whole
from lib.whole import LOCAL_PORTS, PAGE, WholeTest, curl

HERE_4, THERE_4 = "192.0.2.1", "192.0.2.2"
HERE_6, THERE_6 = "2001:db8:1::1", "2001:db8:1::2"
LINK_LOCAL = f"fe80::1%{overlay.CABLE}"
OVERLAY = "the node's own address"

GREETING, ACCEPTED = b"\x05\x01\x00", b"\x05\x00"
RESET_AT_CLOSE = struct.pack("ii", 1, 0)  # struct linger, see socket(7)

N_ATTEMPTS = 1000
N_REFUSED = 10_000 if daemon.is_sanitized() else 100_000

# What can come of a client: greeted by the proxy behind us, accepted by the kernel and
# closed by us, or refused by the kernel.
SERVED, CLOSED, REFUSED = "served", "closed", "refused"

# AllowFrom=, and which of the neighbour's addresses it lets in.
NETWORKS = {
    "": set(),
    "192.0.2.0/24": {HERE_4},
    "192.0.2.2": {HERE_4},
    "192.0.2.0/31": set(),
    "198.51.100.0/24;2001:db8:2::/48": set(),
    "::ffff:192.0.2.0/120": {HERE_4},
    "::ffff:0:0/96": {HERE_4},
    "0.0.0.0/0": {HERE_4},
    "2001:db8:1::/64": {HERE_6},
    "2001:db8:1::2/128": {HERE_6},
    "2001:db8:1::/128": set(),
    "::/0": {HERE_6},
    "0.0.0.0/0;::/0": {HERE_4, HERE_6},
    "192.0.2.0/24;2001:db8:1::/64;400::/7": {HERE_4, HERE_6, OVERLAY},
    "400::/7": {OVERLAY},
    "400::/8;500::/8": {OVERLAY},
}


class Reach(WholeTest):
    """The service, connected, and a neighbour in two local networks and the overlay."""

    def setUp(self):
        super().setUp()
        overlay.connect_networks(HERE_4, THERE_4)
        overlay.connect_networks(HERE_6, THERE_6)
        self.hosts = {HERE_4: HERE_4, HERE_6: HERE_6, OVERLAY: self.node.own.address}
        self.neighbours = {HERE_4: THERE_4, HERE_6: THERE_6,
                           self.node.own.address: self.peer("the neighbour").address}
        self.proxy = self.open_proxy("a")

    def start_connected(self, **listen):
        self.daemon.configure({"Listen": listen})
        self.start_service()
        self.connect(self.proxy.endpoint)
        for proxy in LOCAL_PORTS:
            self.assert_fetches(proxy=proxy)

    def connect_from_there(self, host):
        """Lets the neighbour connect to that address of ours, from its own beside it."""
        with overlay.beyond():
            return socket.create_connection(
                (host, 1080), 20, (self.neighbours.get(host, ""), 0))

    def greet_from_there(self, host):
        """Lets the neighbour greet whoever is there and returns what comes of it."""
        try:
            with self.connect_from_there(host) as client:
                try:
                    client.sendall(GREETING)
                    answer = client.recv(2, socket.MSG_WAITALL)
                except ConnectionError:
                    answer = b""
        except ConnectionRefusedError:
            return REFUSED
        return {ACCEPTED: SERVED, b"": CLOSED}[answer]

    def greet_many_times(self, host):
        return collections.Counter(self.greet_from_there(host) for _ in range(N_ATTEMPTS))

    def test_by_default_nobody_else_can(self):
        self.start_connected()
        self.assertEqual(self.client.get("ListenScope"), "local")
        for host in *self.neighbours, LINK_LOCAL:
            self.assertEqual(self.greet_many_times(host), {REFUSED: N_ATTEMPTS}, host)
        self.assertEqual(self.client.get("RefusedConnections"), 0)

    def test_by_default_nobody_else_can_while_the_port_opens_and_closes(self):
        self.start_connected()
        seen, is_over = collections.Counter(), threading.Event()

        def greet_in_turn():
            while not is_over.is_set():
                seen.update(map(self.greet_from_there, self.neighbours))

        neighbour = threading.Thread(target=greet_in_turn)
        neighbour.start()
        for _ in range(100):
            self.disconnect()
            self.connect(self.proxy.endpoint)
        is_over.set()
        neighbour.join()
        self.assertEqual(set(seen), {REFUSED})

    def test_scope_any_opens_it_to_whom_the_configuration_names(self):
        for networks, admitted in NETWORKS.items():
            self.start_connected(Scope="any", AllowFrom=networks)
            self.assertEqual(self.client.get("ListenScope"), "any")
            expected = {host: SERVED if name in admitted else CLOSED
                        for name, host in self.hosts.items()}
            self.assertEqual({host: self.greet_from_there(host) for host in expected},
                             expected, networks)
            self.client.wait_for("RefusedConnections",
                                 list(expected.values()).count(CLOSED))
            self.disconnect()
            self.daemon.stop()

    def test_a_port_of_ipv4_alone_knows_its_clients_too(self):
        for networks, outcome in [("192.0.2.2/32", SERVED), ("192.0.2.3/32", CLOSED)]:
            self.daemon.configure({"Listen": {"Address": "0.0.0.0:1080", "Scope": "any",
                                              "AllowFrom": networks}})
            self.start_service()
            self.connect(self.proxy.endpoint)
            self.assertEqual(self.greet_from_there(HERE_4), outcome)
            self.assertEqual(self.greet_from_there(HERE_6), REFUSED)
            self.disconnect()
            self.daemon.stop()

    def test_who_is_admitted_can_fetch_a_page(self):
        self.start_connected(Scope="any",
                             AllowFrom="192.0.2.0/24;2001:db8:1::/64;400::/7")
        for here, there in self.neighbours.items():
            where = f"[{here}]" if ":" in here else here
            with overlay.beyond():
                fetched = curl(self.web.url(), f"{where}:1080", source=there)
            self.assertEqual(fetched, (0, PAGE))

    def test_refused_clients_leave_nothing_behind(self):
        """Some wait for the end, some are gone before they are seen."""
        self.start_connected(Scope="any")
        self.client.wait_for("ActiveConnections", 0)
        n_descriptors = self.daemon.n_descriptors
        hosts = list(self.neighbours)
        for i in range(N_REFUSED):
            with self.connect_from_there(hosts[i % len(hosts)]) as client:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
                if i % 2:
                    self.assertEqual(client.recv(1), b"")
        self.client.wait_for("RefusedConnections", N_REFUSED)
        self.assertEqual(self.client.get("ActiveConnections"), 0)
        self.assertEqual(self.daemon.n_descriptors, n_descriptors)
        self.assert_fetches()


if __name__ == "__main__":
    whole.main()
