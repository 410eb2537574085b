# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Callers without a D-Bus library, as many and as fast as the bus lets them be: what they
send was made before, and of the answers little more is seen than their number."""

import collections
import contextlib
import json
import os
import pwd
import selectors
import signal
import socket
import struct

from gi.repository import Gio

from lib.bus import INTERFACE, NAME, PATH

SOCKET = "/run/dbus/system_bus_socket"
DRIVER = "org.freedesktop.DBus"

# Little-endian: byte order, type, flags, version, bytes of the body, serial, bytes of the
# header's fields, which are padded to 8.
HEADER = struct.Struct("<BBBBIII")
METHOD_RETURN, ERROR = 2, 3


def message(serial, member, arguments=None, *, interface=INTERFACE, name=NAME, path=PATH,
            is_interactive=False):
    """Returns the bytes of a call."""
    call = Gio.DBusMessage.new_method_call(name, path, interface, member)
    call.set_byte_order(Gio.DBusMessageByteOrder.LITTLE_ENDIAN)
    call.set_serial(serial)
    if is_interactive:
        call.set_flags(Gio.DBusMessageFlags.ALLOW_INTERACTIVE_AUTHORIZATION)
    if arguments:
        call.set_body(arguments)
    return call.to_blob(Gio.DBusCapabilityFlags.NONE)


def driver_message(serial, member):
    """Returns the bytes of a call to the bus itself."""
    return message(serial, member, interface=DRIVER, name=DRIVER,
                   path="/org/freedesktop/DBus")


def _connect(user_id):
    """Returns a socket of that user's to the bus."""
    end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # The bus and polkit believe what the kernel says of who connected.
    os.seteuid(user_id)
    try:
        end.connect(SOCKET)
    finally:
        os.seteuid(0)
    return end


def _last_string(answer):
    """Returns the string that the answer ends with."""
    return answer[:-1].rpartition(b"\0")[2].decode()


class RawCaller:
    """A connection of that user to the bus, of a process in the session if there is one."""

    def __init__(self, user="root", session=None):
        user_id = pwd.getpwnam(user).pw_uid
        self._inhabitant = None
        self.socket = (self._connect_within(session, user_id) if session
                       else _connect(user_id))
        self.socket.settimeout(60)
        self._unread = b""
        self.socket.sendall(b"\0AUTH EXTERNAL %s\r\n" % str(user_id).encode().hex().encode())
        reply = self.socket.recv(4096)
        assert reply.startswith(b"OK "), reply
        self.socket.sendall(b"BEGIN\r\n" + driver_message(1, "Hello"))
        self.name = _last_string(self.read_answer())

    def _connect_within(self, session, user_id):
        """Lets another process connect, and stay for as long as polkit may look for it."""
        ours, theirs = socket.socketpair()
        self._inhabitant = os.fork()
        if self._inhabitant == 0:
            with contextlib.suppress(BaseException):
                session.enter()
                end = _connect(user_id)
                socket.send_fds(theirs, [b"."], [end.fileno()])
                end.close()
                signal.pause()
            os._exit(1)
        theirs.close()
        with ours:
            _, [descriptor], _, _ = socket.recv_fds(ours, 1, 1)
        return socket.socket(fileno=descriptor)

    def read_answer(self):
        """Waits for the next answer to a call and returns its bytes."""
        while True:
            for answer in self.take_answers():
                return answer
            self.receive()

    def receive(self):
        """Waits until there is more to read, and reads it."""
        more = self.socket.recv(1 << 18)
        if not more:
            raise EOFError("the bus has closed the connection")
        self._unread += more

    def take_answers(self):
        """Yields the answers among what was read; signals are passed over."""
        while len(self._unread) >= HEADER.size:
            _, kind, _, _, n_body, _, n_fields = HEADER.unpack_from(self._unread)
            n_bytes = HEADER.size + (n_fields + 7) // 8 * 8 + n_body
            if len(self._unread) < n_bytes:
                return
            answer, self._unread = self._unread[:n_bytes], self._unread[n_bytes:]
            if kind in (METHOD_RETURN, ERROR):
                yield answer

    def close(self):
        """Leaves the bus; may be called again."""
        # Processes that were begun since then have it, too.
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        if self._inhabitant:
            os.kill(self._inhabitant, signal.SIGKILL)
            os.waitpid(self._inhabitant, 0)
            self._inhabitant = None


def kind_of(answer):
    """Returns the last word of the error's name, or "reply"."""
    if answer[1] == METHOD_RETURN:
        return "reply"
    name = answer[answer.index(b".Error.") + len(b".Error."):]
    return name[:name.index(b"\0")].decode()


class Crowd:
    """Connections of one user that have sent all their calls at once.

    calls: the bytes of all that each calls.
    """

    def __init__(self, user, n_connections, n_calls, calls):
        self._n_calls = n_calls
        self._callers = [RawCaller(user) for _ in range(n_connections)]
        self._end, end = os.pipe()
        all_sent, self._all_sent = os.pipe()
        # A process of its own: what is measured meanwhile shall not be Python's slowness.
        self._child = os.fork()
        if self._child == 0:
            with contextlib.suppress(BaseException):
                os.write(end, json.dumps(self._run(calls)).encode())
            os._exit(0)
        os.close(end)
        os.close(self._all_sent)
        os.read(all_sent, 1)
        os.close(all_sent)

    def _run(self, calls):
        counts = collections.Counter()
        selector = selectors.DefaultSelector()
        n_sending = len(self._callers)
        left = {}
        for caller in self._callers:
            caller.socket.setblocking(False)
            left[caller] = [calls, self._n_calls]
            selector.register(caller.socket, selectors.EVENT_READ | selectors.EVENT_WRITE,
                              caller)
        while left:
            for key, events in selector.select():
                caller = key.data
                if events & selectors.EVENT_WRITE:
                    unsent = left[caller][0]
                    left[caller][0] = unsent[caller.socket.send(unsent):]
                    if not left[caller][0]:
                        selector.modify(caller.socket, selectors.EVENT_READ, caller)
                        n_sending -= 1
                        if n_sending == 0:
                            os.write(self._all_sent, b".")
                if events & selectors.EVENT_READ:
                    caller.receive()
                    kinds = [kind_of(answer) for answer in caller.take_answers()]
                    counts.update(kinds)
                    left[caller][1] -= len(kinds)
                    if left[caller][1] <= 0:
                        selector.unregister(caller.socket)
                        del left[caller]
        return counts

    def is_served(self):
        """Whether every call has been answered."""
        ended, _ = os.waitpid(self._child, os.WNOHANG)
        return ended != 0

    def disperse(self):
        """Leaves the bus; returns how many answers of each kind there were."""
        for caller in self._callers:
            caller.close()
        with open(self._end, encoding="ascii") as end:
            return json.load(end)
