# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who listens in the overlay and behind it: SOCKS servers, a web server, impostors."""

import hashlib
import http.server
import pathlib
import socket
import socketserver
import struct
import tempfile
import threading

from lib import overlay
from lib.process import Process, accepts_connections, has_program
from lib.waiting import wait_until

LOGIN, PASSWORD = "maria", "correct-horse"

# crypt(3) of the password, as dante looks it up in /etc/shadow.
PASSWORD_HASH = ("$6$overlay$PSBnHl75eZ4mQdIjk3agop5KKbgOrdWtx/IDsL/"
                 "6H6iPZReUYmTHw0mUUsqwauLrFqokJlQgwEmVey3CBQPv8.")


def _wait_for(process, address, port):
    def listens():
        if process.returncode is not None:
            raise AssertionError(f"ended at once: {process.output()}")
        return accepts_connections(address, port)

    wait_until(listens, f"a server on {address} port {port}")


class MicroSocks(Process):
    """A microsocks: open to everyone, or with login=True for maria alone.

    It goes out from its own address, or from the one in leaves_from.
    """

    def __init__(self, address, port=1080, *, login=False, leaves_from=None):
        self.where = address, port
        super().__init__(
            ["microsocks", "-i", address, "-p", port, "-b", leaves_from or address,
             *(["-u", LOGIN, "-P", PASSWORD] if login else [])],
            tempfile.mktemp(prefix="microsocks-"))
        _wait_for(self, *self.where)


class Dante(Process):
    """A dante that lets maria in with her password, and no one else.

    It asks the system for users, so it sees a passwd and a shadow file of its own. It
    goes out from its own address, or from the one in leaves_from.
    """

    def __init__(self, address, port=1080, *, leaves_from=None):
        here = pathlib.Path(tempfile.mkdtemp(prefix="dante-"))
        (here / "passwd").write_text(
            pathlib.Path("/etc/passwd").read_text(encoding="utf-8")
            + f"{LOGIN}:x:60001:60001::/nonexistent:/usr/sbin/nologin\n",
            encoding="utf-8")
        (here / "shadow").write_text(f"{LOGIN}:{PASSWORD_HASH}:19000:0:99999:7:::\n",
                                     encoding="ascii")
        (here / "danted.conf").write_text(
            f"logoutput: stderr\n"
            f"internal: {address} port = {port}\n"
            f"external: {leaves_from or address}\n"
            f"socksmethod: username\n"
            f"user.privileged: root\n"
            f"user.unprivileged: root\n"
            f"client pass {{ from: 0/0 to: 0/0 }}\n"
            f"socks pass {{ from: 0/0 to: 0/0 }}\n", encoding="ascii")

        def see_own_users():
            overlay.unshare_mounts()
            for name in "passwd", "shadow":
                overlay.bind(here / name, f"/etc/{name}")

        super().__init__(["danted", "-f", here / "danted.conf", "-p", here / "pid"],
                         here / "log", preparation=see_own_users)
        _wait_for(self, address, port)


def login_server(address, port=1080, *, leaves_from=None):
    """Starts a dante, or a microsocks with a login where there is no dante (Debian 13)."""
    if has_program("danted"):
        return Dante(address, port, leaves_from=leaves_from)
    return MicroSocks(address, port, login=True, leaves_from=leaves_from)


LOGIN_SERVER_NAME = "dante" if has_program("danted") else "microsocks"


class _Page(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = self.server.pages.get(self.path)
        if callable(body):
            body = body(self.client_address[0])
        self.server.visitors.append(self.client_address[0])
        self.send_response(200 if body is not None else 404)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format, *args):
        pass


class WebServer(http.server.ThreadingHTTPServer):
    """A web server that knows whence its visitors came.

    pages: path -> body, or a function that makes it from the visitor's address;
    visitors: the address each request came from, in order.
    """

    address_family = socket.AF_INET6
    daemon_threads = True
    block_on_close = False

    def __init__(self, address, pages):
        self.pages = pages
        self.visitors = []
        super().__init__((address, 80), _Page)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05},
                         daemon=True).start()

    def handle_error(self, request, client_address):
        """A client that goes away in the middle is nothing to speak of."""

    def url(self, path="/"):
        """The address of a page."""
        return f"http://[{self.server_address[0]}]{path}"

    def stop(self):
        """Closes the port."""
        self.shutdown()
        self.server_close()


class Impostor(socketserver.ThreadingTCPServer):
    """A TCP server that is no SOCKS proxy.

    says: sent at once after accepting; then: what comes next, "hold" the connection
    open, "close" it after the greeting, "reset" it, or "echo" everything back.
    """

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 4096

    def __init__(self, address, port=1080, *, says=b"", then="hold"):
        self.says, self.then = says, then
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        super().__init__((address, port), None)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05},
                         daemon=True).start()

    def finish_request(self, request, client_address):
        """Talks to one client, in a thread of its own."""
        try:
            request.sendall(self.says)
            if self.then == "hold":
                while request.recv(65536):
                    pass
            elif self.then == "echo":
                while data := request.recv(65536):
                    request.sendall(data)
            elif self.then == "close":
                request.recv(3)
            elif self.then == "reset":
                request.recv(1)
                request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                   struct.pack("ii", 1, 0))
                request.close()
        except OSError:
            pass

    def shutdown_request(self, request):
        """Closes without a half-close before it, so that a reset stays one."""
        request.close()

    def stop(self):
        """Closes the port; connections stay."""
        self.shutdown()
        self.server_close()


def big_body(n_bytes):
    """Returns so many bytes that do not repeat, always the same."""
    return hashlib.shake_128(b"mycelium-socks").digest(n_bytes)
