"""The files of deploy/ agree with the code and with each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from backline.channels.messaging.capabilities import CAPABILITIES
from tests.conftest import PROJECT

DEPLOY = PROJECT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
CODE = "".join(file.read_text(encoding="utf-8") for file in (PROJECT / "backline").rglob("*.py"))
OWN = {name: s for name, s in COMPOSE["services"].items() if "backline" in s.get("image", "")}


def kubernetes() -> Iterator[dict[str, Any]]:
    for file in sorted((DEPLOY / "kubernetes" / "base").glob("*.yaml")):
        yield from yaml.safe_load_all(file.read_text(encoding="utf-8"))


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    for thing in kubernetes():
        spec = thing.get("spec", {})
        template = spec.get("jobTemplate", {}).get("spec", spec).get("template")
        if template:
            yield thing["metadata"]["name"], template["spec"]


PODS = dict(pods())


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_a_container_of_compose_may_do_no_more_than_it_must(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["deploy"]["resources"]["limits"]["memory"]


@pytest.mark.parametrize("name", PODS)
def test_a_pod_may_do_no_more_than_it_must(name: str) -> None:
    pod = PODS[name]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    for container in pod["containers"]:
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert container["securityContext"]["capabilities"]["drop"] == ["ALL"]
        assert {"requests", "limits"} == container["resources"].keys()


@pytest.mark.parametrize("name", OWN)
def test_every_variable_that_compose_sets_is_one_that_the_code_reads(name: str) -> None:
    for variable in OWN[name]["environment"]:
        assert f'"{variable}"' in CODE, variable


def test_every_variable_of_the_kubernetes_example_is_one_that_the_code_reads() -> None:
    example = DEPLOY / "kubernetes" / "example"
    text = (example / "secrets.env.example").read_text(encoding="utf-8")
    text += (example / "kustomization.yaml").read_text(encoding="utf-8")
    named = re.findall(r"^[ -]*([A-Z_]{5,})=", text, re.MULTILINE)
    assert len(named) >= 4
    for variable in named:
        assert f'"{variable}"' in CODE, variable


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_every_image_has_a_version(name: str) -> None:
    image = COMPOSE["services"][name]["image"]
    assert re.search(r":[\w.-]+}?$", image), image


def test_what_asks_whether_a_server_lives_asks_where_it_answers() -> None:
    from backline.http_server import health

    source = Path(health.__file__).read_text(encoding="utf-8")
    probes = PODS["backline"]["containers"][0]
    asked = {probes[p]["httpGet"]["path"] for p in ("startupProbe", "readinessProbe")}
    assert asked == {"/health/live", "/health/ready"}
    for path in asked:
        assert f'"{path}"' in source
    assert "/health/ready" in (DEPLOY / "Containerfile").read_text(encoding="utf-8")


def test_no_secret_is_in_the_files() -> None:
    example = (DEPLOY / ".env.example").read_text(encoding="utf-8")
    assert re.findall(r"PASSWORD=(.+)", example) == []


def ingress(name: str) -> dict[str, Any]:
    return next(t for t in kubernetes() if t["kind"] == "Ingress" and t["metadata"]["name"] == name)


def paths_of(name: str) -> dict[str, dict[str, Any]]:
    return {path["path"]: path for path in ingress(name)["spec"]["rules"][0]["http"]["paths"]}


def test_the_ingress_keeps_metrics_and_all_below_from_the_outside() -> None:
    metrics = paths_of("backline")["/metrics"]
    assert metrics["pathType"] == "Prefix"
    assert metrics["backend"]["service"]["name"] == "nothing"


@pytest.mark.parametrize("channel", CAPABILITIES)
def test_nginx_lets_a_messaging_service_in_without_the_limits_of_visitors(channel: str) -> None:
    config = (DEPLOY / "nginx" / "nginx.conf").read_text(encoding="utf-8")
    # nginx takes the first of these that matches; without one, the part for visitors.
    parts = re.findall(r"location ~ (\S+) \{(.*?)\n        \}", config, re.DOTALL)
    webhook = f"/webhooks/{channel}/webhook"
    rules = next((rules for path, rules in parts if re.search(path, webhook)), None)
    assert rules is not None, f"{webhook} falls under the limits of visitors"
    assert "limit_" not in rules


@pytest.mark.parametrize("channel", CAPABILITIES)
def test_the_ingress_lets_a_messaging_service_in_without_the_limits_of_visitors(
    channel: str,
) -> None:
    assert paths_of("backline-messaging")[f"/webhooks/{channel}"]["pathType"] == "Prefix"
    notes = ingress("backline-messaging")["metadata"]["annotations"]
    assert not [name for name in notes if "limit" in name]


def test_the_ingress_lets_telephone_services_in_without_the_limits_of_visitors() -> None:
    assert paths_of("backline-phone")["/webhooks/phone"]["pathType"] == "Prefix"
    notes = ingress("backline-phone")["metadata"]["annotations"]
    assert not [name for name in notes if "limit" in name]
    # A call's WebSocket says nothing for as long as 20 seconds.
    assert int(notes["nginx.ingress.kubernetes.io/proxy-read-timeout"]) > 60


def test_the_servers_of_compose_and_kubernetes_take_a_token_for_the_metrics() -> None:
    assert "BACKLINE_METRICS_TOKEN" in COMPOSE["services"]["backline-1"]["environment"]
    example = DEPLOY / "kubernetes" / "example" / "secrets.env.example"
    assert "BACKLINE_METRICS_TOKEN=" in example.read_text(encoding="utf-8")
    prometheus = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text("utf-8"))
    assert prometheus["scrape_configs"][0]["authorization"]["credentials_file"]


def test_the_file_of_secrets_has_one_name_in_the_units_and_in_the_guides() -> None:
    files = [*(DEPLOY / "systemd").iterdir(), *(PROJECT / "docs").glob("*.md")]
    named = {
        name
        for file in files
        for name in re.findall(r"/etc/backline/[\w.]+", file.read_text(encoding="utf-8"))
    }
    assert named == {"/etc/backline/secrets"}
