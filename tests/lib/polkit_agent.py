# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program of a desktop that asks for a password when polkit wants one, with what the
person before it does."""

import pwd
import subprocess
import sys

from gi.repository import Gio, GLib

from lib.sessions import UserProgram, become, obey, say

POLKIT = "org.freedesktop.PolicyKit1"
AUTHORITY = "/org/freedesktop/PolicyKit1/Authority"
OWN_PATH = "/org/freedesktop/PolicyKit1/AuthenticationAgent"
HELPER = "/usr/lib/polkit-1/polkit-agent-helper-1"

INTERFACE_XML = """<node><interface name='org.freedesktop.PolicyKit1.AuthenticationAgent'>
<method name='BeginAuthentication'><arg type='s'/><arg type='s'/><arg type='s'/>
  <arg type='a{ss}'/><arg type='s'/><arg type='a(sa{sv})'/></method>
<method name='CancelAuthentication'><arg type='s'/></method></interface></node>"""

# What the person does.
DISMISSES, GIVES_UP, DOES_NOTHING, TYPES = "dismisses", "gives up", "does nothing", "types"


class Agent(UserProgram):
    """A registered agent; the person does nothing until told otherwise."""

    def __init__(self, session):
        super().__init__("lib.polkit_agent", session.user, session)
        assert self.hear() == {"registered": True}

    def person(self, does, *, admin=None, password=None):
        """Says what the person does whenever a password is wanted from now on, and now,
        with the questions that wait, in their order.
        """
        self.tell(does=does, admin=admin, password=password)
        assert self.hear() == {"told": does}


class _Program:
    def __init__(self):
        become(sys.argv[1])
        self._does = DOES_NOTHING
        self._login = None
        self._waiting = {}  # cookie -> call
        self._bus = Gio.bus_get_sync(Gio.BusType.SYSTEM)
        self._bus.register_object(OWN_PATH, Gio.DBusNodeInfo.new_for_xml(
            INTERFACE_XML).interfaces[0], self._called_cb, None, None)
        self._bus.call_sync(
            POLKIT, AUTHORITY, f"{POLKIT}.Authority", "RegisterAuthenticationAgent",
            GLib.Variant("((sa{sv})ss)", (
                ("unix-session", {"session-id": GLib.Variant("s", sys.argv[2])}), "C",
                OWN_PATH)), None, 0, -1, None)
        say(registered=True)
        obey(self._change_person)

    def _change_person(self, *, does, admin, password):
        self._does = does
        self._login = admin, password
        waiting, self._waiting = self._waiting, {}
        for cookie, call in waiting.items():
            self._do(cookie, call)
        say(told=does)

    def _called_cb(self, bus, sender, path, interface, method, arguments, call):
        if method == "CancelAuthentication":
            # Polkit says it twice where the caller left and the service no longer asks.
            question = self._waiting.pop(arguments.unpack()[0], None)
            if question:
                question.return_dbus_error(f"{POLKIT}.Error.Cancelled", "")
                say(cancelled=True)
            call.return_value(None)
            return

        action, _, _, _, cookie, identities = arguments.unpack()
        say(asked=action, cookie=cookie, of=sorted(pwd.getpwuid(details["uid"]).pw_name
                                                   for _, details in identities))
        self._do(cookie, call)

    def _do(self, cookie, call):
        if self._does == DOES_NOTHING:
            self._waiting[cookie] = call
        elif self._does == DISMISSES:
            call.return_dbus_error(f"{POLKIT}.Error.Cancelled", "Dismissed")
        else:
            if self._does == TYPES:
                _authenticate(cookie, *self._login)
            call.return_value(None)


def _authenticate(cookie, admin, password):
    """Lets polkit's own helper, which is root, ask PAM and tell polkit the outcome."""
    with subprocess.Popen([HELPER, admin], text=True, bufsize=1, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as helper:
        print(cookie, file=helper.stdin)
        for line in helper.stdout:
            if line.startswith("PAM_PROMPT"):
                print(password, file=helper.stdin)


if __name__ == "__main__":
    _Program()
