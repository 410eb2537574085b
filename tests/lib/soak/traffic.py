# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Traffic through the local port, of every kind, each byte of it checked at both ends.

Clients and far ends run in one thread with a loop of its own. A client says in its first
bytes what is to happen; the far end does its part of it. Whoever asks for a proxy there
is told that this is one.

A stream that breaks is a problem, unless the service was given reason to cut it: see
Weather.
"""

import asyncio
import collections
import random
import socket
import struct
import threading

from lib.socks_servers import big_body
from lib.whole import LOCAL_PORTS

GREETING, ACCEPTED = b"\x05\x01\x00", b"\x05\x00"

# Kind, bytes towards the far end, bytes from it, where in the pattern each begins.
ORDER = struct.Struct("!cIIII")

BULK, ANSWERED, CHATTY, CLIENT_RESETS, FAR_END_RESETS = b"B", b"A", b"C", b"R", b"F"
NAMES = {BULK: "bulk", ANSWERED: "half-closed", CHATTY: "interactive",
         CLIENT_RESETS: "reset by the client", FAR_END_RESETS: "reset by the far end"}

# How often a client takes up each kind, and how many bytes it then sends at most.
SHARES = {BULK: 2, ANSWERED: 8, CHATTY: 4, CLIENT_RESETS: 4, FAR_END_RESETS: 4}
MOST_BYTES = {BULK: 4 << 20, ANSWERED: 256 << 10, CHATTY: 8 << 10,
              CLIENT_RESETS: 256 << 10, FAR_END_RESETS: 256 << 10}

N_CLIENTS = 32
MOST_PAUSE_S = 1
CHAT_PAUSE_S = 0.02
MOST_CHUNK = 64 << 10
BACKLOG = 1024
PATIENCE_S = 60

PATTERN = big_body(1 << 20)
DOUBLE = memoryview(PATTERN * 2)

RESET_AT_CLOSE = struct.pack("ii", 1, 0)  # struct linger, see socket(7)


class WrongBytes(Exception):
    """Something arrived that was not sent."""


class Weather:
    """Whether streams may be cut: the trouble says so, the traffic asks."""

    def __init__(self):
        self._lock = threading.Lock()
        self._n_storms = 0
        self._is_calm = True

    def __enter__(self):
        """From now on streams may be cut."""
        with self._lock:
            self._n_storms += 1
            self._is_calm = False

    def __exit__(self, *_):
        """Those that begin from now on may not."""
        with self._lock:
            self._is_calm = True

    def look(self):
        """Returns what was_calm_since() wants to know."""
        with self._lock:
            return self._n_storms if self._is_calm else None

    def was_calm_since(self, earlier):
        """Whether no stream may have been cut since then."""
        return earlier is not None and self.look() == earlier


def _bytes_at(offset, n_bytes):
    start = offset % len(PATTERN)
    return DOUBLE[start:start + n_bytes]


async def _send(writer, offset, n_bytes):
    sent = 0
    while sent < n_bytes:
        n = min(MOST_CHUNK, n_bytes - sent)
        writer.write(_bytes_at(offset + sent, n))
        await writer.drain()
        sent += n


async def _receive(reader, offset, n_bytes):
    """Receives that many bytes of the pattern; EOFError if there are fewer."""
    received = 0
    while received < n_bytes:
        data = await reader.read(min(MOST_CHUNK, n_bytes - received))
        if not data:
            raise EOFError(f"{received} of {n_bytes} bytes")
        if data != _bytes_at(offset + received, len(data)):
            raise WrongBytes(f"within {len(data)} bytes after {received}")
        received += len(data)


async def _expect_end(reader):
    if await reader.read(1):
        raise WrongBytes("bytes after the last one")


async def _let_go_of(task):
    """Ends it; what it fails with has another cause, which is told already."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _chat(reader, writer, order, *, speaks_first):
    """A few bytes to, a few bytes fro, until all are said."""
    _, n_up, _, up, down = order
    said = 0
    while said < n_up:
        n = min(7 + said % 90, n_up - said)
        if speaks_first:
            await _send(writer, up + said, n)
            await _receive(reader, down + said, n)
            await asyncio.sleep(CHAT_PAUSE_S)
        else:
            await _receive(reader, up + said, n)
            await _send(writer, down + said, n)
        said += n


def reset(writer):
    """Lets the other end see a reset."""
    sock = writer.get_extra_info("socket")
    if sock.fileno() >= 0:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
    writer.transport.abort()


