"""The alerts and the dashboard ask for what there is, and fire when they should."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase

from backline.observability import metrics
from tests.conftest import PROJECT
from tests.services import PROMTOOL_HOW, promtool, require_or_skip
from tests.watching import ALERTS, DASHBOARD, asked_for, expressions, names_of

BUILD_LABELS = {"version", "policy_version", "model"}
PAGE = (PROJECT / "docs" / "monitoring.md").read_text(encoding="utf-8")
FAMILIES = {
    metric._name: metric
    for metric in vars(metrics).values()
    if isinstance(metric, MetricWrapperBase) and not metric._labelvalues
}


def labels_of(metric: MetricWrapperBase) -> set[str]:
    # An Info has its labels by what it tells.
    return BUILD_LABELS if metric is metrics.BUILD else set(metric._labelnames)


LABELS = {
    name: labels_of(metric)
    for family, metric in FAMILIES.items()
    for name in names_of(family, metric._type)
}
OF_PROMETHEUS = {"instance", "job", "le"}


def check(*arguments: str) -> None:
    """Have promtool look at something."""
    tool = promtool()
    require_or_skip(tool is not None, PROMTOOL_HOW)
    done = subprocess.run(
        [str(tool), *arguments], cwd=ALERTS.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.promtool
def test_prometheus_takes_its_configuration_and_the_alerts(tmp_path: Path) -> None:
    folder = tmp_path / "prometheus"
    shutil.copytree(ALERTS.parent, folder)
    (folder / "metrics-token").write_text("a token", encoding="utf-8")
    check("check", "config", str(folder / "prometheus.yml"))


@pytest.mark.promtool
def test_alerts_fire_when_they_should_and_not_before() -> None:
    check("test", "rules", str(Path(__file__).parent / "alerts.test.yml"))


def test_every_alert_is_shown_to_fire() -> None:
    cases = yaml.safe_load((Path(__file__).parent / "alerts.test.yml").read_text(encoding="utf-8"))
    fired = {
        case["alertname"]
        for test in cases["tests"]
        for case in test["alert_rule_test"]
        if case.get("exp_alerts")
    }
    assert fired == set(re.findall(r"alert: (\w+)", ALERTS.read_text(encoding="utf-8")))


@pytest.mark.promtool
def test_every_expression_of_the_dashboard_can_be_asked(tmp_path: Path) -> None:
    rules = [
        {"record": f"panel:{number}", "expr": expression}
        for number, (_, expression) in enumerate(expressions())
    ]
    file = tmp_path / "dashboard.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    check("check", "rules", str(file))


@pytest.mark.parametrize(("asker", "expression"), expressions())
def test_what_is_asked_for_has_the_labels_that_are_asked_for(asker: str, expression: str) -> None:
    known: set[str] = set(OF_PROMETHEUS)
    for name in asked_for(expression):
        known |= LABELS.get(name, set())
    for name, matchers in re.findall(r"(backline_\w+)\{([^}]*)\}", expression):
        used = set(re.findall(r"(\w+)\s*[=!]~?", matchers))
        assert used <= LABELS[name] | OF_PROMETHEUS, (asker, name)
    if "kube_" in expression:
        return
    for grouped in re.findall(r"by \(([^)]*)\)", expression):
        assert {label.strip() for label in grouped.split(",")} <= known, asker


def test_every_alert_is_explained() -> None:
    for alert in re.findall(r"alert: (\w+)", ALERTS.read_text(encoding="utf-8")):
        assert f"| `{alert}` |" in PAGE, alert


def test_every_metric_is_explained_with_its_labels() -> None:
    rows = re.findall(r"^\| `(backline_\w+)` \|([^|]*)\|", PAGE, re.MULTILINE)
    explained = {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}
    ends = {"counter": "_total", "info": "_info"}
    assert explained == {
        family + ends.get(metric._type, ""): labels_of(metric)
        for family, metric in FAMILIES.items()
    }


def test_the_dashboard_can_be_put_on_any_prometheus() -> None:
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    source = dashboard["templating"]["list"][0]
    assert (source["name"], source["type"], source["query"]) == (
        "datasource",
        "datasource",
        "prometheus",
    )
    asking = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    assert {panel["datasource"]["uid"] for panel in asking} == {"${datasource}"}
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))
