# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The soak sees what it is there to see: streams with a fault in them, and growth."""

import os
import socket
import threading
import unittest
import unittest.mock

from lib import whole
from lib.soak import figures, traffic
from lib.waiting import wait_until

SEED = 7


class FaultyTraffic(traffic.Traffic):
    """Clients that talk to the far end itself, which has a fault.

    fault: "", "closes", "resets", "alters" or "adds".
    """

    fault = ""

    async def answer(self, reader, writer):
        plain_write = writer.write
        if self.fault == "closes":
            writer.close()
        elif self.fault == "resets":
            traffic.reset(writer)
        else:
            if self.fault == "alters":
                writer.write = lambda data: plain_write(bytes(data[:-1]) + b"?")
            elif self.fault == "adds":
                writer.close = lambda: (plain_write(b"?"), writer.transport.close())
            await super().answer(reader, writer)


class Streams(unittest.TestCase):
    def setUp(self):
        ports = unittest.mock.patch.object(traffic, "LOCAL_PORTS", ["[::1]:1080"])
        ports.start()
        self.addCleanup(ports.stop)
        self.weather = traffic.Weather()
        self.traffic = FaultyTraffic(self.weather, SEED)
        self.addCleanup(self.traffic.serve("::1").stop)

    def run_until(self, condition, what):
        self.traffic.start()
        try:
            wait_until(condition, what)
        finally:
            self.traffic.stop()

    def all_kinds_were_whole(self):
        return all(self.traffic.whole[kind] for kind in traffic.NAMES)

    def test_without_a_fault_no_problem_is_seen(self):
        self.run_until(self.all_kinds_were_whole, "streams of every kind")
        self.assertEqual(self.traffic.problems, [])
        self.assertEqual(self.traffic.cut.total(), 0)

    def test_every_fault_is_seen(self):
        for fault, problem in [("closes", "a stream"), ("resets", "a stream"),
                               ("alters", "wrong bytes"), ("adds", "wrong bytes")]:
            self.traffic.fault = fault
            self.traffic.problems.clear()
            self.run_until(lambda: any(
                problem in seen for seen in self.traffic.problems), fault)

    def test_an_end_of_file_is_no_reset(self):
        with unittest.mock.patch.object(traffic, "reset", lambda writer: writer.close()):
            self.run_until(lambda: len({
                problem for problem in self.traffic.problems
                if "in place of a reset" in problem}) == 2, "both ends complain")

    def test_streams_that_may_be_cut_are_no_problem(self):
        self.traffic.fault = "resets"
        with self.weather:
            self.run_until(lambda: self.traffic.cut.total() > 10, "streams that were cut")
        self.assertEqual(self.traffic.problems, [])


class Growth(unittest.TestCase):
    @staticmethod
    def samples(*memory_mib):
        return [figures.Sample(seconds, None, mib)
                for seconds, mib in enumerate(memory_mib, 1)]

    def test_memory_that_goes_up_and_down_has_not_grown(self):
        for memory in ([3] * 30, [3, 4, 3.5] * 10, [1] * 3 + [5] * 27, [9] * 9 + [3] * 21,
                       [3] * 29 + [30]):
            self.assertEqual(figures.growth_of_memory(self.samples(*memory), False), [])

    def test_memory_that_goes_up_has_grown(self):
        for memory in ([3 + i / 5 for i in range(30)], [3] * 18 + [5] * 12):
            (problem,) = figures.growth_of_memory(self.samples(*memory), False)
            self.assertIn("memory has grown", problem)

    def test_whatever_is_left_behind_is_named(self):
        before = figures.holdings_of(os.getpid())
        self.assertEqual(figures.growth_at_rest(before, before), [])
        is_over = threading.Event()
        thread = threading.Thread(target=is_over.wait)
        thread.start()
        with socket.socket(), open("/dev/null", "rb"):
            after = figures.holdings_of(os.getpid())
        is_over.set()
        thread.join()
        problems = figures.growth_at_rest(before, after)
        for kind, problem in zip(("sockets", "others", "threads"), problems, strict=True):
            n = getattr(before, kind)
            self.assertEqual(problem, f"{n} {kind} before, {n + 1} after")

    def test_a_thread_of_the_pool_may_not_stay(self):
        before = figures.Holdings(4, 0, 12, 7, 1)
        self.assertEqual(figures.growth_at_rest(before, before._replace(pool=0)), [])
        (problem,) = figures.growth_at_rest(before, before)
        self.assertIn("stuck", problem)

    def test_pipes_may_be_kept_but_not_too_many(self):
        before = figures.Holdings(4, 0, 12, 7, 0)
        for n_pipes, n_problems in [(figures.MOST_PIPES, 0), (figures.MOST_PIPES + 2, 1)]:
            after = before._replace(pipes=n_pipes)
            self.assertEqual(len(figures.growth_at_rest(before, after)), n_problems)

    def test_memory_is_what_the_process_has_written(self):
        before = figures.memory_mib(os.getpid())
        data = bytearray(os.urandom(1 << 20) * 16)
        self.assertAlmostEqual(figures.memory_mib(os.getpid()) - before,
                               len(data) / (1 << 20), delta=4)


if __name__ == "__main__":
    whole.main()
