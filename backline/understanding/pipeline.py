"""The spaCy pipeline: a blank English model with Backline's findings as a component.

Other spaCy components can stand before or behind it; the findings are in `doc._.findings`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from backline.facts import Finding
from backline.understanding.reader import Reader

FINDINGS = "backline_findings"

if not Doc.has_extension("findings"):
    Doc.set_extension("findings", default=())


class FindingsComponent:
    """Reads a document's text and keeps what it tells in `doc._.findings`."""

    def __init__(self) -> None:
        self.reader = Reader(dt.date.today)

    def __call__(self, doc: Any) -> Any:
        doc._.findings = tuple(self.reader.read(doc.text))
        return doc


@Language.factory(FINDINGS)
def create_findings(nlp: Any, name: str) -> FindingsComponent:
    """spaCy's way to make the component by its name."""
    return FindingsComponent()


class Understander:
    """Reads messages. Loading takes about a second, reading about a millisecond.

    Args:
        today: gives the clinic's date, for "since Monday".
    """

    def __init__(self, today: Callable[[], dt.date]) -> None:
        self._nlp = spacy.blank("en")
        self._nlp.add_pipe(FINDINGS).reader = Reader(today)

    def read(self, text: str) -> list[Finding]:
        """What is told in a message, in its order, each finding with its status.

        Never raises on any text; what means nothing gives no finding.
        """
        # spaCy takes no half of a surrogate pair, which broken input can hold.
        return list(self._nlp(text.encode("utf-8", "replace").decode("utf-8"))._.findings)
