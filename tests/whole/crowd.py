# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Callers who come in crowds, and callers who leave while their permission is checked: on
the stock bus, with the limits that it has, and the real polkitd."""

import collections
import contextlib
import os
import pathlib
import pwd
import random
import signal
import time

from gi.repository import GLib

from lib import whole
from lib.authority import ADMIN, KINDS, LIMITS_EXCEEDED, AuthorityTest, install
from lib.bus import INTERFACE, NAME
from lib.caller import Refused
from lib.crowd import Crowd, RawCaller, driver_message, kind_of, message
from lib.installation import USER, processes_of
from lib.polkit_agent import DOES_NOTHING, GIVES_UP, TYPES
from lib.sessions import PASSWORD
from lib.waiting import wait_until

ACTIVATION = pathlib.Path(f"/usr/share/dbus-1/system-services/{NAME}.service")

# AddressSanitizer keeps what was freed, unless it is told not to; even then for a while.
FREES_AT_ONCE = "ASAN_OPTIONS=" + ":".join([
    "quarantine_size_mb=0", "thread_local_quarantine_size_kb=0",
    "allocator_release_to_os_interval_ms=0"])

PROMPT_S = 0.25
MEMORY_KIB = 16 * 1024

# As many as the stock bus allows one user, and one connection.
N_CONNECTIONS, N_CALLS = 256, 128

# So many answers to others at least, of each kind, and all to questions that were asked
# while a crowd was there; 5,000 calls of one caller are over after a few.
N_SAMPLES, N_CROWDS = 100, 200

N_LEAVERS = 1000

# Of seven calls each to which the answer is yes.
N_ROUNDS = 40

# How many calls may wait for permission.
PER_CALLER, PER_USER, PER_USERS = 4, 8, 24

CROWD_USER = "socks-daemon"

OUTSIDE = "192.0.2.1:1080"


def property_message(serial, method, *arguments):
    """Returns the bytes of a question for properties."""
    return message(serial, method, GLib.Variant(f"({'s' * len(arguments)})", arguments),
                   interface="org.freedesktop.DBus.Properties")


def connect_message(serial, remote, **options):
    """Returns the bytes of a Connect."""
    return message(serial, "Connect", GLib.Variant("(s)", (remote,)), **options)


def get_state_message(serial):
    """Returns the bytes of a question for State."""
    return property_message(serial, "Get", INTERFACE, "State")


def list_peers_message(serial):
    """Returns the bytes of a ListPeers."""
    return message(serial, "ListPeers")


def stop_probing_message(serial):
    """Returns the bytes of a StopProbing, for which polkit is asked."""
    return message(serial, "StopProbing")


def disconnect_message(serial):
    """Returns the bytes of a Disconnect."""
    return message(serial, "Disconnect")


class CrowdTest(AuthorityTest):
    def setUp(self):
        super().setUp()
        text = ACTIVATION.read_text(encoding="utf-8")
        self.addCleanup(ACTIVATION.write_text, text, encoding="utf-8")
        ACTIVATION.write_text(
            text.replace("Exec=", f"Exec=/usr/bin/env {FREES_AT_ONCE} "), encoding="utf-8")
        self.reload_bus()
        self.arrange()
        self.before, _ = self.state()
        [self.pid] = processes_of(USER)

    def memory_kib(self):
        """Returns how much memory the service has."""
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return int(status.partition("VmRSS:")[2].split()[0])

    def wait_for_memory(self, kib):
        """Waits until the service has no more memory than that, while it goes on working."""
        wait_until(lambda: self.client.get_all() and self.memory_kib() <= kib,
                   f"{kib} KiB or less")

    def n_descriptors(self):
        """Returns how many descriptors the service has."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def assert_prompt(self, name, times):
        """The answers were so, but for one in twenty: that may be the doing of a machine that
        has other things to do.
        """
        times.sort()
        usual = times[len(times) - 1 - len(times) // 20]
        print(f"#   {name}: of {len(times)} in 95 % at most {1000 * usual:.0f} ms, in all "
              f"{1000 * times[-1]:.0f} ms", flush=True)
        self.assertLess(usual, PROMPT_S, name)

    def assert_no_place(self, kind):
        """A call of another caller of that kind may not wait for permission."""
        with self.assertRaises(Refused) as caught:
            self.caller(kind).call("Connect", OUTSIDE, is_interactive=True)
        self.assertEqual(caught.exception.name, LIMITS_EXCEEDED)

    def assert_nothing_changed(self):
        """It is the same service, and nothing is as it was not before."""
        self.assertEqual(processes_of(USER), [self.pid])
        self.assertEqual(self.state(), (self.before, []))


    def raw_caller(self, kind):
        """Returns a new caller of that kind, without a D-Bus library."""
        caller = RawCaller(KINDS[kind][0], self.sessions[kind])
        self.addCleanup(caller.close)
        return caller


class Other:
    """Another user, who measures how long an answer takes."""

    def __init__(self, caller):
        self._caller = caller
        self._serial = 1
        self._began = None

    def begin(self, call):
        """Makes a call."""
        self._serial += 1
        data = call(self._serial)
        self._began = time.monotonic()
        self._caller.socket.sendall(data)

    def end(self):
        """Waits for the answer; returns its kind, and how many seconds it took."""
        kind = kind_of(self._caller.read_answer())
        return kind, time.monotonic() - self._began

    def ask(self, call):
        """Makes a call, and waits for the answer."""
        self.begin(call)
        return self.end()

    def wait_for_bus(self):
        """Waits until the bus itself answers promptly."""
        wait_until(lambda: all(
            self.ask(lambda serial: driver_message(serial, "GetId"))[1] < PROMPT_S / 10
            for _ in range(3)), "a bus that answers", 120)


class Crowds(CrowdTest):
    def assert_others_are_served(self, n_connections, n_calls, call):
        """While crowds wait, the answers to others are prompt; returns the crowds'.

        The bus itself takes seconds to take in 32,768 calls, and answers nobody then.
        """
        calls = b"".join(call(serial) for serial in range(2, 2 + n_calls))
        questions = {  # those first that take less
            "Get": ("active", get_state_message),
            "ListPeers": ("active", list_peers_message),
            "StopProbing of root": ("root", stop_probing_message),
            "StopProbing": ("active", stop_probing_message),
        }
        others = {name: Other(self.raw_caller(kind)) for name, (kind, _) in questions.items()}
        took = {name: [] for name in questions}
        answers = collections.Counter()
        n_crowds = 0
        while min(map(len, took.values())) < N_SAMPLES and n_crowds < N_CROWDS:
            crowd = Crowd(CROWD_USER, n_connections, n_calls, calls)
            others["Get"].wait_for_bus()
            while not crowd.is_served():
                for name, (_, question) in questions.items():
                    others[name].begin(question)
                for name, other in others.items():
                    kind, seconds = other.end()
                    self.assertEqual(kind, "reply", name)
                    took[name].append(seconds)
            answers.update(crowd.disperse())
            n_crowds += 1
        self.assertEqual(sum(answers.values()), n_crowds * n_connections * n_calls)

        print(f"# {n_crowds} × {n_connections} × {n_calls}: {dict(answers)}; "
              f"{self.memory_kib()} KiB", flush=True)
        self.assertNotIn("Rejected", self.bus.output())
        for name, times in took.items():
            self.assertGreaterEqual(len(times), N_SAMPLES, name)
            self.assert_prompt(name, times)
        return answers

    def test_five_thousand_calls_of_one_caller(self):
        memory = self.memory_kib()
        answers = self.assert_others_are_served(1, 5000, disconnect_message)
        self.assertEqual(sorted(answers), ["AccessDenied", "LimitsExceeded"])
        self.wait_for_memory(memory + MEMORY_KIB)
        self.assert_nothing_changed()

    def test_all_that_one_user_can_ask_at_once(self):
        memory = self.memory_kib()
        n_descriptors = self.n_descriptors()
        answers = self.assert_others_are_served(
            N_CONNECTIONS, N_CALLS, lambda serial: connect_message(serial, ""))
        self.assertEqual(sorted(answers), ["AccessDenied", "LimitsExceeded"])

        # The longest answer that there is.
        answers = self.assert_others_are_served(
            N_CONNECTIONS, N_CALLS,
            lambda serial: property_message(serial, "GetAll", INTERFACE))
        self.assertEqual(sorted(answers), ["LimitsExceeded", "reply"])
        self.wait_for_memory(memory + MEMORY_KIB)
        self.assertLessEqual(self.n_descriptors(), n_descriptors)
        self.assert_nothing_changed()


class Places(CrowdTest):
    def fill_places(self, kind, n_callers):
        """Lets as many questions as may be wait before a person who does nothing."""
        agent = self.agent(kind)
        callers = [self.caller(kind) for _ in range(n_callers)]
        for caller in callers:
            for _ in range(PER_CALLER):
                caller.begin("Connect", OUTSIDE, is_interactive=True)
        for _ in range(n_callers * PER_CALLER - PER_USER):
            wait_until(lambda: any(caller.has_news() for caller in callers), "a refusal")
            with self.assertRaises(Refused) as caught:
                next(caller for caller in callers if caller.has_news()).result()
            self.assertEqual(caught.exception.name, LIMITS_EXCEEDED)
        for _ in range(PER_USER):
            self.assertIn("asked", agent.hear())
        self.assert_no_place(kind)

    def assert_has_place(self, kind):
        """Whoever may change something is answered, and promptly."""
        other = Other(self.raw_caller(kind))
        answers = [other.ask(disconnect_message) for _ in range(N_SAMPLES)]
        self.assertEqual({answer for answer, _ in answers}, {"reply"})
        self.assert_prompt(kind, [seconds for _, seconds in answers])

    def test_the_unanswered_questions_of_one_user_are_in_nobody_elses_way(self):
        self.fill_places("remote", 8)
        self.assert_has_place("root")
        self.assertEqual(self.state()[1], [(self.proxy.endpoint, "", "user")])
        self.client.call("Connect", self.proxy.endpoint)
        self.state()
        self.assert_has_place("active")
        self.assertEqual(self.state()[1], [(self.proxy.endpoint, "", "user")])

    def test_the_unanswered_questions_of_many_users_are_not_in_roots_way(self):
        kinds = "remote", "active", "inactive"
        self.assertEqual(len(kinds) * PER_USER, PER_USERS)
        for kind in kinds:
            self.fill_places(kind, 2)
        self.assert_no_place("without session")
        self.assert_has_place("root")
        self.assertEqual(self.state()[1], [(self.proxy.endpoint, "", "user")])


def some_calls(chance, n_calls, remote):
    """Returns the bytes of calls that would all have an effect, and a person is asked."""
    calls = [lambda serial: connect_message(serial, remote, is_interactive=True),
             lambda serial: message(serial, "Disconnect", is_interactive=True),
             lambda serial: message(serial, "StartProbing", is_interactive=True)]
    return b"".join(chance.choice(calls)(serial) for serial in range(2, 2 + n_calls))


def come_and_leave(chance, remote):
    """A thousand callers who ask, and leave before or while a person is asked."""
    for _ in range(N_LEAVERS):
        caller = RawCaller("socks-remote")
        caller.socket.sendall(some_calls(chance, chance.randint(1, 4), remote))
        # The bus has not heard of it, the service has not, polkit has not, the agent has.
        time.sleep(chance.uniform(0, chance.choice([0, 0.01, 0.06])))
        caller.close()


class Leavers(CrowdTest):
    def test_a_thousand_who_leave_at_random_have_no_effect(self):
        seed = random.randrange(1 << 32)
        print(f"# seed {seed}", flush=True)
        agent = self.agent("remote")  # before whom nobody does anything
        memory, n_descriptors = self.memory_kib(), self.n_descriptors()
        news = collections.Counter()
        child = os.fork()
        if child == 0:
            status = 1
            with contextlib.suppress(Exception):
                self.sessions["remote"].enter()
                come_and_leave(random.Random(seed), self.other.endpoint)
                status = 0
            os._exit(status)

        def is_over():
            while agent.has_news():
                news.update(agent.hear().keys() & {"asked", "cancelled"})
            return news["asked"] == news["cancelled"]

        _, status = os.waitpid(child, 0)
        self.assertEqual(status, 0)
        # Polkit answers in turn: when it answers this one it has seen all the others.
        self.assertEqual(self.caller("active").call("StopProbing"), "()")
        wait_until(is_over, "the end of every question")
        print(f"# {news['asked']} of their calls came before a person", flush=True)
        self.assertGreater(news["asked"], N_LEAVERS // 10)
        self.assert_nothing_changed()
        self.assert_all_places_are_free(agent)
        self.assert_nothing_changed()
        self.wait_for_memory(memory + MEMORY_KIB)
        self.assertLessEqual(self.n_descriptors(), n_descriptors)

        agent.person(TYPES, admin=ADMIN, password=PASSWORD)
        self.assertEqual(self.caller("remote").call("Disconnect", is_interactive=True), "()")
        self.assertEqual(self.state()[1], [(self.proxy.endpoint, "", "user")])

    def test_a_yes_that_comes_when_they_have_left_has_no_effect(self):
        seed = random.randrange(1 << 32)
        print(f"# seed {seed}", flush=True)
        chance = random.Random(seed)
        agent = self.agent("remote")
        for _ in range(N_ROUNDS):
            leaving = [self.raw_caller("remote") for _ in range(2)]
            staying = self.raw_caller("remote")
            leaving[0].socket.sendall(some_calls(chance, PER_CALLER, self.other.endpoint))
            leaving[1].socket.sendall(some_calls(chance, PER_CALLER - 1, self.other.endpoint))
            asked = [agent.hear() for _ in range(2 * PER_CALLER - 1)]
            staying.socket.sendall(message(2, "StopProbing", is_interactive=True))
            asked.append(agent.hear())
            for question in asked:
                self.authenticate(question["cookie"])

            # Polkit is told that the person is done before it is told who has left.
            polkit = self.stop_polkit()
            agent.person(GIVES_UP)
            for caller in leaving:
                caller.close()
                wait_until(lambda: not self.bus.has_owner(caller.name), "the end of a caller")
            os.kill(polkit, signal.SIGCONT)
            self.assertEqual(kind_of(staying.read_answer()), "reply")
            self.assert_nothing_changed()
            staying.close()
            agent.person(DOES_NOTHING)
            self.assertFalse(agent.has_news())
        self.assert_nothing_changed()

    def authenticate(self, cookie):
        """Tells polkit, as its helper does, that the administrator is before the screen."""
        user_id, admin_id = (pwd.getpwnam(user).pw_uid for user in (KINDS["remote"][0], ADMIN))
        self.polkit("AuthenticationAgentResponse2", GLib.Variant("(us(sa{sv}))", (
            user_id, cookie, ("unix-user", {"uid": GLib.Variant("u", admin_id)}))))

    def assert_all_places_are_free(self, agent):
        """As many of the user's calls can wait as ever."""
        callers = [self.caller("remote") for _ in range(PER_USER)]
        while agent.has_news():
            agent.hear()
        for caller in callers:
            caller.begin("Disconnect", is_interactive=True)
        for _ in callers:
            self.assertIn("asked", agent.hear())
        self.assert_no_place("remote")
        for caller in callers:
            caller.stop()
        for _ in callers:
            self.assertIn("cancelled", agent.hear())


if __name__ == "__main__":
    whole.main(install)
