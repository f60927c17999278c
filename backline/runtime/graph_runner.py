"""Runs a model's components one after the other."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphNode, GraphNodeHook, GraphSchema
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.storage import ModelStorage


class InOrderGraphRunner(GraphRunner):
    """Calls each component that a target needs, in an order found once for each target.

    Rasa's own runner hands every run to dask, which plans and schedules it anew; for the dozen
    components of one message the planning takes longer than some of them.
    """

    def __init__(
        self,
        graph_schema: GraphSchema,
        model_storage: ModelStorage,
        execution_context: ExecutionContext,
        hooks: list[GraphNodeHook] | None = None,
    ) -> None:
        self._schema = graph_schema
        self._nodes = {
            name: GraphNode.from_schema_node(name, node, model_storage, execution_context, hooks)
            for name, node in graph_schema.nodes.items()
        }
        self._order = lru_cache(maxsize=None)(self._find_order)

    @classmethod
    def create(
        cls,
        graph_schema: GraphSchema,
        model_storage: ModelStorage,
        execution_context: ExecutionContext,
        hooks: list[GraphNodeHook] | None = None,
    ) -> InOrderGraphRunner:
        """Make the runner and all components of the graph."""
        return cls(graph_schema, model_storage, execution_context, hooks)

    def run(
        self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None
    ) -> dict[str, Any]:
        """The outputs of the targets, by name.

        Raises:
            GraphComponentException: a component failed.
            GraphRunError: an input that a component needs is missing.
        """
        known = dict(inputs or {})
        wanted = tuple(targets or self._schema.target_names)
        for name in self._order(wanted):
            parents = self._schema.nodes[name].needs.values()
            found = [(parent, known[parent]) for parent in parents if parent in known]
            _, known[name] = self._nodes[name](*found)
        return {name: known[name] for name in wanted}

    def _find_order(self, targets: tuple[str, ...]) -> tuple[str, ...]:
        """What the targets need, each after what it needs itself; inputs are left out."""
        order: dict[str, None] = {}

        def visit(name: str) -> None:
            if name in order or name not in self._nodes:
                return
            for parent in self._schema.nodes[name].needs.values():
                visit(parent)
            order[name] = None

        for target in targets:
            visit(target)
        return tuple(order)
