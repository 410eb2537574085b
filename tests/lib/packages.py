# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packages that tests/package has built, and what they leave on a machine."""

import os
import pathlib
import re
import subprocess
import tempfile

from lib.booted import CONFIGURATION, USER
from lib.process import UNPACKED

# Where dpkg, apt, systemd and the shadow suite keep their own books, whoever is installed;
# and what is in no file that lasts.
_OF_OTHERS = re.compile(
    r"/(proc|sys|dev|run|tmp|var/tmp|var/log|var/cache|var/lib/apt)(/|$)"
    r"|/var/lib/dpkg/(status-old|lock.*|triggers/.*)$"
    r"|/etc/(\.pwd\.lock|(passwd|group|g?shadow|sub[ug]id)-)$"
    r"|/var/lib/systemd/deb-systemd-(helper|user-helper)-(enabled|masked)$")


def built(suite, name):
    """Returns the package of that name for that release of Debian."""
    directory = UNPACKED.with_name("build-packages") / suite
    found = list(directory.glob(f"{name}_*.deb"))
    if len(found) != 1:
        raise FileNotFoundError(f"{directory}/{name}_*.deb: run tests/package {suite}")
    return found[0]


def field(package, name):
    """Returns what the package says of itself."""
    return subprocess.run(["dpkg-deb", "--field", package, name], check=True,
                          stdout=subprocess.PIPE, text=True).stdout.strip()


def make_newer(package, destination):
    """Packs the package once more, as when it is built a second later and has another
    configuration."""
    version = field(package, "Version")
    before, built = re.fullmatch(r"(.*~deb\d+\+)(\d{14})", version).groups()
    with tempfile.TemporaryDirectory() as directory:
        unpacked = pathlib.Path(directory, "unpacked")
        subprocess.run(["dpkg-deb", "--raw-extract", package, unpacked], check=True)
        control = unpacked / "DEBIAN/control"
        text = control.read_text("utf-8")
        control.write_text(text.replace(version, f"{before}{int(built) + 1}"), "utf-8")
        configuration = unpacked / CONFIGURATION
        if configuration.exists():
            with configuration.open("a", encoding="ascii") as file:
                file.write("# A later version has more to say.\n")
        subprocess.run(["dpkg-deb", "--build", unpacked, destination], check=True,
                       stdout=subprocess.DEVNULL)


def lasting_files(root, *tops):
    """Returns the paths of all files and folders of a machine, but for books of others.

    tops: the folders to look below, as absolute paths; everywhere if there is none.
    """
    found = set()
    for top in tops or ["/"]:
        for folder, folders, files in os.walk(f"{root}/{top}"):
            inside = "/" + os.path.relpath(folder, root).removeprefix(".")
            paths = {name: os.path.join(inside, name) for name in folders + files}
            found |= {path for path in paths.values() if not _OF_OTHERS.match(path)}
            folders[:] = [name for name in folders if not _OF_OTHERS.match(paths[name])]
    return found


def user_entries(root):
    """Returns the lines of a machine's databases that are about the service's user."""
    return [line for name in ("passwd", "group", "shadow", "gshadow")
            for line in pathlib.Path(root, "etc", name).read_text("utf-8").splitlines()
            if USER in line]
