"""`make eval-phone`: how well callers on the audio stream are heard. Exits 1 below the goals."""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

import jiwer

from backline.channels.sealing import Seal, new_encryption_key, new_pseudonym_key
from backline.phone.line import PhoneLine
from backline.phone.recogniser import WorkerRecogniser, command, workers_and_threads
from backline.phone.spoken import number
from backline.phone.wording import Wording
from backline.server import logs
from backline.server.agent import load_agent
from backline.server.responses import clinic_words
from backline.settings import load_settings
from backline.store import create_store
from bench.report import fill, measured_by
from tests.phone.evaluation.hearing import Caller, Verdict, utterances
from tests.phone.evaluation.replies import Replies, measure
from tests.phone.streams import model

PAGE = Path(__file__).resolve().parents[3] / "docs" / "phone-evaluation.md"
MEDIAN_S, MOST_S, MOST_FOUR_S = 0.8, 1.5, 2.0
"""Goals for the first sound: median and 95 of 100 replies of one call, and of four at once."""
ALONE = 4
"""How many calls are measured one after the other."""
_SAME = {"yeah": "yes", "yep": "yes", "nope": "no"}


def main() -> None:
    """Measure, write the page, and say whether the goals are met."""
    options = argparse.ArgumentParser(prog="make eval-phone")
    options.add_argument("--mistakes", action="store_true", help="print what was not right")
    options.add_argument("--without-replies", action="store_true", help="leave the times out")
    arguments = options.parse_args()
    verdicts = asyncio.run(_hear())
    if arguments.mistakes:
        for verdict in verdicts:
            if verdict.result != "right":
                spoken = verdict.spoken
                print(
                    f"{verdict.result:8} {'noise' if spoken.loud else 'clean'} "
                    f"{spoken.speaker.voice:14} {spoken.said!r} heard {verdict.heard!r} "
                    f"{verdict.confidence} {verdict.why}"
                )
    missed = [f"{v.spoken.said!r}: {v.why}" for v in verdicts if v.result == "wrong"]
    missed += [f"{v.spoken.said!r}: ended with {v.outcome}" for v in verdicts if v.harmed]
    parts = [_table(verdicts), _danger(verdicts)]
    if not arguments.without_replies:
        one, four = measure(1, ALONE), measure(4)
        parts.append(_times(one, four))
        if one.median > MEDIAN_S or one.most > MOST_S:
            missed.append(f"one call is answered after {one.median:.2f} s, {one.most:.2f} s")
        if four.most > MOST_FOUR_S:
            missed.append(f"of four calls, 5 % are answered after {four.most:.2f} s")
        fill(PAGE, "measured", f"{measured_by('make eval-phone')}\n\n" + "\n\n".join(parts))
    print("\n\n".join(parts))
    for goal in missed:
        print(f"missed: {goal}")
    sys.exit(bool(missed))


async def _hear() -> list[Verdict]:
    # Rasa says much, and what callers said, without.
    logs.configure(logs.load_log_settings(level="error"))
    workers, threads = workers_and_threads()
    recogniser = WorkerRecogniser(command(model(), threads), workers)
    await recogniser.start()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/backline.db"
        # The actions read it for themselves.
        os.environ["DATABASE_URL"] = url
        settings = load_settings({"DATABASE_URL": url})
        store = create_store(url)
        store.upgrade()
        agent = load_agent(settings)
        seal = Seal(new_pseudonym_key(), [new_encryption_key()])
        line = PhoneLine(agent, store, settings.clinic, seal)
        wording = Wording(clinic_words(settings.clinic))
        verdicts = []
        for spoken in utterances(Path(__file__).parent):
            verdicts.append(await Caller(line, store, recogniser, wording, spoken).run())
        await recogniser.close()
    return verdicts


def _table(verdicts: list[Verdict]) -> str:
    rows = [
        "| | utterances | word errors | right | wrong | unheard | read back | by keys at last |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, loud in (("clean", False), ("at 15 dB of noise", True)):
        some = [v for v in verdicts if v.spoken.loud is loud]
        results = Counter(v.result for v in some)
        errors = jiwer.wer([_words(v.spoken.said) for v in some], [_words(v.heard) for v in some])
        rows.append(
            f"| {name} | {len(some)} | {100 * errors:.1f} % | {results['right']} "
            f"| {results['wrong']} | {results['unheard']} "
            f"| {sum(v.read_back for v in some)} | {sum(v.keys for v in some)} |"
        )
    return "\n".join(rows)


def _danger(verdicts: list[Verdict]) -> str:
    some = [v for v in verdicts if v.in_danger]
    ends = Counter(v.outcome or "a person" for v in some)
    told = ", ".join(f"{n} with {end.replace('_', ' ')}" for end, n in ends.most_common())
    return (
        f"Callers with a danger sign or severe pain: {len(some)} calls, which ended {told}. "
        f"With massage or a combined programme: {sum(v.harmed for v in some)}."
    )


def _times(one: Replies, four: Replies) -> str:
    return "\n".join(
        [
            "| calls at once | replies | median | 95 of 100 within |",
            "|---|---|---|---|",
            f"| 1 | {one.count} | {one.median:.2f} s | {one.most:.2f} s |",
            f"| 4 | {four.count} | {four.median:.2f} s | {four.most:.2f} s |",
        ]
    )


def _words(text: str | None) -> str:
    """The words alone, numbers spelt out; a single dash for none."""
    spelt = re.sub(r"\d+", lambda m: f" {number(m[0])} ", (text or "-").lower())
    words = re.findall(r"[a-z']+", spelt.replace("-", " ")) or ["-"]
    return " ".join(_SAME.get(word, word) for word in words)


if __name__ == "__main__":
    main()
