"""Measures understanding and writes docs/evaluation.md; the floor beside it must be reached."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from backline.facts import EmergencySign, Urgency
from tests.understanding.grids import grids, reached
from tests.understanding.intents import IntentScores, cross_validated, heard_intents
from tests.understanding.labels import (
    FOLDER,
    HALVES,
    STRANGERS,
    Utterance,
    half_of,
    heard,
    learned,
    strangers,
    understander,
    utterances,
)
from tests.understanding.scores import FactScores, Score, score
from tests.understanding.triages import triage_of

DOCS = Path(__file__).resolve().parents[2] / "docs"
REPORT = DOCS / "evaluation.md"
FLOOR = DOCS / "evaluation-floor.yml"
EVERYDAY = "everyday"
MILLISECONDS = 1000
ENDS = ("emergency", "doctor", "plain")


@dataclass
class Measures:
    """Everything measured, by half where there are two."""

    facts: dict[str, FactScores] = field(default_factory=dict)
    triage: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)
    phrases: dict[str, tuple[int, int]] = field(default_factory=dict)
    alarms: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    grids: dict[str, tuple[int, int]] = field(default_factory=dict)
    intents: dict[str, IntentScores] = field(default_factory=dict)
    median_ms: float = 0.0
    slow_ms: float = 0.0
    load_s: float = 0.0


def measure(with_intents: bool = True) -> Measures:
    """Run every measurement; the intents take some minutes."""
    out = Measures()
    for half in HALVES:
        own = half_of(half)
        out.facts[half] = score(u for u in own if u.topic != EVERYDAY)
        out.triage[half] = _triages(own)
        out.alarms[half] = _alarms([u for u in own if u.topic == EVERYDAY])
    out.phrases = _phrases()
    out.median_ms, out.slow_ms = _latency()
    out.load_s = _load_seconds()
    if with_intents:
        out.grids = {code: (c.total, c.read) for code, c in reached(grids()).items()}
        for half in HALVES:
            out.intents[half] = heard_intents(half_of(half))
        out.intents[STRANGERS] = heard_intents(strangers())
        out.intents["cross-validation"] = cross_validated()
    return out


def _triages(own: list[Utterance]) -> Counter[tuple[str, str]]:
    """How often each labelled end of a conversation came to which."""
    return Counter((u.triage, triage_class(u.text)) for u in own if u.triage)


def triage_class(text: str) -> str:
    """`emergency`, `doctor` or `plain`: where a conversation ends that the text opens."""
    result = triage_of(understander(), text)
    if result.urgency is Urgency.EMERGENCY:
        return "emergency"
    return "plain" if result.urgency is Urgency.NONE else "doctor"


def _alarms(everyday: list[Utterance]) -> tuple[int, int, int]:
    """Messages, those from which some fact was learned, and those with an emergency sign."""
    facts = [learned(u, heard(u).facts) for u in everyday]
    return len(facts), sum(map(bool, facts)), sum("emergency_signs" in f for f in facts)


def _phrases() -> dict[str, tuple[int, int]]:
    """For each kind of short phrases how many there are, and how many are understood rightly."""
    signs = [text for texts in _phrases_in("emergency_signs").values() for text in texts]
    told = [(c, t) for c, texts in _phrases_in("health_conditions").items() for t in texts]
    near = _phrases_in("no_emergency")
    plain = _phrases_in("plain")
    ordinary = _phrases_in("ordinary_backs")
    return {
        "emergency signs": (len(signs), sum(_alarms_at(text) for text in signs)),
        "health conditions": (len(told), sum(_tells(text, code) for code, text in told)),
        "near a sign, but none": (len(near), sum(not _alarms_at(text) for text in near)),
        "ordinary backs": (len(ordinary), sum(not _alarms_at(text) for text in ordinary)),
        "no reason for a doctor": (len(plain), sum(triage_class(t) == "plain" for t in plain)),
    }


def _phrases_in(name: str) -> Any:
    path = FOLDER / "phrases" / f"{name}.yml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _alarms_at(text: str) -> bool:
    return any(f.kind == "emergency_sign" and f.holds for f in understander().read(text))


def _tells(text: str, code: str) -> bool:
    return any(f.value == code and f.holds for f in understander().read(text))


def _latency() -> tuple[float, float]:
    times = []
    for utterance in utterances():
        start = time.perf_counter()
        understander().read(utterance.text)
        times.append((time.perf_counter() - start) * MILLISECONDS)
    times.sort()
    return times[len(times) // 2], times[int(len(times) * 0.95)]


def _load_seconds() -> float:
    """From nothing to the first message read, in a process of its own."""
    code = (
        "import time; t = time.perf_counter(); import datetime as dt\n"
        "from backline.nlu import Understander\n"
        "Understander(lambda: dt.date(2026, 11, 23)).read('my back hurts')\n"
        "print(time.perf_counter() - t)"
    )
    command = [sys.executable, "-c", code]
    return min(
        float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        for _ in range(3)
    )


def external(path: Path) -> str:
    """Figures on texts kept elsewhere: JSON lines with `text` and `safe_outcomes`."""
    must = escalated = only = emergencies = others = over = unsafe = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        safe = set(item["safe_outcomes"])
        got = triage_class(item["text"])
        if safe <= {"doctor_first", "emergency"}:
            must += 1
            escalated += got != "plain"
            unsafe += got == "plain"
        if safe == {"emergency"}:
            only += 1
            emergencies += got == "emergency"
        if "emergency" not in safe:
            others += 1
            over += got == "emergency"
    return (
        f"{path.name}: of {must} that must be escalated {escalated} are; of {only} that are only "
        f"an emergency {emergencies} end so; of {others} others {over} are sent to emergency care"
    )


def shortfalls(measures: Measures) -> list[str]:
    """What lies below its floor, a sentence each."""
    floor = yaml.safe_load(FLOOR.read_text(encoding="utf-8"))
    out = []
    for name, least in floor["test_half"].items():
        got = measures.facts["test"].facts.get(name, Score())
        for figure, value in least.items():
            reached = getattr(got, figure)
            if reached < value:
                out.append(f"{name}: {figure} {reached:.3f} is below {value}")
    emergencies = measures.triage["test"]
    missed = sum(n for (label, got), n in emergencies.items() if _unsafe(label, got))
    if missed > floor["triage"]["unsafe"]:
        out.append(f"triage: {missed} texts end less urgently than they must")
    total, learned_from, alarmed = measures.alarms["test"]
    if total and learned_from / total > floor["everyday"]["learned_from"]:
        out.append(f"everyday: {learned_from} of {total} messages teach a fact")
    if total and alarmed / total > floor["everyday"]["alarmed"]:
        out.append(f"everyday: {alarmed} of {total} messages raise an alarm")
    for kind, (total, right) in measures.phrases.items():
        if right / total < floor["phrases"][kind]:
            out.append(f"phrases, {kind}: {right} of {total}, below {floor['phrases'][kind]}")
    out += _grid_shortfalls(measures.grids, floor["grids"])
    for name, least in floor["intents"].items():
        if name in measures.intents and measures.intents[name].f1 < least:
            out.append(f"intents, {name}: F1 {measures.intents[name].f1:.3f} is below {least}")
    if measures.median_ms > floor["median_ms"]:
        out.append(f"a message takes {measures.median_ms:.1f} ms, more than {floor['median_ms']}")
    if measures.load_s > floor["load_s"]:
        out.append(f"loading takes {measures.load_s:.1f} s, more than {floor['load_s']}")
    return out


def _grid_shortfalls(read: dict[str, tuple[int, int]], floor: dict[str, float]) -> Iterator[str]:
    signs = {sign.value for sign in EmergencySign}
    for code, (total, right) in read.items():
        least = floor["signs" if code in signs else "conditions"]
        if right / total < least:
            yield f"grids, {code}: {right} of {total}, below {least}"


def _unsafe(label: str, got: str) -> bool:
    rank = ["plain", "doctor", "emergency"]
    return rank.index(got) < rank.index(label)


def markdown(measures: Measures) -> str:
    """The report."""
    return "\n".join(_lines(measures)) + "\n"


def _lines(measures: Measures) -> Iterator[str]:
    yield "# How well messages are understood"
    yield ""
    yield (
        "Written by `make eval` from the labelled utterances of `tests/understanding/`; it fails "
        "below [the floor](evaluation-floor.yml). The development half was looked at while the "
        "lexicon was written, the test half was not."
    )
    for half in reversed(HALVES):
        yield from _half_lines(half, measures)
    yield "## Codes, both halves"
    yield ""
    yield from _code_lines(measures)
    yield "## Short phrases"
    yield ""
    yield "Those of `phrases/`, all looked at while the lexicon was written:"
    yield ""
    yield "| phrases | understood | of |"
    yield "|---|---|---|"
    for kind, (total, right) in measures.phrases.items():
        yield f"| {kind} | {right} | {total} |"
    yield ""
    yield from _grid_lines(measures.grids)
    yield from _intent_lines(measures.intents)
    yield "## Speed"
    yield ""
    yield (
        f"Median {measures.median_ms:.1f} ms and 95th percentile {measures.slow_ms:.1f} ms a "
        f"message on one core; {measures.load_s:.1f} s from a new process to the first message."
    )


def _half_lines(half: str, measures: Measures) -> Iterator[str]:
    scores = measures.facts[half]
    total = sum(c["all"] for c in scores.topics.values())
    yield ""
    yield f"## {'Test' if half == 'test' else 'Development'} half: {total} utterances"
    yield ""
    yield "| fact | precision | recall | F1 | right | false | missed |"
    yield "|---|---|---|---|---|---|---|"
    for name, s in sorted(scores.facts.items()):
        figures = f"{s.precision:.3f} | {s.recall:.3f} | {s.f1:.3f}"
        yield f"| {name} | {figures} | {s.right} | {s.false} | {s.missed} |"
    yield ""
    yield "| topic | wholly right | of |"
    yield "|---|---|---|"
    for topic, counts in sorted(scores.topics.items()):
        yield f"| {topic} | {counts['right']} | {counts['all']} |"
    yield ""
    messages, learned_from, alarmed = measures.alarms[half]
    yield (
        f"Of {messages} everyday messages that use the vocabulary harmlessly, {learned_from} teach "
        f"a fact and {alarmed} raise an alarm."
    )
    yield ""
    if measures.triage[half]:
        yield "Where conversations end that a long message opens, the rest answered plainly:"
        yield ""
        yield "| must be | emergency | doctor | plain |"
        yield "|---|---|---|---|"
        for label in ENDS:
            row = [
                str(measures.triage[half][label, got]) for got in ("emergency", "doctor", "plain")
            ]
            yield f"| {label} | {' | '.join(row)} |"
        yield ""


def _code_lines(measures: Measures) -> Iterator[str]:
    codes: dict[str, Score] = {}
    for scores in measures.facts.values():
        for code, s in scores.codes.items():
            both = codes.setdefault(code, Score())
            both.right, both.false, both.missed = (
                both.right + s.right,
                both.false + s.false,
                both.missed + s.missed,
            )
    yield "| code | precision | recall | told |"
    yield "|---|---|---|---|"
    for code, s in sorted(codes.items()):
        yield f"| {code} | {s.precision:.2f} | {s.recall:.2f} | {s.right + s.missed} |"
    yield ""


def _grid_lines(read: dict[str, tuple[int, int]]) -> Iterator[str]:
    if not read:
        return
    yield "## Grids"
    yield ""
    yield "Ordinary ways to tell each code, all combinations of the parts in `grids.yml`:"
    yield ""
    yield "| code | read | of |"
    yield "|---|---|---|"
    for code, (total, right) in read.items():
        yield f"| {code} | {right} | {total} |"
    yield f"| all | {sum(r for _, r in read.values())} | {sum(n for n, _ in read.values())} |"
    yield ""


def _intent_lines(intents: dict[str, IntentScores]) -> Iterator[str]:
    if not intents:
        return
    yield "## Intents"
    yield ""
    yield "| measured on | macro F1 | examples |"
    yield "|---|---|---|"
    for name, scores in intents.items():
        yield f"| {name} | {scores.f1:.3f} | {scores.count} |"
    yield ""
    names = [name for name in ("test", STRANGERS, "cross-validation") if name in intents]
    yield f"| intent | {' | '.join(f'F1, {name}' for name in names)} |"
    yield "|---|" + "---|" * len(names)
    for intent in sorted({i for name in names for i in intents[name].by_intent}):
        row = [f"{intents[name].by_intent.get(intent, float('nan')):.2f}" for name in names]
        yield f"| {intent} | {' | '.join(row).replace('nan', '-')} |"
    yield ""
    yield "Most often confused in cross-validation:"
    yield ""
    yield "| meant | taken for | times |"
    yield "|---|---|---|"
    for (meant, taken), n in intents["cross-validation"].confused.most_common(15):
        yield f"| {meant} | {taken} | {n} |"
    yield ""


def mistakes(scores: FactScores) -> Iterator[str]:
    """What was understood otherwise than labelled, a line each."""
    for mistake in scores.mistakes:
        asked = f" (asked {mistake.utterance.asked.value})" if mistake.utterance.asked else ""
        yield f"[{mistake.utterance.topic}] {mistake.utterance.text!r}{asked}"
        yield f"    {'; '.join(mistake.faults)}"


def summary(measures: Measures) -> Iterator[str]:
    """The main figures for the terminal."""
    for half in HALVES:
        for name, s in sorted(measures.facts[half].facts.items()):
            yield f"{half:5} {name:20} P {s.precision:.3f}  R {s.recall:.3f}  F1 {s.f1:.3f}"
    for half, (total, learned_from, alarmed) in measures.alarms.items():
        yield f"{half:5} everyday: {total} messages, {learned_from} teach a fact, {alarmed} alarm"
    for half, ends in measures.triage.items():
        unsafe = sum(n for (label, got), n in ends.items() if _unsafe(label, got))
        over = sum(n for (label, got), n in ends.items() if got == "emergency" != label)
        yield f"{half:5} triage: {sum(ends.values())} texts, {unsafe} too low, {over} too high"
    for kind, (total, right) in measures.phrases.items():
        yield f"phrases, {kind}: {right} of {total}"
    if measures.grids:
        total, right = (sum(n) for n in zip(*measures.grids.values(), strict=True))
        yield f"grids: {right} of {total}"
    for name, intents in measures.intents.items():
        yield f"intents, {name}: macro F1 {intents.f1:.3f} of {intents.count}"
    yield (
        f"median {measures.median_ms:.2f} ms, 95th percentile {measures.slow_ms:.2f} ms, "
        f"load {measures.load_s:.2f} s"
    )
