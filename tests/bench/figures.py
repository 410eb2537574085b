# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured: figures, what each must reach, and the samples of them."""

import collections
import dataclasses
import math
import statistics

# A median's standard error, in that of a mean, where samples lie as in a bell.
MEDIAN_ERROR = math.sqrt(math.pi / 2)

OURS, REFERENCE, DIRECT = "ours", "HAProxy", "direct"


@dataclasses.dataclass(frozen=True)
class Must:
    """One thing that is asked: of the ratio to whom, or of ours as it is.

    A ratio is taken to two places, as it is shown: more is not in these measurements.
    """

    of: str
    reached: float
    bound: str
    is_good: bool


@dataclasses.dataclass(frozen=True)
class Figure:
    """One line of the table.

    of_haproxy, of_direct: what ours must reach, as a ratio: at least where more is
    better, else at most; at_most: what ours may be, in the unit. None: nothing is asked.
    """

    key: str
    title: str
    unit: str
    digits: int = 2
    more_is_better: bool = False
    of_haproxy: float | None = None
    of_direct: float | None = None
    at_most: float | None = None

    def musts(self, samples):
        """Returns what is asked of ours, and whether it is so."""
        sign = "≥" if self.more_is_better else "≤"
        musts = [Must(name, ratio := round(samples.ratio(self, name), 2),
                      f"{sign} {bound:.2f}",
                      ratio >= bound if self.more_is_better else ratio <= bound)
                 for name, bound in ((REFERENCE, self.of_haproxy),
                                     (DIRECT, self.of_direct)) if bound is not None]
        if self.at_most is not None:
            ours = samples.medians(self)[OURS]
            musts.append(Must(OURS, ours, f"≤ {self.at_most:g}", ours <= self.at_most))
        return musts


class Samples:
    """The samples of one part of the benchmark, by figure and by contender."""

    def __init__(self, title, figures):
        self.title = title
        self.figures = figures
        self.values = {figure.key: collections.defaultdict(list) for figure in figures}

    def add(self, name, values):
        """Adds one sample of each figure in values, for the contender of that name."""
        for key, value in values.items():
            self.values[key][name].append(value)

    def medians(self, figure):
        """Returns the median of each contender, by name."""
        return {name: statistics.median(values)
                for name, values in self.values[figure.key].items()}

    def ratio(self, figure, name):
        """Returns ours in that contender's, or None without samples of it.

        It is the median of the rounds' ratios: a machine that becomes faster or slower
        meanwhile, as virtual ones do, changes both sides of each.
        """
        ratios = self._ratios(figure, name)
        return statistics.median(ratios) if ratios else None

    def error(self, figure, name):
        """Returns the standard error of that ratio, or None where it is not known."""
        ratios = self._ratios(figure, name)
        if len(ratios) < 2:
            return None
        return MEDIAN_ERROR * statistics.stdev(ratios) / math.sqrt(len(ratios))

    def _ratios(self, figure, name):
        by_name = self.values[figure.key]
        if not by_name.get(name):
            return []
        return [ours / theirs if theirs else 0 for ours, theirs in zip(
            by_name[OURS], by_name[name], strict=True)]

    def names(self):
        """Returns the contenders that have samples, in the order of their appearance."""
        return list(dict.fromkeys(name for by_name in self.values.values()
                                  for name in by_name))
