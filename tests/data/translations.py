# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The translations are sound, and no text is kept from the translators.

Usage: translations.py SOURCE_ROOT
"""

import os
import re
import subprocess
import sys
import unittest

source_root = sys.argv[1]
po_directory = os.path.join(source_root, 'po')

# What a file that has something to translate looks like, by how its name ends.
TRANSLATABLE = {
    '.c': r'\b(?:C_|N_|NC_|_|ngettext|gettext)\s*\(\s*"',
    '.ui': r'translatable="(?:yes|true|1)"',
    '.policy.in': r'<message>',
    '.desktop.in': r'(?m)^(?:Name|GenericName|Comment|Keywords)=',
    '.metainfo.xml.in': r'<summary>',
}


def read_list(name):
    with open(os.path.join(po_directory, name), encoding='utf-8') as file:
        return [line.strip() for line in file
                if line.strip() and not line.startswith('#')]


def files_with_texts():
    for folder in ('applet', 'data', 'service'):
        for directory, _, names in os.walk(os.path.join(source_root, folder)):
            for name in names:
                path = os.path.join(directory, name)
                for ending, pattern in TRANSLATABLE.items():
                    if name.endswith(ending):
                        with open(path, encoding='utf-8') as file:
                            if re.search(pattern, file.read()):
                                yield os.path.relpath(path, source_root)


class Translations(unittest.TestCase):
    def test_every_file_with_texts_is_listed_and_no_other(self):
        self.assertEqual(sorted(read_list('POTFILES.in')), sorted(files_with_texts()))

    def test_every_translation_is_listed_and_no_other(self):
        translations = [name[:-len('.po')] for name in os.listdir(po_directory)
                        if name.endswith('.po')]
        self.assertEqual(read_list('LINGUAS'), sorted(translations))

    def test_msgfmt_finds_each_translation_sound_and_whole(self):
        for language in read_list('LINGUAS'):
            result = subprocess.run(
                ['msgfmt', '--check', '--statistics', '--output-file=/dev/null',
                 os.path.join(po_directory, language + '.po')],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                env=os.environ | {'LC_ALL': 'C'})
            self.assertEqual(result.returncode, 0, result.stdout)
            self.assertRegex(result.stdout, r'^\d+ translated messages\.$')

    def test_each_translation_says_its_own_language(self):
        for language in read_list('LINGUAS'):
            path = os.path.join(po_directory, language + '.po')
            with open(path, encoding='utf-8') as file:
                self.assertIn(f'"Language: {language}\\n"', file.read())


unittest.main(argv=sys.argv[:1])
