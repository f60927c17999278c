"""What a running server tells at `/metrics`, and what the dashboard and the alerts ask for."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator

import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import PROJECT

ALERTS = PROJECT / "deploy" / "prometheus" / "alerts.yml"
DASHBOARD = PROJECT / "deploy" / "grafana" / "backline.json"
GRAFANAS_OWN = {"$__rate_interval": "5m", "$__range": "6h", "$instance": ".*"}


class Metrics:
    """The metrics of a server at this moment."""

    def __init__(self, url: str) -> None:
        with urllib.request.urlopen(f"{url}/metrics", timeout=20) as answer:
            told = answer.read().decode()
        self.names: set[str] = set()
        self.labels: dict[str, set[str]] = {}
        self._values: dict[tuple[str, frozenset[tuple[str, str]]], float] = {}
        for family in text_string_to_metric_families(told):
            self.names |= names_of(family.name, family.type)
            for sample in family.samples:
                self.labels.setdefault(sample.name, set()).update(sample.labels)
                self._values[sample.name, frozenset(sample.labels.items())] = sample.value

    def get(self, name: str, **labels: str) -> float:
        """A value; 0 where nothing was counted yet."""
        return self._values.get((name, frozenset(labels.items())), 0.0)


def names_of(family: str, kind: str) -> set[str]:
    """The names under which a metric can be asked for."""
    ends = {"counter": ("_total",), "info": ("_info",), "histogram": ("_bucket", "_count", "_sum")}
    return {family.removesuffix(end) + end for end in ends.get(kind, ("",))}


def expressions() -> Iterator[tuple[str, str]]:
    """Every expression of the alerts and of the dashboard, with the name of what asks it."""
    for group in yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]
    for panel in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]:
        for target in panel.get("targets", []):
            expression = target["expr"]
            for name, value in GRAFANAS_OWN.items():
                expression = expression.replace(name, value)
            yield panel["title"], expression


def asked_for(expression: str) -> set[str]:
    """The metrics of a server that an expression names."""
    return set(re.findall(r"\b(?:backline|process)_\w+", re.sub(r'"[^"]*"', '""', expression)))
