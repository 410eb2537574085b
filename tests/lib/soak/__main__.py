# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The soak as a program: tests/soak starts it."""

import argparse
import os
import re
import resource
import sys
import threading
import time

from lib import overlay
from lib.bus import Bus, BusError, Client
from lib.daemon import Daemon, is_sanitized
from lib.node_standin import ROUTES, NodeStandIn
from lib.soak import figures
from lib.soak.traffic import NAMES, Traffic, Weather
from lib.soak.trouble import Trouble
from lib.stage import DIM, RED, Stage
from lib.waiting import wait_until

SETTINGS = {"Probing": {"IntervalSec": "1", "TimeoutSec": "3"}}

SAMPLE_EVERY_S = 0.5
N_ROWS = 12
LEAST_MINUTES = 0.5
MOST_PROBLEMS_SHOWN = 20
LOG_LINES_SHOWN = 40

# Idle threads of GLib's pools take a quarter of a minute to go.
REST_WITHIN_S = 90

# What is part of the trouble; every other warning is one of the soak's failures.
EXPECTED = re.compile(r"does not answer any more|The Mycelium node at|"
                      r"No valid proxy available")
SERIOUS = re.compile(r"-(WARNING|CRITICAL|ERROR) \*\*:")

COLUMNS = ("  time  streams    MiB  sweeps  changes  answer  sockets  pipes  others  "
           "threads  pool  memory")
ROW = ("{:>6.0f}  {:>7}  {:>5.0f}  {:>6}  {:>7}  {:>6.1f}  {:>7}  {:>5}  {:>6}  {:>7}  "
       "{:>4}  {:>6.2f}")


