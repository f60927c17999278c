"""What is made of the texts that a model gives, and of how sure it is of them."""

from __future__ import annotations

from backline.phone.audio.asr_worker import judged
from backline.phone.audio.endpointing import is_whole
from backline.phone.events import ListenOptions, NoMatch, NoMatchReason, Transcript

YES_NO = ListenOptions(hints=("yes", "no", "none of these"))


def test_texts_that_say_the_same_make_sure() -> None:
    alike = judged([("No.", -0.6, 2), ("no", -1.2, 2), ("NO", -1.9, 2)])
    apart = judged([("No.", -0.6, 2), ("Now.", -0.8, 2), ("Go.", -0.9, 2)])
    assert alike["confidence"] > 0.85 > apart["confidence"]
    assert alike["alternatives"] == []
    assert apart["alternatives"] == ["Now.", "Go."]


def test_a_number_is_the_same_in_digits_and_in_words() -> None:
    assert judged([("3 weeks.", -1, 3), ("Three weeks", -1.2, 3)])["alternatives"] == []


def test_what_is_unlikely_is_not_sure() -> None:
    assert (
        judged([("Thank you.", -4.5, 3), ("Thank you", -4.9, 3), ("Okay.", -5, 2)])["confidence"]
        < 0.25
    )


def test_a_sound_is_no_word() -> None:
    for text in ("", ".", "[Music]", "(coughing)", "♪", "..."):
        assert judged([(text, -0.1, 2)])["text"] == "", text


def test_a_loop_of_the_model_is_no_word() -> None:
    assert judged([("five, " * 30, -20, 90)])["text"] == ""


def test_only_a_certain_whole_answer_is_answered_early() -> None:
    assert is_whole(Transcript("No.", 0.95), YES_NO)
    assert is_whole(Transcript("None of these.", 0.95), YES_NO)
    assert not is_whole(Transcript("No.", 0.8), YES_NO)
    assert not is_whole(Transcript("No."), YES_NO)
    assert not is_whole(Transcript("No, but my leg", 0.95), YES_NO)
    assert not is_whole(NoMatch(NoMatchReason.NOISE), YES_NO)


def test_a_number_is_whole_only_where_one_digit_is_asked_for() -> None:
    scale = ListenOptions(hints=("four", "five"))
    assert is_whole(Transcript("4.", 0.95), scale)
    assert not is_whole(Transcript("4.", 0.95), YES_NO)
    assert not is_whole(Transcript("4.", 0.95), ListenOptions(hints=("four",), keys=3))
