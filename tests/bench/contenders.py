# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who forwards: the service, its peers from Debian's packages, and nobody at all.

Each forwards its own port of the loopback device to the sink, with as many threads as the
service has where it can have any, and with limits out of the way.
"""

import pathlib
import re
import signal
import subprocess
import tempfile

from bench.costs import Costs
from bench.load import N_PROCESSORS
from lib.bus import Bus, Client
from lib.daemon import Daemon
from lib.process import UNPACKED, Process, accepts_connections, find_program
from lib.waiting import wait_until

HOST = "::1"

# As many workers as the service has by default.
N_THREADS = min(N_PROCESSORS, 4)

MAX_STREAMS = 6000

HAPROXY = """
global
  maxconn {max_streams}
  nbthread {threads}
  tune.pipesize 1048576
defaults
  mode tcp
  timeout connect 10s
  timeout client 1h
  timeout server 1h
  option splice-request
  option splice-response
listen bench
  bind [{host}]:{port} backlog 4096
  server sink [{sink.address}]:{sink.port}
"""

NGINX = """
load_module {module};
daemon off;
error_log stderr;
pid {directory}/pid;
user root;
worker_processes {threads};
worker_rlimit_nofile {max_descriptors};
events {{ worker_connections {max_descriptors}; }}
stream {{
  server {{
    listen [{host}]:{port} backlog=4096;
    proxy_pass [{sink.address}]:{sink.port};
    proxy_timeout 1h;
    tcp_nodelay on;
  }}
}}
"""

NGINX_MODULE = "usr/lib/nginx/modules/ngx_stream_module.so"
SOCKET_PROXYD = "/lib/systemd/systemd-socket-proxyd"


def _output_of(*command):
    done = subprocess.run([find_program(command[0]), *command[1:]], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.stdout


def _number_in(text):
    found = re.search(r"\d+\.\d+[\w.]*", text)
    return found.group(0) if found else "?"


def _ignore_sigpipe():
    # As systemd starts services; its socket-proxyd does not survive a reset otherwise.
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)


class Direct:
    """No forwarder: the way to the sink itself."""

    name = "direct"
    costs = None

    def __init__(self, sink):
        self.where = sink.address, sink.port

    def stop(self):
        """Nothing to end."""

    def pin(self, processors):
        """Nothing to pin."""

    @staticmethod
    def version():
        """Nothing to tell."""
        return None


class Forwarder:
    """A program that forwards."""

    name = ""
    port = 0
    descriptors_per_stream = 2

    def __init__(self, sink):
        self.where = HOST, self.port
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix=f"{type(self).__name__}-"))
        self._process = Process(self._command(sink), self.directory / "log",
                                preparation=_ignore_sigpipe)
        self._begin()

    def _begin(self):
        self.costs = Costs(self._process.pid)
        self.pin = self.costs.pin
        wait_until(lambda: accepts_connections(*self.where) or self._check(),
                   f"{self.name} on port {self.port}")

    def _check(self):
        assert self._process.returncode is None, f"{self.name}: {self._process.output()}"

    def _command(self, sink):
        raise NotImplementedError

    def _write(self, template, sink, **values):
        path = self.directory / "configuration"
        path.write_text(template.format(
            host=HOST, port=self.port, sink=sink, threads=N_THREADS,
            max_streams=MAX_STREAMS, directory=self.directory, **values),
            encoding="ascii")
        return path

    def stop(self):
        """Ends it; it must still have been there."""
        self._check()
        self._process.kill()


class Service(Forwarder):
    """The service, on a bus of its own, told to connect to the sink."""

    name = "ours"
    port = 1080
    worker_threads = "relay-"  # how their names begin

    def __init__(self, sink):
        self.where = HOST, self.port
        self._bus = Bus(tempfile.mktemp(prefix="bus-"))
        self._client = Client(self._bus)
        self._daemon = Daemon(self._bus, {
            "Probing": {"Enabled": "false"},
            "Limits": {"Connections": MAX_STREAMS},
        })
        self._daemon.environment = {"G_MESSAGES_DEBUG": ""}
        self._daemon.start()
        self._client.call("Connect", sink.endpoint)
        self._process = self._daemon.process
        self._begin()

    @staticmethod
    def version():
        """Nothing to tell: it is this tree's."""
        return None

    def stop(self):
        """Ends it in order."""
        self._daemon.stop()
        self._client.close()
        self._bus.stop()


class HAProxy(Forwarder):
    """HAProxy, made to splice."""

    name = "HAProxy"
    port = 1081

    def _command(self, sink):
        return ["haproxy", "-db", "-f", self._write(HAPROXY, sink)]

    @staticmethod
    def version():
        """Its version."""
        return "HAProxy " + _number_in(_output_of("haproxy", "-v"))


class Nginx(Forwarder):
    """nginx with its stream module."""

    name = "nginx"
    port = 1082

    def _command(self, sink):
        unpacked = UNPACKED / NGINX_MODULE
        module = unpacked if unpacked.exists() else f"/{NGINX_MODULE}"
        return ["nginx", "-e", "stderr", "-p", self.directory, "-c",
                self._write(NGINX, sink, module=module, max_descriptors=2 * MAX_STREAMS)]

    @staticmethod
    def version():
        """Its version."""
        return "nginx " + _number_in(_output_of("nginx", "-v"))


class SocketProxyd(Forwarder):
    """systemd's forwarder for socket activation."""

    name = "proxyd"
    port = 1083
    descriptors_per_stream = 6  # two sockets and two pipes

    def _command(self, sink):
        return ["systemd-socket-activate", "--listen", f"[{HOST}]:{self.port}",
                SOCKET_PROXYD, f"--connections-max={MAX_STREAMS}",
                # It takes what is left of the last colon for the host, as it is.
                f"{sink.address}:{sink.port}"]

    @staticmethod
    def version():
        """Its version."""
        words = _output_of("systemd-socket-activate", "--version").split()
        return f"systemd-socket-proxyd {words[1]}"


class Socat(Forwarder):
    """socat, a process for each connection."""

    name = "socat"
    port = 1084

    def _command(self, sink):
        return ["socat", f"TCP6-LISTEN:{self.port},bind=[{HOST}],fork,reuseaddr,"
                "backlog=4096,nodelay", f"TCP6:{sink.endpoint},nodelay"]

    @staticmethod
    def version():
        """Its version."""
        return "socat " + _number_in(_output_of("socat", "-V"))


ALL = Service, HAProxy, Nginx, SocketProxyd, Socat, Direct
CLOSEST = Service, HAProxy, Direct
# Without socat, which has a process for each stream.
EVENT_DRIVEN = Service, HAProxy, Nginx, SocketProxyd
