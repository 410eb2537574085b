# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a program on a display and buses of its own, and ends as it ended.

Usage: python3 -m lib.on_display PROGRAM [ARGUMENT...]
"""

import subprocess
import sys

from lib import overlay
from lib.desktop import Desktop

if __name__ == "__main__":
    overlay.enter()
    Desktop("/usr/local/share")
    sys.exit(subprocess.call(sys.argv[1:]))
