# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What leaves this machine of the overlay, as the kernel saw it and when it did."""

import collections
import ipaddress
import socket
import struct
import threading

ETH_P_ALL, ETH_P_IP, ETH_P_IPV6 = 0x0003, 0x0800, 0x86DD
PACKET_OUTGOING = 4
SO_TIMESTAMPNS = 35

FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10

# time: seconds since the Unix epoch; flags: those of TCP, None for UDP.
Packet = collections.namedtuple("Packet", "time source target flags")


def _parse(ethertype, data):
    """Returns (protocol, source, target, the rest) of an IP packet."""
    if ethertype == ETH_P_IP:
        header_bytes = (data[0] & 0x0F) * 4
        return (data[9], ipaddress.IPv4Address(data[12:16]),
                ipaddress.IPv4Address(data[16:20]), data[header_bytes:])
    return (data[6], ipaddress.IPv6Address(data[8:24]),
            ipaddress.IPv6Address(data[24:40]), data[40:])


class Wiretap:
    """Listens on all interfaces of this network, until it is stopped.

    Times are the kernel's, so that a busy test takes nothing away from them.
    """

    def __init__(self):
        self.packets = []
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM,
                                     socket.htons(ETH_P_ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._socket.settimeout(0.1)
        self._is_over = False
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self):
        while not self._is_over:
            try:
                data, extra, _, (_, ethertype, kind, *_) = self._socket.recvmsg(128, 64)
            except TimeoutError:
                continue
            if kind != PACKET_OUTGOING or ethertype not in (ETH_P_IP, ETH_P_IPV6):
                continue
            seconds, nanoseconds = struct.unpack("qq", extra[0][2])
            protocol, source, target, rest = _parse(ethertype, data)
            if protocol in (socket.IPPROTO_TCP, socket.IPPROTO_UDP):
                ports = struct.unpack("!HH", rest[:4])
                self.packets.append(Packet(
                    seconds + nanoseconds / 1e9, (str(source), ports[0]),
                    (str(target), ports[1]),
                    rest[13] if protocol == socket.IPPROTO_TCP else None))

    def targets(self):
        """Returns whom connections or datagrams were sent to."""
        return {packet.target for packet in self.packets
                if packet.flags is None or packet.flags & (SYN | ACK) == SYN}

    def attempts(self, target):
        """Returns the first packet of each connection to the target that was begun."""
        first = {}
        for packet in self.packets:
            if packet.target == target and (packet.flags or 0) & (SYN | ACK) == SYN:
                first.setdefault(packet.source, packet)
        return list(first.values())

    def end_of(self, attempt):
        """Returns when our side ended that connection; None if it did not yet."""
        return next((packet.time for packet in self.packets
                     if packet.source == attempt.source and packet.target == attempt.target
                     and packet.time > attempt.time and packet.flags & (FIN | RST)), None)

    def closing_of(self, attempt):
        """Returns when the other side ended it, where that is on this machine too."""
        return next((packet.time for packet in self.packets
                     if packet.source == attempt.target and packet.target == attempt.source
                     and packet.flags & (FIN | RST)), None)

    def stop(self):
        """Listens no more."""
        self._is_over = True
        self._thread.join()
        self._socket.close()
