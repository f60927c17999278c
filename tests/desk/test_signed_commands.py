"""Commands that recommend: no massage by a policy that the clinic wants signed first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from backline.cli.main import app
from backline.store import By, Store, create_store
from tests.conftest import PROJECT
from tests.desk.browser import add_member
from tests.desk.people import EMERGENCY, NOW, SPASM

CALL = PROJECT / "tests" / "phone" / "calls" / "plain_massage.txt"
BY = By("Robin (account-1)", "test", NOW)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Of a clinic that wants the policy signed."""
    clinic = tmp_path / "clinic.yml"
    text = (PROJECT / "clinic.yml").read_text("utf-8")
    clinic.write_text(f"{text}\nmassage_needs_signed_policy: true\n", "utf-8")
    monkeypatch.setenv("BACKLINE_CLINIC", str(clinic))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'backline.db'}")
    made = create_store(f"sqlite:///{tmp_path / 'backline.db'}")
    made.upgrade()
    yield made
    made.close()


def run(*arguments: str) -> Result:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    return done


def decided(facts: object = SPASM) -> dict[str, object]:
    found: dict[str, object] = json.loads(run("decide", json.dumps(facts)).stdout)
    return found


def sign(store: Store) -> None:
    store.policy_signatures.sign(add_member(store).id, "PHY0001", BY)


def test_decide_recommends_no_massage_before_the_policy_is_signed(store: Store) -> None:
    assert decided()["outcome"] == "doctor_first"
    assert decided()["rules"][0] == "S1"  # type: ignore[index]
    sign(store)
    assert decided()["outcome"] != "doctor_first"


def test_decide_leaves_an_emergency_as_it_is(store: Store) -> None:
    assert decided(EMERGENCY)["urgency"] == "emergency"


def test_a_finished_call_ends_in_no_massage_before_the_policy_is_signed(store: Store) -> None:
    before = run("phone", "transcript", str(CALL)).stdout
    assert "S1: " in before
    sign(store)
    after = run("phone", "transcript", str(CALL)).stdout
    assert "S1: " not in after
    assert before.splitlines()[0] != after.splitlines()[0]


def test_where_the_database_is_away_the_policy_counts_as_not_signed(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sign(store)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'elsewhere.db'}")
    done = run("decide", json.dumps(SPASM))
    assert '"doctor_first"' in done.output
    assert "cannot be told" in done.output
    assert not (tmp_path / "elsewhere.db").exists()
