# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a release says of itself, in each place where it is said.

Usage: release.py SOURCE_ROOT VERSION
"""

import email.utils
import fnmatch
import os
import re
import sys
import unittest
import xml.etree.ElementTree as ElementTree

source_root, VERSION = sys.argv[1:3]

# What else there may be beside it: builds, and the packaging where packages are built.
NOT_SOURCE = '.git', 'build', 'obj-', 'debian'


def read(path):
    with open(os.path.join(source_root, path), encoding='utf-8') as file:
        return file.read()


class Version(unittest.TestCase):
    def setUp(self):
        entry = re.match(r'mycelium-socks \((.+)-[^-]+\) .*\n\n(?:  .*\n|\n)*'
                         r' -- .* <.*>  (.*)\n', read('data/debian/changelog'))
        self.packaged, self.date = entry.groups()

    def test_the_packages_have_the_version_of_the_project(self):
        self.assertEqual(self.packaged, VERSION)

    def test_the_software_catalogue_knows_the_same_release(self):
        root = ElementTree.fromstring(
            read('data/applet/org.mycelium.Socks.Applet.metainfo.xml.in'))
        latest = root.find('releases/release')
        self.assertEqual(latest.get('version'), VERSION)
        self.assertEqual(latest.get('date'),
                         email.utils.parsedate_to_datetime(self.date).date().isoformat())


class Licences(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        stanzas = read('data/debian/copyright').split('\n\n')
        self.claims = []  # (patterns, licence), of which the last that matches holds
        for stanza in stanzas:
            claim = re.search(r'(?ms)^Files:(.*?)^Copyright:.*^License: (\S+)$', stanza)
            if claim:
                self.claims.append((claim.group(1).split(), claim.group(2)))
        self.explained = {match for stanza in stanzas
                          for match in re.findall(r'(?m)\ALicense: (\S+)$', stanza)}

    def claimed(self, path):
        for patterns, licence in reversed(self.claims):
            if any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns):
                return licence
        raise AssertionError(f'{path} has no licence')

    def stated(self):
        """Yields each file that states its licence, and that."""
        for folder, folders, files in os.walk(source_root):
            if folder == source_root:
                folders[:] = [name for name in folders if not name.startswith(NOT_SOURCE)]
            for name in files:
                path = os.path.join(folder, name)
                with open(path, encoding='utf-8', errors='replace') as file:
                    licence = re.search(r'SPDX-License-Identifier: ([\w.-]+)',
                                        file.read(2000))
                if licence:
                    yield os.path.relpath(path, source_root), licence.group(1)

    def test_each_file_has_the_licence_that_the_packages_say(self):
        stated = dict(self.stated())
        self.assertEqual(stated['meson.build'], 'GPL-3.0-or-later')
        wrong = {path: licence for path, licence in stated.items()
                 if licence != self.claimed(path)}
        self.assertEqual(wrong, {})

    def test_each_licence_is_there_and_explained(self):
        named = {licence for _, licence in self.claims}
        self.assertEqual(named, self.explained)
        self.assertEqual({licence + '.txt' for licence in named},
                         set(os.listdir(os.path.join(source_root, 'LICENSES'))))

    def test_each_pattern_is_of_a_file(self):
        paths = [path for path, _ in self.stated()]
        for patterns, _ in self.claims:
            for pattern in patterns:
                self.assertTrue(fnmatch.filter(paths, pattern), pattern)


unittest.main(argv=sys.argv[:1])
