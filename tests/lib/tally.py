# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts what a run of `meson test` has shown, from the log it leaves.

A program of the Test Anything Protocol counts as many tests as it says, any other as one.
Whatever ended badly, said nothing or was skipped has failed.
"""

import json
import pathlib
import re
import sys

TEST_LINE = re.compile(r"^(ok|not ok)\b(.*)$", re.MULTILINE)
# Of each output of a program that failed: the reason comes first, then logs.
FIRST_LINES = 40
SKIPPED = re.compile(r"#\s*(SKIP|TODO)", re.IGNORECASE)


def tally_one(result, output, is_tap):
    """Returns (passed, failed) for one program, given meson's word for its result."""
    if not is_tap:
        return (1, 0) if result == "OK" else (0, 1)
    lines = TEST_LINE.findall(output)
    passed = sum(word == "ok" and not SKIPPED.search(rest) for word, rest in lines)
    failed = len(lines) - passed
    if failed == 0 and (result != "OK" or passed == 0):
        failed = 1
    return passed, failed


def describe(name, test):
    """Returns the lines that say what a program that ended badly has said."""
    lines = [f"  {name}: {test['result']}, exit status {test['returncode']}"]
    for output in (test["stdout"], test.get("stderr")):
        told = [line for line in (output or "").splitlines() if not line.startswith("ok ")]
        lines += [f"    {line}" for line in told[:FIRST_LINES]]
    return lines


def tally(build):
    """Returns (passed, failed, lines about what failed) for the last run in that build
    directory.

    A run that left no log is one failure.
    """
    log = pathlib.Path(build, "meson-logs", "testlog.json")
    known = json.loads(pathlib.Path(build, "meson-info", "intro-tests.json").read_text())
    tap = {test["name"] for test in known if test["protocol"] == "tap"}
    passed = failed = 0
    lines = []
    if log.exists():
        for line in log.read_text(errors="replace").splitlines():
            test = json.loads(line)
            name = test["name"].rpartition(" / ")[2]
            counts = tally_one(test["result"], test["stdout"] or "", name in tap)
            passed, failed = passed + counts[0], failed + counts[1]
            if counts[1]:
                lines += describe(name, test)
    if passed + failed == 0:
        return 0, 1, ["  no test has run"]
    return passed, failed, lines


def main():
    """Prints how many passed, how many failed, and about those, a line each."""
    passed, failed, lines = tally(sys.argv[1])
    print(passed, failed, *lines, sep="\n")


if __name__ == "__main__":
    main()
