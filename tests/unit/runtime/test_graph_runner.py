"""The components of a model run in the order of their needs, as under Rasa's own runner."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage

from backline.runtime.graph_runner import InOrderGraphRunner


class Adding(GraphComponent):
    """Adds its inputs to a number of its own, and counts how often it was asked."""

    asked = 0

    def __init__(self, number: int) -> None:
        self._number = number

    @classmethod
    def create(cls, config: dict[str, Any], *_: Any, **__: Any) -> Adding:
        return cls(config["number"])

    def add(self, **inputs: int) -> int:
        Adding.asked += 1
        return self._number + sum(inputs.values())


def node(number: int, **needs: str) -> SchemaNode:
    return SchemaNode(
        needs=needs,
        uses=Adding,
        constructor_name="create",
        fn="add",
        config={"number": number},
        eager=True,
    )


SCHEMA = GraphSchema(
    {
        "last": node(1000, a="middle", b="first"),
        "middle": node(100, a="first", b="given"),
        "first": node(10, a="given"),
        "aside": node(5),
    }
)


def made(kind: type[GraphRunner], tmp_path: Any) -> GraphRunner:
    context = ExecutionContext(graph_schema=SCHEMA, model_id="model")
    return kind.create(SCHEMA, LocalModelStorage(tmp_path), context)


@pytest.mark.parametrize("targets", [["last"], ["first"], ["last", "aside"]])
def test_gives_what_rasas_runner_gives(targets: list[str], tmp_path: Any) -> None:
    theirs = made(DaskGraphRunner, tmp_path).run({"given": 1}, targets)
    assert made(InOrderGraphRunner, tmp_path).run({"given": 1}, targets) == theirs


def test_runs_each_component_once_and_only_what_is_needed(tmp_path: Any) -> None:
    runner = made(InOrderGraphRunner, tmp_path)
    Adding.asked = 0
    runner.run({"given": 1}, ["middle"])
    assert Adding.asked == 2


def test_keeps_nothing_of_an_earlier_run(tmp_path: Any) -> None:
    runner = made(InOrderGraphRunner, tmp_path)
    assert runner.run({"given": 1}, ["first"]) == {"first": 11}
    assert runner.run({"given": 2}, ["first"]) == {"first": 12}


def test_a_missing_input_is_an_error_that_names_it(tmp_path: Any) -> None:
    with pytest.raises(GraphRunError, match="given"):
        made(InOrderGraphRunner, tmp_path).run({}, ["first"])
