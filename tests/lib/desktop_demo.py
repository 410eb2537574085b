# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo on your own display: the tray and the window, and a made-up overlay for them.

The overlay, the service and their bus are in namespaces; the tray and the window are
ordinary programs of your session, and only their system bus is the one in there.
tests/demo --desktop starts it.
"""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile

from lib import overlay, window
from lib.bus import Bus, Client
from lib.daemon import Daemon
from lib.demo import MadeUpOverlay
from lib.pictures import LOCKED, PEERS, DistantProxy
from lib.stage import Stage

BUILD = pathlib.Path(window.program()).parents[2]
TRAY = BUILD / "applet" / "tray" / "mycelium-socks-tray"


class Session:
    """A process that stays outside and starts the programs there when it is told."""

    def __init__(self):
        told, self._tell = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._tell)
            with open(told, encoding="ascii") as order:
                inner = order.readline().strip()
            if not inner:
                os._exit(0)
            with tempfile.TemporaryDirectory(prefix="mycelium-socks-") as installed:
                status = self._run(inner, installed)
            os._exit(status)
        os.close(told)

    def open(self):
        """Starts them; to be called inside, once there is something to be shown."""
        os.write(self._tell, f"{overlay.outer_pid}\n".encode())

    @staticmethod
    def _run(inner, installed):
        """Shows the window until it is closed, and the tray as long, with its icons."""
        bus = f"unix:path=/proc/{inner}/root/run/dbus/system_bus_socket"
        subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--quiet",
                        "--destdir", installed], check=True, stdout=subprocess.DEVNULL)
        environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": bus,
                       "MYCELIUM_SOCKS_ICONS": f"{installed}/usr/share/icons"}
        tray = subprocess.Popen([TRAY], env=environment) if TRAY.exists() else None
        try:
            return subprocess.call([window.program()], env=environment)
        except KeyboardInterrupt:
            return 130
        finally:
            if tray:
                tray.terminate()


def add_distant_proxies(node):
    """Adds proxies that are as far away as real ones."""
    for name, latency_ms in PEERS.items():
        peer = overlay.Peer(f"{name}, far away")
        overlay.add_host(peer.address)
        node.add(peer)
        with overlay.beyond():
            DistantProxy(peer.address, latency_ms, wants_login=name in LOCKED)


def main():
    """Shows it until the window is closed."""
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        sys.exit("There is no display here: run this in a terminal of your desktop.")
    session = Session()
    keeper_reads, keeper_writes = os.pipe()
    keeper = os.fork()
    if keeper:
        # Outside as well: ends what is inside when the window is closed.
        os.close(keeper_reads)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _, status = os.waitpid(session.pid, 0)
        os.close(keeper_writes)
        _, inner_status = os.waitpid(keeper, 0)
        sys.exit(os.waitstatus_to_exitcode(status) or
                 os.waitstatus_to_exitcode(inner_status))

    os.close(keeper_writes)
    overlay.enter()
    stage = Stage()
    stage.title("mycelium-socks on your desktop, with an overlay that is made up")
    made_up = MadeUpOverlay(stage)
    add_distant_proxies(made_up.node)
    bus = Bus(is_open=True)
    # Who is who outside can't be seen from in here.
    bus.start_polkit("probe", "connect", "connect-elsewhere")
    client = Client(bus)
    daemon = Daemon(bus, {"Probing": {"IntervalSec": "10"}})
    daemon.start()
    client.wait_for("LastSweep", lambda ended: ended > 0)
    stage.tell("The window opens" + (", and the icon is in your tray." if TRAY.exists()
                                     else "; the tray was not built."))
    stage.tell(f"A page to be fetched by way of it, inside: {made_up.page}")
    stage.tell("Close the window, and all of it is gone.")
    session.open()
    os.read(keeper_reads, 1)
    daemon.stop()
    daemon.check_log()


if __name__ == "__main__":
    main()
