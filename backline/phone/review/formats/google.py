"""Read Google's transcripts, of Speech-to-Text v1 and v2."""

from __future__ import annotations

from collections.abc import Iterator

from backline.phone.review.formats.json_parts import JsonPart
from backline.phone.review.formats.turns import WrittenTurn, in_order, seconds_of
from backline.phone.review.formats.words import Word, joined, merged

TAGS = ("speakerLabel", "speaker_label", "speakerTag", "speaker_tag")
BEGINS = ("startOffset", "start_offset", "startTime", "start_time")
ENDS = ("endOffset", "end_offset", "endTime", "end_time")
CHANNELS = ("channelTag", "channel_tag")


def is_google(document: JsonPart) -> bool:
    """Return whether it has results with alternatives, also one such list for each file."""
    return bool(_results(document))


def read_google(document: JsonPart) -> Iterator[WrittenTurn]:
    """Read words by their speakers, or else whole results by their channels."""
    results = [r for r in _results(document) if r.first("alternatives")]
    several = len({result.label(*CHANNELS) for result in results} - {None}) > 1
    spoken = [_words(r, several) for r in results]
    if not any(word.speaker for words in spoken for word in words):
        yield from in_order(map(_whole, results))
    elif several:
        yield from joined(merged(spoken))
    elif len(results) > 1 and not _transcript(results[-1]):
        # It tells the words of all the others again, now with their speakers.
        yield from joined(spoken[-1])
    else:
        yield from joined(_once(spoken))


def _results(document: JsonPart) -> list[JsonPart]:
    if document.lists("results"):
        found = document.parts("results") if _any_object(document.first("results")) else []
        return found if any(r.lists("alternatives") for r in found) else []
    files = document.first("results")
    if not isinstance(files, dict):
        return []
    found = []
    # A batch has the results of each file under the file's address.
    for answer in map(JsonPart, files.values()):
        inside = JsonPart(answer.first("transcript"), "results.….transcript")
        found += inside.parts("results") if inside.lists("results") else []
    return found


def _any_object(results: object) -> bool:
    return isinstance(results, list) and any(isinstance(r, dict) for r in results)


def _words(result: JsonPart, several: bool) -> list[Word]:
    side = result.label(*CHANNELS)
    label = f"channel {side}" if several and side else None
    words = result.best("alternatives").parts("words", needed=False)
    if not words:
        whole = _whole(result)
        return [Word(label, whole.text, whole.begin, whole.end)] if whole.text.strip() else []
    return [_word(word, label) for word in words]


def _word(word: JsonPart, side: str | None) -> Word:
    tag = word.label(*TAGS)
    begin, end = _seconds(word, *BEGINS), _seconds(word, *ENDS)
    # Zero stands for not told, of a speaker and of how sure it is.
    label = side or (None if tag == "0" else tag)
    return Word(label, word.text("word"), begin, end, word.share("confidence") or None)


def _once(results: list[list[Word]]) -> list[Word]:
    """Leave out what the last result repeats, as results that come while somebody speaks do."""
    *before, last = results
    told = {(w.text, w.begin, w.end) for w in last if w.begin is not None}
    kept = [w for words in before for w in words if (w.text, w.begin, w.end) not in told]
    return [*kept, *last]


def _transcript(result: JsonPart) -> str:
    return str(result.best("alternatives").first("transcript") or "").strip()


def _whole(result: JsonPart) -> WrittenTurn:
    best = result.best("alternatives")
    side = result.label(*CHANNELS)
    end = _seconds(result, "resultEndOffset", "resultEndTime", "result_end_offset")
    label = None if side is None else f"channel {side}"
    # Only the end of each is told; it stands in for the order.
    return WrittenTurn(
        label, str(best.first("transcript") or ""), end, end, best.share("confidence") or None
    )


def _seconds(part: JsonPart, *names: str) -> float | None:
    found = part.first(*names)
    if isinstance(found, dict):
        whole = seconds_of(found.get("seconds", 0)) or 0.0
        return whole + (seconds_of(found.get("nanos", 0)) or 0.0) * 1e-9
    return seconds_of(found)
