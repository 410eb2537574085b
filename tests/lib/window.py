# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The window's program: driven by its actions, seen as a screen reader sees it."""

import os
import pathlib
import subprocess

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # pylint: disable=wrong-import-position

from lib.daemon import SANITIZER_REPORTS
from lib.process import find_program
from lib.screen import Box
from lib.waiting import wait_until

NAME = "org.mycelium.Socks.Applet"
PATH = "/org/mycelium/Socks/Applet"
ACTIONS = "org.gtk.Actions"


def program():
    """Returns where the window was built: meson tells its tests."""
    tree = pathlib.Path(__file__).parents[2]
    return os.environ.get("MYCELIUM_SOCKS_WINDOW",
                          str(tree / "build-plain" / "applet" / "window"
                              / "mycelium-socks"))


class Part:
    """Something in the window as assistive technology has it."""

    def __init__(self, accessible):
        self._accessible = accessible

    @property
    def name(self):
        """Its name."""
        return self._accessible.get_name() or ""

    @property
    def description(self):
        """What more there is to say of it."""
        return self._accessible.get_description() or ""

    @property
    def role(self):
        """Its role: "button", "label", ..."""
        return self._accessible.get_role_name()

    @property
    def text(self):
        """What is written in it."""
        return Atspi.Text.get_text(self._accessible, 0,
                                   Atspi.Text.get_character_count(self._accessible))

    @property
    def value(self):
        """Its value, as a progress bar has one."""
        return Atspi.Value.get_current_value(self._accessible)

    @property
    def box(self):
        """Where in the window it is; of no size if it is not there any more."""
        try:
            found = Atspi.Component.get_extents(self._accessible, Atspi.CoordType.WINDOW)
        except GLib.Error:
            return Box(0, 0, 0, 0)
        return Box(found.x, found.y, found.width, found.height)

    @property
    def is_shown(self):
        """Whether it takes up room. GTK 4.8 gives no part the state SHOWING."""
        return self.box.width > 0 and self.box.height > 0

    def has(self, state):
        """Whether it is in that state: "SENSITIVE", "FOCUSED", ..."""
        return self._accessible.get_state_set().contains(
            getattr(Atspi.StateType, state))

    @property
    def is_wrong(self):
        """Whether what is written in it is invalid. GTK 4.8 takes the first for it."""
        return self.has("INVALID") or self.has("INVALID_ENTRY")

    def parts(self):
        """Returns what is shown inside, at every depth."""
        for i in range(self._accessible.get_child_count()):
            child = self._accessible.get_child_at_index(i)
            if child and Part(child).is_shown:
                yield Part(child)
                yield from Part(child).parts()

    def press(self):
        """Does what a click or Enter does."""
        Atspi.Action.do_action(self._accessible, 0)

    def type(self, text):
        """Puts the text in place of what is in it."""
        Atspi.EditableText.set_text_contents(self._accessible, text)

    def __repr__(self):
        return f"{self.role} “{self.name}”"


class Window:
    """One mycelium-socks on a desktop, with a service on a system bus."""

    def __init__(self, desktop, system_bus, environment=None):
        self._desktop = desktop
        self._environment = {"DBUS_SYSTEM_BUS_ADDRESS": system_bus.address,
                             "GSK_RENDERER": "cairo", "GTK_A11Y": "atspi",
                             "GSETTINGS_BACKEND": "memory",
                             "G_DEBUG": "fatal-criticals", **(environment or {})}
        self.process = None
        self.expects_warning = False
        self._n_said_before = 0  # the log is that of all before it, too

    def start(self, *options):
        """Starts it and waits for its name on the session bus."""
        self.process = self._desktop.start(program(), *options, env=self._environment)
        self._n_said_before = len(self.process.output())

        def is_there():
            if self.process.returncode is not None:
                raise AssertionError(f"the window ended: {self.process.output()}")
            return self._desktop.has_owner(NAME)

        wait_until(is_there, "the window's name")

    def stop(self):
        """Ends it in order and checks that it went well."""
        if self.process is None:
            return
        if self.process.returncode is None:
            self.activate("quit")
            self.process.wait()
        text = self.process.output()[self._n_said_before:]
        self.process = None
        assert not any(report in text for report in SANITIZER_REPORTS), text
        for word in ("CRITICAL",) if self.expects_warning else ("CRITICAL", "WARNING"):
            assert word not in text, text

    def activate(self, action, parameter=None):
        """Does what a button or key with that action does."""
        parameters = [] if parameter is None else [GLib.Variant("s", parameter)]
        self._desktop.call(NAME, PATH, ACTIONS, "Activate", "(sava{sv})", action,
                           parameters, {})

    def activate_in_window(self, action, parameter):
        """Does the same with an action of the window itself."""
        self._desktop.call(NAME, f"{PATH}/window/1", ACTIONS, "Activate", "(sava{sv})",
                           action, [GLib.Variant("s", parameter)], {})

    def describe(self, action):
        """Returns whether the action is enabled, and its state, if it has one."""
        enabled, _, state = self._desktop.call(NAME, PATH, ACTIONS, "Describe", "(s)",
                                               action)[0]
        return enabled, state[0] if state else None

    def actions(self):
        """Returns the names of the actions."""
        return self._desktop.call(NAME, PATH, ACTIONS, "List")[0]

    def frames(self):
        """Returns its windows as assistive technology has them."""
        desktop = Atspi.get_desktop(0)
        frames = []
        for i in range(desktop.get_child_count()):
            program_node = desktop.get_child_at_index(i)
            if program_node and program_node.get_process_id() == self.process.pid:
                frames += (Part(program_node.get_child_at_index(j))
                           for j in range(program_node.get_child_count()))
        return frames

    def count_on_screen(self):
        """Returns how many windows of it the display shows.

        GTK 4.8 may end when assistive technology asks for them while one goes away.
        """
        found = subprocess.run(
            [find_program("xdotool"), "search", "--onlyvisible", "--pid",
             str(self.process.pid)], capture_output=True, timeout=20, check=False)
        return len(found.stdout.split())

    def parts(self):
        """Returns everything that is shown."""
        try:
            return [part for frame in self.frames() for part in (frame, *frame.parts())]
        except GLib.Error:  # something went away while it was looked at
            return []

    def find(self, role, name=None):
        """Returns what has that role, and that name or a name that the function takes."""
        fits = name if callable(name) else lambda found: name is None or found == name
        for part in self.parts():
            try:
                if part.role == role and fits(part.name):
                    return part
            except GLib.Error:
                pass
        return None

    def wait_for(self, role, name=None):
        """Waits for what has that role and name."""
        found = None

        def is_there():
            nonlocal found
            found = self.find(role, name)
            return found

        try:
            return wait_until(is_there, "")
        except AssertionError:
            raise AssertionError(f"no {role} “{name}” among {self.parts()}") from None

    def wait_for_no(self, role, name=None):
        """Waits until nothing has that role and name."""
        wait_until(lambda: not self.find(role, name), f"no {role} “{name}”")
