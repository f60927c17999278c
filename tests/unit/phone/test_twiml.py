"""TwiML keeps within what Twilio documents, whatever a turn holds."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backline.phone.events import ListenOptions, Phrase
from backline.phone.gateways.twiml import MOST_BYTES, TwimlVoice, nothing
from backline.settings import PhoneSettings
from tests.phone.twilio_voice import check

ACTION = "https://bot.clinic.example/webhooks/phone/voice/turn?number=1&waits=1"
WHISPER = "https://bot.clinic.example/webhooks/phone/voice/whisper"
VOICE = TwimlVoice(PhoneSettings())


def read(document: Any) -> ET.Element:
    """The document, once Twilio would take it."""
    text = str(document)
    assert len(text.encode()) <= 64 * 1024
    root = ET.fromstring(text)  # noqa: S314 - our own document
    check(root)
    return root


def gather(listening: ListenOptions, voice: TwimlVoice = VOICE, **options: bool) -> dict[str, str]:
    found = read(voice.listen((Phrase("Yes?"),), listening, ACTION, **options)).find("Gather")
    assert found is not None
    return found.attrib


def test_a_question_listens_for_words_and_keys_in_the_clinics_language() -> None:
    heard = gather(ListenOptions(hints=("yes", "no"), wait_s=6, pause_s=0.8, longest_s=30))
    assert heard == {
        "input": "dtmf speech",
        "action": ACTION,
        "method": "POST",
        "actionOnEmptyResult": "true",
        "timeout": "6",
        "speechTimeout": "1",
        "maxSpeechTime": "30",
        "numDigits": "1",
        "finishOnKey": "",
        "profanityFilter": "false",
        "language": "en-AU",
        "hints": "yes,no",
        "bargeIn": "true",
    }


def test_seconds_are_whole_and_at_least_one() -> None:
    heard = gather(ListenOptions(wait_s=0.0, pause_s=1.2, longest_s=300))
    assert (heard["timeout"], heard["speechTimeout"], heard["maxSpeechTime"]) == ("1", "2", "60")


def test_a_longer_answer_of_keys_ends_with_the_hash_key() -> None:
    heard = gather(ListenOptions(keys=3))
    assert (heard["numDigits"], heard["finishOnKey"]) == ("4", "#")


@pytest.mark.parametrize(
    ("listening", "options"),
    [(ListenOptions(interruptible=False), {}), (ListenOptions(), {"emergency": True})],
)
def test_what_must_be_heard_whole_is_not_cut_short_by_a_voice(
    listening: ListenOptions, options: dict[str, bool]
) -> None:
    assert gather(listening, **options)["bargeIn"] == "false"


def test_a_model_is_named_only_where_the_clinic_names_one() -> None:
    assert "speechModel" not in gather(ListenOptions())
    own = TwimlVoice(PhoneSettings(speech_model="googlev2_telephony"))
    assert gather(ListenOptions(), own)["speechModel"] == "googlev2_telephony"


def test_hints_are_phrases_between_commas_each_once() -> None:
    hints = ("yes", "no, never", " yes ", "", "x" * 101, *(f"hint {n}" for n in range(600)))
    given_on = gather(ListenOptions(hints=hints))["hints"].split(",")
    assert given_on[:3] == ["yes", "no never", "hint 0"]
    assert len(given_on) == 500


def test_hints_that_make_the_document_too_large_are_left_out() -> None:
    hints = tuple(f"{n:03d} " + "ü" * 96 for n in range(500))
    document = VOICE.listen((Phrase("Yes?"),), ListenOptions(hints=hints), ACTION)
    assert len(str(document).encode()) <= MOST_BYTES
    assert "hints" not in read(document).find("Gather").attrib  # type: ignore[union-attr]


def test_listening_that_fails_is_told_as_silence() -> None:
    redirect = list(read(VOICE.listen((), ListenOptions(), ACTION)))[-1]
    assert (redirect.tag, redirect.text) == ("Redirect", ACTION)


def test_slow_words_are_slow_by_ssml_where_the_voice_surely_knows_it() -> None:
    said = read(VOICE.hang_up((Phrase("Call now. Do not wait.", slowly=True),)))
    prosody = said.find("Say/prosody")
    assert prosody is not None
    assert (prosody.text, prosody.get("rate")) == ("Call now. Do not wait.", "slow")


@pytest.mark.parametrize(
    "name", ["Google.en-AU-Chirp3-HD-Aoede", "Polly.Olivia-Generative", "woman"]
)
def test_elsewhere_slow_words_have_pauses_between_the_sentences(name: str) -> None:
    voice = TwimlVoice(PhoneSettings(voice=name))
    said = read(voice.hang_up((Phrase("Call now. Do not wait.", slowly=True),)))
    assert [e.tag for e in said] == ["Say", "Pause", "Say", "Pause", "Hangup"]
    assert [e.text for e in said.iter("Say")] == ["Call now.", "Do not wait."]


def test_a_dialled_number_rings_for_a_while_and_its_end_is_told() -> None:
    said = read(VOICE.dial((Phrase("Wait."),), "+61255500100", "+61400123456", ACTION, WHISPER))
    dial = said.find("Dial")
    assert dial is not None
    number = dial.find("Number")
    assert number is not None
    assert number.text == "+61255500100"
    assert number.attrib == {"url": WHISPER, "method": "POST"}
    assert dial.attrib == {
        "action": ACTION,
        "method": "POST",
        "timeout": "25",
        "callerId": "+61400123456",
    }


def test_nothing_is_an_empty_document() -> None:
    assert list(read(nothing())) == []


@given(
    st.lists(st.builds(Phrase, st.text(max_size=200), st.booleans()), max_size=4),
    st.lists(st.text(max_size=120), max_size=20),
    st.floats(0, 100),
)
def test_whatever_is_said_twilio_takes_it(
    said: list[Phrase], hints: list[str], seconds: float
) -> None:
    listening = ListenOptions(
        hints=tuple(hints), wait_s=seconds, pause_s=seconds, longest_s=seconds
    )
    read(VOICE.listen(tuple(said), listening, ACTION))


@given(st.text(alphabet="ab ü𝄞\x00\x0b\ufffe<&>\"'", max_size=9000))
def test_nothing_is_lost_of_a_long_text(text: str) -> None:
    said = " ".join(e.text or "" for e in read(VOICE.hang_up((Phrase(text),))).iter("Say"))
    kept = "".join(c for c in text if c not in "\x00\x0b\ufffe")
    assert said.replace(" ", "") == kept.replace(" ", "") or any(
        len(word.encode()) > 3000 for word in kept.split()
    )
