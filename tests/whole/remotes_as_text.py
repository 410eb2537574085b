# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every row of the table of remotes as text, over the bus."""

import ipaddress

from lib import overlay, whole
from lib.bus import BusError
from lib.whole import WholeTest

# The message that carries it must fit into the 32 MiB that the bus lets through.
HUGE = "4" * (32 * 1024 * 1024 - 4096)

FINE = {
    "[400::1]:1080": "[400::1]:1080",
    "[5ff:ffff::1]:65535": "[5ff:ffff::1]:65535",
    "[0400:0:0:0:0:0:0:1]:1080": "[400::1]:1080",
    "[400::1.2.3.4]:1080": "[400::102:304]:1080",
    "[400::1]:01080": "[400::1]:1080",
    "192.0.2.7:1080": "192.0.2.7:1080",
    "[2001:db8::1]:1080": "[2001:db8::1]:1080",
    "127.0.0.1:9050": "127.0.0.1:9050",
    "[::ffff:192.0.2.7]:1080": "192.0.2.7:1080",
}

INVALID = [
    "[400::1]", "400::1", "400::1:1080", "[400::1]:", "[400::1]:65536", "[400::1]:-1",
    "[400::1]:+1080", "[400::1]: 1080", "[400::1]:1080x", "[400::1]:0x438",
    " [400::1]:1080", "[400::1]:1080 ", "[400:::1]:1080", "[400::1::2]:1080",
    "[400:1:2:3:4:5:6:7:8]:1080", "[00400::1]:1080", "[400::g]:1080",
    "[400::1.2.3.256]:1080", "[400::01.2.3.4]:1080", "[[400::1]]:1080", "[400::1:1080",
    "400::1]:1080", "[400::1%eth0]:1080", "[fe80::1%1]:1080", "127.1:1080",
    "0x7f000001:1080", "2130706433:1080", "0177.0.0.1:1080", "localhost:1080",
    "example.com:1080", "foo@[400::1]:1080", "socks5://[400::1]:1080",
    "http://[400::1]:1080/", "/run/x.sock", "unix:/run/x", "@x",
    "[400::1]:1080;[::1]:22", "[400::1]:1080/..", "400::1/64", "[400::1]:１０８０",
    "[400::1]：1080", "*", "[400::1]:" + "0" * 60 + "1080", HUGE,
]

NOT_ALLOWED = [
    "[400::1]:0", "192.0.2.7:0",
    "[::]:9050", "0.0.0.0:9050", "0.1.2.3:9050", "240.0.0.1:1080", "255.255.255.255:1080",
    "224.0.0.1:1080", "[ff02::1]:1080", "[fe80::1]:1080", "169.254.1.1:1080",
]

# This service's own port.
OWN = ["[::1]:1080", "127.0.0.1:1080", "127.5.5.5:1080", "[::ffff:127.0.0.1]:1080",
       "0.0.0.0:1080", "[::]:1080", "[0:0:0:0:0:0:0:1]:01080"]


# Addresses of this machine, and of its neighbour.
LOCAL_NETWORKS = {"192.0.2.1": "192.0.2.2", "2001:db8:1::1": "2001:db8:1::2"}


def spellings(address, port=1080):
    """Returns many ways to write that socket address, the shortest first."""
    ip = ipaddress.ip_address(address)
    if ip.version == 4:
        low, high = f"{int(ip) & 0xffff:x}", f"{int(ip) >> 16:x}"
        hosts = [address, f"[::ffff:{address}]", f"[::FFFF:{high}:{low}]",
                 f"[0:0:0:0:0:ffff:{address}]"]
    else:
        *head, one, two = ip.exploded.split(":")
        tail = ipaddress.IPv4Address(int(one + two, 16))
        hosts = [f"[{address}]", f"[{address.upper()}]", f"[{ip.exploded}]",
                 f"[{':'.join(head)}:{tail}]"]
    return [f"{host}:{number}" for number in (port, f"0{port}") for host in hosts]


class RemotesAsText(WholeTest):
    def answer(self, text):
        try:
            return self.client.call("Connect", text)
        except BusError as error:
            return error.name.removeprefix("org.mycelium.Socks.Error.")

    def assert_answers(self, expected):
        self.assertEqual({text[:80]: self.answer(text) for text in expected},
                         {text[:80]: answer for text, answer in expected.items()})

    def test_addresses_are_taken_and_shown_in_their_shortest_form(self):
        self.start_service()
        for text, shown in FINE.items():
            self.assertEqual(self.answer(text), shown)
            self.assertEqual(self.client.get("Remote"), shown)
        self.client.call("Disconnect")
        self.assertEqual(self.client.pop_remote_change(), ("", "[400::1]:1080", "user"))
        self.client.remote_changes.clear()

    def test_anything_else_is_invalid(self):
        self.start_service()
        self.assert_answers({text: "InvalidRemote" for text in INVALID})
        self.assertEqual(self.client.get("State"), "disconnected")

    def test_what_can_not_be_a_remote_is_not_allowed(self):
        self.start_service()
        self.assert_answers({text: "RemoteNotAllowed" for text in NOT_ALLOWED})

    def test_the_own_port_is_not_allowed_in_any_spelling(self):
        for own, other in LOCAL_NETWORKS.items():
            overlay.connect_networks(own, other)
        self.start_and_sweep()
        own = [*OWN, *(text for address in (*LOCAL_NETWORKS, self.node.own.address)
                       for text in spellings(address))]
        self.assert_answers({text: "RemoteNotAllowed" for text in own})
        self.connect("[::1]:1081")
        self.assert_answers({text: "RemoteNotAllowed" for text in own})
        for address in *LOCAL_NETWORKS.values(), *LOCAL_NETWORKS:
            (text, *_) = spellings(address, 1081 if address in LOCAL_NETWORKS else 1080)
            self.assertEqual(self.answer(text), text)
        self.client.remote_changes.clear()

    def test_the_own_port_is_no_peer_by_any_address_of_this_machine(self):
        own = [f"[{address}]:1080" if ":" in address else f"{address}:1080"
               for address in (*LOCAL_NETWORKS, self.node.own.address)]
        self.daemon.configure({"Probing": {"StaticPeers": ";".join(own)}})
        for address, other in LOCAL_NETWORKS.items():
            overlay.connect_networks(address, other)
        proxy = self.open_proxy("a")
        self.start_and_sweep()
        self.connect(proxy.endpoint)
        self.sweep()  # the own port answers now, as a proxy does
        self.assertEqual(set(self.peers()), {proxy.endpoint})

    def test_the_own_port_is_not_allowed_where_the_address_is_gone(self):
        """The node has told its address; the interface with it is down."""
        self.start_and_sweep()
        overlay.remove_own_address(self.node.own.address)
        self.assert_answers({text: "RemoteNotAllowed"
                             for text in spellings(self.node.own.address)})


if __name__ == "__main__":
    whole.main()
