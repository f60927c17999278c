"""A new model beside the old one: conversations go on from one server to the other."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from tests.conftest import PROJECT, Server, start_server
from tests.integration.test_conversations import PATIENTS
from tests.plain import PLAIN
from tests.services import REDIS_HOW, REDIS_URL, redis_available, require_or_skip
from tests.talking import Patient

PLAYED = [*PATIENTS[:4], PATIENTS[9], *PATIENTS[11:14], PATIENTS[18], PATIENTS[20]]
NEW_INTENT = "ask_parking"

# A model is trained for it: two to three minutes alone, and longer beside other tests.
pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.redis,
    pytest.mark.model,
    pytest.mark.timeout(900),
]


@pytest.fixture(scope="module")
def next_version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with one more intent and one more slot, and its model."""
    project = tmp_path_factory.mktemp("next-version")
    for name in ("config.yml", "clinic.yml", "endpoints.yml", "credentials.yml"):
        shutil.copy(PROJECT / name, project)
    shutil.copytree(PROJECT / "data", project / "data")
    domain = yaml.safe_load((PROJECT / "domain.yml").read_text(encoding="utf-8"))
    domain["intents"].append(NEW_INTENT)
    domain["slots"]["parking"] = {"type": "any", "mappings": [{"type": "custom"}]}
    write(project / "domain.yml", domain)
    examples = "- where can I park\n- is there parking\n- do you have a car park\n"
    nlu = {"version": "3.1", "nlu": [{"intent": NEW_INTENT, "examples": examples}]}
    write(project / "data" / "nlu" / "parking.yml", nlu)
    subprocess.run(
        [sys.executable, "-m", "backline.cli", "train"],
        check=True,
        cwd=PROJECT,
        env={**os.environ, "BACKLINE_PROJECT": str(project)},
        stdout=subprocess.DEVNULL,
    )
    return project


def write(path: Path, content: Any) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


@pytest.fixture
def old_and_new(postgres_url: str, next_version: Path, tmp_path: Path) -> Iterator[list[Server]]:
    require_or_skip(redis_available(), REDIS_HOW)
    servers = []
    try:
        servers.append(start_server(postgres_url, tmp_path / "old", REDIS_URL=REDIS_URL))
        servers.append(
            start_server(
                postgres_url,
                tmp_path / "new",
                REDIS_URL=REDIS_URL,
                BACKLINE_PROJECT=str(next_version),
            )
        )
        yield servers
    finally:
        for server in servers:
            server.process.kill()
            server.process.wait()


def test_conversations_end_the_same_whichever_model_hears_which_message(
    old_and_new: list[Server], postgres_url: str
) -> None:
    def play(first: int, patient: tuple[str, dict[str, str], str]) -> str:
        opening, answers, _ = patient
        person = Patient(old_and_new[first].url)
        turns = itertools.cycle([*old_and_new[first:], *old_and_new[:first]])
        text: str | None = opening
        while text is not None:
            person.url = next(turns).url
            person.say(text)
            text = {**PLAIN, **answers}[person.asked] if person.asked else None
        assert person.result is not None, person.heard
        return f"{person.result['outcome']}/{person.result['urgency']}"

    with ThreadPoolExecutor(4) as together:
        # Once with the old model first, once with the new one.
        for first in (0, 1):
            outcomes = list(together.map(play, itertools.repeat(first), PLAYED))
            assert outcomes == [expected for _, _, expected in PLAYED]
    engine = sa.create_engine(postgres_url, future=True)
    with engine.connect() as connection:
        kept = connection.execute(sa.text("SELECT model_version FROM assessments")).scalars().all()
    engine.dispose()
    assert len(kept) == 2 * len(PLAYED)
    assert len(set(kept)) == 2
