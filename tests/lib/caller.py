# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program of a user that calls the service, with or without a person before it."""

import sys

from gi.repository import Gio, GLib

from lib.bus import INTERFACE, NAME, PATH
from lib.sessions import UserProgram, become, obey, say

# Longer than the service waits for a permission.
ANSWER_S = 120


class Refused(Exception):
    """What the caller was answered in place of a reply. name: the D-Bus error name."""

    def __init__(self, name, message):
        self.name = name
        self.message = message
        super().__init__(f"{name}: {message}")


class Caller(UserProgram):
    """A caller on the system bus, by default without a person who could be asked."""

    def __init__(self, user, session=None):
        super().__init__("lib.caller", user, session)
        self.name = self.hear()["name"]

    def begin(self, method, *arguments, is_interactive=False, interface=INTERFACE):
        """Sends a call; every argument is a string."""
        self.tell(method=method, arguments=arguments, is_interactive=is_interactive,
                  interface=interface)

    def result(self, seconds=ANSWER_S):
        """Waits for an answer: returns the reply's values as text, or raises Refused."""
        answer = self.hear(seconds)
        if "error" in answer:
            raise Refused(answer["error"], answer["message"])
        return answer["reply"]

    def call(self, method, *arguments, **options):
        """Sends a call and waits for its answer."""
        self.begin(method, *arguments, **options)
        return self.result()

    def get(self, name):
        """Asks for a property."""
        return self.call("Get", INTERFACE, name,
                         interface="org.freedesktop.DBus.Properties")


class _Program:
    def __init__(self):
        become(sys.argv[1])
        self._bus = Gio.bus_get_sync(Gio.BusType.SYSTEM)
        say(name=self._bus.get_unique_name())
        obey(self._call)

    def _call(self, *, method, arguments, is_interactive, interface):
        call = Gio.DBusMessage.new_method_call(NAME, PATH, interface, method)
        call.set_body(GLib.Variant(f"({'s' * len(arguments)})", arguments))
        if is_interactive:
            call.set_flags(Gio.DBusMessageFlags.ALLOW_INTERACTIVE_AUTHORIZATION)
        self._bus.send_message_with_reply(call, Gio.DBusSendMessageFlags.NONE,
                                          ANSWER_S * 1000, None, self._answered_cb)

    def _answered_cb(self, bus, result):
        answer = bus.send_message_with_reply_finish(result)
        body = answer.get_body()
        if answer.get_message_type() == Gio.DBusMessageType.ERROR:
            say(error=answer.get_error_name(), message=body.unpack()[0])
        else:
            say(reply=body.print_(False) if body else "()")


if __name__ == "__main__":
    _Program()
