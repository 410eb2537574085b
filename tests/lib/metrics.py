# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file of metrics, as its readers understand it: OpenMetrics' and Prometheus' own
parsers, and a real node_exporter."""

import tempfile
import urllib.request

from prometheus_client import parser as prometheus_parser
from prometheus_client.openmetrics import parser as openmetrics_parser

from lib.process import Process, accepts_connections
from lib.waiting import wait_until

PREFIX = "mycelium_socks_"

# The port that node_exporter has everywhere; the network is the test's own.
EXPORTER = "127.0.0.1", 9100


def _samples(families):
    return {(sample.name, *sample.labels.values()): sample.value
            for family in families for sample in family.samples}


def read_openmetrics(text):
    """Returns the samples, (name, label...) -> value, by the strict rules of OpenMetrics."""
    return _samples(openmetrics_parser.text_string_to_metric_families(text))


def read_prometheus(text):
    """Returns the samples, (name, label...) -> value, by the rules of the format 0.0.4."""
    return _samples(prometheus_parser.text_string_to_metric_families(text))


def types_and_units(text):
    """Returns what OpenMetrics is told of each family: name -> (type, unit)."""
    families = openmetrics_parser.text_string_to_metric_families(text)
    return {family.name: (family.type, family.unit) for family in families}


class NodeExporter(Process):
    """A node_exporter that reads the files in a directory and nothing else."""

    def __init__(self, directory):
        super().__init__(
            ["prometheus-node-exporter", "--collector.disable-defaults",
             "--collector.textfile", f"--collector.textfile.directory={directory}",
             f"--web.listen-address={EXPORTER[0]}:{EXPORTER[1]}"],
            tempfile.mktemp(prefix="node-exporter-"))

        def listens():
            if self.returncode is not None:
                raise AssertionError(f"ended at once: {self.output()}")
            return accepts_connections(*EXPORTER)

        wait_until(listens, "node_exporter")

    def scrape(self):
        """Returns all that it tells Prometheus now: (name, label...) -> value."""
        url = f"http://{EXPORTER[0]}:{EXPORTER[1]}/metrics"
        with urllib.request.urlopen(url, timeout=20) as answer:
            return read_prometheus(answer.read().decode())
