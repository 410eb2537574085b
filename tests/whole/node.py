# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The node comes and goes, and so do its routes."""

from lib import overlay, whole
from lib.socks_servers import Impostor
from lib.waiting import wait_until
from lib.whole import WholeTest


class Node(WholeTest):
    def expect(self, state):
        self.client.wait_for("NodeState", state)

    def test_its_state_follows_what_it_answers(self):
        self.start_service()
        self.expect("up")
        self.assertEqual(self.client.get("NodeAddress"), self.node.own.address)
        self.node.mode = "broken"
        self.client.call("ProbeNow")
        self.expect("down")
        self.node.mode = "up"
        self.client.call("ProbeNow")
        self.expect("up")
        self.node.stop()
        self.client.call("ProbeNow")
        self.expect("down")
        self.node.start()
        self.client.call("ProbeNow")
        self.expect("up")

    def test_one_that_hangs_is_down_after_a_while(self):
        self.node.mode = "stalled"
        self.start_service()
        self.expect("down")
        self.assertGreater(len(self.node.stalled), 0)

    def test_known_peers_are_still_probed_while_it_is_down(self):
        proxy = self.open_proxy("a")
        self.start_and_sweep()
        self.wait_for_peer(proxy, Status="Valid")
        self.node.stop()
        proxy.server.stop()
        self.client.call("ProbeNow")
        self.wait_for_peer(proxy, Status="NotListening", Reason="refused")
        self.expect("down")

    def test_keys_are_asked_for_once(self):
        peer = self.peer("a")
        self.start_and_sweep()
        self.sweep()
        asked = [path for path in self.node.requests if "/pubkey/" in path]
        self.assertEqual(len(asked), 1)
        self.assertIn(peer.subnet.removesuffix("::/64"), asked[0])

    def test_a_lie_about_an_address_is_dropped(self):
        honest, liar = self.peer("honest"), overlay.Peer("liar")
        liar.address = overlay.Peer("somebody else").address
        liar.subnet = overlay.Peer("somebody else").subnet
        self.node.add(liar)
        self.start_and_sweep()
        self.assertEqual(self.peers().keys(), {honest.endpoint})


class Routes(WholeTest):
    def test_a_peer_leaves_the_list_at_the_second_sweep_without_its_route(self):
        peer, other = self.peer("goes"), self.peer("stays")
        self.start_and_sweep()
        self.node.remove(peer)
        self.sweep()
        self.assertEqual(self.peers().keys(), {peer.endpoint, other.endpoint})
        self.sweep()
        self.assertEqual(self.peers().keys(), {other.endpoint})

    def test_a_route_that_comes_back_in_time_keeps_its_peer(self):
        peer = self.peer("goes and comes")
        self.start_and_sweep()
        for _ in range(3):
            self.node.remove(peer)
            self.sweep()
            self.node.add(peer)
            self.sweep()
            self.assertEqual(self.peers().keys(), {peer.endpoint})

    def test_the_chosen_one_stays_on_the_list(self):
        proxy = self.open_proxy("chosen")
        self.start_and_sweep()
        self.connect()
        self.node.remove(proxy)
        for _ in range(3):
            self.sweep()
        self.assertTrue(self.peers()[proxy.endpoint]["Selected"])
        self.assert_fetches()

    def test_a_new_route_is_probed_at_the_next_sweep(self):
        self.daemon.configure({"Probing": {"IntervalSec": "1", "TimeoutSec": "1"}})
        self.start_and_sweep()
        self.assertEqual(self.client.get("ProbeInterval"), 1)
        proxy = self.open_proxy("new")
        self.wait_for_peer(proxy, Status="Valid")
        wait_until(lambda: self.client.values_of("Proxies"), "the new list announced")
        self.assertEqual(self.client.values_of("Proxies")[-1][0]["Address"],
                         proxy.endpoint)


class WithoutNode(WholeTest):
    def test_static_peers_need_no_node(self):
        self.node.stop()
        open_peer, closed = overlay.Peer("static", 4080), overlay.Peer("closed", 4081)
        for peer in open_peer, closed:
            overlay.add_host(peer.address)
        self.serve(Impostor, open_peer.address, 4080, says=b"\x05\x00", then="echo")
        self.daemon.configure({"Probing": {
            "StaticPeers": f"{open_peer.endpoint};{closed.endpoint}"}})
        self.start_service()
        self.wait_for_peer(open_peer, Status="Valid")
        self.wait_for_peer(closed, Status="NotListening", Reason="refused")
        self.assertEqual(self.client.get("NodeState"), "down")
        self.assertEqual(self.connect(), open_peer.endpoint)


if __name__ == "__main__":
    whole.main()
