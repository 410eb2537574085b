# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The manual pages as a reader meets them: found, sound, and leading to each other.

Usage: manual_pages.py BUILD_DIRECTORY VERSION PAGE...
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

from lib.manual import Page, render

build_directory, version, *paths = sys.argv[1:]
PAGES = {f'{page.name}({page.number})': page for page in map(Page, paths)}

REFERENCE = re.compile(r'((?:mycelium-socks|org\.mycelium\.)[\w.-]*\(\d\))')

SECTIONS = ['NAME', 'SYNOPSIS', 'DESCRIPTION']
SECTIONS_OF_PROGRAMS = ['OPTIONS', 'EXIT STATUS', 'ENVIRONMENT', 'FILES']


def installed():
    """Returns where everything goes that is installed."""
    path = os.path.join(build_directory, 'meson-info', 'intro-installed.json')
    with open(path, encoding='utf-8') as file:
        return list(json.load(file).values())


class Reading(unittest.TestCase):
    def test_man_has_nothing_to_say_about_any(self):
        self.assertGreaterEqual(len(PAGES), 4)
        for path in paths:
            for width in 80, 120:
                with self.subTest(path=path, width=width):
                    text, errors = render(path, width)
                    self.assertEqual(errors, '')
                    self.assertGreater(len(text.splitlines()), 20)

    def test_man_would_speak_up_about_a_macro_that_there_is_not(self):
        with tempfile.NamedTemporaryFile('w', suffix='.1') as page:
            page.write('.TH a 1\n.SH NAME\na \\- b\n.SHH SYNOPSIS\n')
            page.flush()
            self.assertIn('SHH', render(page.name)[1])

    def test_a_terminal_of_80_columns_is_wide_enough(self):
        for path in paths:
            for line in render(path, 80)[0].splitlines():
                self.assertLessEqual(len(line), 80, line)

    def test_what_is_typed_can_be_copied(self):
        for path in paths:
            for width in 60, 120:
                # Hyphens, minus signs and quotation marks that no shell knows.
                self.assertNotRegex(render(path, width)[0], '[‐−‘’“”]')

    def test_nothing_is_broken_inside_a_word(self):
        for name, page in PAGES.items():
            words = set(page.text.split())
            narrow = render(page.path, 60)[0].splitlines()[1:-1]
            self.assertLessEqual(set(' '.join(narrow).split()), words, name)


class Form(unittest.TestCase):
    def test_each_has_its_sections_in_the_usual_order(self):
        for name, page in PAGES.items():
            found = list(page.sections)
            wanted = SECTIONS + (SECTIONS_OF_PROGRAMS if page.number in '18' else [])
            self.assertEqual([section for section in found if section in wanted], wanted,
                             name)
            self.assertEqual(found[-1], 'SEE ALSO')

    def test_each_is_found_by_its_name(self):
        for page in PAGES.values():
            done = subprocess.run(['lexgrog', page.path], stdout=subprocess.PIPE, text=True,
                                  check=True)
            self.assertIn(f': "{page.name} - ', done.stdout)

    def test_each_says_of_which_version_it_is(self):
        for name, page in PAGES.items():
            self.assertTrue(page.text.startswith(name))
            self.assertIn(f'mycelium-socks {version} ', page.text.splitlines()[-1])

    def test_paths_are_those_of_this_build(self):
        for page in PAGES.values():
            self.assertNotRegex(page.text, r'@\w+@')
        wanted = installed()
        for page in PAGES.values():
            for term in page.entries('FILES') if 'FILES' in page.sections else ():
                # What belongs to the administrator, to the service and to the user is made
                # by others.
                if not term.startswith(
                        ('/etc/mycelium-socks/', '/run/', '/var/', '~')):
                    self.assertIn(term, wanted)


class Whole(unittest.TestCase):
    def test_every_program_that_people_start_has_one(self):
        programs = {os.path.basename(path) for path in installed()
                    if os.path.basename(os.path.dirname(path)) in ('bin', 'sbin')}
        self.assertIn('mycelium-socksctl', programs)
        self.assertEqual({page.name for page in PAGES.values() if page.number == '1'},
                         programs)

    def test_the_service_its_configuration_and_its_interface_have_one(self):
        self.assertLessEqual({'mycelium-socksd(8)', 'mycelium-socks.conf(5)',
                              'org.mycelium.Socks(5)'}, set(PAGES))

    def test_each_is_installed_where_man_looks(self):
        pages = [path for path in installed() if '/man/man' in path]
        self.assertEqual(sorted(pages), sorted(
            f'{os.path.dirname(os.path.dirname(pages[0]))}/man{page.number}/'
            f'{page.name}.{page.number}' for page in PAGES.values()))

    def test_they_lead_to_each_other(self):
        reached = set()
        for name, page in PAGES.items():
            seen = set(REFERENCE.findall(page.text)) - {name}
            # Pages of the desktop programs are not there where these are not built.
            self.assertLessEqual(seen, set(PAGES) | {'mycelium-socks(1)',
                                                     'mycelium-socks-tray(1)'}, name)
            also = set(REFERENCE.findall(' '.join(page.sections['SEE ALSO'])))
            self.assertLessEqual(seen, also, f'{name} does not name them under SEE ALSO')
            reached |= also
        self.assertLessEqual(set(PAGES), reached)


unittest.main(argv=sys.argv[:1])
