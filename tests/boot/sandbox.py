# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the unit takes from the service, and that the service does without it."""

import os
import re
import socket

from lib.booted import RUNTIME, STATE, UNIT, USER, Booted
from lib.many_echoes import ManyEchoes
from lib.metrics import read_openmetrics
from lib.waiting import wait_until
from lib.whole import curl


class Sandbox(Booted):
    def test_systemd_rates_its_exposure_at_1_2_or_better(self):
        status, output = self.machine.run("systemd-analyze", "security", "--no-pager",
                                          "--threshold=12", UNIT)
        self.assertEqual(status, 0, output)
        said = self.machine.do("systemd-analyze", "verify", "--man=no", UNIT)
        self.assertEqual(said, "")

    def test_it_runs_as_its_own_user_without_capabilities_behind_a_filter(self):
        self.call("ListPeers")
        service = self.machine.status_of(self.main_pid())
        first = self.machine.status_of(1)
        user = self.machine.do("id", "--user", USER)
        self.assertNotEqual(user, "0")
        self.assertEqual(service["Uid"].split(), [user] * 4)
        for kind in "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb":
            self.assertEqual(int(service[kind], 16), 0, kind)
        self.assertEqual((first["NoNewPrivs"], service["NoNewPrivs"]), ("0", "1"))
        self.assertEqual(service["Seccomp"], "2")
        # Every process of a container has the container's filter: it has its own too.
        self.assertGreater(int(service["Seccomp_filters"]), int(first["Seccomp_filters"]))

    def writable_mounts(self):
        """Returns where the service has something mounted that is not read-only."""
        mounts = self.machine.read(f"/proc/{self.main_pid()}/mountinfo").splitlines()
        return {mount.split()[4] for mount in mounts if "rw" in mount.split()[5].split(",")}

    def writable_files(self):
        """Returns the files and directories that the service may write to."""
        return set(self.machine.run(
            "nsenter", f"--target={self.main_pid()}", "--mount", "setpriv",
            f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "sh", "-c",
            "find / -path /proc -prune -o -path /sys -prune -o"
            " -type d,f -writable -print 2>/dev/null")[1].splitlines())

    def test_it_can_write_nowhere_but_to_its_own_directories(self):
        self.connect_to(self.proxy)
        own = {STATE, RUNTIME, "/tmp", "/var/tmp"}
        # What is below these is the kernel's, or nspawn's and root's.
        self.assertEqual({path for path in self.writable_mounts() if not path.startswith(
            ("/dev/", "/proc", "/sys/", "/run/host/"))}, own)
        self.assertEqual(self.writable_files(), {*own, f"{STATE}/selection"})
        seen = f"/proc/{self.main_pid()}"
        for path in "/tmp", "/var/tmp":
            self.assertNotEqual(self.machine.do("stat", "--format=%i", path),
                                self.machine.do("stat", "--format=%i", f"{seen}/root{path}"))
        # Nor are message queues those of others.
        self.assertNotEqual(self.machine.do("readlink", "/proc/1/ns/ipc"),
                            self.machine.do("readlink", f"{seen}/ns/ipc"))
        self.assertEqual(self.machine.do("stat", "--format=%U %a", STATE), f"{USER} 700")
        self.assertEqual(self.machine.do("stat", "--format=%U %a", f"{STATE}/selection"),
                         f"{USER} 600")
        self.assertEqual(self.machine.do("stat", "--format=%U %a", RUNTIME), f"{USER} 755")

    def drop_in(self, text):
        """Lets systemd read this after the unit, until the test ends."""
        folder = self.machine.path(f"/run/systemd/system/{UNIT}.d")
        folder.mkdir(parents=True)
        file = folder / "test.conf"
        file.write_text(text, encoding="ascii")
        self.machine.do("systemctl", "daemon-reload")
        self.addCleanup(self.machine.do, "systemctl", "daemon-reload")
        self.addCleanup(folder.rmdir)
        self.addCleanup(file.unlink)

    def read_metrics(self, path):
        """Waits for the file and reads it as any user may: (name, label...) -> value."""
        def read():
            status, text = self.machine.run("setpriv", "--reuid=nobody", "--clear-groups",
                                            "cat", path)
            return status == 0 and text

        return read_openmetrics(wait_until(read, path) + "\n")

    def test_its_metrics_are_for_all_to_read_while_it_runs(self):
        path = f"{RUNTIME}/mycelium-socks.prom"
        self.configure(f"[Metrics]\nTextFile={path}\n")
        self.keep_loaded()
        self.call("ListPeers")
        first = self.read_metrics(path)
        self.assertEqual(first["mycelium_socks_state", "disconnected"], 1)

        self.machine.do("systemctl", "kill", "--signal=KILL", UNIT)
        started = "mycelium_socks_start_time_seconds",
        wait_until(lambda: self.read_metrics(path)[started] > first[started],
                   "the metrics of another process")

        self.machine.do("systemctl", "stop", UNIT)
        self.assertNotEqual(self.machine.run("ls", RUNTIME)[0], 0)

    def test_its_metrics_can_be_where_the_administrator_lets_it_write(self):
        directory = "/var/lib/prometheus/node-exporter"
        self.machine.do("install", "--directory", f"--owner={USER}", directory)
        self.addCleanup(self.machine.do, "rm", "-r", "/var/lib/prometheus")
        self.configure(f"[Metrics]\nTextFile={directory}/mycelium-socks.prom\n")

        self.call("ListPeers")
        log = "journalctl", f"_PID={self.main_pid()}"
        wait_until(lambda: "Read-only file system; mend that, or see at TextFile="
                   in self.machine.do(*log), "a warning")
        self.machine.do("systemctl", "stop", UNIT)

        self.drop_in(f"[Service]\nReadWritePaths={directory}\n")
        self.call("ListPeers")
        self.read_metrics(f"{directory}/mycelium-socks.prom")
        self.machine.do("systemctl", "stop", UNIT)
        self.assertEqual(self.machine.do("ls", "--almost-all", directory), "")

    def test_no_call_of_it_meets_the_filter(self):
        self.keep_loaded()
        path = f"{RUNTIME}/mycelium-socks.prom"
        self.configure(f"[Metrics]\nTextFile={path}\n")
        # All but one that GLib tries are deadly then: it knows what to do without it.
        self.drop_in("[Service]\nSystemCallErrorNumber=kill\n"
                     "SystemCallFilter=~sched_setattr:EPERM\n")
        other = self.open_proxy("b")
        echoes = self.peer("echoes")
        self.serve(ManyEchoes, echoes.address)
        self.call("ProbeNow")
        process = self.main_pid()
        self.read_metrics(path)
        self.wait_for_peer(other, Status="Valid")
        self.connect_to(echoes)
        busy, *_ = self.open_streams(20)
        self.keep_busy([busy])
        self.client.wait_for("BytesReceived", lambda n: n > 64 << 20)
        chosen = self.call("Connect", "")
        self.assertEqual(self.pop_change()[2], "automatic")
        victim, = (p for p in (self.proxy, other) if p.endpoint in chosen)
        victim.server.kill()
        curl(self.web.url())  # in vain, and that is how it is noticed at once
        self.assertEqual(self.pop_change()[2], "failover")
        self.assert_fetches()
        self.machine.busctl("call", "Connect", "s", f"[{self.node.own.address}]:1080")
        self.call("Disconnect")
        self.assertEqual(self.pop_change()[2], "user")
        self.assertEqual(self.main_pid(), process)
        self.machine.do("systemctl", "stop", UNIT)
        self.assertEqual(self.machine.show(UNIT, "Result"), "success")

    def test_it_tells_its_own_port_and_who_holds_it(self):
        own_port = f"[{self.node.own.address}]:1080"
        status, output = self.machine.busctl("call", "Connect", "s", own_port)
        self.assertEqual(status, 1)
        self.assertIn("own", output)
        for user, holder in (0, "user “root”"), (65534, "another user"):
            os.seteuid(user)
            with socket.create_server(("::1", 1080), family=socket.AF_INET6):
                os.seteuid(0)
                status, output = self.machine.busctl("call", "Connect", "s",
                                                     self.proxy.endpoint)
            self.assertEqual(status, 1)
            self.assertIn(holder, output)

    def test_the_descriptors_suffice_for_the_most_connections_or_it_says_so(self):
        self.configure("[Limits]\nConnections=65536\nThreads=64\n"
                       "[Probing]\nParallel=4096\n")
        self.connect_to(self.proxy)
        limits = self.machine.read(f"/proc/{self.main_pid()}/limits")
        soft, hard = re.search(r"Max open files +(\d+) +(\d+)", limits).groups()
        self.assertEqual(soft, hard)
        # Without privileges over limits, as in some containers, systemd sets what it can.
        said = self.machine.do("journalctl", f"_PID={self.main_pid()}")
        self.assertEqual(f"descriptor limit of {hard} allows" in said, int(hard) < 524288)
