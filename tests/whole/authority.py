# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may do what: every method, every kind of caller, decided by the real polkitd on the
installed policy, with a person who types a password, dismisses the question or gives up."""

from gi.repository import GLib

from lib import whole
from lib.authority import (ADMIN, DISMISSED, KINDS, NEEDS_PASSWORD, NOT_AUTHENTICATED,
                           AuthorityTest, install)
from lib.bus import ERROR, INTERFACE, NAME
from lib.caller import Refused
from lib.polkit_agent import DISMISSES, GIVES_UP, TYPES
from lib.sessions import PASSWORD

PROBE, CONNECT = f"{NAME}.probe", f"{NAME}.connect"
ELSEWHERE = f"{NAME}.connect-elsewhere"

# The contract.
POLICY = {
    PROBE: {"any": "auth_admin", "inactive": "auth_admin", "active": "yes"},
    CONNECT: {"any": "auth_admin", "inactive": "auth_admin", "active": "yes"},
    ELSEWHERE: {"any": "auth_admin", "inactive": "auth_admin",
                "active": "auth_admin_keep"},
}

# What polkit's interface calls them.
IMPLICIT = {2: "auth_admin", 4: "auth_admin_keep", 5: "yes"}

OUTSIDE = "192.0.2.1:1080"


class Authority(AuthorityTest):
    def calls(self):
        """Every method for which permission is needed, with what it asks for."""
        return [
            (["Connect", ""], CONNECT), (["Connect", self.other.endpoint], CONNECT),
            (["Connect", OUTSIDE], ELSEWHERE), (["Connect", "[2001:db8::1]:1080"], ELSEWHERE),
            (["Disconnect"], CONNECT), (["StartProbing"], PROBE), (["StopProbing"], PROBE),
            (["ProbeNow"], PROBE), (["Check", self.other.endpoint, ""], PROBE),
            (["Check", OUTSIDE, ""], ELSEWHERE)]

    def sweep_once(self):
        """Lets Connect "" find somebody, however early it comes."""
        self.client.call("ProbeNow")
        self.wait_for_sweep(0)

    def assert_allowed(self, caller, call, **options):
        """The call does what it is for."""
        self.arrange()
        swept_before = self.client.get("LastSweep")
        reply = caller.call(*call, **options)
        state, changes = self.state()
        if call[0] == "Connect":
            remote = call[1] or reply.split("'")[1]
            self.assertIn(remote, [call[1], self.proxy.endpoint, self.other.endpoint])
            self.assertEqual(reply, f"('{remote}',)")
            self.assertEqual(state["Remote"], remote)
            self.assertEqual(state["Selection"], "manual" if call[1] else "automatic")
        elif call[0] == "Check":
            self.assertIn("'local-port'", reply)
            self.assertEqual((state["Remote"], changes), (self.proxy.endpoint, []))
        else:
            self.assertEqual(reply, "()")
        if call[0] == "Disconnect":
            self.assertEqual((state["State"], changes), (
                "disconnected", [(self.proxy.endpoint, "", "user")]))
        self.assertEqual(state["Probing"], call[0] == "StartProbing")
        if call[0] == "ProbeNow":
            self.client.wait_for("LastSweep", lambda ended: ended > swept_before)

    def test_the_installed_policy_is_that_of_the_contract(self):
        found = {}
        for action in self.polkit("EnumerateActions", GLib.Variant("(s)", ("",)))[0]:
            if action[0].startswith(f"{NAME}."):
                found[action[0]] = dict(zip(
                    ("any", "inactive", "active"), (IMPLICIT[n] for n in action[6:9])))
        self.assertEqual(found, POLICY)

    def test_everyone_may_look(self):
        self.arrange()
        for kind in KINDS:
            caller = self.caller(kind)
            self.assertEqual(caller.get("State"), "(<'connected'>,)", kind)
            self.assertIn(self.proxy.endpoint, caller.call("ListPeers"), kind)
            for name in self.client.get_all():
                self.assertTrue(caller.get(name).startswith("(<"), (kind, name))
            self.assertIn("'Version'", caller.call(
                "GetAll", INTERFACE, interface="org.freedesktop.DBus.Properties"), kind)

    def test_nobody_is_asked_and_the_policy_alone_decides(self):
        self.sweep_once()
        for kind, (_, _, column) in KINDS.items():
            caller = self.caller(kind)
            for call, action in self.calls():
                with self.subTest(kind=kind, call=call):
                    if column is None or POLICY[action][column] == "yes":
                        self.assert_allowed(caller, call)
                    else:
                        self.arrange()
                        self.assert_denied(action, NEEDS_PASSWORD, caller.call, *call)

    def test_without_an_agent_who_needs_a_password_is_denied(self):
        self.arrange()
        for kind, (_, _, column) in KINDS.items():
            caller = self.caller(kind)
            for call, action in self.calls():
                with self.subTest(kind=kind, call=call):
                    if column is not None and POLICY[action][column] != "yes":
                        self.assert_denied(action, NOT_AUTHENTICATED, caller.call, *call,
                                           is_interactive=True)

    def test_an_administrators_password_is_wanted_as_often_as_the_policy_says(self):
        self.sweep_once()
        for kind, (_, session, column) in KINDS.items():
            if session is None:
                continue  # nobody sits before those
            agent = self.agent(kind)
            agent.person(TYPES, admin=ADMIN, password=PASSWORD)
            is_kept = False
            caller = self.caller(kind)
            for call, action in self.calls():
                with self.subTest(kind=kind, call=call):
                    rule = POLICY[action][column]
                    self.assert_allowed(caller, call, is_interactive=True)
                    if rule == "auth_admin" or rule == "auth_admin_keep" and not is_kept:
                        asked = agent.hear()
                        self.assertEqual(asked["asked"], action)
                        self.assertIn(ADMIN, asked["of"])
                        self.assertNotIn(KINDS[kind][0], asked["of"])
                    is_kept = is_kept or rule == "auth_admin_keep"
                    self.assertFalse(agent.has_news())

    def test_a_question_that_is_dismissed_or_given_up_is_a_no(self):
        self.arrange()
        for kind, (_, session, column) in KINDS.items():
            if session is None:
                continue
            agent = self.agent(kind)
            caller = self.caller(kind)
            for does, why in (DISMISSES, DISMISSED), (GIVES_UP, NOT_AUTHENTICATED):
                agent.person(does)
                for call, action in self.calls():
                    if POLICY[action][column] == "yes":
                        continue
                    with self.subTest(kind=kind, does=does, call=call):
                        self.assert_denied(action, why, caller.call, *call,
                                           is_interactive=True)
                        self.assertEqual(agent.hear()["asked"], action)
                        self.assertFalse(agent.has_news())

    def test_a_wrong_password_is_a_no(self):
        self.arrange()
        agent = self.agent("remote")
        agent.person(TYPES, admin=ADMIN, password=PASSWORD + "!")
        self.assert_denied(CONNECT, NOT_AUTHENTICATED, self.caller("remote").call,
                           "Disconnect", is_interactive=True)

    def test_for_what_is_refused_anyway_nobody_is_asked(self):
        self.arrange()
        agent = self.agent("remote")
        caller = self.caller("remote")
        for remote, error in [("[400::1]", "InvalidRemote"), ("x" * 65, "InvalidRemote"),
                              ("[400::1]:0", "RemoteNotAllowed"),
                              ("[::1]:1080", "RemoteNotAllowed")]:
            with self.assertRaises(Refused) as caught:
                caller.call("Connect", remote, is_interactive=True)
            self.assertEqual(caught.exception.name, ERROR + error)
        self.assertFalse(agent.has_news())


if __name__ == "__main__":
    whole.main(install)
