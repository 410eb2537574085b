# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An overlay without Mycelium: namespaces of our own, and peers on derived addresses.

enter() moves the program into its own network, mounts and processes. Whatever it starts
there ends with it, however it ends, and nothing of the machine can be reached or changed.

There are two networks with one cable between them. In the first the program goes on, as
a machine with a Mycelium node would; all of 400::/7 leads into the cable. The second is
what lies beyond(): every other node, and the web, which only those can reach. There an
address that was given to a host answers, and every other one swallows what is sent to
it, as on the real overlay.
"""

import contextlib
import ctypes
import hashlib
import ipaddress
import os
import pwd
import signal
import subprocess
import sys
import tempfile

from lib import blake3
from lib.process import SEARCH_PATH

CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
CLONE_NEWPID, CLONE_NEWNET = 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID = 0x1, 0x2
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)

# The number by which the world outside knows the program, set by enter().
outer_pid = os.getpid()

# Whether inside there are users of our own, not the machine's.
is_own_user = os.geteuid() != 0

CABLE = "overlay"

_hosts = {}  # address -> what takes it away
_own = {}  # the same, of this machine
_undo = []  # what takes everything else away


def _check(result):
    if result == -1:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def _mount(source, target, kind, flags=0, data=""):
    _check(_libc.mount(source.encode(), target.encode(), kind.encode(),
                       ctypes.c_ulong(flags), data.encode()))


def _first_subordinate_id(file):
    """Returns the first of the 65,536 ids that /etc/subuid or /etc/subgid gives us."""
    names = {pwd.getpwuid(os.getuid()).pw_name, str(os.getuid())}
    with open(file, encoding="ascii") as lines:
        for line in lines:
            name, first, count = line.strip().split(":")
            if name in names and int(count) >= 65535:
                return first
    raise PermissionError(f"{file} gives this user no 65536 ids for namespaces")


def _unshare_with_users(flags):
    """Unshares as an unprivileged user, who is root inside and has other users too.

    The ids can only be handed out from outside, by a process that waits for us to enter.
    """
    target = str(os.getpid())
    entered, we_entered = os.pipe()
    mapper = os.fork()
    if mapper == 0:
        os.close(we_entered)
        os.read(entered, 1)
        failed = any(
            subprocess.call([tool, target, "0", str(own), "1",
                             "1", _first_subordinate_id(file), "65535"])
            for tool, own, file in [("newuidmap", os.getuid(), "/etc/subuid"),
                                    ("newgidmap", os.getgid(), "/etc/subgid")])
        os._exit(failed)

    _check(_libc.unshare(flags | CLONE_NEWUSER))
    os.close(we_entered)
    _, status = os.waitpid(mapper, 0)
    if status:
        raise PermissionError("newuidmap or newgidmap failed (package uidmap)")
    os.setgid(0)
    os.setuid(0)


def _outlive(child):
    """Waits for the child that lives inside, passes signals on, ends as it ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to both
    signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
    _, status = os.waitpid(child, 0)
    sys.stdout.flush()
    os._exit(os.waitstatus_to_exitcode(status) % 256)


