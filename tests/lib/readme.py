# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What README.md has people type, to be typed by tests."""

import pathlib
import re

README = pathlib.Path(__file__).parents[2] / "README.md"


def commands(heading, **instead):
    """Returns the first commands for a shell under the heading, with other addresses in
    place of those that are made up: each of instead is (what is written, what is meant).
    """
    section = README.read_text("utf-8").partition(f" {heading}\n")[2]
    text = re.search(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)[1]
    for written, meant in instead.values():
        assert written in text, written
        text = text.replace(written, meant)
    return text


def installation(suite, *, desktop):
    """Returns the command, for root, that installs the packages for that release of Debian,
    with or without those for a desktop."""
    text = README.read_text("utf-8")
    with_desktop, without = re.findall(r"sudo (apt install \./.*?\.deb)", text)
    return (with_desktop if desktop else without).replace("/bookworm/", f"/{suite}/")
