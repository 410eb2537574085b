# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs unittest's tests and says their results in the Test Anything Protocol."""

import sys
import traceback
import unittest


class _Result(unittest.TestResult):
    """Says each test's result once, when all that belongs to it is over."""

    def __init__(self):
        super().__init__()
        self.n_bad = 0
        self._problems = []

    def startTest(self, test):
        super().startTest(test)
        self._problems = []

    def stopTest(self, test):
        super().stopTest(test)
        name = f"{type(test).__name__}.{getattr(test, '_testMethodName', test)}"
        for problem in self._problems:
            for line in problem.rstrip().splitlines():
                print("#", line)
        self.n_bad += bool(self._problems)
        print("not ok" if self._problems else "ok", self.testsRun, name, flush=True)

    def _add_problem(self, problem):
        self._problems.append("".join(traceback.format_exception(*problem)))

    def addError(self, test, err):
        super().addError(test, err)
        self._add_problem(err)
        if not isinstance(test, unittest.TestCase):  # the fixture of a class or a module
            self.testsRun += 1
            self.stopTest(test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._add_problem(err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err:
            self._problems.append(str(subtest))
            self._add_problem(err)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._problems.append(f"skipped: {reason}")

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self._add_problem(err)

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self._problems.append("succeeded unexpectedly")


def main():
    """Runs the tests of the main module, or those that the command line names.

    Ends with 1 if one did not succeed or was skipped, or if there were none.
    """
    module = sys.modules["__main__"]
    loader = unittest.TestLoader()
    names = sys.argv[1:]
    tests = (loader.loadTestsFromNames(names, module) if names
             else loader.loadTestsFromModule(module))
    result = _Result()
    tests.run(result)
    print(f"1..{result.testsRun}", flush=True)
    sys.exit(result.n_bad > 0 or result.testsRun == 0)
