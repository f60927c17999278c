"""What single forms of transcripts have of their own."""

from __future__ import annotations

import json
from typing import Any

from backline.phone.review.formats.turns import WrittenTurn
from backline.phone.review.transcripts import read_said


def turns(document: Any) -> list[tuple[str | None, str]]:
    text = document if isinstance(document, str) else json.dumps(document)
    return [(turn.speaker, turn.text) for turn in read_said(text)]


def test_a_pause_ends_a_turn() -> None:
    ctm = "c 1 0.0 0.2 my\nc 1 0.3 0.2 back\nc 1 5.0 0.2 hurts"

    assert [t.text for t in read_said(ctm)] == ["my back", "hurts"]


def test_a_turn_is_as_sure_as_its_words_and_as_its_least_sure_one() -> None:
    (turn,) = read_said("c 1 0.0 0.2 no 0.9\nc 1 0.3 0.2 fever 0.5")

    assert turn == WrittenTurn("channel 1", "no fever", 0.0, 0.5, 0.7, 0.5)


def test_sounds_in_ctm_are_no_words() -> None:
    assert turns("c 1 0.0 0.2 no 0.9 lex\nc 1 0.3 0.2 [cough] 0.9 non-lex") == [("channel 1", "no")]


def test_of_channels_in_deepgram_those_count_and_not_the_speakers_in_each() -> None:
    said = [
        {"channel": 0, "speaker": 0, "start": 0, "end": 1, "transcript": "Any fever?"},
        {"channel": 1, "speaker": 0, "start": 2, "end": 3, "transcript": "No."},
    ]

    assert turns({"results": {"utterances": said}}) == [
        ("channel 0", "Any fever?"),
        ("channel 1", "No."),
    ]


def test_google_tells_all_words_again_with_their_speakers_and_they_count_once() -> None:
    def word(text: str, at: float, tag: int) -> dict[str, Any]:
        return {"word": text, "startTime": f"{at}s", "endTime": f"{at + 0.2}s", "speakerTag": tag}

    words = [word("no", 0.0, 1), word("no", 0.3, 1), word("fever", 0.6, 1)]
    results = [
        {"alternatives": [{"transcript": "no no", "words": words[:2]}]},
        {"alternatives": [{"transcript": "no no fever", "words": words}]},
    ]

    assert turns({"results": results}) == [("1", "no no fever")]


def test_a_confidence_of_zero_is_none_that_google_tells() -> None:
    word = {"word": "no", "startTime": "1s", "endTime": "2s", "speakerTag": 1, "confidence": 0.0}
    (turn,) = read_said(json.dumps({"results": [{"alternatives": [{"words": [word]}]}]}))

    assert turn.confidence is None


def test_times_of_googles_libraries_are_read() -> None:
    word = {
        "word": "no",
        "start_time": {"seconds": "1", "nanos": 500_000_000},
        "end_time": {"seconds": 2},
        "speaker_tag": 1,
    }
    (turn,) = read_said(json.dumps({"results": [{"alternatives": [{"words": [word]}]}]}))

    assert (turn.begin, turn.end) == (1.5, 2.0)


def test_a_mark_stands_where_speechmatics_attaches_it() -> None:
    def result(content: str, at: float, attaches: str | None = None) -> dict[str, Any]:
        kind = {"type": "punctuation", "attaches_to": attaches} if attaches else {"type": "word"}
        best = [{"content": content, "speaker": "S1"}]
        return {**kind, "start_time": at, "end_time": at, "alternatives": best}

    said = [result("¿", 0, "next"), result("no", 0), result("-", 0, "both"), result("one", 0)]

    assert turns({"results": [*said, result("?", 0, "previous")]}) == [("S1", "¿no-one?")]


def test_elements_of_rev_ai_without_a_space_between_are_one_word() -> None:
    elements = [
        {"type": "text", "value": "twenty"},
        {"type": "punct", "value": "-"},
        {"type": "text", "value": "one"},
        {"type": "punct", "value": ", "},
        {"type": "text", "value": "yes"},
    ]

    assert turns({"monologues": [{"speaker": 1, "elements": elements}]}) == [
        ("1", "twenty-one, yes")
    ]