class Soak:
    """The whole of it: the world, the service, and what is seen of it."""

    def __init__(self, stage, seed):
        self.stage = stage
        self.node = NodeStandIn().start()
        overlay.add_own_address(self.node.own.address)
        self.bus = Bus()
        self.client = Client(self.bus)
        self.daemon = Daemon(self.bus, SETTINGS)
        self.daemon.environment["G_MESSAGES_DEBUG"] = ""
        if is_sanitized():
            # What was freed and is kept to catch its use would look like growth.
            options = os.environ.get("ASAN_OPTIONS", "")
            self.daemon.environment["ASAN_OPTIONS"] = f"{options}:quarantine_size_mb=1"
        weather = Weather()
        self.traffic = Traffic(weather, seed)
        self.trouble = Trouble(self.bus, self.client, self.node, self.traffic, weather,
                               seed)
        self.samples = []
        self._n_changes = 0

    def rest(self, expected=None):
        """Lets all come to rest, and returns what the service then holds.

        expected: what it held before, which is waited for.
        """
        self.trouble.rest()
        seen = []

        def is_at_rest():
            seen.append(figures.holdings_of(self.daemon.process.pid))
            if expected:
                return not figures.growth_at_rest(expected, seen[-1])
            return len(seen) > 100 and len(set(seen[-100:])) == 1

        try:
            wait_until(is_at_rest, "", REST_WITHIN_S)
        except AssertionError:
            pass  # what is left over is told later
        return seen[-1]

    def _sample_until(self, is_over):
        """Looks at the service again and again, whatever else is waited for meanwhile."""
        pid, began = self.daemon.process.pid, time.monotonic()
        while not is_over.wait(SAMPLE_EVERY_S):
            try:
                self.samples.append(figures.Sample(
                    time.monotonic() - began, figures.holdings_of(pid),
                    figures.memory_mib(pid)))
            except OSError:
                return  # it has ended, which others will tell

    def show(self):
        """Says a row of the table: the newest sample, and what was done up to it."""
        self._n_changes += len(self.client.remote_changes)
        self.client.remote_changes.clear()
        self.client.changes.clear()
        now = self.samples[-1]
        self.stage.line(ROW.format(
            now.seconds, self.traffic.whole.total(), self.traffic.n_bytes / (1 << 20),
            self.node.requests.count(ROUTES), self._n_changes,
            1000 * self.trouble.slowest_s, *now.holdings, now.memory_mib))
        self.trouble.slowest_s = 0

    def run(self, minutes):
        """Soaks for so long; returns what was wrong, a sentence each."""
        self.daemon.start()
        self.client.wait_for("LastSweep", lambda ended: ended > 0)
        before = self.rest()
        self.stage.line(f"At rest it holds {self._text(before)}.")
        self.stage.line(self.stage.paint(COLUMNS, DIM))

        self.trouble.start()
        self.traffic.start()
        is_over = threading.Event()
        sampler = threading.Thread(target=self._sample_until, args=[is_over])
        sampler.start()
        try:
            self._trouble_for(minutes * 60)
        finally:
            is_over.set()
            sampler.join()
        self.traffic.stop()
        if self.traffic.problems:  # was broken off
            return self.traffic.problems

        after = self.rest(before)
        self.stage.line(f"At rest again it holds {self._text(after)}.")
        self.daemon.stop()
        self.daemon.check_log()
        return (self._check_coverage() + self._check_log()
                + figures.growth_at_rest(before, after)
                + figures.growth_of_memory(self.samples, is_sanitized()))

    @staticmethod
    def _text(holdings):
        return ", ".join(f"{n} {kind}" for kind, n in holdings._asdict().items())

    def _trouble_for(self, seconds):
        began = shown = time.monotonic()
        while time.monotonic() < began + seconds and not self.traffic.problems:
            self.trouble.step()
            if self.daemon.process.returncode is not None:
                raise AssertionError(f"the service ended: {self.daemon.process.output()}")
            if time.monotonic() >= shown + seconds / N_ROWS and self.samples:
                shown = time.monotonic()
                self.show()

    def _check_coverage(self):
        """A soak in which hardly anything came through would show nothing."""
        whole, cut = self.traffic.whole, self.traffic.cut
        for kind, name in NAMES.items():
            self.stage.line(f"{whole[kind]:>8} streams {name}, and {cut[kind]} cut when "
                            "they had to be")
        self.stage.line(f"{self.trouble.done.total():>8} times trouble: " + ", ".join(
            f"{step.replace('_', ' ')} {n}" for step, n in self.trouble.done.items()))
        return [f"of the streams {name}, {whole[kind]} came through and {cut[kind]} "
                "were cut" for kind, name in NAMES.items() if whole[kind] <= cut[kind]]

    def show_log(self):
        """Says what the service said last."""
        self.stage.line("The end of the service's log:")
        for line in self.daemon.process.output().splitlines()[-LOG_LINES_SHOWN:]:
            self.stage.line(f"   {line}")

    def _check_log(self):
        lines = self.daemon.process.output().splitlines()
        return [f"in the log: {line}" for line in lines
                if SERIOUS.search(line) and not EXPECTED.search(line)]


def main():
    """Soaks; ends with 0 only if nothing grew and nothing was wrong."""
    parser = argparse.ArgumentParser(prog="tests/soak", description=__doc__)
    parser.add_argument("minutes", nargs="?", type=float, default=5)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000,
                        help="lets the same happen again, more or less")
    options = parser.parse_args()
    if options.minutes < LEAST_MINUTES:
        parser.error(f"less than {LEAST_MINUTES} minutes show nothing")

    overlay.enter()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    stage = Stage()
    stage.title(f"A soak of {options.minutes:g} minutes, seed {options.seed}")
    stage.tell("Streams of every kind go through the service, and there is trouble of "
               "every kind around it: switches, sweeps over peers that come and go, a "
               "node that does too, programs that flood the bus and leave. Changes are "
               "those of the remote; answer is the longest that a question on the bus "
               "took, in milliseconds; memory is in MiB.")
    soak = Soak(stage, options.seed)
    try:
        problems = soak.run(options.minutes)
    except (AssertionError, BusError) as problem:
        problems = [str(problem)]
    except KeyboardInterrupt:
        sys.exit(130)
    if problems:
        soak.show_log()
    for problem in problems[:MOST_PROBLEMS_SHOWN]:
        stage.line(f"   {stage.paint('✗', RED)} {problem}")
    if not problems:
        stage.success("every byte was right, and nothing has grown")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
