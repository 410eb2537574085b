# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo: the whole story of the service, told with real programs.

With a Mycelium node on this machine it is told on the real overlay, else on a made-up
one. Everything runs in namespaces that end with the demo; tests/demo starts it.
"""

import argparse
import json
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request

from lib import overlay
from lib.bus import INTERFACE, NAME, PATH, Bus, BusError, Client
from lib.daemon import Daemon
from lib.node_standin import ADMIN, NodeStandIn
from lib.socks_servers import (LOGIN, LOGIN_SERVER_NAME, PASSWORD, Impostor, MicroSocks,
                               WebServer, login_server)
from lib.stage import DIM, GREEN, RED, YELLOW, Failure, Stage
from lib.waiting import dispatch, wait_until
from lib.whole import CURL_COULD_NOT_CONNECT, CURL_PROXY_REFUSED, LOCAL_PORTS, WEB_ADDRESS

NODE_URL = "http://127.0.0.1:8989"

# A page of the real web, where the overlay is real too.
REAL_PAGE = os.environ.get("DEMO_PAGE", "http://example.com/")

BUSCTL = ["busctl", "call", NAME, PATH, INTERFACE]


class MadeUpOverlay:
    """Peers on derived addresses, with real SOCKS servers, and a web behind them."""

    settings = {}

    def __init__(self, stage):
        stage.tell("No Mycelium node answers on this machine, so the demo makes an "
                   "overlay in a network namespace of its own: a stand-in for the node's "
                   "API, and peers whose addresses are derived from their keys.")
        self.node = NodeStandIn().start()
        self.names, self.servers = {}, {}
        overlay.add_own_address(self.node.own.address)
        overlay.add_host(WEB_ADDRESS)
        page = "Welcome! You came by way of {}.\n"
        with overlay.beyond():
            self.page = WebServer(
                WEB_ADDRESS, {"/": lambda address: page.format(address).encode()}).url()

        for name in "Amsterdam", "Bogotá", "Cairo":
            self._add(name, MicroSocks)
        self.login = self._add("Dakar", login_server)
        self._add("Espoo", lambda address: Impostor(address, says=b"HTTP/1.1 400 No\r\n"))
        self._add("Fuji", lambda address: None)
        self._add("Galway", overlay.remove_host)
        stage.tell("Amsterdam, Bogotá and Cairo run microsocks, Dakar runs "
                   f"{LOGIN_SERVER_NAME} with login. Espoo is a web server, Fuji "
                   "refuses, Galway swallows every packet.")

    def _add(self, name, start_server):
        peer = overlay.Peer(name)
        overlay.add_host(peer.address)
        self.node.add(peer)
        self.names[peer.endpoint] = name
        with overlay.beyond():
            self.servers[peer.endpoint] = start_server(peer.address)
        return peer.endpoint


class RealOverlay:
    """The overlay of this machine's own node, and two proxies here that may be harmed."""

    def __init__(self, stage):
        stage.tell(f"A Mycelium node answers at {NODE_URL}: the demo uses the real "
                   "overlay. Besides, it starts two proxies of its own on this machine, "
                   "one to log in to and one to kill.")
        self.page = REAL_PAGE
        self.login, to_kill = "127.0.0.1:41081", "127.0.0.1:41080"
        self.names = {self.login: f"{LOGIN_SERVER_NAME} here", to_kill: "microsocks here"}
        here = self._outward_address()
        self.servers = {self.login: login_server("127.0.0.1", 41081, leaves_from=here),
                        to_kill: MicroSocks("127.0.0.1", 41080, leaves_from=here)}
        self.settings = {"Probing": {"StaticPeers": f"{self.login};{to_kill}"}}

    @staticmethod
    def _outward_address():
        """Returns the address from which this machine reaches the web; sends nothing."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))
            return probe.getsockname()[0]


class Demo:
    """The story, one method for each part of it."""

    def __init__(self, stage, is_real):
        self.stage = stage
        self.overlay = (RealOverlay if is_real else MadeUpOverlay)(stage)
        self.bus = Bus()
        self.client = Client(self.bus)
        self.daemon = Daemon(self.bus, self.overlay.settings)
        self.chosen = ""

    def tell_story(self):
        """Tells all of it; raises Failure where it does not come true."""
        self.sweep()
        self.list_peers()
        self.connect_to_fastest()
        self.fetch_page()
        self.use_login()
        self.kill_the_fastest()
        self.disconnect()

    def _expect(self, is_so, text):
        if not is_so:
            raise Failure(text)
        self.stage.success(text)

    def _call(self, *arguments):
        status, answer = self.stage.run([*BUSCTL, *arguments])
        if status:
            raise Failure(answer)
        return answer

    def _curl(self, proxy, login=""):
        return self.stage.run(["curl", "--silent", "--show-error", "--max-time", "20",
                               "--proxy", f"socks5h://{login}{proxy}", self.overlay.page],
                              shows=3)

    def _name(self, endpoint):
        return self.overlay.names.get(endpoint, "")

    def _with_name(self, endpoint):
        name = self._name(endpoint)
        return f"{endpoint} ({name})" if name else endpoint

    def sweep(self):
        """The service starts and looks for proxies."""
        self.stage.step("The service starts on a private bus and sweeps over the peers")
        self.daemon.start()
        shown = None

        def show():
            nonlocal shown
            progress = self.client.get("SweepProgress")
            if progress != shown and progress[1]:
                self.stage.progress(*progress)
                shown = progress
            return self.client.get("LastSweep") > 0

        wait_until(show, "the end of the first sweep", 60)
        done, total = self.client.get("SweepProgress")
        self._expect(done == total > 0, f"{total} peers asked")

    def list_peers(self):
        """What was found."""
        self.stage.step("What it found")
        paint = self.stage.paint
        self.stage.line("   " + paint("$ " + " ".join([*BUSCTL, "ListPeers"]), DIM))
        badges = {"Valid": paint("● open     ", GREEN),
                  "AuthenticationRequired": paint("◆ login    ", YELLOW),
                  "NotAProxy": paint("✗ no proxy ", RED),
                  "NotListening": paint("· not there", DIM)}
        order = list(badges)
        peers = sorted(self.client.call("ListPeers"), key=lambda peer: (
            order.index(peer["Status"]), peer.get("Latency", 0)))
        for peer in peers:
            latency = f"{peer['Latency'] / 1000:.2f} ms" if "Latency" in peer else ""
            said = latency or peer.get("Reason", "")
            self.stage.line(f"   {badges[peer['Status']]} {peer['Address']:<45} "
                            f"{said:>9} {paint(self._name(peer['Address']), DIM)}")
        statuses = {peer["Status"] for peer in peers}
        self._expect({"Valid", "AuthenticationRequired"} <= statuses,
                     "open proxies, and some that want a login")

    def connect_to_fastest(self):
        """The service chooses."""
        self.stage.step("Connect to the fastest")
        self._call("Connect", "s", "")
        self.chosen = self.client.get("Remote")
        self._expect(self.client.get("State") == "connected",
                     f"forwarding {self.client.get('Listening')} to "
                     + self._with_name(self.chosen))

    def fetch_page(self):
        """A program uses the local port."""
        self.stage.step("A page of the web, through the local port")
        for port in LOCAL_PORTS:
            status, _ = self._curl(port)
            self._expect(status == 0, f"fetched through {port}")

    def use_login(self):
        """A proxy that wants a login gets it from the program, not from the service."""
        self.stage.step("A proxy that asks who you are: the application itself logs in")
        self._call("Connect", "s", self.overlay.login)
        status, _ = self._curl(LOCAL_PORTS[0])
        self._expect(status == CURL_PROXY_REFUSED, "refused without a login")
        status, _ = self._curl(LOCAL_PORTS[0], f"{LOGIN}:{PASSWORD}@")
        self._expect(status == 0, f"fetched as {LOGIN}")

    def kill_the_fastest(self):
        """The chosen proxy dies, and the service moves over."""
        self.stage.step("The fastest proxy dies, and the service moves over to another")
        self._call("Connect", "s", "")
        victim = self.client.get("Remote")
        if victim not in self.overlay.servers:
            raise Failure(f"{victim} was faster and is not the demo's to kill: try again")
        server = self.overlay.servers[victim]
        dispatch()
        self.client.remote_changes.clear()
        self.stage.line("   " + self.stage.paint(f"$ kill -9 {server.pid}", DIM)
                        + f"     # {self._name(victim)}")
        server.kill()
        self._curl(LOCAL_PORTS[0])
        old, new, reason = self.client.pop_remote_change()
        self.stage.line(f"     signal RemoteChanged ({old}, {new}, {reason})")
        self._expect((old, reason) == (victim, "failover") and new not in ("", victim),
                     f"moved over to {self._with_name(new)}")
        status, _ = self._curl(LOCAL_PORTS[0])
        self._expect(status == 0, "fetched through the new one")

    def disconnect(self):
        """The port closes."""
        self.stage.step("Disconnect")
        self._call("Disconnect")
        for port in LOCAL_PORTS:
            status, _ = self._curl(port)
            self._expect(status == CURL_COULD_NOT_CONNECT, f"{port} is closed")

    def stop(self):
        """Ends the service in order; all else ends with the demo."""
        self.daemon.stop()
        self.daemon.check_log()


def a_node_answers():
    """Whether a Mycelium node runs on this machine."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(NODE_URL + ADMIN, timeout=2) as answer:
            return "nodeSubnet" in json.load(answer)
    except (OSError, urllib.error.URLError, ValueError):
        return False


