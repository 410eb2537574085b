# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs bench-load, the load generator in C, and its sink."""

import contextlib
import json
import os
import subprocess
import tempfile

from bench.costs import Costs
from lib.process import Process, accepts_connections
from lib.waiting import wait_until

SINK_PORT = 2000

PROCESSORS = os.sched_getaffinity(0)
N_PROCESSORS = len(PROCESSORS)


class LoadFailed(Exception):
    """A load did not run to its end, or not with the right bytes."""


def _program():
    return os.environ["BENCH_LOAD"]


class Sink:
    """The far end of everything, on an address of the network where it is made."""

    def __init__(self, address="::1", port=SINK_PORT):
        self.address, self.port = address, port
        self._process = Process(
            [_program(), "sink", "--sink", f"{address} {port}",
             "--threads", N_PROCESSORS], tempfile.mktemp(prefix="sink-"))
        self.costs = Costs(self._process.pid)
        self.pin = self.costs.pin

    @property
    def endpoint(self):
        """Its socket address."""
        return f"[{self.address}]:{self.port}"

    def wait(self):
        """Waits until it can be reached from here."""
        wait_until(lambda: accepts_connections(self.address, self.port),
                   f"the sink: {self._process.output()}")

    def stop(self):
        """Ends it; it must still have been there."""
        ended = self._process.returncode
        self._process.kill()
        if ended is not None:
            raise LoadFailed(self._process.output())


def _command(program, through, sink, **options):
    arguments = [_program(), program, "--through", f"{through[0]} {through[1]}",
                 "--sink", f"{sink.address} {sink.port}"]
    for name, value in options.items():
        option = "--" + name.replace("_", "-")
        if value is True:
            arguments.append(option)
        elif value is not False:
            arguments += [option, str(value)]
    return arguments


def run(program, through, sink, *, pinned_to=None, **options):
    """Lets bench-load do that and returns what it has measured."""
    def prepare():
        if pinned_to:
            os.sched_setaffinity(0, pinned_to)

    done = subprocess.run(_command(program, through, sink, **options), text=True,
                          capture_output=True, preexec_fn=prepare, timeout=120)
    if done.returncode != 0:
        raise LoadFailed(f"{program} through port {through[1]}: {done.stderr.strip()}")
    return json.loads(done.stdout)


@contextlib.contextmanager
def in_background(program, through, sink, **options):
    """Lets bench-load do that meanwhile; it must end well."""
    with subprocess.Popen(_command(program, through, sink, **options),
                          stdout=subprocess.DEVNULL) as load:
        yield
        if load.wait(60) != 0:
            raise LoadFailed(f"{program} through port {through[1]}")


@contextlib.contextmanager
def idle_streams(n, through, sink, n_bytes=1):
    """Keeps so many idle streams open; all of them must live to the end.

    Gives a function that has each carry n_bytes, and back.
    """
    with subprocess.Popen(_command("idle", through, sink, streams=n, bytes=n_bytes),
                          text=True, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as load:
        def expect(word, line):
            if line.strip() != json.dumps({word: n}):
                raise LoadFailed(f"{n} idle streams through port {through[1]}: {line}")

        def use():
            load.stdin.write("\n")
            load.stdin.flush()
            expect("used", load.stdout.readline())

        expect("resting", load.stdout.readline())
        yield use
        rest, _ = load.communicate(timeout=60)
        expect("alive", rest)
