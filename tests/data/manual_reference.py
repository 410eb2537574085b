# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The manual pages tell all of the configuration, the D-Bus interface, the environment and
the window's actions, and tell it as the code has it.

Usage: manual_reference.py SOURCE_ROOT PAGE...
"""

import glob
import os
import re
import subprocess
import sys
import tempfile
import unittest
from xml.etree import ElementTree

from lib.manual import Page

source_root, *paths = sys.argv[1:]
PAGES = {page.name: page for page in map(Page, paths)}

INTERFACE = 'org.mycelium.Socks'
XML = os.path.join(source_root, 'dbus', INTERFACE + '.xml')
DESCRIBE = os.path.join(source_root, 'data', 'man', 'describe-interface')


def read(*path):
    with open(os.path.join(source_root, *path), encoding='utf-8') as file:
        return file.read()


def words_of(text):
    """Returns the words of a text without what is between them."""
    return re.sub('[`@·.:,;]', '', text).split()


class Configuration(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        table = re.search(r'\nconst SocksSetting socks_setting_table\[\] = \{\n(.*?)\n\};',
                          read('service', 'engine', 'setting-table.c'), re.DOTALL)[1]
        rows = re.findall(r'\{ "(\w+)", "(\w+)", "(.*?)", (\w+), (.*?) \}', table,
                          re.DOTALL)
        assert len(rows) == table.count('{ "'), 'a row of the table is not understood'
        # What the service knows: group and key, and the default.
        cls.known = {(group, key): default for group, key, default, _, _ in rows}
        cls.readers = {(group, key): reader for group, key, _, reader, _ in rows}
        cls.ranges = {(group, key): re.search(r'(\d+), (\d+)$', rest)[0].split(', ')
                      for group, key, _, _, rest in rows
                      if re.search(r'\), \d+, [1-9]\d*$', rest)}
        page = PAGES['mycelium-socks.conf']
        cls.described = {
            (section[1:-1], term[:-1]): body
            for section in page.sections if section.startswith('[')
            for term, body in page.entries(section).items()}

    def says(self, key, what):
        """Returns what the page says of a key after "Values: " or "Default: "."""
        line, = (line for line in self.described[key] if f' {what}: ' in line)
        return line.partition(f'{what}: ')[2]

    def test_every_key_that_is_read_is_described_and_no_other(self):
        self.assertGreaterEqual(len(self.known), 14)
        self.assertEqual(set(self.described), set(self.known))

    def test_each_default_is_that_of_the_service(self):
        for key, default in self.known.items():
            self.assertEqual(self.says(key, 'Default'), default or 'empty', key)

    def test_each_range_is_that_of_the_service(self):
        self.assertGreaterEqual(len(self.ranges), 6)
        for key, (least, most) in self.ranges.items():
            self.assertIn(f'a whole number from {least} to {most}.',
                          self.says(key, 'Values'))
        for key, reader in self.readers.items():
            self.assertEqual(reader in ('read_number', 'read_port'), key in self.ranges)
            if reader == 'read_boolean':
                self.assertEqual(self.says(key, 'Values'), 'true, false, 1 or 0.')

    def test_the_installed_file_has_the_same_keys_and_defaults(self):
        group, installed = None, {}
        for line in read('data', 'mycelium-socks.conf').splitlines():
            if line.startswith('['):
                group = line.strip('[]')
            elif re.match(r'#\w+=', line):
                key, _, value = line[1:].partition('=')
                installed[group, key] = value
        self.assertEqual(installed, self.known)


class Interface(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.page = PAGES[INTERFACE]
        cls.interface = ElementTree.parse(XML).find('interface')

    def members(self, tag):
        members = self.interface.findall(tag)
        self.assertTrue(members)
        return members

    def test_every_method_and_signal_with_its_arguments(self):
        for tag, section in ('method', 'METHODS'), ('signal', 'SIGNALS'):
            declared = {}
            for member in self.members(tag):
                arguments = [
                    ' '.join(filter(None, map(argument.get, ('direction', 'type', 'name'))))
                    for argument in member.findall('arg')]
                declared[f'{member.get("name")} ({", ".join(arguments)})'] = {
                    argument.get('name') for argument in member.findall('arg')}
            described = self.page.entries(section)
            self.assertEqual(list(described), list(declared))
            for head, names in declared.items():
                self.assertLessEqual(names, set(self.page.entries(section, described[head])))
                self.assertIn(f'{head};', self.synopsis())

    def synopsis(self):
        return [line.strip() for line in self.page.sections['SYNOPSIS']]

    def test_every_property_with_its_type_and_its_changes(self):
        declared = []
        for member in self.members('property'):
            self.assertEqual(member.get('access'), 'read', 'the page says so of all')
            told = {annotation.get('value') for annotation in member.findall('annotation')}
            declared.append(f'{member.get("name")} {member.get("type")}' + {
                '': '', 'false': ', changes are not told', 'const': ', never changes'}[
                    ''.join(told)])
            self.assertIn(f'{member.get("type")} {member.get("name")};', self.synopsis())
        self.assertEqual(list(self.page.entries('PROPERTIES')), declared)

    def test_every_error(self):
        names = set(re.findall(r'PREFIX "(\w+)"', read('service', 'bus', 'error-name.c')))
        self.assertGreaterEqual(len(names), 8)
        described = {name.rpartition('.')[2] for section in ('DESCRIPTION', 'METHODS')
                     for line in self.page.sections[section]
                     for name in line.strip().split(', ')}
        self.assertLessEqual(names, described)

    def test_nothing_that_the_xml_says_is_left_out(self):
        told = ' '.join(words_of(self.page.text))
        comments = re.findall(r'<!--\s*([\w.]+):\n?(.*?)-->',
                              read('dbus', INTERFACE + '.xml'), re.DOTALL)
        self.assertEqual(len(comments), 1 + sum(
            len(self.members(tag)) for tag in ('method', 'signal', 'property')))
        for name, comment in comments:
            for paragraph in re.split(r'\n\s*\n|\n(?=\s*@\w+:)', comment):
                said = words_of(re.sub(r'@short_description:', '', paragraph))
                self.assertIn(' '.join(said), told, name)


class Describing(unittest.TestCase):
    """What documents an interface badly is refused."""

    PAGE = ''.join(f'; the {what}\n' for what in (
        'synopsis', 'description', 'methods', 'signals', 'properties'))

    def describe(self, comment, page=PAGE):
        """Describes an interface with one method that is commented so."""
        with tempfile.TemporaryDirectory() as directory:
            written = {
                'page': page,
                'xml': '<node name="/a">'
                       '<!-- a.B:\n@short_description: A thing\n\nFor all. -->'
                       f'<interface name="a.B">{comment}<method name="Do">'
                       '<arg name="what" type="s" direction="in"/></method>'
                       '</interface></node>'}
            for name, text in written.items():
                with open(os.path.join(directory, name), 'w', encoding='utf-8') as file:
                    file.write(text)
            return subprocess.run([DESCRIBE, 'page', 'xml'], cwd=directory, text=True,
                                  capture_output=True, check=False)

    def refuse(self, said, *arguments):
        done = self.describe(*arguments)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(said, done.stderr)

    def test_what_is_literal_an_argument_and_a_list(self):
        done = self.describe('<!-- Do:\n  @what: a_b\n\n  Does @what.\n\n'
                             '  Errors: `A`, `B` (s) bad · `C` worse.\n-->')
        self.assertEqual(done.stderr, '')
        self.assertIn(
            '*Do* (in s _what_)\n\tDoes _what_\\.\n\n\t_what_\n\t\ta\\_b\n\n\tErrors:\n\n'
            '\t*A*, *B* (s)\n\t\tbad\n\n\t*C*\n\t\tworse\n', done.stdout)

    def test_no_comment(self):
        self.refuse('Do has no comment', '')
        self.refuse('Do has no comment', '<!-- Did: @what: a thing\n\n Does it. -->')
        self.refuse('Do is not described', '<!-- Do:\n @what: a thing -->')

    def test_arguments_that_are_others(self):
        self.refuse('the arguments of Do', '<!-- Do: Does it. -->')
        self.refuse('the arguments of Do', '<!-- Do:\n @which: a thing\n\n Does it. -->')

    def test_a_list_that_is_none(self):
        self.refuse('an item of a list', '<!-- Do:\n @what: a\n\n One · `B` two -->')

    def test_a_backquote_alone(self):
        self.refuse('a backquote', '<!-- Do:\n @what: a\n\n One ` of two -->')

    def test_a_page_without_a_place_for_it(self):
        self.refuse('the signals', '<!-- Do:\n @what: a\n\n Does it. -->',
                    self.PAGE.replace('signals', 'sequels'))


class Environment(unittest.TestCase):
    def test_every_variable_that_is_read_is_described(self):
        n_read = 0
        for program, folders in {
                'mycelium-socksctl': ('applet/ctl', 'applet/model'),
                'mycelium-socks': ('applet/window', 'applet/model'),
                'mycelium-socks-tray': ('applet/tray', 'applet/desktop-proxy',
                                        'applet/notify', 'applet/model'),
                'mycelium-socksd': ('service', 'service/*')}.items():
            if program not in PAGES:
                continue
            described = {name for term in PAGES[program].entries('ENVIRONMENT')
                         for name in term.split(', ')}
            for folder in folders:
                for path in glob.glob(os.path.join(source_root, folder, '*.c')):
                    for name in re.findall(r'getenv \("(\w+)"\)', read(path)):
                        n_read += 1
                        self.assertIn(name, described, program)
        self.assertGreaterEqual(n_read, 4)


# Where the desktop programs are not built there is nothing to be said of them.
if 'mycelium-socks' in PAGES:
    class Window(unittest.TestCase):
        def test_every_action_is_described_and_no_other(self):
            actions = [name for file in ('actions.c', 'book-actions.c')
                       for name in re.findall(r'\{ \.name = "([\w-]+)"',
                                              read('applet', 'window', file))]
            actions += re.findall(r'\n#define NAME "([\w-]+)"',
                                  read('applet', 'window', 'desktop-action.c'))
            self.assertGreaterEqual(len(actions), 15)
            described = PAGES['mycelium-socks'].entries('ACTIONS')
            self.assertEqual({term.split()[0] for term in described}, set(actions))

        def test_every_key_that_the_window_shows_is_described(self):
            shown = [key for keys in re.findall(r'"accelerator">([^<]+)<',
                                                read('applet', 'window', 'help-overlay.ui'))
                     for key in keys.split()]
            self.assertGreaterEqual(len(shown), 10)
            described = [key for term in PAGES['mycelium-socks'].entries('KEYS')
                         for key in term.split(', ')]
            for key in shown:
                for written, read_as in {'&lt;Control&gt;': 'Ctrl+', '&lt;Shift&gt;': 'Shift+',
                                         '&lt;Alt&gt;': 'Alt+', 'Return': 'Enter',
                                         'question': '?'}.items():
                    key = key.replace(written, read_as)
                self.assertIn(key, described)

if 'mycelium-socks-tray' in PAGES:
    class Tray(unittest.TestCase):
        def test_every_item_of_the_menu_is_described(self):
            items = re.findall(r'g_strdup \(_ \("(.+?)"\)\)',
                               read('applet', 'tray', 'menu.c'))
            self.assertGreaterEqual(len(items), 8)
            described = PAGES['mycelium-socks-tray'].entries('MENU')
            self.assertLessEqual(set(items), set(described))


unittest.main(argv=sys.argv[:1])
