"""Read Amazon's transcripts: Transcribe, its Call Analytics, and Contact Lens of Connect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backline.phone.review.formats.json_parts import JsonPart
from backline.phone.review.formats.turns import WrittenTurn
from backline.phone.review.formats.words import Word, joined, merged

MS = 0.001


# ---- Transcribe ---------------------------------------------------------------------------------


def is_transcribe(document: JsonPart) -> bool:
    """Return whether it has results with items or audio segments."""
    if not document.has("results"):
        return False
    results = JsonPart(document.first("results"))
    return results.lists("items") or results.lists("audio_segments")


def read_transcribe(document: JsonPart) -> Iterator[WrittenTurn]:
    """Read audio segments, or else items, by the labels of speakers or of channels."""
    results = document.part("results")
    if results.lists("audio_segments"):
        for segment in results.parts("audio_segments"):
            label = segment.label("speaker_label", "channel_label")
            begin, end = segment.seconds("start_time"), segment.seconds("end_time")
            yield WrittenTurn(label, segment.text("transcript"), begin, end)
        return
    if results.has("channel_labels"):
        channels = results.part("channel_labels").parts("channels")
        sides = [_words(c.parts("items"), {}, c.label("channel_label")) for c in channels]
        yield from joined(merged(sides))
        return
    labels = {}
    if results.has("speaker_labels"):
        segments = results.part("speaker_labels").parts("segments")
        items = (item for segment in segments for item in segment.parts("items"))
        labels = {item.label("start_time"): item.label("speaker_label") for item in items}
    yield from joined(_words(results.parts("items"), labels, None))


def _words(
    items: Sequence[JsonPart], labels: dict[str | None, str | None], side: str | None
) -> list[Word]:
    words = []
    for item in items:
        best = item.best("alternatives")
        begin = item.label("start_time")
        own = item.label("speaker_label", "channel_label")
        mark = item.label("type") == "punctuation"
        words.append(
            Word(
                side or own or (labels.get(begin) if begin else None),
                best.text("content"),
                item.seconds("start_time"),
                item.seconds("end_time"),
                None if mark else best.share("confidence"),
                joins=mark,
            )
        )
    return words


# ---- Contact Lens and Call Analytics ------------------------------------------------------------


def is_contact_lens(document: JsonPart) -> bool:
    """Return whether it has a transcript by participants, or segments of one."""
    return document.lists("Transcript") or document.lists("Segments")


def read_contact_lens(document: JsonPart) -> Iterator[WrittenTurn]:
    """Read turns in milliseconds, by the roles of the participants where these are told."""
    roles = {
        person.label("ParticipantId"): person.label("ParticipantRole")
        for person in document.parts("Participants", needed=False)
    }
    turns = document.parts("Transcript", needed=False)
    for segment in document.parts("Segments", needed=False):
        # Others are of categories and issues.
        turns += [segment.part("Transcript")] if segment.has("Transcript") else []
    for turn in turns:
        person = turn.label("ParticipantId")
        begin = turn.seconds("BeginOffsetMillis", unit=MS)
        end = turn.seconds("EndOffsetMillis", unit=MS)
        sure = [item.share("Confidence") for item in turn.parts("Items", needed=False)]
        known = [share for share in sure if share is not None]
        yield WrittenTurn(
            turn.label("ParticipantRole") or roles.get(person) or person,
            turn.text("Content"),
            begin,
            end,
            sum(known) / len(known) if known else None,
            min(known, default=None),
        )
