# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tray and the window cost, with a service that is made up: idle, and while a
hundred proxies change every second. Software drawing, and assistive technology listens.

tests/bench/desktop starts it.
"""

import pathlib
import random
import subprocess
import time

from bench.costs import Costs
from lib import overlay
from lib.bus import Bus
from lib.desktop import Desktop
from lib.process import find_program
from lib.service_standin import ServiceStandIn, entry
from lib.tray import Tray
from lib.waiting import dispatch, wait_until
from lib.watcher import Watcher
from lib.window import Window

N_PROXIES = 100
SECONDS = 20
# What a program does at its start, or after it was hidden, takes a while to end.
SETTLING_S = 3


class Changes:
    """Proxies whose latencies, and so whose order, change every second."""

    def __init__(self, bus):
        self._chance = random.Random(1)
        self._base_us = {f"[400::{number:x}]:1080": self._chance.uniform(10_000, 200_000)
                         for number in range(1, N_PROXIES + 1)}
        self._turn = 0
        self.service = ServiceStandIn(bus, Proxies=self._proxies(), Probing=True,
                                      LastSweep=1, PeerCounts={"Valid": N_PROXIES})

    def _proxies(self):
        self._turn += 1
        entries = [entry(address, latency_us=int(base * self._chance.uniform(0.9, 1.3)),
                         last_probed=self._turn)
                   for address, base in self._base_us.items()]
        return sorted(entries, key=lambda each: each["Latency"].get_uint32())

    def go_on(self, seconds, *, changes=True):
        """Lets so much time go by."""
        start = time.monotonic()
        n_told = 0
        while (now := time.monotonic() - start) < seconds:
            if changes and now >= n_told:
                self.service.say(Proxies=self._proxies())
                n_told += 1
            dispatch()
            time.sleep(0.01)


def measure(name, process, changes, *, is_changing):
    """Prints what the program takes of a processor, and how often it wakes up."""
    changes.go_on(SETTLING_S, changes=is_changing)
    costs = Costs(process.pid)
    used_before_s, before = costs.processor_seconds, costs.wakeups()
    changes.go_on(SECONDS, changes=is_changing)
    used_s = costs.processor_seconds - used_before_s
    # Threads come and go.
    n_wakeups = sum(count - before.get(thread, 0)
                    for thread, count in costs.wakeups().items())
    print(f"{name:40} {100 * used_s / SECONDS:6.1f} % {n_wakeups / SECONDS:8.1f} /s",
          flush=True)


def pss_mib(process):
    """Returns the program's share of memory."""
    text = pathlib.Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii")
    return int(text.partition("\nPss:")[2].split(maxsplit=1)[0]) / 1024


def measure_tray(desktop, bus, changes):
    """The tray, in one that only knows it."""
    watcher, tray = Watcher(desktop), Tray(desktop, bus)
    start = time.monotonic()
    tray.start()
    wait_until(lambda: watcher.items, "the item")
    print(f"tray: {time.monotonic() - start:.2f} s to its icon", flush=True)
    measure("tray, idle", tray.process, changes, is_changing=False)
    measure("tray, all change", tray.process, changes, is_changing=True)
    print(f"tray: {pss_mib(tray.process):.1f} MiB (PSS)", flush=True)
    tray.stop()
    watcher.stop()


def measure_window(desktop, bus, changes):
    """The window, on each page and minimised."""
    window = Window(desktop, bus)
    start = time.monotonic()
    window.start()
    window.wait_for("list item")
    print(f"window: {time.monotonic() - start:.2f} s to its rows", flush=True)
    measure("window, idle", window.process, changes, is_changing=False)
    measure("window, all change", window.process, changes, is_changing=True)
    print(f"window: {pss_mib(window.process):.1f} MiB (PSS)", flush=True)
    window.activate_in_window("page", "connection")
    measure("window on the other page, all change", window.process, changes,
            is_changing=True)
    number = subprocess.run([find_program("xdotool"), "search", "--onlyvisible", "--pid",
                             str(window.process.pid)], check=True, text=True,
                            capture_output=True).stdout.split()[-1]
    desktop.xdotool("windowminimize", number)
    measure("window, minimised, all change", window.process, changes, is_changing=True)
    window.stop()


def main():
    """Measures both."""
    overlay.enter()
    desktop = Desktop("/usr/local/share")
    desktop.start("openbox")
    desktop.park_pointer()
    bus = Bus()
    changes = Changes(bus)
    print(f"{N_PROXIES} proxies, {SECONDS} s each {'of a core':>17} {'wake-ups':>11}")
    measure_tray(desktop, bus, changes)
    measure_window(desktop, bus, changes)


if __name__ == "__main__":
    main()
