# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a release is made from: the sources, and nothing that was made beside them.

Usage: snapshot.py SOURCE_ROOT
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

source_root = pathlib.Path(sys.argv[1])

# Of the tree, what the snapshot itself asks.
ASKED = '.gitignore', 'data/debian/changelog', 'tests/lib/snapshot'

# New files that nobody has committed yet belong to it.
SOURCES = 'tests/build-something.c', 'data/pictures/new.png'

# What README.md has people do leaves these, and tests/check does while it runs.
LEFTOVERS = ('build/build.ninja', 'build-plain/check.log', 'build-release.log',
             'build-packages/bookworm.log', 'build-tools/debian-bookworm.log',
             'pictures/window.png', 'po/mycelium-socks.pot',
             'tests/lib/__pycache__/tap.cpython-311.pyc')


class Snapshot(unittest.TestCase):
    def test_it_has_the_sources_alone(self):
        with tempfile.TemporaryDirectory() as directory:
            tree = pathlib.Path(directory, 'tree')
            for path in SOURCES + LEFTOVERS + ASKED:
                (tree / path).parent.mkdir(parents=True, exist_ok=True)
                (tree / path).write_text('This machine is of no interest.\n', 'ascii')
            for path in ASKED:
                shutil.copy(source_root / path, tree / path)
            subprocess.run([tree / 'tests/lib/snapshot', f'{directory}/made'], check=True)
            listed = subprocess.run(['git', '-C', f'{directory}/made', 'ls-files'],
                                    check=True, capture_output=True, text=True)
            self.assertEqual(set(listed.stdout.split()), {*SOURCES, *ASKED})


unittest.main(argv=sys.argv[:1])
