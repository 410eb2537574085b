# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person does with the service, from the first sweep to the closed port."""

import hashlib
import socket

from lib import overlay, whole
from lib.bus import REPLIED
from lib.socks_servers import LOGIN, PASSWORD, Impostor, MicroSocks, big_body, login_server
from lib.waiting import wait_until
from lib.whole import CURL_PROXY_REFUSED, LOCAL_PORTS, WholeTest, curl

BIG = big_body(50 * 1024 * 1024)


class Sweep(WholeTest):
    def impostor(self, name, **behaviour):
        peer = self.peer(name)
        self.serve(Impostor, peer.address, **behaviour)
        return peer

    def test_finds_exactly_the_right_classes_and_reasons(self):
        unreachable = self.peer("unreachable", is_host=False)
        overlay.make_unreachable(unreachable.address)
        expected = {
            self.open_proxy("open"): ("Valid", None),
            self.login_proxy("dante"): ("AuthenticationRequired", None),
            self.impostor("web", says=b"HTTP/1.1 400 Bad Request\r\n\r\n"):
                ("NotAProxy", "not-socks5"),
            self.impostor("ssh", says=b"SSH-2.0-OpenSSH_9.2\r\n"):
                ("NotAProxy", "not-socks5"),
            self.impostor("gssapi", says=b"\x05\x01"): ("NotAProxy", "bad-method"),
            self.impostor("talks first", says=b"\x05\x00"): ("Valid", None),
            self.peer("refuses"): ("NotListening", "refused"),
            self.peer("silent", is_host=False): ("NotListening", "timed-out"),
            self.impostor("mute"): ("NotListening", "timed-out"),
            self.impostor("one byte", says=b"\x05"): ("NotListening", "timed-out"),
            self.impostor("closes", then="close"): ("NotListening", "closed"),
            self.impostor("half an answer", says=b"\x05", then="close"):
                ("NotListening", "closed"),
            self.impostor("resets", then="reset"): ("NotListening", "reset"),
            unreachable: ("NotListening", "unreachable"),
        }
        self.start_and_sweep()

        known = self.peers()
        self.assertEqual(
            {peer.name: (known[peer.endpoint].get("Status"),
                         known[peer.endpoint].get("Reason")) for peer in expected},
            {peer.name: verdict for peer, verdict in expected.items()})
        self.assertEqual(len(known), len(expected))
        self.assertEqual(self.client.get("PeerCounts"), {
            "Valid": 2, "AuthenticationRequired": 1, "NotAProxy": 3, "NotListening": 8,
            "Unprobed": 0})

    def test_tells_latency_and_times_where_it_knows_them(self):
        answers, refuses = self.open_proxy("open"), self.peer("refuses")
        self.start_and_sweep()
        known = self.peers()
        self.assertEqual(known[answers.endpoint].keys(), {
            "Address", "Status", "Latency", "LastProbed", "LastSeen", "Selected"})
        self.assertEqual(known[refuses.endpoint].keys(), {
            "Address", "Status", "Reason", "LastProbed", "Selected"})

    def test_lists_open_proxies_before_those_with_login(self):
        login = self.login_proxy("login")
        proxies = [self.open_proxy("a"), self.open_proxy("b")]
        self.peer("refuses")
        self.start_and_sweep()
        listed = self.client.get("Proxies")
        latencies = [entry["Latency"] for entry in listed[:2]]
        self.assertEqual({entry["Address"] for entry in listed[:2]},
                         {peer.endpoint for peer in proxies})
        self.assertEqual(latencies, sorted(latencies))
        self.assertEqual([entry["Address"] for entry in listed[2:]], [login.endpoint])

    def test_tells_its_progress(self):
        for i in range(20):
            self.peer(f"silent {i}", is_host=False)
        self.start_and_sweep()
        self.client.wait_for("Sweeping", False)
        wait_until(lambda: self.client.values_of("SweepProgress")[-1:] == [(20, 20)],
                   "the end of the progress")
        done = [done for done, _ in self.client.values_of("SweepProgress")]
        self.assertEqual(done, sorted(done))
        wait_until(lambda: self.client.values_of("Sweeping") == [True, False],
                   "a beginning and an end")

    def test_skips_what_is_no_peer(self):
        peer = self.peer("refuses")
        for route in [{"subnet": "2001:db8::/64", "metric": 1},
                      {"subnet": "400::/48", "metric": 1},
                      {"subnet": 7, "metric": 1}, {"metric": 1}, None, "x",
                      {"subnet": self.node.own.subnet, "metric": 1},
                      {"subnet": overlay.Peer("a route whose node left").subnet,
                       "metric": 1}]:
            self.node.add_raw_route(route)
        far = overlay.Peer("unreachable")
        self.node.add(far, metric="infinite")
        self.start_and_sweep()
        self.assertEqual(self.peers().keys(), {peer.endpoint})


