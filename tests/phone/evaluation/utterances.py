"""What is said in the evaluation, by whom, and what a careful listener would know then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

import yaml

from backline.facts import CHECKLISTS, Slot
from backline.phone.dialogue.wording import groups
from tests.phone.evaluation.truth import facts_of_line
from tests.phone.speakers import SPEAKERS, Speaker, mu_law, noisy, quiet

FOLDER = Path(__file__).parent
BEFORE_S, AFTER_S = 0.5, 9.0
"""Seconds of quiet around what is said; after it longer than any question waits for an answer."""
HELD_OUT_SPEAKER = Speaker("flite", "kal16")
"""Nothing may be fitted to this voice, as to the sentences of `held_out.yml`."""


class Kind(str, Enum):
    """Which sentences, in which voices; the values are the words of the report."""

    FITTED = "fitted sentences and voices"
    NEW_SENTENCES = "held-out sentences, fitted voices"
    NEW_VOICE = "held-out sentences in a held-out voice"


@dataclass(frozen=True)
class Spoken:
    """What a caller answers.

    Attributes:
        asked: the question, by its slot; `tale` is told to whichever question it suits first.
        facts: what a careful listener knows then, as `Facts.to_json` writes it.
        group: `yes` or `no` to a group of a checklist. Who says yes means its first line.
        loud: whether there is noise around the caller.
    """

    asked: str
    said: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    group: str | None = None
    speaker: Speaker = SPEAKERS[0]
    loud: bool = False
    kind: Kind = Kind.FITTED

    def audio(self, text: str) -> bytes:
        """Some text in this caller's voice and surroundings, as mu-law."""
        pcm = quiet(BEFORE_S) + self.speaker.say(text) + quiet(AFTER_S)
        return mu_law(noisy(pcm) if self.loud else pcm)


def utterances() -> list[Spoken]:
    """All utterances, each clean and in noise.

    A sentence is said by one of the fitted voices, and in noise by the next one.
    """
    fitted, held_out = _rows("utterances.yml"), _rows("held_out.yml")
    found = []
    for kind, rows in (
        (Kind.FITTED, fitted),
        (Kind.NEW_SENTENCES, held_out),
        (Kind.NEW_VOICE, held_out),
    ):
        for loud in (False, True):
            for place, (asked, row) in enumerate(rows):
                speaker = SPEAKERS[(place + loud) % len(SPEAKERS)]
                if kind is Kind.NEW_VOICE:
                    speaker = HELD_OUT_SPEAKER
                group = row.get("group")
                facts = row.get("facts", {}) if group is None else _meant(asked, group)
                found.append(Spoken(asked, row["said"], facts, group, speaker, loud, kind))
    return found


def _rows(name: str) -> list[tuple[str, dict[str, Any]]]:
    data = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    return [(asked, row) for asked, given in data.items() for row in given]


def _meant(asked: str, group: str) -> dict[str, Any]:
    """What is meant by a bare yes or no to the first group of a checklist."""
    slot = Slot(asked)
    if slot not in CHECKLISTS:
        raise ValueError(f"{asked} has no groups")
    return facts_of_line(next(iter(groups()[slot][0]))) if group == "yes" else {}
