# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A desktop of our own, without a screen: a display, a session bus, a home."""

import os
import pathlib
import subprocess
import tempfile

from gi.repository import Gio, GLib

from lib import overlay
from lib.process import Process, find_program
from lib.waiting import wait_until

DISPLAY = ":77"
SIZE = 1280, 1024

DBUS = "org.freedesktop.DBus"


class Desktop:
    """One for the whole program: GDK can have no other in the same process.

    environment: what its programs see; bus: a connection to its session bus.
    """

    def __init__(self, data_dir):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="home-"))
        runtime = self.home / "runtime"
        runtime.mkdir(mode=0o700)
        self.environment = {
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_DATA_HOME": str(self.home / "data"),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "XDG_STATE_HOME": str(self.home / "state"),
            "XDG_RUNTIME_DIR": str(runtime),
            "XDG_DATA_DIRS": f"{data_dir}:/usr/share",
            "XDG_CONFIG_DIRS": "/etc/xdg",
            "DISPLAY": DISPLAY,
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={runtime}/bus",
            "LC_ALL": "C.UTF-8",
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "NO_AT_BRIDGE": "1",
        }
        for name in "WAYLAND_DISPLAY", "SESSION_MANAGER", "LANGUAGE":
            os.environ.pop(name, None)
        os.environ.update(self.environment)
        self._start_display()
        self.bus = self._start_bus()

    def _start_display(self):
        # Other displays of this machine have their sockets in this directory, by numbers.
        os.makedirs("/tmp/.X11-unix", exist_ok=True)
        overlay.mount_empty("/tmp/.X11-unix")
        self.start("Xvfb", DISPLAY, "-nolock", "-noreset", "-nolisten", "tcp",
                   "-screen", 0, f"{SIZE[0]}x{SIZE[1]}x24")
        socket = pathlib.Path(f"/tmp/.X11-unix/X{DISPLAY[1:]}")
        wait_until(socket.exists, "the display")

    def _start_bus(self):
        address = self.environment["DBUS_SESSION_BUS_ADDRESS"]
        self.start("dbus-daemon", "--session", "--nofork", "--nopidfile",
                   f"--address={address}")

        def connect():
            try:
                return Gio.DBusConnection.new_for_address_sync(
                    address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
                    | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
            except GLib.Error:
                return None

        return wait_until(connect, "the session bus")

    def write(self, place, name, text):
        """Writes a file of the person's: place is "config" or "state"."""
        path = self.home / place / "mycelium-socks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def read(self, place, name):
        """Returns what is in such a file, "" where there is none."""
        path = self.home / place / "mycelium-socks" / name
        return path.read_text("utf-8") if path.exists() else ""

    def forget(self):
        """Lets the person know no address."""
        for path in self.home.glob("*/mycelium-socks/*"):
            if path.name in ("names", "pins", "recent"):
                path.unlink()

    def start(self, *command, env=None):
        """Starts a program of the desktop; its output is in a file of its own."""
        name = pathlib.Path(str(command[0])).name
        return Process(list(command), tempfile.mktemp(prefix=f"{name}-", dir=self.home),
                       env=env)

    def call(self, name, path, interface, method, signature="()", *arguments):
        """Calls a method on the session bus and returns what it answers, as a tuple."""
        return self.bus.call_sync(name, path, interface, method,
                                  GLib.Variant(signature, arguments), None,
                                  Gio.DBusCallFlags.NO_AUTO_START, 30000, None).unpack()

    def get(self, name, path, interface, key):
        """Asks for a property of something on the session bus."""
        return self.call(name, path, f"{DBUS}.Properties", "Get", "(ss)", interface,
                         key)[0]

    def has_owner(self, name):
        """Whether somebody owns the name on the session bus."""
        return self.call(DBUS, "/", DBUS, "NameHasOwner", "(s)", name)[0]

    @staticmethod
    def xdotool(*arguments):
        """Runs xdotool."""
        subprocess.run([find_program("xdotool"), *map(str, arguments)], check=True)

    def park_pointer(self):
        """Moves the pointer away from everything."""
        self.xdotool("mousemove", 1, SIZE[1] - 2)

    def point_at(self, box):
        """Moves the pointer to the middle of the box."""
        self.xdotool("mousemove", box.x + box.width // 2, box.y + box.height // 2)

    def click(self, box, button=1):
        """Clicks into the middle of the box."""
        self.point_at(box)
        self.xdotool("click", button)

    def press(self, key):
        """Presses a key."""
        self.xdotool("key", key)
