# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the service holds, over time, and whether that grows.

Descriptors and threads come and go with the traffic, so they are compared at rest: before
it and after it they are the same. Only pipes may be more, since those that the workers
have made are kept; there is a most of them. And GLib keeps threads of its pool for a
quarter of a minute; if one stays longer, it is stuck.

Memory never comes down to what it was, so it is compared under load: after a warm-up of a
third of the time, the median of the second third with that of the last.
"""

import collections
import os
import pathlib
import re
import statistics

# Each worker keeps up to 64 (SOCKS_PIPE_POOL_MAX_PIPES), of two ends; there is a worker
# for each processor, but not more than four.
MOST_PIPES = 2 * 64 * min(os.cpu_count(), 4)

# What the allocator's holes are worth: it grows by steps, some of them of almost 1 MiB,
# whenever it likes. Of eleven runs of one minute without a leak one has grown by 0.46 MiB
# between these thirds, as did the worst of five minutes. So a short run is allowed as much
# as a long one, which sees the smaller leak: in five minutes two hundred bytes lost with
# every stream would be as much, in one minute a thousand.
MAY_GROW_MIB = 1.0
MAY_GROW_MIB_SANITIZED = 8.0

Holdings = collections.namedtuple("Holdings", "sockets pipes others threads pool")
Sample = collections.namedtuple("Sample", "seconds holdings memory_mib")


def holdings_of(pid):
    """Counts the descriptors, each end of a pipe too, and the threads of a process."""
    kinds = collections.Counter()
    for link in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            kinds[os.readlink(link).partition(":")[0]] += 1
        except FileNotFoundError:  # closed meanwhile
            pass
    sockets, pipes = kinds.pop("socket", 0), kinds.pop("pipe", 0)
    names = _thread_names(pid)
    pool = sum(name.startswith("pool-") for name in names)
    return Holdings(sockets, pipes, kinds.total(), len(names) - pool, pool)


def _thread_names(pid):
    names = []
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            names.append((task / "comm").read_text(encoding="ascii").strip())
        except (FileNotFoundError, ProcessLookupError):  # ended meanwhile
            pass
    return names


def memory_mib(pid):
    """Returns how much memory of its own a process has in use."""
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return sum(int(kib) for kib in re.findall(
        r"^(?:Private_Dirty|Swap): *(\d+)", text, re.MULTILINE)) / 1024


def growth_at_rest(before, after):
    """Returns a sentence for each kind of thing that was left behind."""
    problems = [f"{getattr(before, kind)} {kind} before, {getattr(after, kind)} after"
                for kind in ("sockets", "others", "threads")
                if getattr(before, kind) != getattr(after, kind)]
    if after.pool:
        problems.append(f"{after.pool} threads of the pool are stuck")
    if after.pipes > MOST_PIPES:
        problems.append(f"{after.pipes} ends of pipes, at most {MOST_PIPES} are kept")
    return problems


def growth_of_memory(samples, is_sanitized):
    """Returns a sentence if there was growth."""
    may_grow_mib = MAY_GROW_MIB_SANITIZED if is_sanitized else MAY_GROW_MIB
    end = samples[-1].seconds
    thirds = [[], [], []]
    for sample in samples:
        thirds[min(2, int(3 * sample.seconds / end))].append(sample.memory_mib)
    _, middle, last = map(statistics.median, thirds)
    if last - middle <= may_grow_mib:
        return []
    return [f"memory has grown from {middle:.2f} to {last:.2f} MiB; {may_grow_mib} MiB "
            "would be noise"]
