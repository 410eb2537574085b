# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real polkitd when it fails: absent, unable to start, stopped, killed in the middle of
a check. Each time a no, one answer, and nothing changed."""

import os
import pathlib
import signal

from lib import whole
from lib.authority import (ABSENT, ACCESS_DENIED, FAILED, KINDS, LIMITS_EXCEEDED,
                           AuthorityTest, install)
from lib.bus import NAME
from lib.caller import Refused
from lib.polkit_agent import POLKIT
from lib.waiting import wait_until

CONNECT = f"{NAME}.connect"
ACTIVATION = pathlib.Path(f"/usr/share/dbus-1/system-services/{POLKIT}.service")


class Fails(AuthorityTest):
    def change_polkit(self, change):
        """Changes how polkit is started, from its next start on and until the test ends."""
        text = ACTIVATION.read_text(encoding="utf-8")
        self.addCleanup(ACTIVATION.write_text, text, encoding="utf-8")
        change(text)
        if self.bus.has_owner(POLKIT):
            self.kill_polkit()
        self.reload_bus()

    def kill_polkit(self):
        """Ends polkit at once; the bus starts another when it is asked for."""
        os.kill(self.polkit_pid(), signal.SIGKILL)
        wait_until(lambda: not self.bus.has_owner(POLKIT), "the end of polkit")

    def assert_refused(self, caller, name):
        """The next answer to the caller is that error; returns its message."""
        with self.assertRaises(Refused) as caught:
            caller.result()
        self.assertEqual(caught.exception.name, name)
        return caught.exception.message

    def assert_works_again(self):
        """An active user may connect, and others may not."""
        self.assertEqual(self.caller("active").call("Connect", self.other.endpoint),
                         f"('{self.other.endpoint}',)")
        with self.assertRaises(Refused):
            self.caller("remote").call("Disconnect")
        _, changes = self.state()
        self.assertEqual(changes, [(self.proxy.endpoint, self.other.endpoint, "user")])

    def test_without_polkit_root_alone_may_change_anything(self):
        self.arrange()
        self.change_polkit(lambda _: ACTIVATION.unlink())
        for kind in KINDS:
            caller = self.caller(kind)
            self.assertEqual(caller.get("State"), "(<'connected'>,)")
            self.assertIn(self.proxy.endpoint, caller.call("ListPeers"))
            if kind != "root":
                for call, action in [
                        (["Connect", ""], "connect"), (["Disconnect"], "connect"),
                        (["Connect", "192.0.2.1:1080"], "connect-elsewhere"),
                        (["StartProbing"], "probe"), (["StopProbing"], "probe"),
                        (["ProbeNow"], "probe"),
                        (["Check", self.other.endpoint, ""], "probe"),
                        (["Check", "192.0.2.1:1080", ""], "connect-elsewhere")]:
                    self.assert_denied(f"{NAME}.{action}", ABSENT, caller.call, *call)
        self.assertEqual(self.caller("root").call("Connect", "192.0.2.1:1080"),
                         "('192.0.2.1:1080',)")
        self.assertEqual(self.caller("root").call("Disconnect"), "()")
        self.assertIn("'local-port'",
                      self.caller("root").call("Check", self.other.endpoint, ""))
        _, changes = self.state()
        self.assertEqual([new for _, new, _ in changes], ["192.0.2.1:1080", ""])

    def test_a_polkit_that_can_not_start_is_a_no_to_everyone(self):
        self.arrange()
        self.change_polkit(lambda text: ACTIVATION.write_text(
            text.replace("Exec=", "Exec=/bin/false "), encoding="utf-8"))
        for kind in "root", "active", "remote":
            self.assert_denied(CONNECT, FAILED, self.caller(kind).call, "Disconnect")

    def test_a_polkit_that_is_killed_in_the_middle_of_a_check_is_a_no(self):
        self.arrange()
        before, _ = self.state()
        agent = self.agent("remote")  # before whom nobody does anything
        caller = self.caller("remote")
        caller.begin("Disconnect", is_interactive=True)
        caller.begin("Connect", self.other.endpoint, is_interactive=True)
        for _ in range(2):
            self.assertEqual(agent.hear()["asked"], CONNECT)
        self.assertFalse(caller.has_news())
        self.kill_polkit()
        for _ in range(2):
            self.assertEqual(self.assert_refused(caller, ACCESS_DENIED),
                             f"Not allowed ({CONNECT}): {FAILED}")
        self.assertEqual(caller.get("State"), "(<'connected'>,)")  # and no third answer
        self.assertEqual(self.state(), (before, []))
        self.assert_works_again()

    def test_a_stopped_polkit_holds_up_four_calls_of_each_and_no_reading(self):
        self.arrange()
        before, _ = self.state()
        process = self.stop_polkit()
        caller, other = self.caller("active"), self.caller("remote")
        for _ in range(4):
            caller.begin("Disconnect")
        caller.begin("StartProbing")
        self.assertIn("Too many requests", self.assert_refused(caller, LIMITS_EXCEEDED))
        other.begin("Disconnect")
        self.assertEqual(self.caller("without session").get("State"), "(<'connected'>,)")
        self.assertEqual(self.state(), (before, []))
        self.assertFalse(caller.has_news() or other.has_news())

        os.kill(process, signal.SIGCONT)
        for _ in range(4):
            self.assertEqual(caller.result(), "()")
        self.assert_refused(other, ACCESS_DENIED)
        state, changes = self.state()
        self.assertEqual((state["State"], changes),
                         ("disconnected", [(self.proxy.endpoint, "", "user")]))

    def test_a_polkit_that_stays_stopped_is_a_no_after_a_minute(self):
        self.arrange()
        before, _ = self.state()
        process = self.stop_polkit()
        caller, newcomer = self.caller("active"), self.caller("active")
        for _ in range(4):
            caller.begin("Disconnect")
        for _ in range(4):
            self.assertEqual(
                self.assert_refused(caller, ACCESS_DENIED),
                "Nobody answered within 60 s whether this is allowed; try again, and "
                "authenticate when you are asked to")
        self.assertEqual(self.state(), (before, []))

        # The answers that it gives later are nobody's, and what follows is asked as ever.
        caller.begin("StartProbing")
        newcomer.begin("StartProbing")
        os.kill(process, signal.SIGCONT)
        self.assertEqual((caller.result(), newcomer.result()), ("()", "()"))
        self.client.call("StopProbing")
        self.wait_for_probe_end()
        self.assertEqual((self.client.get("State"), caller.has_news()), ("connected", False))
        self.assertEqual(self.state()[1], [])
        self.assert_works_again()


if __name__ == "__main__":
    whole.main(install)
