# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The world that every whole test finds: an overlay, a node, a bus, the service."""

import collections
import contextlib
import resource
import socket
import subprocess
import sys
import threading
import unittest

from lib import overlay, tap
from lib.bus import ERROR, Bus, BusError, Client
from lib.daemon import Daemon
from lib.node_standin import NodeStandIn
from lib.socks_servers import MicroSocks, WebServer, login_server
from lib.waiting import wait_until

WEB_ADDRESS = "2001:db8::80"
PAGE = b"A page of the web behind the proxies.\n"

LOCAL_PORTS = "[::1]:1080", "127.0.0.1:1080"

CURL_COULD_NOT_CONNECT = 7
CURL_PROXY_REFUSED = 97

# Enough to see what a second sweep would do; a probe of a silent peer takes as long.
FAST = {"Probing": {"TimeoutSec": "1"}}

# What a hostile node or client may make the service take, whatever it sends.
HOSTILE_KIB = 16 * 1024

Fetched = collections.namedtuple("Fetched", "status body")


def curl(url, proxy=LOCAL_PORTS[0], login=None, source=None):
    """Fetches a page with curl, from that address, and returns (exit status, body)."""
    who = f"{login[0]}:{login[1]}@" if login else ""
    done = subprocess.run(["curl", "--silent", "--max-time", "60", "--proxy",
                           f"socks5h://{who}{proxy}",
                           *(["--interface", source] if source else []), url],
                          capture_output=True, check=False)
    return Fetched(done.returncode, done.stdout)


def send_in_background(stream, data):
    """Sends the data and then half-closes; returns the thread that does."""
    def send():
        stream.sendall(data)
        stream.shutdown(socket.SHUT_WR)

    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    return sender


class WholeTest(unittest.TestCase):
    """A service that is ready to be started, and all that is around it.

    settings: the configuration, group -> key -> value; probes are short by default.
    bus_kind: which system bus there is.
    """

    settings = FAST
    bus_kind = Bus

    def setUp(self):
        self.addCleanup(overlay.clear)
        overlay.add_host(WEB_ADDRESS)
        self.web = self.serve(WebServer, WEB_ADDRESS, {"/": PAGE})
        self.node = NodeStandIn().start()
        self.addCleanup(self.node.stop)
        overlay.add_own_address(self.node.own.address)
        self.bus = self.bus_kind()
        self.addCleanup(self.bus.stop)
        self.client = Client(self.bus)
        self.addCleanup(self.client.close)
        self.daemon = Daemon(self.bus, self.settings)
        self.addCleanup(self.daemon.check_log)
        self.addCleanup(self._stop_service)

    def _stop_service(self):
        """Every RemoteChanged that a test caused is to be named in it."""
        try:
            self.assertEqual(self.client.remote_changes, [])
        finally:
            self.daemon.stop()

    def run(self, result=None):
        """Shows what was logged in a test that failed, by the service and by the bus, which
        may have started it.
        """
        n_before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) == n_before:
            return
        logs = {"bus": self.bus.output()}
        if self.daemon.process:
            logs["service"] = self.daemon.process.output()
        for name, output in logs.items():
            print(f"# log of the {name}, {self._testMethodName}:")
            for line in output.splitlines()[-400:]:
                print("#   ", line)
        sys.stdout.flush()

    def peer(self, name, *, is_host=True):
        """Adds a peer with a route; nobody listens on it, or it isn't even there."""
        peer = overlay.Peer(name)
        if is_host:
            overlay.add_host(peer.address)
        self.node.add(peer)
        return peer

    def open_proxy(self, name):
        """Adds a peer with a microsocks."""
        peer = self.peer(name)
        peer.server = self.serve(MicroSocks, peer.address)
        return peer

    def login_proxy(self, name, kind=login_server):
        """Adds a peer with a proxy that lets LOGIN in with PASSWORD."""
        peer = self.peer(name)
        peer.server = self.serve(kind, peer.address)
        return peer

    def serve(self, kind, *arguments, **options):
        """Starts a server of that kind beyond, until the test ends."""
        with overlay.beyond():
            server = kind(*arguments, **options)
        self.addCleanup(server.stop)
        return server

    def hold_local_port(self):
        """Lets another program listen on port 1080 of this machine."""
        holder = MicroSocks("::1")
        self.addCleanup(holder.stop)
        return holder

    def start_service(self):
        """Starts the service and waits for its name on the bus."""
        self.daemon.start()

    def start_and_sweep(self):
        """Starts the service and waits for the end of its first sweep."""
        self.start_service()
        self.wait_for_sweep(0)

    def restart_bus(self):
        """Starts the bus again that was stopped; the service ended with it."""
        self.daemon.process.wait()
        self.bus.start()
        self.client = Client(self.bus)
        self.addCleanup(self.client.close)

    def wait_for_sweep(self, earlier=None):
        """Waits for the end of a sweep later than that one, or than the last one."""
        if earlier is None:
            earlier = self.client.get("LastSweep")
        return self.client.wait_for("LastSweep", lambda ended: ended > earlier)

    def sweep(self):
        """Lets the service sweep once more."""
        earlier = self.client.get("LastSweep")
        self.client.call("ProbeNow")
        self.wait_for_sweep(earlier)

    def connect(self, remote=""):
        """Connects and checks what everybody is told of it; returns the remote."""
        old = self.client.get("Remote")
        chosen = self.client.call("Connect", remote)
        self.assertEqual(self.client.pop_remote_change(),
                         (old, chosen, "user" if remote else "automatic"))
        return chosen

    def disconnect(self):
        """Disconnects and checks what everybody is told of it."""
        old = self.client.get("Remote")
        self.client.call("Disconnect")
        self.assertEqual(self.client.pop_remote_change(), (old, "", "user"))

    def peers(self):
        """Returns what the service knows, by address."""
        return {peer["Address"]: peer for peer in self.client.call("ListPeers")}

    def wait_for_peer(self, peer, **entry):
        """Waits until the entry of the peer has those values."""
        def is_so():
            known = self.peers().get(peer.endpoint, {})
            return all(known.get(key) == value for key, value in entry.items())

        wait_until(is_so, f"{peer.name} with {entry}")

    def assert_fetches(self, *, proxy=LOCAL_PORTS[0], login=None):
        """The page comes through the local port, unchanged."""
        self.assertEqual(curl(self.web.url(), proxy, login), (0, PAGE))

    def assert_closed(self):
        """Nobody listens on the local port."""
        for proxy in LOCAL_PORTS:
            self.assertEqual(curl(self.web.url(), proxy).status, CURL_COULD_NOT_CONNECT)

    @contextlib.contextmanager
    def assert_little_memory(self, *, peak=True):
        """In between, or with peak=False afterwards, memory is near what it was before.

        The sanitizers' memory is not judged.
        """
        before = self.daemon.memory_kib()
        self.daemon.forget_peak()
        yield
        grown = self.daemon.memory_kib(peak=peak) - before
        if not self.daemon.is_sanitized:
            self.assertLessEqual(grown, HOSTILE_KIB)

    def assert_bus_error(self, name, function, *arguments):
        """Calls the function, which raises that error; returns its message."""
        with self.assertRaises(BusError) as caught:
            function(*arguments)
        self.assertEqual(caught.exception.name, name if "." in name else ERROR + name)
        return caught.exception.message


def main(prepare=None):
    """Runs the tests of the main module in an overlay of their own.

    prepare: what is to be done there before.
    """
    overlay.enter()
    if prepare:
        prepare()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    tap.main()
