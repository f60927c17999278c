"""What is no transcript, or a broken one, is told in a sentence; no word of a sound one is lost."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backline.phone.review.transcripts import TranscriptError, read_said

FOLDER = Path(__file__).parent / "transcripts"
SAMPLES = sorted(path.name for path in FOLDER.iterdir())
LONGEST_SENTENCE = 400


def sample(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")


def read_or_refused(text: str) -> None:
    try:
        said = read_said(text)
    except TranscriptError as error:
        assert 0 < len(str(error)) < LONGEST_SENTENCE
        return
    for turn in said:
        assert turn.text.isprintable()
        assert turn.begin is None or 0 <= turn.begin < float("inf")
        assert turn.confidence is None or 0 <= turn.confidence <= 1


# ---- Sentences ----------------------------------------------------------------------------------

BROKEN = [
    ('{"results": [', "not valid JSON, or breaks off (line 1)"),
    ('[{"speaker": "a",\n "text": "b"},\n {"speaker": ]', "breaks off (line 3)"),
    ("[" * 100_000, "nested too deeply"),
    ('{"monologues": [{"speaker": 0}]}', "read as Rev.ai, has something of no known form: "),
    ('{"monologues": [{"speaker": 0}]}', "monologues[0] has no list 'elements'"),
    ('{"monologues": [7]}', "monologues[0] has to be an object"),
    ('{"results": {"channels": [{"alternatives": []}]}}', "channels[0] has nothing in"),
    ('{"recognizedPhrases": [{"nBest": [{}]}]}', "nBest[0] has no text under display"),
    ('{"transcripts": [{"phrases": [{"text": 5}]}]}', "phrases[0] has no text"),
    ('{"utterances": []}', "nothing is said in it"),
    ("1\n00:00:01,000 -> 2\n\n2\n00:00:02,000 --> soon\nhello", "its first line does not tell"),
    ("1\n00:00:01,000 --> 00:00:02,000\nA: hi\n\n2\n0:02 --> soon\nA: ho", "line 6 of it has no"),
    ("WEBVTT\n\n00:01.000 --> later\nhello", "line 3 of it has no times of WebVTT"),
    (
        "c 1 0.0 0.1 hello\nc 1 0.2 0.1 there\nc 1 0.4 0.1 you\nc 1 nine",
        "line 4 of it is none of CTM",
    ),
    (
        "c 1 s 0.0 0.1 hello\nc 1 s 0.2 0.4 you\nc 1 s 0.4 0.6\nsome words",
        "line 4 of it is none of STM",
    ),
    ('File type = "ooTextFile"\n0 1 <exists> 1 "IntervalTier" "a" 0 1 9 0 1 "x"', "breaks off"),
    ('File type = "ooTextFile"\n0 1 <exists> 0', "without a tier"),
    ("speaker,text,start\nann\n", "line 2 of it has no text"),
    ("a" * 5_000_001, "longer than any call"),
]


@pytest.mark.parametrize(("text", "sentence"), BROKEN)
def test_what_is_wrong_is_told_with_its_place(text: str, sentence: str) -> None:
    with pytest.raises(TranscriptError) as error:
        read_said(text)

    assert sentence in str(error.value)


def test_more_said_than_in_any_call_is_refused() -> None:
    turn = {"speaker": "caller", "text": "my back hurts " * 1000}

    with pytest.raises(TranscriptError, match="more is said"):
        read_said(json.dumps([turn] * 100))


@pytest.mark.parametrize("time", ["NaN", "-Infinity", "1e999", '"soon"', "true", "[]", "null"])
def test_a_time_that_is_none_is_not_known(time: str) -> None:
    (turn,) = read_said(f'[{{"speaker": "caller", "text": "no", "start": {time}}}]')

    assert turn.begin is None


def test_a_time_before_the_call_is_its_beginning() -> None:
    (turn,) = read_said('[{"speaker": "caller", "text": "no", "start": -0.2}]')

    assert turn.begin == 0


def test_a_certainty_in_percent_is_a_share() -> None:
    (turn,) = read_said('[{"speaker": "caller", "text": "no", "confidence": "93"}]')

    assert turn.confidence == 0.93


# ---- Any input ----------------------------------------------------------------------------------


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    read_or_refused(text)


@given(st.sampled_from(SAMPLES), st.integers(0, 6000), st.integers(0, 40), st.text(max_size=5))
def test_a_damaged_file_is_read_or_refused(name: str, at: int, cut: int, instead: str) -> None:
    text = sample(name)
    read_or_refused(text[:at] + instead + text[at + cut :])


@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=15)
@given(at=st.integers(0, 6000))
def test_a_file_that_breaks_off_is_read_or_refused(name: str, at: int) -> None:
    read_or_refused(sample(name)[:at])


ODD = st.sampled_from(
    [None, True, -1, float("nan"), 10**30, "", "nan", "\ud800", [], {}, [[]], [None], [{}], "x"]
)


def replaced(data: Any, places: list[int], value: Any) -> Any:
    """Put a value into a document, at the place to which the numbers lead."""
    if not places or not isinstance(data, dict | list) or not data:
        return value
    keys = list(data) if isinstance(data, dict) else list(range(len(data)))
    key = keys[places[0] % len(keys)]
    changed = data.copy()
    changed[key] = replaced(data[key], places[1:], value)
    return changed


@given(
    st.sampled_from([n for n in SAMPLES if n.endswith(".json")]),
    st.lists(st.integers(0, 9), max_size=8),
    ODD,
)
def test_json_with_an_odd_value_anywhere_is_read_or_refused(
    name: str, places: list[int], value: Any
) -> None:
    read_or_refused(json.dumps(replaced(json.loads(sample(name)), places, value)))


# ---- No word is lost ----------------------------------------------------------------------------

Spoken = list[tuple[str, list[tuple[str, float]]]]
"""Turns: who speaks, and words with the times at which they begin."""
LASTS = 0.2


def by_words(turns: Spoken, word: Callable[[str, str, float], Any]) -> list[Any]:
    return [word(who, text, at) for who, words in turns for text, at in words]


def as_rev_ai(turns: Spoken) -> str:
    space = {"type": "punct", "value": " "}
    monologues = [
        {
            "speaker": who,
            "elements": [
                element
                for text, at in words
                for element in (
                    {"type": "text", "value": text, "ts": at, "end_ts": at + LASTS},
                    space,
                )
            ],
        }
        for who, words in turns
    ]
    return json.dumps({"monologues": monologues})


def as_speechmatics(turns: Spoken) -> str:
    def word(who: str, text: str, at: float) -> Any:
        best = {"content": text, "confidence": 1, "speaker": who}
        times = {"start_time": at, "end_time": at + LASTS}
        return {"type": "word", **times, "alternatives": [best]}

    return json.dumps({"format": "2.9", "results": by_words(turns, word)})


def as_google(turns: Spoken) -> str:
    def word(who: str, text: str, at: float) -> Any:
        times = {"startOffset": f"{at}s", "endOffset": f"{at + LASTS}s"}
        return {"word": text, **times, "speakerLabel": who}

    best = {"transcript": "as said", "words": by_words(turns, word)}
    return json.dumps({"results": [{"alternatives": [best]}]})


def as_amazon(turns: Spoken) -> str:
    def word(who: str, text: str, at: float) -> Any:
        times = {"start_time": str(at), "end_time": str(at + LASTS)}
        best = [{"content": text, "confidence": "0.9"}]
        return {"type": "pronunciation", **times, "speaker_label": who, "alternatives": best}

    return json.dumps({"results": {"items": by_words(turns, word)}})


def as_deepgram(turns: Spoken) -> str:
    def word(who: str, text: str, at: float) -> Any:
        return {"word": text, "start": at, "end": at + LASTS, "speaker": who}

    channel = {"alternatives": [{"words": by_words(turns, word)}]}
    return json.dumps({"results": {"channels": [channel]}})


def as_whisperx(turns: Spoken) -> str:
    # Numbers cannot be aligned: they have neither a time nor a speaker.
    def word(who: str, text: str, at: float) -> Any:
        placed = {"start": at, "end": at + LASTS, "speaker": who}
        return {"word": text, **({} if text.isdigit() else placed)}

    segments = [
        {"text": "", "speaker": who, "words": [word(who, text, at) for text, at in words]}
        for who, words in turns
    ]
    # One that is aligned shows the form.
    segments[0]["words"][0].update({"speaker": turns[0][0]})  # type: ignore[index]
    return json.dumps({"segments": segments})


def as_ctm(turns: Spoken) -> str:
    return "\n".join(
        by_words(turns, lambda who, text, at: f"call 1 {at:.2f} {LASTS} {text} 0.9 lex {who}")
    )


def as_stm(turns: Spoken) -> str:
    return "\n".join(
        f"call 1 {who} {words[0][1]:.2f} {words[-1][1] + LASTS:.2f} <o,f0> {texts(words)}"
        for who, words in turns
    )


def as_srt(turns: Spoken) -> str:
    return "\n\n".join(
        f"{i}\n{clock(words[0][1])} --> {clock(words[-1][1] + LASTS)}\n{who}: {texts(words)}"
        for i, (who, words) in enumerate(turns, start=1)
    )


def as_labels(turns: Spoken) -> str:
    return "\n".join(f"{who}: {texts(words)}" for who, words in turns)


def as_heads(turns: Spoken) -> str:
    return "\n\n".join(f"{who}  {clock(words[0][1])[3:8]}\n{texts(words)}" for who, words in turns)


def as_csv(turns: Spoken) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["Speaker", "Start", "Text"])
    writer.writerows([who, words[0][1], texts(words)] for who, words in turns)
    return out.getvalue()


def as_textgrid(turns: Spoken) -> str:
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "0 9999 <exists> 2"]
    for tier in ("Agent", "Caller"):
        rows = [(text, at) for who, words in turns for text, at in words if who == tier]
        lines.append(f'"IntervalTier" "{tier}" 0 9999 {len(rows)}')
        lines += [f'{at} {at + LASTS} "{text}"' for text, at in rows]
    return "\n".join(lines)


def texts(words: list[tuple[str, float]]) -> str:
    return " ".join(text for text, _ in words)


def clock(at: float) -> str:
    minutes, seconds = divmod(at, 60)
    return f"00:{int(minutes):02}:{seconds:06.3f}".replace(".", ",")


WORD = st.from_regex(r"[a-z]{1,8}[,.?]?|[0-9]{1,4}", fullmatch=True)


@st.composite
def conversations(draw: Callable[..., Any]) -> Spoken:
    """Draw turns by turns, a word each third of a second."""
    said = draw(st.lists(st.lists(WORD, min_size=1, max_size=6), min_size=2, max_size=8))
    turns, at = [], 0.0
    for number, words in enumerate(said):
        placed = []
        for word in words:
            placed.append((word, round(at, 2)))
            at += 0.3
        turns.append((("Agent", "Caller")[number % 2], placed))
        at = int(at) + 1.0
    return turns


WRITERS = [
    as_amazon,
    as_csv,
    as_ctm,
    as_deepgram,
    as_google,
    as_heads,
    as_labels,
    as_rev_ai,
    as_speechmatics,
    as_srt,
    as_stm,
    as_textgrid,
    as_whisperx,
]


@pytest.mark.parametrize("written", WRITERS)
@settings(max_examples=30)
@given(turns=conversations())
def test_no_word_is_lost_and_each_is_its_speakers(
    written: Callable[[Spoken], str], turns: Spoken
) -> None:
    said = read_said(written(turns))

    for who in ("Agent", "Caller"):
        expected = [text for label, words in turns for text, _ in words if label == who]
        assert [w for t in said if t.speaker == who for w in t.text.split()] == expected
    order = [text for _, words in turns for text, _ in words]
    assert [w for t in said for w in t.text.split()] == order