def keep_running(stage, demo):
    """Says how to talk to what runs, and waits for Ctrl-C."""
    enter = f"nsenter --target {overlay.outer_pid} --mount --net --pid"
    if overlay.is_own_user:
        enter += " --user --preserve-credentials"
    stage.title("It goes on running until you press Ctrl-C. In another terminal, as "
                + ("the same user:" if overlay.is_own_user else "root:"))
    for command in ["busctl call " + " ".join(BUSCTL[2:]) + " Connect s ''",
                    f"busctl introspect {NAME} {PATH}",
                    f"busctl monitor {NAME}",
                    f"curl --proxy socks5h://[::1]:1080 {demo.overlay.page}"]:
        stage.line(f"   {enter} {command}")
    stage.tell("Inside, the private bus stands at the usual place, so "
               "DBUS_SYSTEM_BUS_ADDRESS need not be set. Or work there:")
    stage.line(f"   {enter} bash")
    signal.sigwait({signal.SIGINT, signal.SIGTERM})


def main():
    """Tells the story; ends with 0 only if all of it came true."""
    parser = argparse.ArgumentParser(prog="tests/demo",
                                     description="Shows mycelium-socks.")
    parser.add_argument("--keep", action="store_true",
                        help="leave everything running afterwards, until Ctrl-C")
    options = parser.parse_args()

    is_real = a_node_answers()
    overlay.enter(network=not is_real)
    stage = Stage()
    stage.title("mycelium-socks: one local port, and the overlay's proxies behind it")
    began = time.monotonic()
    try:
        demo = Demo(stage, is_real)
        demo.tell_story()
        stage.title(f"All of it happened, in {time.monotonic() - began:.0f} seconds.")
        if options.keep:
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
            keep_running(stage, demo)
        demo.stop()
    except (Failure, BusError, AssertionError, OSError) as problem:
        stage.line(f"   {stage.paint('✗', RED)} {problem}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
