# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures and prints. tests/bench/run builds what is needed and starts this."""

import argparse
import dataclasses
import pathlib
import resource

from bench import contenders, forwarding, report, service
from lib import overlay

# The same program is up to a third slower or faster in the next run, whether that takes
# 0.15 or 0.4 seconds: many short rounds tell more than few long ones.
FULL = forwarding.Pace(n_rounds=16, warm_up_s=0.1, bulk_s=0.2, rate_s=0.2, ping_s=0.1,
                       idle_s=5)
QUICK = forwarding.Pace(n_rounds=1, warm_up_s=0.1, bulk_s=0.3, rate_s=0.4, ping_s=0.2,
                        idle_s=2)

WANTED_DESCRIPTORS = 65536


def allow_descriptors():
    """Allows the programs as many descriptors as they want, or as many as we may."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(most, WANTED_DESCRIPTORS)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
    except ValueError:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def main():
    """Reads the command line and does what it says."""
    parser = argparse.ArgumentParser(
        prog="tests/bench/run", description="Measures the service beside its peers.")
    parser.add_argument("--quick", action="store_true",
                        help="a look in less than two minutes, not a measurement")
    parser.add_argument("--rounds", type=int, help="how many rounds instead of "
                        f"{FULL.n_rounds}")
    parser.add_argument("--part", choices=["forwarding", "service"],
                        help="measure only that")
    parser.add_argument("--json", type=pathlib.Path, required=True,
                        help="where to write all samples")
    options = parser.parse_args()
    pace = QUICK if options.quick else FULL
    if options.rounds:
        pace = dataclasses.replace(pace, n_rounds=options.rounds)

    about = {**report.machine(), "rounds": pace.n_rounds, "peers": [
        version for kind in contenders.ALL if (version := kind.version())]}
    overlay.enter()
    allow_descriptors()
    forwarding.set_up_network()

    parts = []
    if options.part != "service":
        parts += forwarding.measure_all(pace)
    if options.part != "forwarding":
        parts += service.measure_all(is_quick=options.quick)
    report.write_json(options.json, about, parts)
    report.print_table(about, parts)
    print(f"All samples: {options.json}")


if __name__ == "__main__":
    main()
