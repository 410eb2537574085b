# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is forwarded to: choosing, switching, moving over, remembering."""

import socket
import threading

from lib import whole
from lib.socks_servers import Impostor, MicroSocks
from lib.waiting import wait_until
from lib.whole import LOCAL_PORTS, WholeTest, curl


class Choosing(WholeTest):
    def echo(self, name, **behaviour):
        peer = self.peer(name)
        peer.server = self.serve(Impostor, peer.address, **{"then": "echo", **behaviour})
        return peer

    def echoes(self, stream, text=b"hello"):
        stream.sendall(text)
        return stream.recv(len(text), socket.MSG_WAITALL) == text

    def local_stream(self):
        stream = socket.create_connection(("::1", 1080), 20)
        self.addCleanup(stream.close)
        return stream


class Automatic(Choosing):
    def test_moves_over_when_the_proxy_dies(self):
        proxies = {peer.endpoint: peer for peer in (self.open_proxy("a"),
                                                    self.open_proxy("b"))}
        self.start_and_sweep()
        first = self.connect()
        proxies.pop(first).server.kill()
        (second, _), = proxies.items()

        curl(self.web.url())  # the stream that finds out
        self.assertEqual(self.client.pop_remote_change(), (first, second, "failover"))
        for port in LOCAL_PORTS:
            self.assert_fetches(proxy=port)
        self.assertEqual(self.client.get("Selection"), "automatic")
        self.assertNotIn("disconnected", self.client.values_of("State"))

    def test_fails_while_nobody_answers_and_recovers(self):
        proxy = self.open_proxy("only")
        self.start_and_sweep()
        self.connect()
        proxy.server.kill()
        curl(self.web.url())
        self.client.wait_for("State", "failing")
        self.assertEqual(self.client.get("Remote"), proxy.endpoint)

        refused = self.client.get("RefusedConnections")
        self.assertEqual(self.local_stream().recv(1), b"")
        self.client.wait_for("RefusedConnections", refused + 1)

        self.serve(MicroSocks, proxy.address)
        self.client.wait_for("State", "connected")
        self.assert_fetches()

    def test_stays_where_failover_is_off(self):
        self.daemon.configure({"Selection": {"Failover": "false"}})
        proxies = {peer.endpoint: peer for peer in (self.open_proxy("a"),
                                                    self.open_proxy("b"))}
        self.start_and_sweep()
        chosen = proxies[self.connect()]
        chosen.server.kill()
        curl(self.web.url())
        self.client.wait_for("State", "failing")
        self.serve(MicroSocks, chosen.address)
        self.client.wait_for("State", "connected")
        self.assertEqual(self.client.get("Remote"), chosen.endpoint)

    def test_waits_for_the_first_sweep_right_after_the_start(self):
        proxy = self.open_proxy("open")
        self.node.mode = "stalled"
        self.start_service()
        connecting = self.client.begin("Connect", "")
        self.client.wait_for("State", "connecting")
        wait_until(lambda: self.node.stalled, "a question to the node")
        self.assertFalse(connecting.is_done)

        self.node.mode = "up"
        self.assertEqual(connecting.result(), proxy.endpoint)
        self.assertEqual(self.client.pop_remote_change(), ("", proxy.endpoint, "automatic"))
        self.assert_fetches()

    def test_never_leaves_a_working_proxy_for_another(self):
        first = self.open_proxy("first")
        self.start_and_sweep()
        self.connect()
        self.open_proxy("later")
        self.sweep()
        self.assertEqual(self.client.get("PeerCounts")["Valid"], 2)
        self.assertEqual(self.client.get("Remote"), first.endpoint)