class Traffic:
    """All clients and far ends.

    whole, cut: how many streams of each kind went as they should, and how many were cut
    in a storm; n_bytes: that were checked; problems: what should not have happened.
    """

    def __init__(self, weather, seed):
        self.whole, self.cut = collections.Counter(), collections.Counter()
        self.n_bytes = 0
        self.problems = []
        self._weather = weather
        self._random = random.Random(seed)
        self._loop = asyncio.new_event_loop()
        self._clients = []
        self._is_over = False
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def call(self, coroutine):
        """Lets the loop's thread do that, waits for it and returns what it returns."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(PATIENCE_S)

    def serve(self, address, port=1080):
        """Opens a far end there, in the network of this thread; returns its FarEnd."""
        listener = socket.create_server((address, port), family=socket.AF_INET6,
                                        backlog=BACKLOG)
        return FarEnd(self, listener)

    def start(self):
        """Lets the clients begin."""
        async def begin():
            self._clients = [asyncio.ensure_future(self._use_port())
                             for _ in range(N_CLIENTS)]

        self._is_over = False
        self.call(begin())

    def stop(self):
        """Waits until each client has ended what it is at."""
        async def end():
            await asyncio.gather(*self._clients)

        self._is_over = True
        self.call(end())

    async def _use_port(self):
        while not self._is_over:
            (kind,) = self._random.choices(list(SHARES), SHARES.values())
            most = self._random.randint(1, MOST_BYTES[kind])
            order = (kind, self._random.randint(1, most), self._random.randint(1, most),
                     self._random.randrange(len(PATTERN)),
                     self._random.randrange(len(PATTERN)))
            before = self._weather.look()
            try:
                await asyncio.wait_for(self._run_client(order), PATIENCE_S)
                self.whole[kind] += 1
                self.n_bytes += order[1] + order[2]
            except (OSError, EOFError, asyncio.TimeoutError) as problem:
                if self._weather.was_calm_since(before):
                    self.problems.append(f"a stream, {NAMES[kind]}: {problem!r}")
                self.cut[kind] += 1
            except WrongBytes as problem:
                self.problems.append(f"wrong bytes, {NAMES[kind]}: {problem}")
            await asyncio.sleep(self._random.uniform(0, MOST_PAUSE_S))

    async def _run_client(self, order):
        host, _, port = self._random.choice(LOCAL_PORTS).rpartition(":")
        reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
        kind, n_up, n_down, up, down = order
        try:
            writer.write(ORDER.pack(*order))
            if kind == CHATTY:
                await _chat(reader, writer, order, speaks_first=True)
                writer.write_eof()
                await _expect_end(reader)
            elif kind == CLIENT_RESETS:
                await _send(writer, up, n_up)
                await _receive(reader, down, n_down)
                reset(writer)
            elif kind == FAR_END_RESETS:
                await self._expect_reset(reader, writer, order)
            else:
                sending = asyncio.ensure_future(self._send_and_end(writer, up, n_up))
                try:
                    await _receive(reader, down, n_down)
                    await _expect_end(reader)
                    await sending
                finally:
                    await _let_go_of(sending)
        finally:
            writer.close()

    @staticmethod
    async def _send_and_end(writer, offset, n_bytes):
        await _send(writer, offset, n_bytes)
        writer.write_eof()

    @staticmethod
    async def _expect_reset(reader, writer, order):
        """Sends, receives, and is then reset."""
        _, n_up, n_down, up, down = order
        await _send(writer, up, n_up)
        await _receive(reader, down, n_down)
        writer.write(b"!")  # that all has arrived, and the reset may come
        try:
            await _expect_end(reader)
        except ConnectionResetError:
            return
        raise EOFError("an end of file in place of a reset")

    async def answer(self, reader, writer):
        """The far end's part of one stream; what ends it early, the client tells."""
        before = self._weather.look()
        try:
            head = await reader.readexactly(len(GREETING))
            if head == GREETING:
                writer.write(ACCEPTED)
                return
            order = ORDER.unpack(head + await reader.readexactly(ORDER.size - len(head)))
            await self._play(reader, writer, order)
            if order[0] == CLIENT_RESETS and self._weather.was_calm_since(before):
                self.problems.append("an end of file at the far end in place of a reset")
        except WrongBytes as problem:
            self.problems.append(f"wrong bytes at the far end: {problem}")
        except (OSError, EOFError):
            pass
        finally:
            writer.close()

    async def _play(self, reader, writer, order):
        kind, n_up, n_down, up, down = order
        if kind == CHATTY:
            await _chat(reader, writer, order, speaks_first=False)
            await _expect_end(reader)
        elif kind == ANSWERED:
            await _receive(reader, up, n_up)
            await _expect_end(reader)
            await _send(writer, down, n_down)
        elif kind == BULK:
            sending = asyncio.ensure_future(_send(writer, down, n_down))
            try:
                await _receive(reader, up, n_up)
                await _expect_end(reader)
                await sending
            finally:
                await _let_go_of(sending)
        else:
            await _receive(reader, up, n_up)
            await _send(writer, down, n_down)
            await reader.read(1)  # is reset, or resets
            if kind == FAR_END_RESETS:
                reset(writer)


class FarEnd:
    """A peer that takes part in the traffic."""

    def __init__(self, traffic, listener):
        self._traffic = traffic
        self._writers = set()
        self._server = traffic.call(asyncio.start_server(
            self._answer, sock=listener, backlog=BACKLOG))

    async def _answer(self, reader, writer):
        self._writers.add(writer)
        try:
            await self._traffic.answer(reader, writer)
        finally:
            self._writers.discard(writer)

    async def _close(self):
        self._server.close()
        for writer in list(self._writers):
            reset(writer)

    def stop(self):
        """Falls silent: the port is closed and every stream reset."""
        self._traffic.call(self._close())
