"""Figures of the last days, and what people said that the bot could not make out, for review."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from starlette.responses import Response

from backline.contact_details import hide_numbers
from backline.desk.corrections import caution
from backline.desk.emergency_share import ALARM_DAYS, emergency_share
from backline.desk.roles import Permission
from backline.desk.visits import Page, Visit
from backline.desk.words import DeskWords
from backline.store.figures import Corrected, Stops, ToldOften, Wait

FIGURES, REVIEW = "/desk/figures", "/desk/review"
DAYS = (7, 30, 90, 365)
USUAL_DAYS = 30
MOST_WORDS = 50


@dataclass(frozen=True)
class Bar:
    """A line of a table: what is counted, how often, and in how many per cent of all."""

    title: str
    count: int
    percent: float


def figures(visit: Visit) -> Response:
    """Show figures, without anything about one person."""
    desk, words = visit.desk, visit.desk.words
    asked = visit.request.query_params.get("days", "")
    days = next((n for n in DAYS if str(n) == asked), USUAL_DAYS)
    since = visit.now - dt.timedelta(days=days)
    kept = desk.store.figures
    told = kept.results(since)
    suspected, unanswered = kept.to_review(since)
    waits = kept.waits(since)
    return visit.show(
        "figures.html",
        days=days,
        choices=DAYS,
        share=emergency_share(desk, visit.now),
        alarm_days=ALARM_DAYS,
        tables=[
            ("People, by channel", _by_channel(kept.channels(since), words)),
            ("Results, by the rule that decided", _by_rule(told, words)),
            (
                "Results with this sign, condition or injury",
                _by_line(kept.lines(since), told, words),
            ),
            ("Where people stopped who have no result", _by_stop(kept.stops(since), words)),
        ],
        waits=[
            ("Emergencies", waited([one for one in waits if one.emergency])),
            ("Others", waited([one for one in waits if not one.emergency])),
        ],
        corrections=_by_correction(kept.corrections(since), told),
        suspected=suspected,
        unanswered=unanswered,
    )


def review(visit: Visit) -> Response:
    """Show words that were suspected and questions without an answer, once that is kept."""
    store = visit.desk.store
    suspicions = store.suspicions.latest(MOST_WORDS)
    questions = store.unanswered_questions.latest(MOST_WORDS)
    looks = [
        visit.by.look(action, store.audit.about(conversation))
        for action, found in (("suspicions_shown", suspicions), ("questions_shown", questions))
        for conversation in dict.fromkeys(one.conversation_id for one in found)
    ]
    store.audit.add(*looks)
    # A number to call is shown on a person's page alone, where a look at it is kept.
    country = visit.desk.settings.clinic.country
    return visit.show(
        "review.html",
        suspicions=[replace(one, quote=hide_numbers(one.quote, country)) for one in suspicions],
        questions=[replace(one, question=hide_numbers(one.question, country)) for one in questions],
    )


def waited(waits: Sequence[Wait]) -> tuple[int, str, str]:
    """Tell how many were taken in hand, after how long at the median and nine of ten at most."""
    if not waits:
        return 0, "", ""
    seconds = sorted(one.seconds for one in waits)
    ninth = seconds[-(-9 * len(seconds) // 10) - 1]
    return len(seconds), time_of(median(seconds)), time_of(ninth)


def time_of(seconds: float) -> str:
    """Write a time as people say it: "40 s", "12 min", "3 h", "2 d"."""
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def _bars(counts: Iterable[tuple[str, int]], of: int) -> list[Bar]:
    return [Bar(title, count, 100 * count / of) for title, count in counts if count]


def _by_channel(counts: Counter[str], words: DeskWords) -> list[Bar]:
    named: Counter[str] = Counter()
    for channel, count in counts.items():
        named[words.channel(channel)] += count
    return _bars(named.most_common(), sum(counts.values()))


def _by_rule(told: Sequence[ToldOften], words: DeskWords) -> list[Bar]:
    titles = [
        f"{one.rule} {words.name('outcomes', one.outcome)}, {words.name('urgencies', one.urgency)}"
        for one in told
    ]
    counts = [one.count for one in told]
    return _bars(zip(titles, counts, strict=True), sum(counts))


def _by_line(counts: Counter[str], told: Sequence[ToldOften], words: DeskWords) -> list[Bar]:
    facts = words.names("facts")
    named = [(facts.get(code) or words.title(code), count) for code, count in counts.most_common()]
    return _bars(named, sum(one.count for one in told))


def _by_stop(stops: Stops, words: DeskWords) -> list[Bar]:
    asked = [
        (words.name("questions", slot) if slot else "No question was open", count)
        for slot, count in stops.questions.most_common()
    ]
    counts = [("Did not agree to storing", stops.declined), *asked]
    return _bars(counts, sum(count for _, count in counts))


def _by_correction(corrections: Sequence[Corrected], told: Sequence[ToldOften]) -> list[Bar]:
    higher, lower, same = 0, 0, 0
    for one in corrections:
        before, after = caution(*one.before), caution(*one.after)
        higher += one.count if after > before else 0
        lower += one.count if after < before else 0
        same += one.count if after == before else 0
    counts = [("Made higher", higher), ("Made lower", lower), ("Other facts, same result", same)]
    return _bars(counts, max(sum(one.count for one in told), 1))


PAGES = (
    Page(FIGURES, "GET", Permission.READ_FIGURES, figures),
    Page(REVIEW, "GET", Permission.REVIEW, review),
)