class Manual(Choosing):
    def test_stays_while_it_fails_and_is_back_when_it_is(self):
        chosen = self.open_proxy("chosen")
        self.open_proxy("tempting")
        self.start_and_sweep()
        self.connect(chosen.endpoint)
        self.assertEqual(self.client.get("Selection"), "manual")
        chosen.server.kill()
        curl(self.web.url())
        self.client.wait_for("State", "failing")
        self.assertEqual(self.client.get("Remote"), chosen.endpoint)

        self.serve(MicroSocks, chosen.address)
        self.client.wait_for("State", "connected")
        self.assert_fetches()
        self.assertEqual(set(self.web.visitors), {chosen.address})

    def test_is_not_asked_whether_it_is_a_proxy(self):
        nobody = self.peer("nobody", is_host=False)
        self.start_service()
        self.assertEqual(self.connect(nobody.endpoint), nobody.endpoint)
        self.assertEqual(self.client.get("State"), "connected")

    def test_the_same_remote_again_cuts_nothing(self):
        peer = self.echo("echo")
        self.start_service()
        self.connect(peer.endpoint)
        stream = self.local_stream()
        self.assertTrue(self.echoes(stream))
        self.assertEqual(self.client.call("Connect", peer.endpoint), peer.endpoint)
        self.assertTrue(self.echoes(stream))
        self.assertEqual(self.client.remote_changes, [])

    def test_switching_cuts_the_streams_of_the_old_remote(self):
        first, second = self.echo("first"), self.echo("second")
        self.start_service()
        self.connect(first.endpoint)
        stream = self.local_stream()
        self.assertTrue(self.echoes(stream))
        self.connect(second.endpoint)
        self.assertRaises(ConnectionResetError, stream.recv, 1)
        self.assertTrue(self.echoes(self.local_stream()))
        self.assertEqual(self.client.values_of("State")[-1], "connected")

    def test_switching_under_traffic_refuses_nobody_and_mixes_nothing(self):
        remotes = [self.echo(letter, says=letter.encode() * 4000, then="close")
                   for letter in "ab"]
        self.start_service()
        self.connect(remotes[0].endpoint)
        problems, seen, is_over = [], set(), threading.Event()

        def use_local_port():
            while not is_over.is_set():
                letters = set()
                try:
                    with socket.create_connection(("::1", 1080), 20) as stream:
                        stream.sendall(b"one")
                        while data := stream.recv(65536):
                            letters |= set(data)
                except (ConnectionResetError, BrokenPipeError):
                    pass  # a stream that was cut by a switch
                except OSError as error:
                    problems.append(repr(error))
                seen.update(letters)
                if len(letters) > 1:
                    problems.append("bytes of two remotes in one stream")

        users = [threading.Thread(target=use_local_port) for _ in range(4)]
        for user in users:
            user.start()
        for i in range(1, 101):
            self.connect(remotes[i % 2].endpoint)
        is_over.set()
        for user in users:
            user.join()
        self.assertEqual(problems, [])
        self.assertEqual(seen, set(b"ab"))


class Overtaken(Choosing):
    """A race is on that nobody will answer, and something else happens."""

    def setUp(self):
        super().setUp()
        peer = self.echo("gone since", says=b"\x05\x00")
        self.start_and_sweep()
        peer.server.stop()
        self.serve(Impostor, peer.address, then="hold")
        self.racing = self.client.begin("Connect", "")
        self.client.wait_for("State", "connecting")

    def test_the_newest_connect_wins(self):
        echo = self.echo("newer")
        self.connect(echo.endpoint)
        self.assert_bus_error("Cancelled", self.racing.result)
        self.assertEqual(self.client.get("Remote"), echo.endpoint)

    def test_disconnect_ends_it(self):
        self.client.call("Disconnect")
        self.assert_bus_error("Cancelled", self.racing.result)
        self.assertEqual(self.client.get("State"), "disconnected")

    def test_the_end_of_the_service_is_told(self):
        self.daemon.stop()
        self.assert_bus_error("Cancelled", self.racing.result)


class FirstSweep(Choosing):
    def test_the_end_of_the_service_while_it_is_waited_for_is_told(self):
        self.node.mode = "stalled"
        self.start_service()
        waiting = self.client.begin("Connect", "")
        self.client.wait_for("State", "connecting")
        self.daemon.stop()
        self.assert_bus_error("Cancelled", waiting.result)


class Switching(Choosing):
    def test_a_connect_that_fails_changes_nothing(self):
        peer = self.echo("echo")
        self.start_and_sweep()
        self.connect(peer.endpoint)
        stream = self.local_stream()
        self.assertTrue(self.echoes(stream))
        before, n_states = self.client.get_all(), len(self.client.values_of("State"))

        self.assert_bus_error("NoValidProxy", self.client.call, "Connect", "")
        after = self.client.get_all()
        for name in "State", "Remote", "Selection", "Listening", "TotalConnections":
            self.assertEqual(after[name], before[name])
        self.assertEqual(len(self.client.values_of("State")), n_states)
        self.assertTrue(self.echoes(stream))


