# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service that changes all the time, made up: what the window shows of it, and asks."""

import random
import subprocess
import time

from lib.bus import INTERFACE
from lib.process import find_program
from lib.service_standin import ServiceStandIn, entry
from lib.waiting import wait_until
from lib.window_test import WindowTest, main

N_PROXIES = 40
N_ROUNDS = 20
# So many have room for sure; the others wait until somebody scrolls there.
N_SEEN = 6

# Longer than the window leaves between two questions.
SILENT_S = 3


class Changes(WindowTest):
    def start(self, **values):
        """Opens the window on a service that is made up."""
        self.service = ServiceStandIn(self.bus, Probing=True, LastSweep=1, **values)
        self.addCleanup(self.service.stop)
        self.desktop.park_pointer()
        self.window.start()

    @staticmethod
    def proxies(order, latency_us=42000):
        """Returns what the service says of proxies with these numbers."""
        return [entry(f"[400::{number:x}]:1080", latency_us=latency_us, last_probed=latency_us)
                for number in order]

    def test_rows_follow_whatever_changes(self):
        order = list(range(1, N_PROXIES + 1))
        self.start(Proxies=self.proxies(order), PeerCounts={"Valid": N_PROXIES})
        self.window.wait_for("list item")
        chance = random.Random(1)
        for turn in range(N_ROUNDS):
            chance.shuffle(order)
            self.service.say(Proxies=self.proxies(order, latency_us=1000 * (turn + 1)))
        # The window's log is looked through for warnings when it ends.
        expected = [f"400::{number:x}, Open, {N_ROUNDS} ms" for number in order[:N_SEEN]]
        wait_until(lambda: self.rows()[:N_SEEN] == expected, "the rows as they are now")

    def test_the_focus_moves_with_its_row(self):
        self.start(Proxies=self.proxies([1, 2, 3, 4]), PeerCounts={"Valid": 4})
        self.wait_for_rows(4)

        def focused():
            return [part.name.split(",")[0] for part in self.window.parts()
                    if part.role == "list item" and part.has("FOCUSED")]

        for _ in range(12):
            if focused():
                break
            self.desktop.press("Tab")
        self.desktop.press("Down")
        wait_until(lambda: focused() == ["400::2"], "the focus on the second row")
        self.service.say(Proxies=self.proxies([4, 3, 2, 1], latency_us=7000))
        wait_until(lambda: [row.split(",")[0] for row in self.rows()]
                   == ["400::4", "400::3", "400::2", "400::1"], "the other order")
        self.assertEqual(focused(), ["400::2"])

    def n_questions(self):
        """How often one of the counters was asked for."""
        return self.service.calls.count(("Get", (INTERFACE, "BytesReceived")))

    def wait_for_questions(self):
        """Waits until the counters are asked for, not only once."""
        before = self.n_questions()
        wait_until(lambda: self.n_questions() > before + 1, "questions")

    def wait_for_silence(self):
        """Waits until nothing at all has been asked for a while."""
        last = [0, 0]

        def is_silent():
            now = [len(self.service.calls), time.monotonic()]
            if now[0] != last[0]:
                last[:] = now
            return now[1] - last[1] > SILENT_S

        wait_until(is_silent, f"{SILENT_S} s without a question")

    def xdotool_window(self, *arguments):
        """Does something to the window as the window manager has it."""
        number = subprocess.run([find_program("xdotool"), "search", "--pid",
                                 str(self.window.process.pid), "--name", "Mycelium Socks"],
                                check=True, text=True, capture_output=True
                                ).stdout.split()[-1]
        self.desktop.xdotool(*arguments, number)

    def test_the_counters_are_asked_for_only_while_they_are_seen(self):
        manager = self.desktop.start("openbox")
        self.addCleanup(manager.kill)
        self.start(State="connected", Remote="[400::1]:1080", Selection="manual",
                   Listening="[::]:1080", Proxies=self.proxies([1]),
                   PeerCounts={"Valid": 1})
        self.wait_for_rows(1)
        self.wait_for_silence()
        self.assertEqual(self.n_questions(), 0)

        self.window.activate_in_window("page", "connection")
        self.wait_for_questions()
        self.xdotool_window("windowminimize")
        self.wait_for_silence()
        self.xdotool_window("windowactivate")
        self.wait_for_questions()

        self.service.say(State="disconnected", Remote="", Selection="", Listening="")
        self.wait_for_silence()


if __name__ == "__main__":
    main()
