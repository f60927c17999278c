"""What the evaluation found, as the page tells it, and which goals were missed. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import jiwer

from backline.phone.text.verbalize import number
from tests.phone.evaluation.judging import Result, Verdict
from tests.phone.evaluation.replies import Replies
from tests.phone.evaluation.utterances import Kind

MEDIAN_S, MOST_S, MOST_FOUR_S = 0.8, 1.5, 2.0
"""Goals for the first sound: median and 95 of 100 replies of one call, and of four at once."""
LEAST_BY_VOICE = 0.5
"""Share of what is told in clean speech that has to come through by voice."""
_SAME = {"yeah": "yes", "yep": "yes", "nope": "no"}
_CONDITIONS = {False: "clean", True: "15 dB of noise"}


def heard_table(verdicts: Sequence[Verdict]) -> str:
    """How well words and facts came through, a row for each kind in each condition."""
    rows = [
        "| | utterances | word errors | facts told | right by voice | right by keys | unheard "
        "| wrong | read back |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for kind in Kind:
        for loud, condition in _CONDITIONS.items():
            some = [v for v in verdicts if v.spoken.kind is kind and v.spoken.loud is loud]
            if some:
                rows.append(_row(f"{kind.value}, {condition}", some))
    return "\n".join(rows)


def _row(name: str, some: Sequence[Verdict]) -> str:
    errors = jiwer.wer([_words(v.spoken.said) for v in some], [_words(v.heard) for v in some])
    order = (Result.BY_VOICE, Result.BY_KEYS, Result.UNHEARD, Result.WRONG)
    counts = [sum(v.count(result) for v in some) for result in order]
    cells = [
        name,
        len(some),
        f"{100 * errors:.1f} %",
        sum(v.told for v in some),
        *counts,
        sum(v.read_back for v in some),
    ]
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def danger_table(verdicts: Iterable[Verdict]) -> str:
    """How the calls of those ended who must see a doctor first."""
    some = [v for v in verdicts if v.in_danger]
    rows = ["| callers in danger | calls | ended |", "|---|---|---|"]
    signs = [v for v in some if v.in_emergency]
    severe = [v for v in some if not v.in_emergency]
    for name, calls in (("with a danger sign", signs), ("with severe pain alone", severe)):
        ends = Counter(_end(v) for v in calls)
        told = ", ".join(f"{n} {end}" for end, n in ends.most_common())
        rows.append(f"| {name} | {len(calls)} | {told} |")
    return "\n".join(rows)


def _end(verdict: Verdict) -> str:
    return " / ".join(part for part in (verdict.end, verdict.urgency) if part).replace("_", " ")


def times_table(one: Replies, four: Replies) -> str:
    """How long callers waited."""
    rows = ["| calls at once | replies | median | 95 of 100 within |", "|---|---|---|---|"]
    for calls, replies in ((1, one), (4, four)):
        rows.append(
            f"| {calls} | {len(replies.waits)} | {replies.median:.2f} s | {replies.most:.2f} s |"
        )
    return "\n".join(rows)


def missed_in_hearing(verdicts: Sequence[Verdict]) -> list[str]:
    """The goals that the calls missed, in a sentence each."""
    found = [f"{_named(v)}: {fault}" for v in verdicts for fault in v.faults]
    clean = [v for v in verdicts if not v.spoken.loud]
    told = sum(v.told for v in clean)
    right = sum(v.count(Result.BY_VOICE) for v in clean)
    if right < LEAST_BY_VOICE * told:
        found.append(f"of {told} facts told in clean speech only {right} came through by voice")
    return found


def missed_in_time(one: Replies, four: Replies) -> list[str]:
    """The goals that the waits missed, in a sentence each."""
    found = []
    if one.median > MEDIAN_S or one.most > MOST_S:
        found.append(
            f"one call is answered after {one.median:.2f} s, 5 of 100 times after {one.most:.2f} s"
        )
    if four.most > MOST_FOUR_S:
        found.append(f"of four calls at once 5 of 100 replies come after {four.most:.2f} s")
    for replies, which in ((one, "alone"), (four, "of four at once")):
        if replies.closed_early:
            found.append(f"{replies.closed_early} calls {which} were ended by the line")
        if replies.incomplete:
            found.append(f"{replies.incomplete} calls {which} skipped a question")
    return found


def missed_list(missed: Sequence[str]) -> str:
    """The goals that were missed, for the page."""
    if not missed:
        return "Every goal was met."
    return "\n".join(["Missed:", "", *(f"- {one}" for one in missed)])


def mistakes(verdicts: Iterable[Verdict]) -> list[str]:
    """A line for each utterance of which something is not right by voice."""
    return [
        f"{_named(v)} heard {v.heard!r} {v.confidence}: "
        + ", ".join(f"{name} {result.value}" for name, result in v.results.items())
        for v in verdicts
        if set(v.results.values()) != {Result.BY_VOICE} or v.faults
    ]


def _named(verdict: Verdict) -> str:
    spoken = verdict.spoken
    return f'"{spoken.said}" ({spoken.speaker.voice}, {_CONDITIONS[spoken.loud]})'


def _words(text: str | None) -> str:
    """The words alone, numbers spelt out; a single dash for none."""
    spelt = re.sub(r"\d+", lambda m: f" {number(m[0])} ", (text or "-").lower())
    words = re.findall(r"[a-z']+", spelt.replace("-", " ")) or ["-"]
    return " ".join(_SAME.get(word, word) for word in words)
