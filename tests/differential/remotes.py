# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hundreds of thousands of texts, and two readers who must agree about each of them.

SEED=N in the environment makes the texts of another run again.
"""

import ipaddress
import os
import pathlib
import random
import subprocess
import unittest

import socket_address
from lib import tap

N_TEXTS = 200_000

LISTENING_PORT = 1080
OWN = ["4aa::7", "198.51.100.9", "2001:db8::9"]

CORPUS = pathlib.Path(__file__).parents[1] / "fuzz" / "corpus" / "remote"

PORTS = ["1080", "0", "1", "80", "65535", "65536", "01080", "00", "99999", "+1", "-1", "",
         " 1080", "1080 ", "0x438", "1e3", "4294968376", "18446744073709552696"]

# What mutations are made of: all that a socket address has, and what it must not have.
PIECES = [b":", b"::", b"[", b"]", b".", b"0", b"1", b"9", b"a", b"F", b"g", b"%", b"/",
          b" ", b"\n", b"\t", b"@", b"-", b"+", b"x", b"ffff", b"255", b"256", b"00",
          b"%eth0", b"::ffff:", b"1.2.3.4", b"127.0.0.1", b"\xef\xbc\x91", b"\xef\xbc\x9a",
          b"\xd9\xa1", b"\xff", b"\x80", b"0x", b"fe80", b"400", b":1080", b"]:1080"]


class Texts:
    """Makes up texts that are socket addresses, nearly so, or not at all."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.known = [path.read_bytes().split(b"\0")[0] for path in CORPUS.iterdir()]
        assert self.known

    def group(self):
        """A group of an IPv6 address, often 0, in some spelling."""
        value = self.random.choice([0, 0, 0, 1, 0xFFFF, self.random.getrandbits(16),
                                    self.random.getrandbits(4)])
        text = self.random.choice(["{:x}", "{:x}", "{:X}", "{:04x}", "{:03x}"])
        return text.format(value)

    def ipv4(self):
        """Four parts, mostly."""
        first = self.random.choice([0, 10, 127, 169, 192, 224, 239, 240, 255,
                                    self.random.randrange(300)])
        rest = [self.random.choice([0, 1, 254, 255, self.random.randrange(260)])
                for _ in range(self.random.choice([3] * 9 + [2, 4]))]
        text = self.random.choice(["{}"] * 9 + ["{:02}"])
        return ".".join(text.format(part) for part in [first, *rest])

    def ipv6(self):
        """Groups, with some left out, and perhaps an IPv4 address at the end."""
        first = self.random.choice(["400", "5ff", "4aa", "fe80", "febf", "ff02", "2001",
                                    "0", "64", self.group()])
        groups = [first] + [self.group() for _ in range(self.random.choice([7] * 5 + [6, 8]))]
        if self.random.random() < 0.25:
            groups[-2:] = [self.ipv4()]
        if self.random.random() < 0.25:
            groups[:5] = ["0"] * 5
            groups[5] = self.random.choice(["ffff", "FFFF", "0"])
        text = ":".join(groups)
        if self.random.random() < 0.6:
            begin = self.random.randrange(len(groups) + 1)
            end = self.random.randrange(begin, len(groups) + 1)
            text = ":".join(groups[:begin]) + "::" + ":".join(groups[end:])
        return text

    def well_formed(self):
        """A text that is made as a socket address is; not all of its parts need be right."""
        port = self.random.choice([*PORTS, *["1080"] * 10,
                                   str(self.random.randrange(70000))])
        if self.random.random() < 0.3:
            return f"{self.ipv4()}:{port}".encode()
        return f"[{self.ipv6()}]:{port}".encode()

    def mutated(self, text):
        """The text with a few pieces put in, taken out, doubled or changed."""
        for _ in range(self.random.choice([1, 1, 1, 2, 3])):
            at = self.random.randrange(len(text) + 1)
            until = min(len(text), at + self.random.choice([0, 0, 1, 1, 2, 5]))
            put_in = self.random.choice([b"", self.random.choice(PIECES), text[at:until] * 2,
                                         bytes([self.random.randrange(1, 256)])])
            text = text[:at] + put_in + text[until:]
        return text

    def make(self):
        """Returns the next text."""
        kind = self.random.random()
        if kind < 0.5:
            return self.well_formed()
        if kind < 0.8:
            return self.mutated(self.well_formed())
        return self.mutated(self.random.choice(self.known))


def service_says(texts):
    """Returns the service's line for each of the texts."""
    done = subprocess.run(
        [os.environ["REMOTE_VERDICTS"], str(LISTENING_PORT), *OWN],
        input=b"".join(text + b"\0" for text in texts), stdout=subprocess.PIPE, check=True)
    return done.stdout.decode().splitlines()


def differs(text, line):
    """Whether the other reader would not have said that line of the text."""
    parsed = socket_address.parse(text)
    if parsed is None or line == "invalid":
        return (parsed is None) != (line == "invalid")
    shown, where, sentence = line.split(" ", 2)
    own = set(map(ipaddress.ip_address, OWN))
    obstacle = socket_address.find_obstacle(*parsed, LISTENING_PORT, own)
    is_overlay = parsed[0].version == 6 and parsed[0] in socket_address.OVERLAY
    return (shown != socket_address.show(*parsed)
            or where != ("overlay" if is_overlay else "elsewhere")
            or (sentence == "allowed" if obstacle else sentence != "allowed")
            or (obstacle or "") not in sentence)


class Remotes(unittest.TestCase):
    def test_two_readers_agree(self):
        seed = int(os.environ.get("SEED", random.SystemRandom().getrandbits(32)))
        print(f"# SEED={seed}", flush=True)
        texts = Texts(seed)
        some = [*texts.known, *(texts.make() for _ in range(N_TEXTS))]
        lines = service_says(some)
        self.assertEqual(len(lines), len(some))
        self.assertEqual([(text, line) for text, line in zip(some, lines)
                          if differs(text, line)][:20], [])

        # Of each kind there were enough for the agreement to mean something.
        n_valid = sum(line != "invalid" for line in lines)
        self.assertGreater(n_valid, N_TEXTS // 20)
        self.assertGreater(len(some) - n_valid, N_TEXTS // 20)
        for kind in (socket_address.UNSPECIFIED, socket_address.LINK_LOCAL,
                     socket_address.MULTICAST, socket_address.RESERVED_OR_BROADCAST,
                     socket_address.PORT_0, socket_address.OWN, " allowed", " overlay "):
            self.assertGreater(sum(kind in line for line in lines), 50, kind)

    def test_the_grammar_is_that_of_ipaddress_too(self):
        texts = Texts(20)
        for _ in range(20_000):
            text = texts.mutated(texts.ipv6().encode()).decode("latin-1")
            try:
                is_address = bool(ipaddress.IPv6Address(text)) and "%" not in text
            except ValueError:
                is_address = False
            self.assertEqual(socket_address.parse(f"[{text}]:1".encode("latin-1")) is not None,
                             is_address and len(text) + 4 <= 64, text)


if __name__ == "__main__":
    tap.main()
