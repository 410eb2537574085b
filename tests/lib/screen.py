# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is on the display, and where: pictures, and what in them has changed."""

import collections
import functools
import os

import gi

gi.require_version("Gdk", "3.0")
from gi.repository import Gdk  # pylint: disable=wrong-import-position

# Of what is drawn in a line of text: more than a separator, less than an empty row.
MIN_TEXT_HEIGHT = 5
# A menu's frame, its rounded corners, and its shadow.
MENU_MARGIN = 24

Box = collections.namedtuple("Box", "x y width height")


@functools.cache
def _root():
    # The display did not exist when this module was loaded.
    display = Gdk.Display.open(os.environ["DISPLAY"])
    return display.get_default_screen().get_root_window()


class Picture:
    """A part of the display at one moment: rows of RGB pixels."""

    def __init__(self, box):
        self.box = box
        self.pixbuf = Gdk.pixbuf_get_from_window(_root(), *box)
        n_channels, stride = self.pixbuf.get_n_channels(), self.pixbuf.get_rowstride()
        pixels = self.pixbuf.get_pixels()
        self.rows = []
        for y in range(box.height):
            row = pixels[y * stride:y * stride + box.width * n_channels]
            if n_channels == 4:
                row = b"".join(row[i:i + 3] for i in range(0, len(row), 4))
            self.rows.append(row)

    def __eq__(self, other):
        return self.rows == other.rows

    def save(self, path):
        """Writes it as a PNG."""
        self.pixbuf.savev(str(path), "png", [], [])

    def changed_box(self, before):
        """Returns the part of the display that differs from an earlier picture, or None."""
        differing = [y for y, row in enumerate(self.rows) if row != before.rows[y]]
        if not differing:
            return None
        columns = [x for x in range(self.box.width)
                   if any(self.rows[y][3 * x:3 * x + 3] != before.rows[y][3 * x:3 * x + 3]
                          for y in differing)]
        return Box(self.box.x + columns[0], self.box.y + differing[0],
                   columns[-1] - columns[0] + 1, differing[-1] - differing[0] + 1)

    def lines_of_text(self):
        """Returns where there is text in a menu: a box for each line, from the top."""
        lines, start = [], None
        for y, row in enumerate([*self.rows, b""]):
            inner = row[3 * MENU_MARGIN:-3 * MENU_MARGIN]
            is_blank = inner == inner[:3] * (len(inner) // 3)
            if not is_blank and start is None:
                start = y
            elif is_blank and start is not None:
                if y - start >= MIN_TEXT_HEIGHT:
                    lines.append(Box(self.box.x, self.box.y + start, self.box.width,
                                     y - start))
                start = None
        return lines
