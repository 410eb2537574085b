# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of the window on a made-up overlay, for the eye and for the README.

Each scene is a function of the set below. Everything runs in namespaces that end with the
program; tests/pictures starts it.
"""

import argparse
import os
import pathlib
import random
import shutil
import socket
import subprocess
import threading
import time

from lib import overlay
from lib.bus import Bus, Client
from lib.daemon import Daemon, program as daemon_program
from lib.desktop import Desktop
from lib.node_standin import NodeStandIn
from lib.overlay import Peer
from lib.screen import Box, Picture
from lib.socks_servers import MicroSocks, WebServer, big_body
from lib.waiting import dispatch, wait_until
from lib.whole import WEB_ADDRESS
from lib.window import Window

# How fast the peers are, in milliseconds, and which of them want a login.
PEERS = {"Amsterdam": 12, "Bogotá": 148, "Cairo": 61, "Dakar": 84, "Espoo": 31,
         "Fuji": 236, "Galway": 24, "Hanoi": 190, "Izmir": 57, "Jakarta": 201}
LOCKED = {"Dakar", "Galway", "Hanoi"}

# Around a window that nobody manages.
BORDER = 5
TALL, NARROW, WIDE = (620, 760), (360, 720), (1100, 800)


class DistantProxy:
    """A proxy that answers the greeting as late as one far away would."""

    def __init__(self, address, latency_ms, *, wants_login):
        self._answer = b"\x05\xff" if wants_login else b"\x05\x00"
        self._latency_s = latency_ms / 1000
        self._random = random.Random(address)
        self._socket = socket.create_server((address, 1080), family=socket.AF_INET6,
                                            backlog=64)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            client, _ = self._socket.accept()
            threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client):
        with client:
            try:
                if client.recv(3):
                    time.sleep(self._latency_s * self._random.triangular(0.85, 1.6, 0.95))
                    client.sendall(self._answer)
                    client.recv(1)
            except OSError:
                pass


class Studio:
    """The made-up overlay, the service, a display, and the window before the camera."""

    def __init__(self, directory, only):
        self._directory = pathlib.Path(directory).absolute()
        self._only = only
        self._directory.mkdir(parents=True, exist_ok=True)
        self.desktop = Desktop("/usr/local/share")
        self._install_catalogues()
        self.node = NodeStandIn().start()
        overlay.add_own_address(self.node.own.address)
        overlay.add_host(WEB_ADDRESS)
        with overlay.beyond():
            self.web = WebServer(WEB_ADDRESS, {"/": big_body(3_000_000)})
        self.bus = Bus()
        self.client = Client(self.bus)
        self.daemon = None

    @staticmethod
    def _install_catalogues():
        """Puts the translations where the window looks for them, here alone."""
        overlay.mount_over("/usr/share/locale")
        built = pathlib.Path(daemon_program()).parents[1] / "po"
        for catalogue in built.glob("*/LC_MESSAGES/*.mo"):
            target = pathlib.Path("/usr/share/locale", *catalogue.parts[-3:-1])
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(catalogue, target)

    def add_peers(self):
        """Lets all of PEERS be there."""
        for name, latency_ms in PEERS.items():
            peer = Peer(name)
            overlay.add_host(peer.address)
            self.node.add(peer)
            with overlay.beyond():
                DistantProxy(peer.address, latency_ms, wants_login=name in LOCKED)

    def add_silent_peers(self, count):
        """Adds peers that never answer, so that a sweep takes its time."""
        self.node.add(*(Peer(f"silent {i}") for i in range(count)))

    def add_fast_proxy(self):
        """Adds a proxy that forwards; returns its endpoint."""
        peer = Peer("Lisbon")
        overlay.add_host(peer.address)
        self.node.add(peer)
        with overlay.beyond():
            MicroSocks(peer.address)
        return peer.endpoint

    def start_service(self, **probing):
        """Starts the service anew."""
        self.stop_service()
        self.daemon = Daemon(self.bus, {"Probing": probing})
        self.daemon.start()

    def stop_service(self):
        """Stops the service, if it runs."""
        if self.daemon:
            self.daemon.stop()
            self.daemon = None

    def sweeps(self, count):
        """Waits for so many sweeps."""
        for _ in range(count):
            earlier = self.client.get("LastSweep")
            self.client.call("ProbeNow")
            self.client.wait_for("LastSweep", lambda ended, e=earlier: ended > e)

    def shoot(self, name, size=TALL, *, language="en", dark=False, contrast=False,
              scale=1, prepare=None, is_still=True):
        """Takes a picture of the window, after prepare(window), when nothing moves."""
        if self._only and name not in self._only:
            return
        environment = {"LANGUAGE": language}
        if dark:
            environment["ADW_DEBUG_COLOR_SCHEME"] = "prefer-dark"
        if contrast:
            environment["ADW_DEBUG_HIGH_CONTRAST"] = "1"
        self._set_text_scale(scale)
        window = Window(self.desktop, self.bus, environment)
        window.start()
        window.wait_for("frame")
        number = subprocess.run(["xdotool", "search", "--sync", "--onlyvisible", "--pid",
                                 str(window.process.pid)], check=True, text=True,
                                capture_output=True).stdout.split()[-1]
        self.desktop.xdotool("windowsize", "--sync", number,
                             size[0] + 2 * BORDER, size[1] + 2 * BORDER)
        self.desktop.xdotool("windowmove", number, 0, 0)
        if prepare:
            prepare(window)
        if is_still:
            self._settle(size)
        Picture(Box(BORDER, BORDER, *size)).save(self._directory / f"{name}.png")
        print(self._directory / f"{name}.png", flush=True)
        window.stop()

    def _set_text_scale(self, scale):
        settings = self.desktop.home / "config" / "gtk-4.0" / "settings.ini"
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text("[Settings]\n"
                            "gtk-font-name=Cantarell 11\n"
                            "gtk-decoration-layout=:close\n", encoding="ascii")
        resources = self.desktop.home / ".Xdefaults"
        resources.write_text(f"Xft.dpi: {96 * scale}\n", encoding="ascii")

    @staticmethod
    def _settle(size):
        """Waits until what is shown has not changed for half a second."""
        last, since = None, 0

        def is_still():
            nonlocal last, since
            now = Picture(Box(BORDER, BORDER, *size))
            if last is None or now != last:
                last, since = now, time.monotonic()
            return time.monotonic() - since > 0.5

        wait_until(is_still, "a still picture")


def show_connection(window):
    """Turns to the other page."""
    window.activate_in_window("page", "connection")


def keep_looking(studio):
    """Lets the service look again and again, so that there is a history to be seen."""
    return lambda window: studio.sweeps(14)


def search(text):
    """Searches for the text."""
    def prepare(window):
        window.activate("search")
        window.wait_for("entry", "Search the proxies").type(text)
    return prepare


def enter(address):
    """Types an address."""
    return lambda window: window.wait_for("text", "Another address").type(address)


def ask_why_not(remote):
    """Has the proxy checked."""
    def prepare(window):
        window.activate("why-not", remote)
        window.wait_for("list item", lambda name: name.startswith("Mycelium"))
    return prepare


def ask_for_name(address, text):
    """Begins to name the proxy."""
    def prepare(window):
        window.activate("name", address)
        entry = wait_until(lambda: next((part for part in window.parts() if part.role == "text"
                                         and part.has("FOCUSED")), None), "the field")
        entry.type(text)
    return prepare


def keep_fetching(studio, n_seconds):
    """Lets applications use the local port for so long, more and then less."""
    ends = time.monotonic() + n_seconds
    while time.monotonic() < ends:
        subprocess.run(["curl", "--silent", "--output", "/dev/null", "--proxy",
                        "socks5h://localhost:1080", "--limit-rate",
                        random.choice(["400k", "1200k", "2500k"]), "--max-time", "2",
                        studio.web.url()], check=False)
        dispatch()


def take_all(studio):
    """Every scene, in an order that needs few restarts."""
    studio.shoot("not-installed")
    studio.start_service(TimeoutSec="2", Enabled="false")
    studio.shoot("not-looking")
    studio.start_service(TimeoutSec="5")
    studio.sweeps(1)
    studio.shoot("none-found")
    studio.shoot("none-found-narrow", NARROW)
    studio.node.mode = "broken"
    studio.start_service(TimeoutSec="2")
    studio.client.wait_for("NodeState", "down")
    studio.shoot("node-down")
    studio.node.mode = "up"

    studio.add_peers()
    studio.start_service(TimeoutSec="2", IntervalSec="3600")
    studio.sweeps(1)
    for language in "en", "ar", "de", "fr", "es", "nl", "pt_BR", "zh_CN":
        studio.shoot(f"disconnected-{language}", language=language)
    studio.shoot("narrow-disconnected", NARROW)
    studio.client.call("Connect", "")
    looks = keep_looking(studio)
    studio.shoot("connected", prepare=looks)
    studio.shoot("dark", dark=True, prepare=looks)
    studio.shoot("high-contrast", contrast=True)
    studio.shoot("high-contrast-dark", contrast=True, dark=True)
    studio.shoot("narrow", NARROW, prepare=looks)
    studio.shoot("wide", WIDE, prepare=looks)
    studio.shoot("text-200", NARROW, scale=2)
    studio.shoot("text-200-connection", NARROW, scale=2, prepare=show_connection)
    studio.shoot("arabic", language="ar", prepare=looks)
    studio.shoot("arabic-narrow", NARROW, language="ar")
    studio.shoot("search", prepare=search("login"))
    studio.shoot("search-nothing", prepare=search("nobody"))
    studio.shoot("address-wrong", prepare=enter("[400::1]:99999"))
    studio.shoot("address-unfinished", prepare=enter("[400::1]"))
    studio.client.call("Connect", Peer("Dakar").endpoint)
    studio.shoot("login")

    studio.desktop.write("config", "names", "".join(
        f"{Peer(name).endpoint} {called}\n" for name, called in
        {"Amsterdam": "Amsterdam", "Cairo": "القاهرة", "Espoo": "Espoo, my own"}.items()))
    studio.desktop.write("config", "pins", f"{Peer('Izmir').endpoint}\n"
                                           f"{Peer('Cairo').endpoint}\n")
    refusing = Peer("Kyiv")
    overlay.add_host(refusing.address)
    studio.node.add(refusing)
    for look, options in {"": {}, "-dark": {"dark": True}, "-narrow": {"size": NARROW},
                          "-arabic": {"language": "ar"},
                          "-german-narrow": {"size": NARROW, "language": "de"}}.items():
        studio.shoot(f"names{look}", **options)
        studio.shoot(f"why-not{look}", prepare=ask_why_not(refusing.endpoint), **options)
        studio.shoot(f"name{look}", prepare=ask_for_name(Peer("Izmir").endpoint, "17"),
                     **options)

    fast = studio.add_fast_proxy()
    studio.sweeps(3)
    studio.client.call("Connect", fast)
    for name, options in {"traffic": {}, "traffic-dark": {"dark": True},
                          "traffic-narrow": {"size": NARROW},
                          "traffic-arabic": {"language": "ar"}}.items():
        def prepare(window):
            show_connection(window)
            keep_fetching(studio, 24)
        studio.shoot(name, prepare=prepare, **options)

    overlay.remove_host(Peer("Lisbon").address)
    studio.client.wait_for("State", "failing")
    studio.shoot("failing")
    studio.add_silent_peers(300)
    studio.start_service(TimeoutSec="3", IntervalSec="3600", Parallel="60")

    def wait_for_half(window):
        studio.client.wait_for("SweepProgress", lambda progress: progress[0] > 100)
        window.wait_for("progress bar")

    studio.shoot("sweeping", is_still=False, prepare=wait_for_half)
    studio.stop_service()


def main():
    """Takes the pictures."""
    parser = argparse.ArgumentParser(prog="tests/pictures",
                                     description="Takes pictures of the window.")
    parser.add_argument("directory", nargs="?", default="pictures",
                        help="where to put them (%(default)s)")
    parser.add_argument("names", nargs="*", help="which ones; all by default")
    options = parser.parse_args()
    directory = os.path.abspath(options.directory)
    overlay.enter()
    take_all(Studio(directory, options.names))


if __name__ == "__main__":
    main()
