# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the manual pages say of options, commands and exit codes is what the programs say.

Usage: manual_help.py SOURCE_ROOT VERSION PROGRAM... PAGE...
"""

import os
import re
import subprocess
import sys
import unittest

from lib.manual import Help, Page, options_in

source_root, version, *arguments = sys.argv[1:]
PAGES = {page.name: page for page in map(Page, (
    path for path in arguments if re.search(r'\.\d$', path)))}
PROGRAMS = {os.path.basename(path): path for path in arguments
            if not re.search(r'\.\d$', path)}

CTL = 'mycelium-socksctl'
CTL_FOLDER = os.path.join(source_root, 'applet', 'ctl')
COMPLETIONS = ('_mycelium-socksctl', 'mycelium-socksctl.bash', 'mycelium-socksctl.fish')


def read(*path):
    with open(os.path.join(*path), encoding='utf-8') as file:
        return file.read()


def run(program, *options):
    """Runs it where there is no display."""
    environment = {name: value for name, value in os.environ.items()
                   if name not in ('DISPLAY', 'WAYLAND_DISPLAY')}
    return subprocess.run([PROGRAMS[program], *options], capture_output=True, text=True,
                          env={**environment, 'LC_ALL': 'C.UTF-8', 'LANGUAGE': ''},
                          check=False)


def long_names(options):
    return {re.search(r'--[\w-]+', option)[0] for option in options}


class Programs(unittest.TestCase):
    def test_each_has_a_page(self):
        self.assertGreaterEqual(len(PROGRAMS), 2)
        self.assertLessEqual(set(PROGRAMS), set(PAGES))

    def test_the_options_are_those_of_the_help(self):
        for program, path in PROGRAMS.items():
            with self.subTest(program=program):
                self.assertEqual(options_in(PAGES[program].sections['OPTIONS']),
                                 Help(path).options)

    def test_each_says_its_version(self):
        for program in PROGRAMS:
            done = run(program, '--version')
            self.assertEqual((done.returncode, done.stdout), (0, f'{program} {version}\n'))

    def test_the_exit_code_for_a_wrong_option_is_documented(self):
        for program in PROGRAMS:
            code = run(program, '--no-such-option').returncode
            described = PAGES[program].entries('EXIT STATUS')[str(code)]
            self.assertRegex(' '.join(described), 'option|command line', program)


class CommandLine(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.page = PAGES[CTL]
        cls.help = Help(PROGRAMS[CTL])
        # What is described, by the name of each command.
        cls.described = {term.split()[0]: (term, body)
                         for term, body in cls.page.entries('COMMANDS').items()}

    def test_the_commands_are_those_of_the_help_in_its_order(self):
        self.assertEqual(list(self.described), list(self.help.table('Commands:')))
        self.assertGreaterEqual(len(self.described), 9)

    def test_each_command_has_the_arguments_and_options_of_its_help(self):
        common = options_in(self.page.sections['OPTIONS']) - {'--version'}
        for command, (term, body) in self.described.items():
            with self.subTest(command=command):
                shown = Help(PROGRAMS[CTL], command)
                self.assertEqual(shown.usage, f'{CTL} [OPTION...] {term}')
                # What it prints is another program's.
                without = {'-j, --json'} if command == 'run' else set()
                self.assertEqual(options_in(body) | common - without, shown.options)

    def test_the_exit_codes_are_those_of_the_help_and_of_the_code(self):
        documented = list(self.page.entries('EXIT STATUS'))
        self.assertEqual(documented, list(self.help.table('Exit codes:')))
        enumeration = re.search(r'typedef enum\n\{(.*?)\} CtlExit;',
                                read(CTL_FOLDER, 'session.h'), re.DOTALL)[1]
        names = re.findall(r'CTL_EXIT_\w+', enumeration)
        self.assertNotIn('=', enumeration)
        self.assertEqual(documented, [str(code) for code in range(len(names))])

    def test_the_shells_complete_what_is_documented(self):
        options = long_names(options_in(
            self.page.sections['OPTIONS'] + self.page.sections['COMMANDS']))
        for name in COMPLETIONS:
            text = read(CTL_FOLDER, 'completions', name)
            # Fish has them without their dashes.
            found = ({f'--{option}' for option in re.findall(r'--long-option (\w+)', text)}
                     if name.endswith('.fish') else
                     set(re.findall(r'(?<![\w-])--[a-z]+', text)))
            self.assertEqual(found, options, name)
            for command in self.described:
                self.assertRegex(text, rf'\b{command}\b')

    def test_the_examples_can_be_called(self):
        calls = [call for page in PAGES.values() for line in page.text.splitlines()
                 if re.match(r' +\$ ', line)
                 for call in re.findall(rf'{CTL}((?: [\w.:/-]+)*)', line)]
        self.assertGreaterEqual(len(calls), 9)
        for call in calls:
            words = call.split()
            command = next(word for word in words if word in self.described)
            before, after = words[:words.index(command)], words[words.index(command) + 1:]
            if command == 'run':
                after = after[:after.index('--')]
            for given, options in ((before, self.help.options),
                                   (after, Help(PROGRAMS[CTL], command).options)):
                self.assertLessEqual({word for word in given if word.startswith('--')},
                                     long_names(options), call)


unittest.main(argv=sys.argv[:1])
