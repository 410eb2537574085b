# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for a condition with a deadline, while D-Bus signals come in."""

import time

from gi.repository import GLib

# Generous, for sanitizers on a busy machine: only a failing test waits as long.
DEADLINE_S = 30


def dispatch():
    """Lets everything that has arrived for this thread's main context happen."""
    while GLib.MainContext.default().iteration(False):
        pass


def wait_until(condition, what, seconds=DEADLINE_S):
    """Returns the first true value of condition(); what says what was waited for."""
    deadline = time.monotonic() + seconds
    while True:
        dispatch()
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.005)
