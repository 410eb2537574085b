# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What languages are called in files that gettext has translated."""


def as_locale(language):
    """Returns the locale's name of a language: gettext from 0.23 on writes BCP 47's."""
    return {'pt-BR': 'pt_BR', 'zh-Hans-CN': 'zh_CN'}.get(language, language)
