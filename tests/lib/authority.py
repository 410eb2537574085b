# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The installed service, the real polkitd, and every kind of caller that polkit knows."""

import contextlib
import os
import signal

from gi.repository import Gio, GLib

from lib import installation
from lib.caller import Caller, Refused
from lib.polkit_agent import AUTHORITY, POLKIT, Agent
from lib.sessions import Session, add_user
from lib.waiting import dispatch
from lib.whole import WholeTest

ADMIN = "socks-admin"

ACCESS_DENIED = "org.freedesktop.DBus.Error.AccessDenied"
LIMITS_EXCEEDED = "org.freedesktop.DBus.Error.LimitsExceeded"

# Kind of caller: user, what the session is, and the column of polkit's policy for it.
KINDS = {
    "root": ("root", None, None),
    "active": ("socks-active", {"is_active": True}, "active"),
    "inactive": ("socks-inactive", {"is_active": False}, "inactive"),
    "remote": ("socks-remote", {"is_active": True, "seat": None}, "any"),
    "without session": ("socks-daemon", None, "any"),
}

NEEDS_PASSWORD = "this needs a password; call with interactive authorization allowed, " \
    "or as root"
NOT_AUTHENTICATED = "authenticate when you are asked to, or ask an administrator"
DISMISSED = "the question for a password was dismissed; try again and answer it"
FAILED = "polkit could not be asked; look into the system's log"
ABSENT = "there is no polkit on this system; ask as root"


def install():
    """Installs the service, and adds the users."""
    installation.install()
    for user, _, _ in KINDS.values():
        if user != "root":
            add_user(user)
    add_user(ADMIN, is_admin=True)


class AuthorityTest(WholeTest):
    """With callers of every kind; who denies is the real polkitd."""

    bus_kind = installation.SystemBus

    def setUp(self):
        super().setUp()
        self.proxy = self.open_proxy("a")
        self.other = self.open_proxy("b")
        self.sessions = {kind: session and Session(kind, user, **session)
                         for kind, (user, session, _) in KINDS.items()}

    def caller(self, kind):
        """Returns a new caller of that kind."""
        caller = Caller(KINDS[kind][0], self.sessions[kind])
        self.addCleanup(caller.stop)
        return caller

    def agent(self, kind):
        """Returns an agent that asks for passwords in the session of that kind."""
        agent = Agent(self.sessions[kind])
        self.addCleanup(agent.stop)
        return agent

    def arrange(self):
        """Lets the service forward and not probe; nothing that is denied changes that."""
        self.client.call("Connect", self.proxy.endpoint)
        self.client.call("StopProbing")
        self.wait_for_probe_end()
        dispatch()
        self.client.remote_changes.clear()

    def wait_for_probe_end(self):
        """Waits until no sweep runs."""
        self.client.wait_for("Sweeping", False)

    def state(self):
        """Returns what a call can change, and the RemoteChanged since the last time."""
        values = self.client.get_all()
        dispatch()
        changes = list(self.client.remote_changes)
        self.client.remote_changes.clear()
        return ({name: values[name] for name in (
            "State", "Remote", "Selection", "Listening", "Probing", "Sweeping", "LastSweep",
            "LastError")}, changes)

    def assert_denied(self, action, why, function, *arguments, **options):
        """The call is refused for that reason, and nothing has changed."""
        before, _ = self.state()
        with self.assertRaises(Refused) as caught:
            function(*arguments, **options)
        self.assert_refusal(caught.exception, action, why)
        self.assertEqual(self.state(), (before, []))

    def assert_refusal(self, refused, action, why):
        """It is the answer to who may not do this."""
        self.assertEqual(
            (refused.name, refused.message),
            (ACCESS_DENIED, f"Not allowed ({action}): {why}"))

    def reload_bus(self):
        """Lets the bus read its files again."""
        self.client.connection.call_sync(
            "org.freedesktop.DBus", "/", "org.freedesktop.DBus", "ReloadConfig", None, None,
            0, -1, None)

    def polkit(self, method, arguments=None):
        """Asks polkit something, as root."""
        return self.client.connection.call_sync(
            POLKIT, AUTHORITY, f"{POLKIT}.Authority", method, arguments, None,
            Gio.DBusCallFlags.NONE, -1, None).unpack()

    def stop_polkit(self):
        """Lets polkit do nothing until it is killed or continued."""
        process = self.polkit_pid()
        os.kill(process, signal.SIGSTOP)
        self.addCleanup(_continue, process)
        return process

    def polkit_pid(self):
        """Returns the id of the process that is polkit."""
        return self.client.connection.call_sync(
            "org.freedesktop.DBus", "/", "org.freedesktop.DBus",
            "GetConnectionUnixProcessID", GLib.Variant("(s)", (POLKIT,)), None,
            Gio.DBusCallFlags.NONE, -1, None).unpack()[0]


def _continue(process):
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGCONT)
