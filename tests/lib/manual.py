# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manual pages as their readers see them, and help as programs print it."""

import functools
import os
import re
import subprocess

# As in "-s, --sort=KEY".
OPTION = r"(?:-\w, )?--[\w-]+(?:=[A-Z]+)?"


@functools.cache
def render(path, width=120):
    """Returns a page as text, and what man has to say about it."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": str(width)}
    for name in "MANOPT", "MANROFFOPT", "MANROFFSEQ", "MAN_KEEP_FORMATTING":
        environment.pop(name, None)
    done = subprocess.run(
        ["man", "--warnings", "--encoding=UTF-8", "--local-file", path],
        env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False)
    errors = done.stderr
    return done.stdout, errors if done.returncode == 0 else f"{errors}: {done.returncode}"


def indent_of(line):
    return len(line) - len(line.lstrip())


class Page:
    """A page by its sections, each a list of lines without header and footer."""

    def __init__(self, path):
        self.path = path
        self.name, _, self.number = os.path.basename(path).rpartition(".")
        # No line is broken here: a paragraph is a line.
        self.text, self.errors = render(path, 2000)
        self.sections = {}
        lines = self.text.splitlines()
        for line in lines[1:-1]:
            if line and indent_of(line) == 0:
                section = self.sections.setdefault(line, [])
            elif line:
                section.append(line)

    def entries(self, section, of=None):
        """Returns the entries of a section, or of another entry's lines: what stands
        outermost, each with the lines that are further in below it."""
        lines = self.sections[section] if of is None else of
        outermost = min(map(indent_of, lines), default=0)
        entries = {}
        for line in lines:
            if indent_of(line) == outermost:
                body = entries.setdefault(line.strip(), [])
            else:
                body.append(line)
        return {term: body for term, body in entries.items() if body}


def options_in(lines):
    """Returns the options that are described in those lines of a page."""
    return {line.strip() for line in lines if re.fullmatch(rf" +{OPTION}", line)}


class Help:
    """What a program prints for --help, or --help-all where it has more to say."""

    def __init__(self, program, *command, environment=None):
        done = subprocess.run(
            [program, *command, "--help"], capture_output=True, text=True, check=True,
            env={**os.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": "", **(environment or {})})
        self.text = done.stdout
        self.usage = self.text.splitlines()[1].strip().replace("…", "...")
        self.options = set(re.findall(rf"(?m)^  ({OPTION})(?:  |$)", self.text))
        if "--help-all" in self.options and command == ():
            self.options |= Help(program, "--help-all").options

    def table(self, title):
        """Returns the first words of the lines below a title, each with the others."""
        block = self.text.partition(f"\n{title}\n")[2].partition("\n\n")[0]
        return dict(line.split(maxsplit=1) for line in block.splitlines())
