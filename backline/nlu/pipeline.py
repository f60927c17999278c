"""The spaCy pipeline: a blank English model with Backline's findings as a component.

Other spaCy components can stand before or behind it; the findings are in `doc._.findings`.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Callable
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from backline.facts import Finding
from backline.failures import describe
from backline.nlu.components.resolver import Broken, Reader

logger = logging.getLogger(__name__)

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
    """Make the component; spaCy calls this by its name."""
    return FindingsComponent()


class _Stretches:
    """Tokens that hold a text, in a time that grows as its length; nothing looks at them.

    spaCy's own rules look at each end of a token again and again: a run of punctuation takes them
    the square of its length.
    """

    def __init__(self, vocab: Any) -> None:
        self._vocab = vocab

    def __call__(self, text: str) -> Doc:
        stretches = re.findall(r"\S{1,32}|\s", text)
        return Doc(self._vocab, words=stretches, spaces=[False] * len(stretches))


class Understander:
    """Reads messages. Loading takes about a second, reading about a millisecond.

    Args:
        today: gives the clinic's date, for "since Monday".
        broken: told the name of a reader that failed, and its error.
    """

    def __init__(
        self, today: Callable[[], dt.date], broken: Broken = lambda reader, error: None
    ) -> None:
        self._nlp = spacy.blank("en")
        self._nlp.tokenizer = _Stretches(self._nlp.vocab)
        self._broken = broken
        self._reader = Reader(today, broken)
        # The component that its factory below makes, which spaCy's types know as a function alone.
        component: Any = self._nlp.add_pipe(FINDINGS)
        component.reader = self._reader

    def read(self, text: str) -> list[Finding]:
        """Read what is told in a message, in its order, each finding with its status.

        Never raises on any text; what means nothing gives no finding.
        """
        # spaCy takes no half of a surrogate pair, which broken input can hold.
        clean = text.encode("utf-8", "replace").decode("utf-8")
        try:
            return list(self._nlp(clean)._.findings)
        except Exception as error:  # noqa: BLE001 - what spaCy cannot hold is read all the same
            logger.error("A message is read without spaCy: %s", describe(error))
            self._broken("spacy", error)
            return self._reader.read(clean)
