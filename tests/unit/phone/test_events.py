"""What is heard of a caller, by the names that metrics give it."""

from __future__ import annotations

import pytest

from backline.phone.events import Dtmf, Event, NoInput, NoMatch, NoMatchReason, Transcript


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (Transcript("no"), "heard"),
        (Dtmf("1"), "keys"),
        (NoInput(), "silence"),
        (NoMatch(NoMatchReason.NOISE), "unheard"),
    ],
)
def test_metrics_name_each_kind_as_docs_monitoring_does(event: Event, kind: str) -> None:
    assert event.kind == kind
