# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A second node with the same service: what it sees of us, and what if we choose it."""

import contextlib
import socket
import threading

from lib import overlay, whole
from lib.bus import Bus, Client
from lib.daemon import Daemon
from lib.node_standin import NodeStandIn
from lib.whole import FAST, WholeTest

N_CLIENTS = 20
SECONDS = 4


class Neighbour:
    """Another node, beyond: it has a route to us, a bus and a service of its own."""

    def __init__(self, peer, other, settings):
        self.endpoint = peer.endpoint
        self.node = NodeStandIn(peer).start()
        self.node.add(other)
        self.bus = Bus("/run/dbus/neighbour")
        self.daemon = Daemon(self.bus, settings)
        self.daemon.start()
        self.client = Client(self.bus)
        self.client.wait_for("LastSweep", lambda ended: ended > 0)

    def entry_of(self, peer):
        """Sweeps once more and returns what it then knows of the peer."""
        earlier = self.client.get("LastSweep")
        self.client.call("ProbeNow")
        self.client.wait_for("LastSweep", lambda ended: ended > earlier)
        (entry,) = (entry for entry in self.client.call("ListPeers")
                    if entry["Address"] == peer.endpoint)
        return entry

    def stop(self):
        """Ends everything."""
        self.client.close()
        self.daemon.stop()
        self.daemon.check_log()
        self.bus.stop()
        self.node.stop()


class TwoNodes(WholeTest):
    def start_both(self, **listen):
        """Starts our service and a neighbour's, with the same configuration."""
        settings = {**FAST, "Listen": listen}
        self.daemon.configure(settings)
        self.start_and_sweep()
        return self.serve(Neighbour, self.peer("the neighbour"), self.node.own, settings)

    def start_both_and_connect(self, **listen):
        """The same, and our port leads to a proxy that anybody would call valid."""
        neighbour = self.start_both(**listen)
        proxy = self.open_proxy("a")
        self.connect(proxy.endpoint)
        self.assert_fetches()
        return neighbour

    def test_does_not_see_that_we_are_connected(self):
        entry = self.start_both_and_connect().entry_of(self.node.own)
        self.assertEqual((entry["Status"], entry["Reason"]), ("NotListening", "refused"))

    def test_does_not_take_us_for_a_proxy_where_only_others_may_connect(self):
        neighbour = self.start_both_and_connect(Scope="any", AllowFrom="0.0.0.0/0;::/0")
        entry = neighbour.entry_of(self.node.own)
        self.assertEqual(entry["Status"], "NotListening")
        self.assertIn(entry["Reason"], ("closed", "reset"))  # before or after it greets

    def test_takes_us_for_a_proxy_where_it_may_connect(self):
        neighbour = self.start_both_and_connect(Scope="any", AllowFrom="400::/7")
        self.assertEqual(neighbour.entry_of(self.node.own)["Status"], "Valid")

    def test_that_we_choose_and_that_chooses_us_does_not_run_away(self):
        neighbour = self.start_both(Scope="any", AllowFrom="400::/7")
        self.connect(neighbour.endpoint)
        neighbour.client.call("Connect", self.node.own.endpoint)
        services = {self.daemon: self.client, neighbour.daemon: neighbour.client}
        clients = [socket.create_connection(("::1", 1080), 20) for _ in range(N_CLIENTS)]
        with overlay.beyond():
            clients += [socket.create_connection(("::1", 1080), 20)
                        for _ in range(N_CLIENTS)]
        for client in clients:
            self.addCleanup(client.close)
        # Half of them stay, half go; and both nodes ask each other as they always do.
        for client in clients[::2]:
            with contextlib.suppress(ConnectionError):
                self.assertEqual(client.recv(1), b"")
            client.close()
        for client in services.values():
            client.call("ProbeNow")

        before = {service: service.processor_seconds for service in services}
        threading.Event().wait(SECONDS)
        for service, client in services.items():
            used = service.processor_seconds - before[service]
            self.assertLess(used, 0.05 * SECONDS)
            self.assertLess(client.get("TotalConnections"), 4 * N_CLIENTS)
            self.assertLess(service.n_descriptors, 4 * N_CLIENTS)
        for own, peer in (self.client, neighbour), (neighbour.client, self.node.own):
            own.wait_for("Sweeping", False)
            (status,) = (entry["Status"] for entry in own.call("ListPeers")
                         if entry["Address"] == peer.endpoint)
            self.assertEqual(status, "NotListening")


if __name__ == "__main__":
    whole.main()
