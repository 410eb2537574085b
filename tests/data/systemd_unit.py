# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The unit and the user, read by systemd itself.

Usage: systemd_unit.py UNIT SYSUSERS_FILE, both absolute paths
"""

import os
import re
import subprocess
import sys
import tempfile
import unittest

unit_path, sysusers_path = sys.argv[1:3]
with open(unit_path, encoding='utf-8') as unit_file:
    UNIT = unit_file.read()


def analyze(text, *arguments):
    """Lets systemd-analyze see TEXT as the unit; returns (exit status, output).

    The program need not be installed: one that exists takes its place.
    """
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, os.path.basename(unit_path))
        with open(path, 'w', encoding='utf-8') as file:
            file.write(re.sub('(?m)^ExecStart=.*$', 'ExecStart=/bin/true', text))
        result = subprocess.run(
            ['systemd-analyze', *arguments, path], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=False)
        return result.returncode, result.stdout


def verify(text):
    """Returns what systemd has to say about TEXT; exit codes say too little."""
    status, output = analyze(text, 'verify', '--man=no', '--recursive-errors=no')
    return output + ('' if status == 0 else f'exit status {status}')


def rate(text, exposure):
    """Lets systemd rate TEXT; returns (0 if its exposure is at most that, output)."""
    return analyze(text, 'security', '--offline=true', '--no-pager',
                   f'--threshold={round(exposure * 10)}')


def values(key):
    return re.findall(f'(?m)^{key}=(.*)$', UNIT)


class Unit(unittest.TestCase):
    def test_systemd_has_nothing_to_say_about_it(self):
        self.assertEqual(verify(UNIT), '')

    def test_systemd_would_speak_up_about_a_misspelt_key(self):
        self.assertIn('LimitNOFILES', verify(UNIT.replace('LimitNOFILE', 'LimitNOFILES')))

    def test_systemd_would_speak_up_about_a_misspelt_value(self):
        for right, wrong in (('ProtectSystem=strict', 'ProtectSystem=strickt'),
                             ('@resources', '@resource')):
            self.assertNotEqual(verify(UNIT.replace(right, wrong)), '', wrong)

    def test_its_exposure_is_at_most_1_2(self):
        status, output = rate(UNIT, 1.2)
        self.assertEqual(status, 0, output)
        self.assertNotEqual(rate(UNIT.replace('SystemCallFilter=', '#'), 1.2)[0], 0)

    def test_it_starts_the_program_by_an_absolute_path(self):
        program, = values('ExecStart')
        self.assertTrue(os.path.isabs(program))
        self.assertEqual(os.path.basename(program), 'mycelium-socksd')

    def test_it_is_the_service_of_the_bus_name_under_its_own_user(self):
        self.assertEqual(values('Type'), ['dbus'])
        self.assertEqual(values('BusName'), ['org.mycelium.Socks'])
        self.assertEqual(values('User'), ['mycelium-socks'])
        self.assertEqual(values('StateDirectory'), ['mycelium-socks'])
        self.assertEqual(values('RuntimeDirectory'), ['mycelium-socks'])
        self.assertEqual(values('WantedBy'), ['multi-user.target'])

    def test_it_is_restarted_for_ever_but_not_with_a_wrong_configuration(self):
        self.assertEqual(values('Restart'), ['always'])
        self.assertEqual(values('StartLimitIntervalSec'), ['0'])
        self.assertEqual(values('RestartPreventExitStatus'), ['2'])

    def test_it_does_not_depend_on_the_node(self):
        self.assertIn('mycelium.service', values('After')[0].split())
        for key in ('Requires', 'Requisite', 'BindsTo', 'PartOf', 'Wants'):
            self.assertEqual(values(key), [])

    def test_its_descriptors_are_enough_for_the_largest_settings(self):
        connections, pipes_of_a_connection, probes, rest = 65536, 2, 4096, 64
        self.assertGreaterEqual(
            int(values('LimitNOFILE')[0]),
            connections * 2 * (1 + pipes_of_a_connection) + probes + rest)

    def test_it_may_use_every_kind_of_socket_that_it_needs(self):
        families, = values('RestrictAddressFamilies')
        self.assertEqual(families.split(),
                         ['AF_UNIX', 'AF_INET', 'AF_INET6', 'AF_NETLINK'])


class User(unittest.TestCase):
    def test_the_user_is_a_system_user_that_can_not_log_in(self):
        with tempfile.TemporaryDirectory() as root:
            os.mkdir(os.path.join(root, 'etc'))
            result = subprocess.run(
                ['systemd-sysusers', '--root=' + root, sysusers_path],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            self.assertEqual(result.returncode, 0, result.stdout)
            with open(os.path.join(root, 'etc', 'passwd'), encoding='utf-8') as file:
                users = [line.strip().split(':') for line in file]
        self.assertEqual([user[0] for user in users], ['mycelium-socks'])
        _, _, uid, _, _, home, shell = users[0]
        self.assertLess(0, int(uid))
        self.assertLess(int(uid), 1000)
        self.assertEqual(home, '/')
        self.assertEqual(os.path.basename(shell), 'nologin')


unittest.main(argv=sys.argv[:1])
