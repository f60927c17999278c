"""Find out by its content in which form a transcript is written, and read its turns.

Each form is a line of `JSON_FORMS` or `TEXT_FORMS`; the first that fits is taken.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from backline.phone.review.formats import (
    amazon,
    assemblyai,
    azure,
    deepgram,
    genesys,
    gladia,
    google,
    labelled_text,
    lists,
    rev_ai,
    scoring,
    speechmatics,
    subtitles,
    tables,
    textgrid,
    voice_agents,
    whisperx,
)
from backline.phone.review.formats.json_parts import JsonPart
from backline.phone.review.formats.turns import TranscriptError, WrittenTurn

D = TypeVar("D")
WRAPPERS = ("response", "result", "message", "call", "artifact", "data", "output", "payload")
"""Under these names services put a transcript into what they send."""
DEEPEST = 3
MOST_CHARACTERS = 40_000_000
"""Of JSON, in which a service may write a thousand of them for a word."""
MOST_OF_TEXT = 5_000_000
TOO_LONG = "it is longer than any call"
UNKNOWN = "its JSON is of no known form; a list of objects with speaker and text is one"


@dataclass(frozen=True)
class Form(Generic[D]):
    """A form of transcripts.

    Attributes:
        name: as users know it.
        fits: whether a document looks like it.
        read: gives the turns, or raises TranscriptError.
        flaw: what such a document has if it cannot be read.
    """

    name: str
    fits: Callable[[D], bool]
    read: Callable[[D], Iterable[WrittenTurn]]
    flaw: str = "something of no known form"


JSON_FORMS: tuple[Form[JsonPart], ...] = (
    Form(
        "Amazon Transcribe", amazon.is_transcribe, amazon.read_transcribe, "items of no known form"
    ),
    Form("Deepgram", deepgram.is_deepgram, deepgram.read_deepgram, "channels without words"),
    Form("Contact Lens", amazon.is_contact_lens, amazon.read_contact_lens),
    Form("Azure batch", azure.is_batch, azure.read_batch),
    Form("Azure fast transcription", azure.is_fast, azure.read_fast),
    Form("Speechmatics", speechmatics.is_speechmatics, speechmatics.read_speechmatics),
    Form("Google Speech-to-Text", google.is_google, google.read_google),
    Form("Rev.ai", rev_ai.is_rev_ai, rev_ai.read_rev_ai),
    Form("Gladia", gladia.is_gladia, gladia.read_gladia),
    Form("AssemblyAI", assemblyai.is_assemblyai, assemblyai.read_assemblyai),
    Form("Genesys", genesys.is_genesys, genesys.read_genesys),
    Form("Retell", voice_agents.is_retell, voice_agents.read_retell),
    Form("Vapi", voice_agents.is_vapi, voice_agents.read_vapi),
    Form("whisperX", whisperx.is_whisperx, whisperx.read_whisperx),
    Form("Azure conversation", azure.is_conversation, azure.read_conversation),
    Form("a list of turns", lists.is_list, lists.read_list),
)
TEXT_FORMS: tuple[Form[str], ...] = (
    Form("WebVTT", subtitles.is_vtt, subtitles.read_vtt),
    Form("TextGrid", textgrid.is_textgrid, textgrid.read_textgrid),
    Form("SRT", subtitles.is_srt, subtitles.read_srt),
    Form("CTM", scoring.is_ctm, scoring.read_ctm),
    Form("STM", scoring.is_stm, scoring.read_stm),
    Form("CSV", tables.is_table, tables.read_table),
    Form("plain text", lambda text: True, labelled_text.read_text),
)


def read_turns(text: str) -> list[WrittenTurn]:
    """Read the turns of a transcript, in whatever form it is written.

    Args:
        text: without what stands before its first character.

    Raises:
        TranscriptError: it is of no form, or broken; the sentence says which form was read and
            where it went wrong.
    """
    if len(text) > MOST_CHARACTERS:
        raise TranscriptError(TOO_LONG)
    if text[0] == "{" or (text[0] == "[" and text[1:].lstrip()[:1] in ("{", "[", "]", '"')):
        return list(_from_json(_json(text)))
    if text[0] == "[" and (data := _json_or_text(text)) is not None:
        return list(_from_json(data))
    if len(text) > MOST_OF_TEXT:
        raise TranscriptError(TOO_LONG)
    form = next(form for form in TEXT_FORMS if form.fits(text))
    return list(form.read(text))


def _from_json(data: Any) -> Iterator[WrittenTurn]:
    places = list(_unwrapped(JsonPart(data)))
    for form in JSON_FORMS:
        for document in places:
            if form.fits(document):
                try:
                    yield from form.read(document)
                except TranscriptError as error:
                    told = f"its JSON, read as {form.name}, has {form.flaw}: {error}"
                    raise TranscriptError(told) from None
                return
    raise TranscriptError(UNKNOWN)


def _unwrapped(document: JsonPart, depth: int = 0) -> Iterator[JsonPart]:
    """Give a document, and what stands in it where a service has put a transcript."""
    yield document
    if depth == DEEPEST:
        return
    if isinstance(document.data, list) and len(document.data) == 1:
        yield from _unwrapped(JsonPart(document.data[0], "[0]"), depth + 1)
    for name in WRAPPERS:
        if isinstance(document.first(name), dict):
            yield from _unwrapped(document.part(name), depth + 1)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise TranscriptError("its JSON is nested too deeply to be a transcript") from None
    except ValueError as error:
        if "\n" in text.strip() and (lines := _json_lines(text)) is not None:
            return lines
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise TranscriptError(f"it is not valid JSON, or breaks off{where}") from None


def _json_lines(text: str) -> list[Any] | None:
    """Read what has a JSON document on each line; None if it has not."""
    try:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        return None


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        # "[00:12] Caller: ..." is plain text.
        return None
