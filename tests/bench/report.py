# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results as a table for people and as JSON for machines."""

import dataclasses
import json
import os
import platform
import re

from bench.figures import DIRECT, OURS, REFERENCE

TITLE_WIDTH, UNIT_WIDTH, NUMBER_WIDTH, RATIO_WIDTH, MUST_WIDTH = 36, 6, 8, 10, 9


def machine():
    """Returns what the figures were measured on."""
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        model = re.search(r"^model name\s*:\s*(.*)$", lines.read(), re.MULTILINE)
    return {
        "kernel": platform.release(),
        "processor": model.group(1) if model else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "load_average": os.getloadavg()[0],
    }


def _number(value, digits, width=NUMBER_WIDTH):
    return f"{'–' if value is None else format(value, f'.{digits}f'):>{width}}"


def _must(must):
    text = f" {must.bound} {'✓' if must.is_good else '✗'}" if must else ""
    return f"{text:<{MUST_WIDTH}}"


def _line(figure, samples, names):
    medians = samples.medians(figure)
    musts = {must.of: must for must in figure.musts(samples)}
    cells = [f"  {figure.title:<{TITLE_WIDTH}}{figure.unit:<{UNIT_WIDTH}}"]
    cells += [_number(medians.get(name), figure.digits) for name in names]
    for name in REFERENCE, DIRECT:
        if name in names:
            cells += [_number(samples.ratio(figure, name), 2, RATIO_WIDTH),
                      _must(musts.get(name))]
    cells.append(_must(musts.get(OURS)))
    return "".join(cells).rstrip()


def _heads(title, names):
    ratios = [f"×{name}" for name in (REFERENCE, DIRECT) if name in names]
    return "".join([f"{title:<{TITLE_WIDTH + UNIT_WIDTH + 2}}",
                    *(f"{name:>{NUMBER_WIDTH}}" for name in names),
                    *(f"{ratio:>{RATIO_WIDTH}}{' must':<{MUST_WIDTH}}"
                      for ratio in ratios)]).rstrip()


def print_table(about, parts):
    """Prints everything."""
    print(f"\nLinux {about['kernel']} · {about['cores']} cores, {about['processor']} · "
          f"load average {about['load_average']:.2f} before")
    print(" · ".join(about["peers"]))
    print(f"Rounds: {about['rounds']}, interleaved, less beside whom nothing is asked; "
          "shown are the median of each, and the median of the rounds' ratios")
    missed, n_musts = [], 0
    for part in parts:
        names = part.names()
        print(f"\n{_heads(part.title, names)}")
        for figure in part.figures:
            if not part.medians(figure):
                continue
            print(_line(figure, part, names))
            for must in figure.musts(part):
                n_musts += 1
                if not must.is_good:
                    unit = figure.unit if must.of == OURS else f"× {must.of}"
                    error = part.error(figure, must.of)
                    within = f" ± {error:.2f}" if error is not None else ""
                    missed.append(f"{part.title}: {figure.title}: {must.reached:.2f}"
                                  f"{within} {unit}, must be {must.bound}")
    print(f"\n{n_musts - len(missed)} of {n_musts} musts reached.",
          *missed, sep="\n  ")


def write_json(path, about, parts):
    """Writes everything, each single sample too."""
    results = [{
        "title": part.title,
        "figures": [{
            "key": figure.key, "title": figure.title, "unit": figure.unit,
            "medians": part.medians(figure), "samples": part.values[figure.key],
            "musts": [dataclasses.asdict(must)
                      for must in figure.musts(part)],
        } for figure in part.figures if part.values[figure.key]],
    } for part in parts]
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"machine": about, "parts": results}, file, indent=1,
                  ensure_ascii=False)
        file.write("\n")
