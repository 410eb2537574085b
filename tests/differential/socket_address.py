# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Socket addresses, read a second time: by the grammar of RFC 3986 and Python's ipaddress.

Written from the standards and the interface's promises, without a look at the service's
own way, so that one checks the other.
"""

import ipaddress
import re

MAX_BYTES = 64

# RFC 3986 section 3.2.2, rule by rule; h16 and ls32 as they are called there.
H16 = "[0-9A-Fa-f]{1,4}"
DEC_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])"
IPV4 = rf"{DEC_OCTET}\.{DEC_OCTET}\.{DEC_OCTET}\.{DEC_OCTET}"
LS32 = f"(?:{H16}:{H16}|{IPV4})"
IPV6 = "(?:" + "|".join([
    f"(?:{H16}:){{6}}{LS32}",
    f"::(?:{H16}:){{5}}{LS32}",
    f"(?:{H16})?::(?:{H16}:){{4}}{LS32}",
    f"(?:(?:{H16}:){{0,1}}{H16})?::(?:{H16}:){{3}}{LS32}",
    f"(?:(?:{H16}:){{0,2}}{H16})?::(?:{H16}:){{2}}{LS32}",
    f"(?:(?:{H16}:){{0,3}}{H16})?::{H16}:{LS32}",
    f"(?:(?:{H16}:){{0,4}}{H16})?::{LS32}",
    f"(?:(?:{H16}:){{0,5}}{H16})?::{H16}",
    f"(?:(?:{H16}:){{0,6}}{H16})?::",
]) + ")"
SOCKET_ADDRESS = re.compile(
    rf"(?:\[(?P<ipv6>{IPV6})\]|(?P<ipv4>{IPV4})):(?P<port>[0-9]+)")

OVERLAY = ipaddress.ip_network("400::/7")
ZERO_NETWORK = ipaddress.ip_network("0.0.0.0/8")
RESERVED = ipaddress.ip_network("240.0.0.0/4")
LOOPBACK = ipaddress.ip_network("127.0.0.0/8")

# What must be said of an address that can't be a remote.
UNSPECIFIED, LINK_LOCAL, MULTICAST = "unspecified address", "link-local", "multicast"
RESERVED_OR_BROADCAST, PORT_0, OWN = "reserved or broadcast", "port 0", "own port"


def parse(text):
    """Returns (address, port), IPv4-mapped addresses as IPv4; None if it is neither."""
    if len(text) > MAX_BYTES:
        return None
    match = SOCKET_ADDRESS.fullmatch(text.decode("latin-1"))
    if not match or int(match["port"]) > 65535:
        return None
    address = ipaddress.ip_address(match["ipv6"] or match["ipv4"])
    return getattr(address, "ipv4_mapped", None) or address, int(match["port"])


def show(address, port):
    """Returns the shortest form."""
    return f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"


def find_obstacle(address, port, listening_port, own):
    """Returns why that can't be a remote, None if it can."""
    if address.version == 4:
        kinds = [(address in ZERO_NETWORK, UNSPECIFIED),
                 (address.is_link_local, LINK_LOCAL), (address.is_multicast, MULTICAST),
                 (address in RESERVED, RESERVED_OR_BROADCAST)]
        is_loopback = address in LOOPBACK
    else:
        kinds = [(address.is_unspecified, UNSPECIFIED),
                 (address.is_link_local, LINK_LOCAL), (address.is_multicast, MULTICAST)]
        is_loopback = address == ipaddress.ip_address("::1")
    is_own = port == listening_port and (is_loopback or address in own)
    return next((kind for applies, kind in [*kinds, (port == 0, PORT_0), (is_own, OWN)]
                 if applies), None)