class Remembering(Choosing):
    def restart(self, how):
        """Ends the service in that way, starts it again, returns what was announced."""
        self.client.remote_changes.clear()
        if how == "stopped":
            self.daemon.stop()
        else:
            self.daemon.kill()
        self.start_service()

    def expect_restored(self, remote, how):
        if how == "stopped":
            self.assertEqual(self.client.pop_remote_change(), (remote, "", "shutdown"))
        self.assertEqual(self.client.pop_remote_change(), ("", remote, "restored"))
        self.client.wait_for("State", "connected")
        self.assert_fetches()

    def check_restored(self, wanted, selection):
        proxy = self.open_proxy("a")
        self.start_and_sweep()
        self.connect(wanted(proxy))
        for how in "stopped", "killed":
            self.restart(how)
            self.expect_restored(proxy.endpoint, how)
            self.assertEqual(self.client.get("Selection"), selection)

    def test_an_automatic_choice_is_taken_up_again(self):
        self.check_restored(lambda proxy: "", "automatic")

    def test_a_manual_choice_is_taken_up_again(self):
        self.check_restored(lambda proxy: proxy.endpoint, "manual")

    def test_a_dead_automatic_choice_is_replaced(self):
        old = self.open_proxy("old")
        self.start_and_sweep()
        self.connect()
        self.daemon.kill()
        old.server.kill()
        new = self.open_proxy("new")
        self.start_service()
        self.assertEqual(self.client.pop_remote_change(), ("", new.endpoint, "restored"))
        self.assert_fetches()

    def test_a_choice_that_waits_for_somebody_is_connecting(self):
        proxy = self.open_proxy("only")
        self.start_and_sweep()
        self.connect()
        self.daemon.kill()
        proxy.server.kill()
        self.start_and_sweep()
        self.assertEqual(self.client.get("State"), "connecting")
        self.serve(MicroSocks, proxy.address)
        self.assertEqual(self.client.pop_remote_change(),
                         ("", proxy.endpoint, "restored"))

    def test_a_port_that_was_taken_is_tried_again(self):
        proxy = self.open_proxy("a")
        self.start_service()
        self.connect(proxy.endpoint)
        self.daemon.kill()
        holder = self.hold_local_port()
        self.start_service()
        name, _ = self.client.wait_for("LastError", lambda error: error != ("", ""))
        self.assertEqual(name, "org.mycelium.Socks.Error.AddressInUse")
        holder.stop()
        self.assertEqual(self.client.pop_remote_change(),
                         ("", proxy.endpoint, "restored"))
        self.assertEqual(self.client.get("LastError"), ("", ""))

    def test_nothing_is_taken_up_after_disconnect(self):
        proxy = self.open_proxy("a")
        self.start_and_sweep()
        self.connect(proxy.endpoint)
        self.disconnect()
        self.restart("stopped")
        self.wait_for_sweep(0)
        self.assertEqual(self.client.get("State"), "disconnected")

    def test_nothing_is_taken_up_where_restore_is_off(self):
        self.daemon.configure({"Selection": {"Restore": "false"}})
        proxy = self.open_proxy("a")
        self.start_and_sweep()
        self.connect(proxy.endpoint)
        self.restart("killed")
        self.wait_for_sweep(0)
        self.assertEqual(self.client.get("State"), "disconnected")

    def test_a_damaged_memory_is_a_warning_and_a_fresh_start(self):
        proxy = self.open_proxy("a")
        self.start_and_sweep()
        self.connect(proxy.endpoint)
        self.daemon.kill()
        (memory,) = (self.daemon.directory / "state").iterdir()
        memory.write_bytes(b"\0\xff[broken")
        self.start_service()
        self.wait_for_sweep(0)
        self.assertEqual(self.client.get("State"), "disconnected")
        self.assertIn(memory.name, self.daemon.process.output())


class Announcing(Choosing):
    def test_every_change_has_its_reason_and_none_is_merged(self):
        a, b = self.open_proxy("a"), self.open_proxy("b")
        self.start_and_sweep()
        for remote in a, b, a:
            self.client.call("Connect", remote.endpoint)
        self.client.call("Disconnect")
        chosen = self.client.call("Connect", "")
        self.daemon.stop()
        expected = [("", a.endpoint, "user"), (a.endpoint, b.endpoint, "user"),
                    (b.endpoint, a.endpoint, "user"), (a.endpoint, "", "user"),
                    ("", chosen, "automatic"), (chosen, "", "shutdown")]
        self.assertEqual([self.client.pop_remote_change() for _ in expected], expected)


if __name__ == "__main__":
    whole.main()
