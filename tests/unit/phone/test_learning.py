"""What is learnt of a recogniser from what callers said to what was read back."""

from __future__ import annotations

from pathlib import Path

import pytest

from backline.phone.dialogue import wording
from backline.phone.dialogue.grounding import Confidence
from backline.phone.dialogue.wording import Thresholds, thresholds, usual_thresholds
from backline.phone.learning import ENOUGH, Judged, learn
from tests.unit.phone.pure_call import PureCall

USUAL = Thresholds(0.25, 0.6, 0.85)
LEAST = Thresholds(0.1, 0.35, 0.5)


def judged(confidence: float, right: int, wrong: int = 0) -> list[Judged]:
    return [Judged(confidence, True)] * right + [Judged(confidence, False)] * wrong


def test_a_recogniser_that_scores_low_and_is_right_is_sure_from_lower_on() -> None:
    learnt = learn(judged(0.55, 60) + judged(0.65, 60), USUAL, LEAST)
    assert learnt is not None
    assert learnt.sure == 0.5
    assert learnt.fair <= 0.5


def test_none_is_sure_below_the_floor_however_right_it_was() -> None:
    learnt = learn(judged(0.2, 200), USUAL, LEAST)
    assert learnt is not None
    assert (learnt.fair, learnt.sure) == (USUAL.fair, USUAL.sure)


def test_a_recogniser_that_is_often_wrong_stays_as_unsure_as_usual() -> None:
    learnt = learn(judged(0.7, 40, 20), USUAL, LEAST)
    assert learnt is not None
    assert learnt.sure == USUAL.sure


def test_a_threshold_lies_above_what_was_often_wrong() -> None:
    learnt = learn(judged(0.55, 10, 30) + judged(0.75, 60), USUAL, LEAST)
    assert learnt is not None
    assert 0.55 < learnt.sure <= 0.75


def test_too_little_teaches_nothing() -> None:
    assert learn(judged(0.7, ENOUGH - 1), USUAL, LEAST) is None


def test_what_was_learnt_goes_before_the_usual_but_never_below_the_floor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = (wording.FOLDER / "confidence.yml").read_text(encoding="utf-8")
    (tmp_path / "confidence.yml").write_text(usual, encoding="utf-8")
    learnt = "twilio: {floor: 0.05, fair: 0.4, sure: 0.2}\n"
    (tmp_path / wording.LEARNT).write_text(learnt, encoding="utf-8")
    monkeypatch.setattr(wording, "FOLDER", tmp_path)
    thresholds.cache_clear()
    try:
        assert thresholds()["twilio"] == Thresholds(0.1, 0.4, 0.5)
        assert thresholds()["stream"] == usual_thresholds()[0]["stream"]
    finally:
        thresholds.cache_clear()


def test_what_a_caller_says_is_wrong_is_kept_as_denied() -> None:
    call = PureCall().hears("yes", "forty").doubts("my back hurts for three weeks").hears("no")
    (last,) = call.misheard
    assert (last.heard, last.confirmed) == ("my back hurts for three weeks", "denied")
    assert call.facts.pain_duration is None


def test_what_is_read_back_and_right_is_kept_as_such() -> None:
    call = PureCall().hears("yes", "forty")
    call.hears("my back hurts for three weeks", sureness=Confidence.FAIR).hears("yes")
    assert call.evidence[-1].confirmed == "read_back"
