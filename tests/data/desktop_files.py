# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Desktop files, AppStream metadata and session activation, by their own validators.

Usage: desktop_files.py LINGUAS FILE...
"""

import configparser
import os
import re
import subprocess
import sys
import unittest
import xml.etree.ElementTree as ElementTree

from locale_names import as_locale

linguas_path, *paths = sys.argv[1:]
with open(linguas_path, encoding='utf-8') as linguas_file:
    LANGUAGES = [line.strip() for line in linguas_file
                 if line.strip() and not line.startswith('#')]

APPLICATION = 'org.mycelium.Socks.Applet'
# There is no homepage, and the tag by which AppStream 1.0 (Debian 13) wants to know who
# made it is unknown to 0.16 (Debian 12).
UNAVOIDABLE = {
    'url-homepage-missing', 'developer-name-tag-deprecated', 'developer-info-missing'}
XML_LANGUAGE = '{http://www.w3.org/XML/1998/namespace}lang'


def files_of(ending):
    return [path for path in paths if path.endswith(ending)]


def file_of(name):
    return next(path for path in paths if os.path.basename(path) == name)


def read(path):
    parser = configparser.ConfigParser(interpolation=None, comment_prefixes='#')
    parser.optionxform = str
    with open(path, encoding='utf-8') as file:
        parser.read_file(file)
    return parser


def run(*command):
    """Returns the exit status and everything that was said."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    return done.returncode, done.stdout


class DesktopFiles(unittest.TestCase):
    def test_each_is_valid_without_a_hint(self):
        self.assertEqual(len(files_of('.desktop')), 3)
        for path in files_of('.desktop'):
            self.assertEqual(run('desktop-file-validate', path), (0, ''))

    def test_each_speaks_every_language(self):
        for path in files_of('.desktop'):
            entry = read(path)['Desktop Entry']
            for key in 'Name', 'GenericName', 'Comment', 'Keywords':
                if key not in entry:
                    continue
                # A name that is the same in a language is left out there.
                spoken = [language for language in LANGUAGES if f'{key}[{language}]' in entry]
                if entry[key] != 'Mycelium Socks':
                    self.assertEqual(spoken, LANGUAGES, (path, key))

    def test_the_window_is_started_by_the_bus_and_is_in_the_menu(self):
        entry = read(file_of(APPLICATION + '.desktop'))['Desktop Entry']
        self.assertEqual(entry['DBusActivatable'], 'true')
        self.assertEqual(entry['Exec'], 'mycelium-socks')
        self.assertEqual(entry['Icon'], APPLICATION)
        self.assertNotIn('NoDisplay', entry)

    def test_what_is_started_at_login_is_not_in_the_menu(self):
        for name, program in (('Tray', 'mycelium-socks-tray'),
                              ('DesktopProxy', 'mycelium-socks-desktop-proxy')):
            entry = read(file_of(f'org.mycelium.Socks.{name}.desktop'))['Desktop Entry']
            self.assertEqual(entry['NoDisplay'], 'true')
            self.assertEqual(os.path.basename(entry['Exec'].split()[0]), program)


class Metadata(unittest.TestCase):
    def test_it_is_valid(self):
        _, output = run('appstreamcli', 'validate', '--no-net', '--no-color',
                        *files_of('.metainfo.xml'))
        found = set(re.findall(r'(?m)^[EWI]: [^ ]+ ([a-z0-9-]+)$', output))
        self.assertEqual(found - UNAVOIDABLE, set(), output)
        self.assertRegex(output, 'Validation (was successful|failed: (warnings|infos): )')

    def test_it_describes_the_desktop_file_in_every_language(self):
        root = ElementTree.parse(file_of(APPLICATION + '.metainfo.xml')).getroot()
        self.assertEqual(root.findtext('id'), APPLICATION)
        self.assertEqual(root.findtext('launchable'), APPLICATION + '.desktop')
        spoken = [summary.get(XML_LANGUAGE) for summary in root.findall('summary')]
        self.assertEqual(sorted(map(as_locale, filter(None, spoken))), sorted(LANGUAGES))


class SessionActivation(unittest.TestCase):
    def test_each_file_starts_its_program(self):
        for name, program, arguments in (
                ('Applet', 'mycelium-socks', ['--gapplication-service']),
                ('DesktopProxy', 'mycelium-socks-desktop-proxy', [])):
            parser = read(file_of(f'org.mycelium.Socks.{name}.service'))
            self.assertEqual(parser.sections(), ['D-BUS Service'])
            section = dict(parser['D-BUS Service'])
            command = section.pop('Exec').split()
            self.assertTrue(os.path.isabs(command[0]))
            self.assertEqual(os.path.basename(command[0]), program)
            self.assertEqual(command[1:], arguments)
            self.assertEqual(section, {'Name': f'org.mycelium.Socks.{name}'})


unittest.main(argv=sys.argv[:1])
