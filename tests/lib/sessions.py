# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users who sit at the machine, or do not, and programs of theirs.

polkit learns from libsystemd who is in which session, and libsystemd from the files that
logind keeps in /run/systemd and from the control group of the process. Both are made here
as logind makes them, so that polkitd decides by itself, without a logind. /run must be a
tmpfs of our own.
"""

import json
import os
import pathlib
import pwd
import subprocess
import sys

from gi.repository import GLib

from lib import overlay
from lib.waiting import wait_until

RUN = pathlib.Path("/run/systemd")
SEAT = "seat0"

PASSWORD = "correct horse"
_PASSWORD_HASH = ("$6$mycelium$NV7ICUnEDgeAenDftRdUQ7OtG/.fvx1tAFhIaeCq/2YKRgK/xhxoJH"
                  "GHqqjWfgipDHk.z0B3ND2mwyuZ4Hqs7/")


def add_user(name, *, is_admin=False):
    """Adds a user with PASSWORD; polkit counts the members of sudo as administrators."""
    subprocess.run(["useradd", "--no-create-home", "--no-log-init", "--password",
                    _PASSWORD_HASH, *(["--groups", "sudo"] if is_admin else []), name],
                   check=True)


class Session:
    """A session of a user, as logind knows it.

    identity: letters and digits;
    seat: where the user sits, or None for one who came over the network.
    """

    def __init__(self, identity, user, *, seat=SEAT, is_active):
        self.identity = identity
        self.user = user
        user_id = pwd.getpwnam(user).pw_uid
        state = "active" if is_active else "online"
        _write(RUN / "sessions" / identity, UID=user_id, USER=user, ACTIVE=int(is_active),
               IS_DISPLAY=1, STATE=state, REMOTE=int(seat is None), CLASS="user",
               TYPE="x11" if seat else "tty", **({"SEAT": seat} if seat else {}))
        _write(RUN / "users" / str(user_id), NAME=user, STATE=state, DISPLAY=identity,
               SESSIONS=identity)
        if seat and is_active:
            _write(RUN / "seats" / seat, IS_SEAT0=1, ACTIVE=identity, ACTIVE_UID=user_id)

        group = f"/user.slice/user-{user_id}.slice/session-{identity}.scope"
        self._cgroup = RUN / f"cgroup-of-{identity}"
        # For a machine with one hierarchy and for one with several.
        self._cgroup.write_text(f"1:name=systemd:{group}\n0::{group}\n", encoding="ascii")

    def enter(self):
        """Lets this process be in the session, and all that asks see it there."""
        overlay.bind(self._cgroup, "/proc/self/cgroup")


def _write(path, **values):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{key}={value}\n" for key, value in values.items()),
                    encoding="ascii")


class UserProgram:
    """A Python module that runs as a program of that user, in a session or in none.

    It is told what to do, and tells what happens, in lines of JSON. It begins as root and
    calls become() before anything else, since the user may be unable to read the tests.
    """

    def __init__(self, module, user, session=None):
        self._process = subprocess.Popen(
            [sys.executable, "-B", "-m", module, user,
             *([session.identity] if session else [])],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            preexec_fn=session.enter if session else None)
        self._news = Lines(self._process.stdout.fileno())
        self._unheard = []

    def tell(self, **what):
        """Tells the program what to do."""
        self._process.stdin.write(json.dumps(what).encode() + b"\n")
        self._process.stdin.flush()

    def hear(self, seconds=30):
        """Waits for the next thing that the program tells."""
        wait_until(self.has_news, "news of a user's program", seconds)
        return self._unheard.pop(0)

    def has_news(self):
        """Whether the program has told something that was not heard."""
        self._unheard += self._news.read()
        return bool(self._unheard)

    def stop(self):
        """Ends the program; may be called again."""
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()


class Lines:
    """Lines of JSON that come out of a descriptor."""

    def __init__(self, descriptor):
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self._rest = b""

    def read(self):
        """Returns what has come, without waiting for more."""
        try:
            self._rest += os.read(self._descriptor, 1 << 20)
        except BlockingIOError:
            pass
        *lines, self._rest = self._rest.split(b"\n")
        return [json.loads(line) for line in lines]


def become(user):
    """Lets this process belong to that user, for good."""
    entry = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def say(**what):
    """Tells the test something, in a program of a user."""
    print(json.dumps(what), flush=True)


def obey(told):
    """Calls told with each thing that the test tells, in a program of a user, for good."""
    lines = Lines(sys.stdin.fileno())

    def readable_cb(*_):
        for what in lines.read():
            told(**what)
        return GLib.SOURCE_CONTINUE

    GLib.io_add_watch(sys.stdin.fileno(), GLib.IOCondition.IN, readable_cb)
    GLib.MainLoop().run()
