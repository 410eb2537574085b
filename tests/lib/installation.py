# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The build that is tested, installed over the machine's files, and the system bus as
Debian configures it. What is installed is seen here alone and is gone with the test."""

import contextlib
import os
import pathlib
import pwd
import subprocess
import tempfile

from lib import overlay
from lib.bus import NAME, Bus
from lib.daemon import SANITIZER_REPORTS
from lib.process import Process
from lib.waiting import wait_until

USER = "mycelium-socks"


class SystemBus(Bus):
    """The system bus as Debian configures it, which starts the service and polkit."""

    def __init__(self):  # pylint: disable=super-init-not-called
        self.address = "unix:path=/run/dbus/system_bus_socket"
        self._polkit = None
        self._daemon = Process(["dbus-daemon", "--system", "--nofork", "--nopidfile"],
                               tempfile.mktemp(prefix="bus-"))
        wait_until(self._answers, f"the bus: {self._daemon.output()}")

    def stop(self):
        """Ends the bus, and with it what it has started."""
        super().stop()
        wait_until(lambda: not processes_of(USER), "the end of the service")
        output = self._daemon.output()
        assert not any(report in output for report in SANITIZER_REPORTS), output


def processes_of(user):
    """Returns the ids of the user's processes that have not ended."""
    user_id = pwd.getpwnam(user).pw_uid
    found = []
    for entry in os.scandir("/proc"):
        # What ended after its parent waits for this process 1, and has no program any more.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if (entry.name.isdigit() and entry.stat().st_uid == user_id
                    and pathlib.Path(entry.path, "cmdline").read_bytes()):
                found.append(int(entry.name))
    return found


def install():
    """Installs the build that is tested, over the machine's files."""
    for directory in "etc", "usr", "var":
        overlay.mount_over(f"/{directory}")
    build = pathlib.Path(os.environ["MYCELIUM_SOCKSD"]).parents[1]
    subprocess.run(["meson", "install", "-C", build, "--no-rebuild", "--quiet"], check=True,
                   stdout=subprocess.DEVNULL)
    assert pathlib.Path(f"/usr/share/polkit-1/actions/{NAME}.policy").exists(), \
        "the build that is tested is to be installed somewhere else: set the prefix /usr"
    subprocess.run(["systemd-sysusers", "mycelium-socks.conf"], check=True,
                   stderr=subprocess.DEVNULL)
