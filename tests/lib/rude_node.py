# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Mycelium node that answers as no node should, and traps for who is led astray."""

import socket
import socketserver
import struct
import threading

from lib.node_standin import PUBKEY

OK = b"HTTP/1.1 200 OK\r\n"


def body(data, head=OK):
    """Returns an answer that says that: bytes, or a text."""
    data = data if isinstance(data, bytes) else data.encode()
    return head + b"Content-Length: %d\r\n\r\n" % len(data) + data


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, address, port):
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        super().__init__((address, port), None)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05},
                         daemon=True).start()

    def shutdown_request(self, request):
        """Closes without a half-close before it, so that a reset stays one."""
        request.close()

    def stop(self):
        """Closes the port."""
        self.shutdown()
        self.server_close()


class RudeNode(_Server):
    """The API of a node, one request a connection.

    It answers as the honest stand-in does that it is made of, but for the paths in rude:
    path -> bytes, or a function that is given the connection. PUBKEY stands for all keys.
    heads: what came before the empty line, of each request.
    """

    def __init__(self, honest):
        self.honest = honest
        self.rude = {}
        self.heads = []
        super().__init__("127.0.0.1", 8989)

    def finish_request(self, request, client_address):
        """Answers one request, in a thread of its own."""
        received = b""
        try:
            while b"\r\n\r\n" not in received:
                data = request.recv(65536)
                if not data:
                    return
                received += data
            head = received.partition(b"\r\n\r\n")[0].decode("ascii")
            self.heads.append(head)
            path = head.split(" ", 2)[1]
            answer = self.rude.get(PUBKEY if path.startswith(PUBKEY) else path)
            if callable(answer):
                answer(request)
            else:
                request.sendall(self.honest.answer(path) if answer is None else answer)
        except OSError:
            pass


class Trap(_Server):
    """A port that nobody should come to; visits: what those said who did."""

    def __init__(self, address, port):
        self.visits = []
        super().__init__(address, port)

    def finish_request(self, request, client_address):
        """Takes down what comes."""
        self.visits.append(b"")
        self.visits[-1] = request.recv(4096)


def reset(connection):
    """Closes a connection as a program does that crashed."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
