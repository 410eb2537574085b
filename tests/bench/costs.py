# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a program costs, with all its threads and children: from proc(5), and its clock."""

import contextlib
import ctypes
import os
import pathlib
import time

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")

_libc = ctypes.CDLL(None)


def _stat_fields(pid):
    """Returns what follows the name in /proc/PID/stat, or nothing if it is gone."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return []
    return text.rpartition(")")[2].split()


def _processor_seconds(pid):
    """Returns what all its threads have used, to the nanosecond; 0 if it is gone.

    proc(5) has the same in ticks of 10 ms, of which a load takes three or four.
    """
    clock = ctypes.c_int()
    if _libc.clock_getcpuclockid(int(pid), ctypes.byref(clock)) != 0:
        return 0
    try:
        return time.clock_gettime(clock.value)
    except OSError:
        return 0


class Costs:
    """Looks at a program that was started in a session of its own, as lib.process does.

    All that it started is in that session too.
    """

    def __init__(self, pid):
        self._session = str(pid)

    def _pids(self):
        return [pid for pid in os.listdir("/proc") if pid.isdigit()
                and _stat_fields(pid)[3:4] == [self._session]]

    def _tasks(self):
        return [task for pid in self._pids()
                for task in pathlib.Path(f"/proc/{pid}/task").iterdir()]

    @property
    def processor_seconds(self):
        """Processor time used, by children that have ended too."""
        pids = self._pids()
        ended = [_stat_fields(pid)[13:15] for pid in pids]
        return (sum(_processor_seconds(pid) for pid in pids) +
                sum(int(ticks) for fields in ended for ticks in fields) /
                TICKS_PER_SECOND)

    @property
    def resident_bytes(self):
        """Memory that it occupies."""
        # VmRSS is summed up from the threads now and then, and 256 KiB off at times.
        return sum(int(line.split()[1]) * 1024 for pid in self._pids()
                   for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(
                       encoding="ascii").splitlines() if line.startswith("Rss:"))

    @property
    def n_descriptors(self):
        """How many descriptors it holds."""
        return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in self._pids())

    def wakeups(self, threads=""):
        """Returns how often each thread whose name begins so has gone to sleep so far."""
        return {task.name: int(line.split()[1]) for task in self._tasks()
                if (task / "comm").read_text(encoding="utf-8").startswith(threads)
                for line in (task / "status").read_text(encoding="utf-8").splitlines()
                if line.startswith("voluntary_ctxt_switches")}

    def count_wakeups(self, seconds, *kinds):
        """Waits so long and returns the wake-ups meanwhile of each kind of thread."""
        before = [self.wakeups(kind) for kind in kinds]
        time.sleep(seconds)
        return [sum(count - then.get(thread, 0)
                    for thread, count in self.wakeups(kind).items())
                for kind, then in zip(kinds, before)]

    def pin(self, processors):
        """Lets it run on these processors only."""
        for task in self._tasks():
            with contextlib.suppress(ProcessLookupError):
                os.sched_setaffinity(int(task.name), processors)
