# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bus policy, in force on a real bus daemon, and the activation file.

A private bus daemon of the type of the system bus runs as an ordinary user and includes
the policy: once as it is, when that user is nobody in particular, and once with that user
in the place of the service's.

Usage: bus_policy.py POLICY ACTIVATION_FILE
"""

import configparser
import os
import pwd
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

from gi.repository import Gio, GLib

NAME = 'org.mycelium.Socks'
PATH = '/org/mycelium/Socks'
SERVICE_USER = 'mycelium-socks'
ACCESS_DENIED = 'org.freedesktop.DBus.Error.AccessDenied'
NOT_DELIVERED = (ACCESS_DENIED, 'org.freedesktop.DBus.Error.NameHasNoOwner',
                 'org.freedesktop.DBus.Error.ServiceUnknown', None)
DEADLINE_MS = 10000

# What the stock configuration of the system bus says about everyone.
BUS_CONFIG = '''<busconfig>
  <type>system</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus"
           send_interface="org.freedesktop.DBus"/>
  </policy>
  <include>{policy}</include>
</busconfig>
'''

policy_path, activation_path = sys.argv[1:3]
with open(policy_path, encoding='utf-8') as policy_file:
    POLICY = policy_file.read()
with open(activation_path, encoding='utf-8') as activation_file:
    ACTIVATION = activation_file.read()


def become_an_ordinary_user():
    """Root may own the name, so it can't be the stranger."""
    if os.geteuid() == 0:
        nobody = pwd.getpwnam('nobody')
        os.setgroups([])
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)


class Bus:
    """A private bus daemon with the stock policy and POLICY."""

    def __init__(self, policy):
        self.directory = tempfile.TemporaryDirectory()
        config_path = os.path.join(self.directory.name, 'bus.conf')
        included_path = os.path.join(self.directory.name, 'policy.conf')
        with open(included_path, 'w', encoding='utf-8') as file:
            file.write(policy)
        with open(config_path, 'w', encoding='utf-8') as file:
            file.write(BUS_CONFIG.format(
                socket=os.path.join(self.directory.name, 'socket'),
                policy=included_path))
        self.daemon = subprocess.Popen(
            ['dbus-daemon', '--config-file=' + config_path, '--nofork',
             '--print-address=1'],
            stdout=subprocess.PIPE, text=True)
        self.address = self.daemon.stdout.readline().strip()

    def connect(self):
        return Gio.DBusConnection.new_for_address_sync(
            self.address,
            Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT |
            Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)

    def close(self):
        self.daemon.terminate()
        self.daemon.wait()
        self.daemon.stdout.close()
        self.directory.cleanup()


def call(connection, destination, path, interface, method, arguments=None):
    """Returns the reply's values, or the name of the error."""
    try:
        return connection.call_sync(destination, path, interface, method, arguments, None,
                                    Gio.DBusCallFlags.NO_AUTO_START, DEADLINE_MS,
                                    None).unpack()
    except GLib.Error as error:
        return Gio.DBusError.get_remote_error(error)


def own(connection, name):
    return call(connection, 'org.freedesktop.DBus', '/org/freedesktop/DBus',
                'org.freedesktop.DBus', 'RequestName', GLib.Variant('(su)', (name, 4)))


class BusPolicy(unittest.TestCase):
    def start(self, policy):
        bus = Bus(policy)
        self.addCleanup(bus.close)
        return bus

    def test_only_the_services_user_and_root_are_named(self):
        root = ElementTree.fromstring(POLICY)
        owners = [policy.get('user') for policy in root.findall('policy')
                  if policy.find('allow[@own]') is not None]
        self.assertEqual(sorted(owners, key=str), [SERVICE_USER, 'root'])

    def test_a_stranger_may_not_own_the_name(self):
        connection = self.start(POLICY).connect()
        self.assertEqual(own(connection, NAME), ACCESS_DENIED)

    def test_the_services_user_may_own_the_name_and_no_other(self):
        user = pwd.getpwuid(os.geteuid()).pw_name
        connection = self.start(POLICY.replace(SERVICE_USER, user)).connect()
        self.assertEqual(own(connection, NAME), (1,))
        self.assertEqual(own(connection, NAME + '.Other'), ACCESS_DENIED)

    def test_everyone_may_send_what_the_service_understands_and_nothing_else(self):
        user = pwd.getpwuid(os.geteuid()).pw_name
        bus = self.start(POLICY.replace(SERVICE_USER, user))
        service, caller = bus.connect(), bus.connect()
        self.assertEqual(own(service, NAME), (1,))

        # Nothing is exported: what gets through is answered by the other side's library.
        for interface, method in (('org.mycelium.Socks', 'Connect'),
                                  ('org.freedesktop.DBus.Properties', 'GetAll'),
                                  ('org.freedesktop.DBus.Introspectable', 'Introspect'),
                                  ('org.freedesktop.DBus.Peer', 'Ping')):
            self.assertNotIn(call(caller, NAME, PATH, interface, method), NOT_DELIVERED)
        for interface in ('org.freedesktop.DBus.ObjectManager', 'org.gtk.Actions'):
            self.assertEqual(call(caller, NAME, PATH, interface, 'Do'), ACCESS_DENIED)


class ActivationFile(unittest.TestCase):
    def test_it_starts_the_program_as_the_services_user(self):
        parser = configparser.ConfigParser(interpolation=None)
        parser.optionxform = str
        parser.read_string(ACTIVATION)
        self.assertEqual(parser.sections(), ['D-BUS Service'])
        section = dict(parser['D-BUS Service'])
        program = section.pop('Exec')
        self.assertTrue(os.path.isabs(program))
        self.assertEqual(os.path.basename(program), 'mycelium-socksd')
        self.assertEqual(section, {'Name': NAME, 'User': SERVICE_USER,
                                   'SystemdService': 'mycelium-socksd.service'})


become_an_ordinary_user()
unittest.main(argv=sys.argv[:1])