class Using(WholeTest):
    def test_connect_forwards_to_an_open_proxy(self):
        proxy = self.open_proxy("open")
        self.login_proxy("login")
        self.peer("refuses")
        self.start_and_sweep()
        self.assertEqual(self.connect(), proxy.endpoint)
        for port in LOCAL_PORTS:
            self.assert_fetches(proxy=port)
        self.assertEqual(self.web.visitors, [proxy.address] * 2)

    def test_connect_tells_everything_before_it_replies(self):
        proxy = self.open_proxy("open")
        self.start_and_sweep()
        self.connect()
        before = dict(self.client.changes[:self.client.changes.index(("Connect", REPLIED))])
        expected = {"State": "connected", "Remote": proxy.endpoint,
                    "Selection": "automatic", "Listening": "[::]:1080"}
        self.assertEqual({name: before.get(name) for name in expected}, expected)
        now = self.client.get_all()
        self.assertEqual({name: now[name] for name in expected}, expected)
        self.assertEqual(self.client.values_of("State"), ["connecting", "connected"])
        self.assertTrue(self.client.get("Proxies")[0]["Selected"])

    def test_fifty_megabytes_come_through_unchanged(self):
        self.web.pages["/big"] = BIG
        self.open_proxy("open")
        self.start_and_sweep()
        self.connect()
        for port in LOCAL_PORTS:
            fetched = curl(self.web.url("/big"), port)
            self.assertEqual(fetched.status, 0)
            self.assertEqual(hashlib.sha256(fetched.body).hexdigest(),
                             hashlib.sha256(BIG).hexdigest())
        wait_until(lambda: self.client.get("ActiveConnections") == 0, "the streams' end")
        self.assertGreater(self.client.get("BytesReceived"), 2 * len(BIG))
        self.assertEqual(self.client.get("TotalConnections"), 2)

    def test_a_login_proxy_lets_in_who_knows_the_password(self):
        for kind in login_server, lambda address: MicroSocks(address, login=True):
            proxy = self.login_proxy(f"login {kind}", kind)
            if not self.daemon.process:
                self.start_service()
            self.assertEqual(self.connect(proxy.endpoint), proxy.endpoint)
            self.assert_fetches(login=(LOGIN, PASSWORD))
            for login in None, (LOGIN, "wrong"):
                self.assertEqual(curl(self.web.url(), login=login).status,
                                 CURL_PROXY_REFUSED)

    def test_disconnect_closes_the_port_and_resets_streams(self):
        peer = self.peer("echo")
        self.serve(Impostor, peer.address, then="echo")
        self.start_service()
        self.connect(peer.endpoint)
        streams = [socket.create_connection((host, 1080), 20)
                   for host in ("::1", "127.0.0.1")]
        for stream in streams:
            stream.sendall(b"hello")
            self.assertEqual(stream.recv(5, socket.MSG_WAITALL), b"hello")
        self.assertEqual(self.client.get("ActiveConnections"), 2)
        self.assertEqual(self.client.get("BytesSent"), 10)

        self.disconnect()
        self.assert_closed()
        for stream in streams:
            self.assertRaises(ConnectionResetError, stream.recv, 1)
            stream.close()
        now = self.client.get_all()
        self.assertEqual(
            [now[name] for name in ("State", "Remote", "Selection", "Listening")],
            ["disconnected", "", "", ""])
        self.assertEqual(self.client.get("ActiveConnections"), 0)

    def test_a_half_closed_stream_still_brings_the_answer(self):
        peer = self.peer("echo")
        self.serve(Impostor, peer.address, then="echo")
        self.start_service()
        self.connect(peer.endpoint)
        question = big_body(1024 * 1024)
        with socket.create_connection(("::1", 1080), 20) as stream:
            sender = whole.send_in_background(stream, question)
            answer = b"".join(iter(lambda: stream.recv(65536), b""))
            sender.join()
        self.assertEqual(answer, question)

    def test_disconnect_with_nothing_to_do_is_success(self):
        self.start_service()
        self.client.call("Disconnect")
        self.assertEqual(self.client.get("State"), "disconnected")

    def test_probing_stops_and_starts_again(self):
        self.peer("silent", is_host=False)
        self.start_service()
        self.client.wait_for("Sweeping", True)
        self.client.call("StopProbing")
        self.assertEqual([self.client.get(n) for n in ("Probing", "Sweeping", "LastSweep")],
                         [False, False, 0])
        self.client.call("StartProbing")
        self.wait_for_sweep(0)
        self.assertTrue(self.client.get("Probing"))

    def test_probe_now_sweeps_while_probing_is_off(self):
        self.daemon.configure({"Probing": {"Enabled": "false"}})
        proxy = self.open_proxy("open")
        self.start_service()
        self.assertEqual((self.client.get("Probing"), self.peers()), (False, {}))
        self.sweep()
        self.assertEqual(self.peers()[proxy.endpoint]["Status"], "Valid")


if __name__ == "__main__":
    whole.main()