def enter(*, network=True):
    """Goes on in namespaces of its own; without network, in the machine's network.

    Returns in a child that is process 1 there. To be called before there are threads.
    /run is empty inside, so that the machine's bus is out of reach and a bus of our own
    can stand at its usual place.
    """
    global outer_pid

    sys.stdout.flush()
    flags = CLONE_NEWNS | CLONE_NEWPID | (CLONE_NEWNET if network else 0)
    if is_own_user:
        _unshare_with_users(flags)
    else:
        _check(_libc.unshare(flags))

    child = os.fork()
    if child:
        _outlive(child)

    _check(_libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # process 1 has no default
    outer_pid = int(os.readlink("/proc/self"))

    _mount("none", "/", "none", MS_REC | MS_PRIVATE)
    _mount("proc", "/proc", "proc", MS_NOSUID)
    _mount("tmpfs", "/run", "tmpfs", MS_NOSUID, "mode=755")
    os.mkdir("/run/dbus")
    os.mkdir("/run/tmp")
    os.chmod("/run/tmp", 0o1777)
    os.environ["TMPDIR"] = "/run/tmp"
    os.environ["PATH"] = SEARCH_PATH
    os.environ.pop("DBUS_SYSTEM_BUS_ADDRESS", None)
    os.environ.pop("http_proxy", None)
    if network:
        make_network()


def unshare_mounts():
    """Gives this process mounts of its own, also for use between fork and exec."""
    _check(_libc.unshare(CLONE_NEWNS))


def mount_cgroups():
    """Lets /sys/fs/cgroup be the unified hierarchy here, whatever the machine has there."""
    unshare_mounts()
    _mount("none", "/", "none", MS_REC | MS_PRIVATE)
    _mount("cgroup2", "/sys/fs/cgroup", "cgroup2")


def bind(source, target):
    """Lets the file at source be seen at target too."""
    _mount(str(source), target, "none", MS_BIND)


def mount_over(directory):
    """Lets what is written below the directory be seen here alone."""
    layers = tempfile.mkdtemp(prefix="layers-")
    for layer in "upper", "work":
        os.mkdir(f"{layers}/{layer}")
    _mount("overlay", directory, "overlay", 0,
           f"lowerdir={directory},upperdir={layers}/upper,workdir={layers}/work"
           + (",userxattr" if is_own_user else ""))


def mount_empty(directory, *, size="50%", is_read_only=False):
    """Lets the directory be empty here, whatever it holds elsewhere."""
    _mount("tmpfs", str(directory), "tmpfs",
           MS_NOSUID | (MS_RDONLY if is_read_only else 0), f"mode=1777,size={size}")


def ip(*arguments):
    """Runs ip(8)."""
    subprocess.run(["ip", *map(str, arguments)], check=True)


def ip_beyond(*arguments):
    """Runs ip(8) on the network of the others."""
    ip("-n", "beyond", *arguments)


def make_network():
    """Makes both networks and the cable, without a single host."""
    ip("netns", "add", "beyond")
    ip("link", "set", "lo", "up")
    ip_beyond("link", "set", "lo", "up")
    ip("link", "add", CABLE, "type", "veth", "peer", "name", CABLE, "netns", "beyond")
    for run, own, other, reached in [(ip, "fe80::1", "fe80::2", "400::/7"),
                                     (ip_beyond, "fe80::2", "fe80::1", "default")]:
        run("link", "set", CABLE, "addrgenmode", "none", "up")
        run("address", "add", f"{own}/64", "dev", CABLE, "nodad")
        run("-6", "route", "add", reached, "via", other, "dev", CABLE)
    with open(f"/proc/sys/net/ipv6/conf/{CABLE}/keep_addr_on_down", "w",
              encoding="ascii") as setting:
        setting.write("1")


def unplug():
    """Takes the interface of the overlay down, and with it the way to everybody."""
    ip("link", "set", CABLE, "down")


def plug_in():
    """Undoes unplug(), as a Mycelium node does that comes back."""
    ip("link", "set", CABLE, "up")
    ip("address", "replace", "fe80::1/64", "dev", CABLE, "nodad")  # is never kept
    ip("-6", "route", "replace", "400::/7", "via", "fe80::2", "dev", CABLE)


@contextlib.contextmanager
def beyond():
    """Lets this thread be in the network of the others for a while.

    Sockets and processes that are made there stay there.
    """
    with open("/proc/thread-self/ns/net", "rb") as here, \
            open("/run/netns/beyond", "rb") as there:
        _check(_libc.setns(there.fileno(), CLONE_NEWNET))
        try:
            yield
        finally:
            _check(_libc.setns(here.fileno(), CLONE_NEWNET))


def add_own_address(address):
    """Gives this machine an address that the others can reach, until clear()."""
    _own[address] = _add_address(ip, CABLE, address)


def remove_own_address(address):
    """Takes that address away again."""
    _own.pop(address)()


def add_host(address):
    """Lets the address answer: who listens on it is reached, other ports refuse."""
    _hosts[address] = _add_address(ip_beyond, "lo", address)


def remove_host(address):
    """Lets the address fall silent."""
    _hosts.pop(address)()


def make_unreachable(address):
    """Lets the network say that there is no way to the address, until clear()."""
    ip("route", "add", "unreachable", _with_bits(address))
    _undo.append(lambda: ip("route", "delete", "unreachable", _with_bits(address)))


def connect_networks(own, other):
    """Gives both ends of the cable an address that the other end reaches."""
    for run, near, far in (ip, own, other), (ip_beyond, other, own):
        _undo.append(_add_address(run, CABLE, near))
        run("route", "replace", _with_bits(far), "dev", CABLE)


def clear():
    """Takes every host and address away."""
    for address in list(_hosts):
        remove_host(address)
    for address in list(_own):
        remove_own_address(address)
    while _undo:
        _undo.pop()()


def _add_address(run, device, address):
    """Adds an address and returns what takes it away."""
    run("address", "add", _with_bits(address), "dev", device,
        *(["nodad"] if ":" in address else []))
    return lambda: run("address", "delete", _with_bits(address), "dev", device)


def _with_bits(address):
    return f"{address}/{ipaddress.ip_address(address).max_prefixlen}"


def address_of_key(key):
    """Returns the overlay address of the node with that public key (32 bytes)."""
    raw = bytearray(blake3.digest(key)[:16])
    raw[0] = 0x04 | raw[0].bit_count() & 1
    return str(ipaddress.IPv6Address(bytes(raw)))


class Peer:
    """A node of the overlay, its key made from a name."""

    def __init__(self, name, port=1080):
        self.name = name
        self.port = port
        self.key = hashlib.sha256(name.encode()).digest()
        self.address = address_of_key(self.key)
        self.subnet = str(ipaddress.ip_network(f"{self.address}/64", strict=False))

    @property
    def endpoint(self):
        """The socket address that the service shows for it."""
        return f"[{self.address}]:{self.port}"
