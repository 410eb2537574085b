# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""mycelium-socksctl monitor: what people and scripts are told of, and that it is all."""

import json
import signal

import jsonschema

from lib import whole
from lib.bus import ERROR
from lib.command_line import DONE, NO_PROXY, CommandLineTest, validate
from lib.service_standin import ServiceStandIn
from lib.waiting import wait_until


class Monitor(CommandLineTest):
    def events(self, running):
        values = [json.loads(line) for line in running.out.splitlines(keepends=True)
                  if line.endswith("\n")]
        for value in values:
            validate("monitor", value)
        return values

    def test_each_change_is_an_object_on_a_line(self):
        proxy = self.open_proxy("a")
        running = self.begin("monitor", "--json")
        self.start_and_sweep()
        running.wait_for("proxy-found")
        self.connect(proxy.endpoint)
        running.wait_for('"new":"' + proxy.endpoint)
        self.disconnect()
        proxy.server.kill()
        self.sweep()
        running.wait_for("proxy-gone")
        self.daemon.stop()
        running.wait_for(lambda out: out.splitlines()[-1].find('"running":false') > 0)
        events = self.events(running)
        kinds = [event["event"] for event in events]
        for kind in "state", "sweep-over", "proxy-found", "remote-changed", "proxy-gone":
            self.assertIn(kind, kinds)
        self.assertEqual([(event["old"], event["new"], event["reason"]) for event in events
                          if event["event"] == "remote-changed"],
                         [(None, proxy.endpoint, "user"), (proxy.endpoint, None, "user")])
        self.assertIn("connected", [event.get("state") for event in events])
        for event in events:
            with self.assertRaises(jsonschema.ValidationError, msg=event):
                validate("monitor", {**event, "more": 1})
        times = [event["time_us"] for event in events]
        self.assertEqual(times, sorted(times))
        running.send(signal.SIGINT)
        self.assertEqual(running.wait().code, -signal.SIGINT)

    def lines(self, running):
        """The lines that people get, without the time in front of each."""
        lines = running.out.splitlines()
        for line in lines:
            self.assertRegex(line, r"^\d\d:\d\d:\d\d \S")
        return [line.partition(" ")[2] for line in lines]

    def test_people_get_a_line_for_what_has_changed_and_no_other(self):
        proxy = self.open_proxy("a")
        self.start_and_sweep()
        running = self.begin("monitor")
        running.wait_for("Search: every 60 s")
        self.assertEqual(self.lines(running), [
            f"{proxy.endpoint}: Open", "Not connected", "Local port: closed",
            "Mycelium: Is running", "Search: every 60 s"])
        self.connect(proxy.endpoint)
        running.wait_for("this computer only")
        connected, *others = self.lines(running)[5:]
        self.assertRegex(connected, r"^Connected to \S+ — \S+ ms$")
        self.assertEqual(others, [f"Proxy: {proxy.endpoint}, chosen by hand",
                                  "Local port: [::]:1080, for this computer only"])

        self.client.call("StopProbing")
        running.wait_for("Search: off")
        self.node.stop()
        self.client.call("ProbeNow")
        running.wait_for("Mycelium: Is not running")
        # By then whatever else it says of these has come.
        self.disconnect()
        running.wait_for(lambda out: out.count("closed") > 1)
        self.assertEqual(self.lines(running)[8:], [
            "Search: off", "Mycelium: Is not running", "Not connected",
            "Local port: closed"])

    def test_people_are_told_what_went_wrong_once(self):
        self.start_and_sweep()
        running = self.begin("monitor")
        running.wait_for("Search: every 60 s")
        problem = self.refuse(NO_PROXY, "connect").strip()
        running.wait_for(problem)
        self.daemon.stop()
        running.wait_for("The service is not")
        lines = self.lines(running)
        self.assertEqual(lines.count(problem), 1)
        for line, following in zip(lines, lines[1:]):
            self.assertNotEqual(line, following)
        self.assertRegex(lines[-1], "^The service is not (running|installed)$")

    def test_each_run_of_the_service_begins_anew(self):
        running = self.begin("monitor")
        for n_runs in 1, 2:
            service = ServiceStandIn(self.bus, LastError=(f"{ERROR}ListenFailed", "It can't"))
            running.wait_for(lambda out: out.count("could not be opened") == n_runs)
            service.stop()
            running.wait_for(lambda out: out.endswith("The service is not installed\n"))

    def test_for_so_long_as_is_asked_for(self):
        self.start_service()
        self.assertEqual(self.ctl("monitor", "--timeout", "0.3").code, DONE)

    def test_it_waits_for_a_service_that_is_not_there(self):
        running = self.begin("monitor", "--json")
        running.wait_for('"running":false')
        self.start_service()
        running.wait_for('"running":true')
        wait_until(lambda: self.events(running), "events")


if __name__ == "__main__":
    whole.main()
