# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The polkit policy as it is installed: who may do what, and in which languages it asks.

Usage: polkit_policy.py POLICY LINGUAS
"""

import sys
import unittest
import xml.etree.ElementTree as ElementTree

from locale_names import as_locale

PREFIX = 'org.mycelium.Socks.'
LANGUAGE = '{http://www.w3.org/XML/1998/namespace}lang'

# The contract: action, then the answer for any, inactive and active sessions.
ACTIONS = {
    'probe': ('auth_admin', 'auth_admin', 'yes'),
    'connect': ('auth_admin', 'auth_admin', 'yes'),
    'connect-elsewhere': ('auth_admin', 'auth_admin', 'auth_admin_keep'),
}

policy_path, linguas_path = sys.argv[1:3]


class PolkitPolicy(unittest.TestCase):
    def setUp(self):
        root = ElementTree.parse(policy_path).getroot()
        self.assertEqual(root.tag, 'policyconfig')
        self.vendor = root.findtext('vendor')
        self.actions = {action.get('id'): action for action in root.findall('action')}

    def test_it_has_the_three_actions_and_a_vendor(self):
        self.assertEqual(set(self.actions), {PREFIX + name for name in ACTIONS})
        self.assertEqual(self.vendor, 'mycelium-socks')

    def test_each_action_has_the_defaults_of_the_contract(self):
        for name, answers in ACTIONS.items():
            defaults = self.actions[PREFIX + name].find('defaults')
            self.assertEqual(
                tuple((child.tag, child.text) for child in defaults),
                tuple(zip(('allow_any', 'allow_inactive', 'allow_active'), answers)),
                name)

    def test_the_services_user_may_ask_about_each_action(self):
        for name, action in self.actions.items():
            annotations = {a.get('key'): a.text for a in action.findall('annotate')}
            self.assertEqual(
                annotations,
                {'org.freedesktop.policykit.owner': 'unix-user:mycelium-socks'}, name)

    def test_every_text_is_there_in_every_language(self):
        with open(linguas_path, encoding='utf-8') as linguas:
            languages = {line.strip() for line in linguas
                         if line.strip() and not line.startswith('#')}
        self.assertTrue(languages)
        for name, action in self.actions.items():
            for tag in ('description', 'message'):
                texts = {as_locale(text.get(LANGUAGE)): text.text
                         for text in action.findall(tag)}
                self.assertEqual(set(texts), languages | {None}, f'{name} {tag}')
                self.assertEqual(len(set(texts.values())), len(texts), f'{name} {tag}')


unittest.main(argv=sys.argv[:1])
