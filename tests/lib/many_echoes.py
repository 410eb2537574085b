# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A remote for thousands of connections at once."""

import selectors
import socket
import threading


class ManyEchoes:
    """A remote that sends everything back, to thousands of clients in one thread."""

    def __init__(self, address, port=1080):
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server((address, port), family=socket.AF_INET6,
                                              backlog=4096)
        self._over, self._ender = socket.socketpair()
        for sock in self._listener, self._over:
            self._selector.register(sock, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            for sock in [key.fileobj for key, _ in self._selector.select()]:
                if sock is self._over:
                    return
                if sock is self._listener:
                    self._selector.register(sock.accept()[0], selectors.EVENT_READ)
                else:
                    self._echo(sock)

    def _echo(self, sock):
        try:
            data = sock.recv(65536)
            sock.sendall(data)
        except OSError:
            data = b""
        if not data:
            self._selector.unregister(sock)
            sock.close()

    def stop(self):
        """Closes everything."""
        self._ender.close()
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()
        self._selector.close()
