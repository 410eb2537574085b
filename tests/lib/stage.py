# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the demo shows what happens; in colour on a terminal, and only there."""

import os
import shlex
import subprocess
import sys
import textwrap

BOLD, DIM, RED, GREEN, YELLOW, CYAN = "1", "2", "31", "32", "33", "36"

WIDTH = 88
BAR_WIDTH = 40


class Failure(Exception):
    """Something that the demo promises did not happen."""


class Stage:
    """Where the story is told, line by line."""

    def __init__(self, out=sys.stdout):
        self._out = out
        self.is_terminal = out.isatty()
        self._is_coloured = self.is_terminal and "NO_COLOR" not in os.environ
        self._n_steps = 0

    def paint(self, text, colour):
        """Returns the text in that colour."""
        return f"\033[{colour}m{text}\033[0m" if self._is_coloured else text

    def line(self, text=""):
        """Says one line as it is."""
        print(text, file=self._out, flush=True)

    def title(self, text):
        """Opens the story."""
        self.line()
        self.line(self.paint(text, BOLD))

    def step(self, text):
        """Opens the next part of the story."""
        self._n_steps += 1
        self.line()
        self.line(self.paint(f"{self._n_steps}. {text}", f"{BOLD};{CYAN}"))

    def tell(self, text):
        """Explains, in lines of a readable length."""
        for line in textwrap.wrap(text, WIDTH - 3):
            self.line(f"   {line}")

    def success(self, text):
        """Says that what was promised has happened."""
        self.line(f"   {self.paint('✓', GREEN)} {text}")

    def run(self, command, *, shows=12):
        """Runs a command as a user would and shows it and what it answers.

        Returns (exit status, output).
        """
        self.line(f"   {self.paint('$ ' + shlex.join(command), DIM)}")
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        answer = (done.stdout + done.stderr).strip()
        for line in answer.splitlines()[:shows]:
            self.line(f"     {line if len(line) < WIDTH else line[:WIDTH] + ' …'}")
        return done.returncode, answer

    def progress(self, done, total):
        """Shows how far something is; the same line again on a terminal."""
        n_full = BAR_WIDTH * done // total if total else 0
        bar = self.paint("█" * n_full, GREEN) + self.paint("░" * (BAR_WIDTH - n_full), DIM)
        text = f"   {bar} {done} of {total} peers"
        if self.is_terminal:
            end = "\n" if done == total else ""
            print("\r" + text, end=end, file=self._out, flush=True)
        else:
            self.line(text)
