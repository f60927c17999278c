"""What is heard of a caller, by the names that metrics give it."""

from __future__ import annotations

import pytest

from backline.phone.events import Event, Heard, Keys, Silence, Unheard, Why


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (Heard("no"), "heard"),
        (Keys("1"), "keys"),
        (Silence(), "silence"),
        (Unheard(Why.NOISE), "unheard"),
    ],
)
def test_metrics_name_each_kind_as_docs_monitoring_does(event: Event, kind: str) -> None:
    assert event.kind == kind