def test_a_word_that_whisperx_could_not_align_is_its_segments_speakers() -> None:
    words = [{"word": "7", "score": 0.0}, {"word": "weeks", "speaker": "A", "start": 2, "end": 3}]
    segments = [{"speaker": "B", "words": words[:1]}, {"speaker": "A", "words": words[1:]}]

    assert turns({"segments": segments}) == [("B", "7"), ("A", "weeks")]


def test_two_who_speak_in_one_subtitle_are_told_apart() -> None:
    srt = (
        "1\n00:00:01,000 --> 00:00:03,000\nReception: Any fever?\nCaller: No.\n\n"
        "2\n00:00:04,000 --> 00:00:05,000\nReception: I asked them\nabout it: no.\n"
    )

    assert turns(srt) == [
        ("Reception", "Any fever?"),
        ("Caller", "No."),
        ("Reception", "I asked them about it: no."),
    ]


def test_subtitles_need_no_numbers_and_no_hours() -> None:
    assert turns("00:01,000 --> 00:02,000\nAnn: Hello.\n\n00:03,000 --> 00:04,000\nBen: Hi.") == [
        ("Ann", "Hello."),
        ("Ben", "Hi."),
    ]


def test_names_in_brackets_above_what_was_said_are_speakers() -> None:
    text = "[Ann Reed] 10:00:01\nHello?\n\n[Ben] 10:00:03\nHi,\nit's me.\n"

    assert turns(text) == [("Ann Reed", "Hello?"), ("Ben", "Hi, it's me.")]


def test_the_first_line_names_a_speaker_even_if_they_say_nothing_else() -> None:
    assert turns("Ann: Hello?\nBen: Hi.\nCaller: Me, too.\nBen: Good.")[0] == ("Ann", "Hello?")


def test_times_in_milliseconds_are_told_by_how_slow_the_words_would_be() -> None:
    said = [{"speaker": "A", "text": "Any fever at all?", "start": 250, "end": 1250}]
    (turn,) = read_said(json.dumps(said))

    assert (turn.begin, turn.end) == (0.25, 1.25)


def test_a_transcript_inside_what_a_service_sends_is_found() -> None:
    said = {"role": "user", "content": "My back hurts.", "words": []}

    assert turns([{"event": "call_analyzed", "call": {"transcript_object": [said]}}]) == [
        ("user", "My back hurts.")
    ]


def test_words_that_may_still_change_are_left_out() -> None:
    said = {"speaker": "A", "text": "My back", "is_final": False}

    assert turns([said, {**said, "text": "My back hurts.", "is_final": True}]) == [
        ("A", "My back hurts.")
    ]


def test_instructions_to_a_model_are_no_words_of_the_call() -> None:
    said = [
        {"role": "system", "message": "Ask whether the groin is numb.", "secondsFromStart": 0},
        {"role": "user", "message": "My back hurts.", "secondsFromStart": 1},
    ]

    assert turns({"messages": said}) == [("user", "My back hurts.")]


def test_a_line_that_begins_with_words_and_a_colon_names_nobody() -> None:
    text = "Reception: Any pain?\nCaller: Yes.\nI told them: it is bad.\nReception: And?"

    assert turns(text)[1] == ("Caller", "Yes. I told them: it is bad.")


def test_a_quotation_mark_in_a_textgrid_is_written_twice() -> None:
    text = (
        'File type = "ooTextFile"\n0 1 <exists> 1 "IntervalTier" "Ann" 0 1 1 0 1 "a ""bad"" back"'
    )

    assert turns(text) == [("Ann", 'a "bad" back')]


def test_a_table_may_have_quoted_lines_and_any_of_the_usual_names() -> None:
    text = 'Start Time;Speaker Name;Transcript\n0:01;Ann;"Hello,\nthere"\n0:03;Ben;Hi\n'

    assert [(t.speaker, t.text, t.begin) for t in read_said(text)] == [
        ("Ann", "Hello, there", 1.0),
        ("Ben", "Hi", 3.0),
    ]


def test_what_a_terminal_would_obey_is_dropped() -> None:
    assert turns([{"speaker": "A\u0007", "text": "no\u001b[2J fe\u200bver"}]) == [
        ("A", "no [2J fever")
    ]
