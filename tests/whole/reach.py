# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who can reach the local port from other machines."""

from lib import overlay, whole
from lib.waiting import wait_until
from lib.whole import LOCAL_PORTS, PAGE, WholeTest, curl

HERE_4, THERE_4 = "192.0.2.1", "192.0.2.2"
HERE_6, THERE_6 = "2001:db8:1::1", "2001:db8:1::2"


class Reach(WholeTest):
    """The service, connected, and a neighbour in two local networks and the overlay."""

    def setUp(self):
        super().setUp()
        overlay.connect_networks(HERE_4, THERE_4)
        overlay.connect_networks(HERE_6, THERE_6)
        self.neighbours = {HERE_4: THERE_4, HERE_6: THERE_6,
                           self.node.own.address: self.peer("the neighbour").address}

    def start_connected(self, **listen):
        self.daemon.configure({"Listen": listen})
        self.open_proxy("a")
        self.start_and_sweep()
        self.connect()
        for proxy in LOCAL_PORTS:
            self.assert_fetches(proxy=proxy)

    def curl_from_there(self, host):
        """Lets the neighbour use our local port, by that address of ours."""
        where = f"[{host}]" if ":" in host else host
        with overlay.beyond():
            return curl(self.web.url(), f"{where}:1080", source=self.neighbours[host])

    def assert_admitted(self, *hosts):
        for host in hosts:
            self.assertEqual(self.curl_from_there(host), (0, PAGE))

    def assert_refused(self, *hosts):
        """The connection is accepted, for that is the kernel's doing, and closed."""
        for host in hosts:
            n_refused = self.client.get("RefusedConnections")
            status, body = self.curl_from_there(host)
            self.assertNotIn(status, (0, whole.CURL_COULD_NOT_CONNECT))
            self.assertEqual(body, b"")
            wait_until(lambda: self.client.get("RefusedConnections") > n_refused,
                       "one refused connection more")

    def test_by_default_nobody_else_can(self):
        self.start_connected()
        self.assertEqual(self.client.get("ListenScope"), "local")
        for host in HERE_4, HERE_6, self.node.own.address:
            self.assertEqual(self.curl_from_there(host).status,
                             whole.CURL_COULD_NOT_CONNECT)

    def test_scope_any_opens_it_to_whom_the_configuration_names(self):
        self.start_connected(Scope="any", AllowFrom="192.0.2.0/24")
        self.assertEqual(self.client.get("ListenScope"), "any")
        self.assert_admitted(HERE_4)
        self.assert_refused(HERE_6, self.node.own.address)

    def test_scope_any_alone_opens_it_to_nobody(self):
        self.start_connected(Scope="any")
        self.assert_refused(HERE_4, HERE_6, self.node.own.address)

    def test_everybody_does_not_mean_the_overlay(self):
        self.start_connected(Scope="any", AllowFrom="0.0.0.0/0;::/0")
        self.assert_admitted(HERE_4, HERE_6)
        self.assert_refused(self.node.own.address)

    def test_the_overlay_can_where_it_is_named(self):
        self.start_connected(Scope="any", AllowFrom="400::/7")
        self.assert_admitted(self.node.own.address)
        self.assert_refused(HERE_4, HERE_6)


if __name__ == "__main__":
    whole.main()
