# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where standard error is the journal, the log has fields; a stand-in takes them down."""

import os
import socket
import threading

from lib import whole
from lib.waiting import wait_until
from lib.whole import WholeTest

JOURNAL = "/run/systemd/journal"


class Journal:
    """What systemd-journald listens on: a stream for text, and datagrams with fields."""

    def __init__(self):
        os.makedirs(JOURNAL)
        self._streams = socket.socket(socket.AF_UNIX)
        self._streams.bind(f"{JOURNAL}/stdout")
        self._streams.listen()
        self._entries = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._entries.bind(f"{JOURNAL}/socket")
        self._seen = []  # the entries, each a dictionary of its fields
        # At all times: who writes to a journal that does not read, waits.
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while True:
            self._seen.append(_parse(self._entries.recv(65536)))

    def open_stream(self):
        """Returns what systemd would give a service for its standard error."""
        stream = socket.socket(socket.AF_UNIX)
        stream.connect(f"{JOURNAL}/stdout")
        return stream

    def find(self, **fields):
        """Returns the first entry with those fields, or None."""
        return next((entry for entry in list(self._seen)
                     if fields.items() <= entry.items()), None)


def _parse(datagram):
    """Reads the native protocol of the journal: NAME=value, or NAME, length and value."""
    fields = {}
    while datagram:
        name, _, datagram = datagram.partition(b"\n")
        if b"=" in name:
            name, _, value = name.partition(b"=")
        else:
            length = int.from_bytes(datagram[:8], "little")
            value, datagram = datagram[8:8 + length], datagram[8 + length + 1:]
        fields[name.decode()] = value.decode()
    return fields


class Fields(WholeTest):
    def test_a_change_of_the_remote_can_be_looked_up_by_its_fields(self):
        proxy = self.open_proxy("a")
        journal = Journal()
        stream = journal.open_stream()
        self.daemon.errors_to = stream.fileno()
        self.start_and_sweep()
        self.connect()
        self.disconnect()
        stream.close()

        for old, new, reason in [("", proxy.endpoint, "automatic"),
                                 (proxy.endpoint, "", "user")]:
            entry = wait_until(lambda: journal.find(  # pylint: disable=cell-var-from-loop
                SOCKS_OLD_REMOTE=old, SOCKS_NEW_REMOTE=new, SOCKS_REASON=reason), reason)
            self.assertIn(proxy.endpoint, entry["MESSAGE"])
            self.assertEqual(entry["PRIORITY"], "5")
            self.assertEqual(entry["GLIB_DOMAIN"], "socks-engine")


if __name__ == "__main__":
    whole.main()
