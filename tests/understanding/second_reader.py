"""Measures the second reader (`.venv/bin/python -m tests.understanding.second_reader`).

Prints what docs/understanding.md says of it. What is measured was not learned: five
times a fifth of the clauses and messages of the development half is left out, and the test half
always is. `--without-folds` leaves the former out. `make train` comes before.
"""

from __future__ import annotations

import io
import os
import re
import resource
import statistics
import sys
import tarfile
import time
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

# One core, as a server has for a message.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import yaml

from backline.facts import Finding
from backline.nlu.encoder import Vectors, encoder
from backline.nlu.second_reading.learning import Example, examples, learn_from, pieces_of_text
from backline.nlu.second_reading.scorer import ClauseScorer, joined
from backline.nlu.second_reading.suspecting import Suspector
from tests.understanding.labels import TODAY, Utterance, half_of, understander

PROJECT = Path(__file__).resolve().parents[2]
FOLDS = 5
_LEARNED = re.compile(r"second_reader\.SecondReader.*\.npz$")
FALSE_ALARMS = 0.03
TIMES = 200
TIMED = {
    "a plain answer": "about three weeks",
    "a short reply": "the chemist gave me cream",
    "an opening of 13 words": "my lower back has been sore since I moved the shed last weekend",
    "a story of 66 words": (
        "Hello, I hope this is the right place. I drive a van for a bakery and sit most of the "
        "day, and since about Easter the bottom of my back has been stiff when I get out. My wife "
        "says it is the seat. I tried a cushion, some stretches from the internet and a hot bath, "
        "and it is better at weekends when I walk the dog."
    ),
}


def _fold(text: str) -> int:
    return zlib.crc32(" ".join(text.lower().split()).encode()) % FOLDS


def _threshold() -> float:
    config = yaml.safe_load((PROJECT / "config.yml").read_text("utf-8"))
    component = next(c for c in config["pipeline"] if c["name"].endswith(".SecondReader"))
    return float(component["threshold"])


def _questions(reader: Suspector, texts: Iterable[str]) -> tuple[int, int]:
    """How many of the texts lead to a question, and how many there are."""
    asked = count = 0
    for text in texts:
        asked += bool(reader.suspect(text, understander().read(text), TODAY))
        count += 1
    return asked, count


def _is_plain(utterance: Utterance) -> bool:
    coded = utterance.facts.get("emergency_signs") or utterance.facts.get("health_conditions")
    return not coded and utterance.triage in (None, "plain")


def _is_unread(utterance: Utterance) -> bool:
    """Whether a danger is told of which the lexicon finds none at all."""
    if _is_plain(utterance):
        return False
    kinds = ("emergency_sign", "health_condition")
    return not any(f.holds and f.kind in kinds for f in understander().read(utterance.text))


def _groups(half: str) -> dict[str, list[str]]:
    texts = half_of(half)
    plain = [u for u in texts if _is_plain(u)]
    return {
        "plain openings": [u.text for u in plain if not u.asked and u.topic != "everyday"],
        "plain answers": [u.text for u in plain if u.asked],
        "everyday.yml (dangerous words in harmless use)": [
            u.text for u in plain if u.topic == "everyday"
        ],
        "dangers of which the lexicon finds none": [u.text for u in texts if _is_unread(u)],
    }


def _strangers() -> dict[str, list[str]]:
    """Texts by people who had not seen the program, of which nothing was learned."""
    files = sorted((Path(__file__).parent / "blind").glob("*.yml"))
    given = [text for file in files for text in yaml.safe_load(file.read_text("utf-8"))]
    utterances = [
        Utterance("blind", g["topic"], g["text"], g.get("facts") or {}, triage=g.get("triage"))
        for g in given
    ]
    return {
        "plain openings, a third of them with traps": [u.text for u in utterances if _is_plain(u)],
        "dangers of which the lexicon finds none": [u.text for u in utterances if _is_unread(u)],
    }


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _cross_validate(given: Sequence[Example], vectors: Vectors, threshold: float) -> None:
    folds = np.asarray([_fold(e.text) for e in given])
    messages = {text: _fold(text) for texts in _groups("dev").values() for text in texts}
    by_vector, by_grams = np.zeros(len(given), np.float32), np.zeros(len(given), np.float32)
    asked = dict.fromkeys(_groups("dev"), 0)
    for fold in range(FOLDS):
        left_out = {
            " ".join(piece.lower().split())
            for text, own in messages.items()
            if own == fold
            for piece in (text, *pieces_of_text(text))
        }
        learned = [
            n
            for n, e in enumerate(given)
            if folds[n] != fold and " ".join(e.text.lower().split()) not in left_out
        ]
        scorer = learn_from([given[n] for n in learned], vectors[learned])
        held = np.flatnonzero(folds == fold)
        by_vector[held] = scorer.by_vector(vectors[held])
        by_grams[held] = [scorer.by_grams(given[n].text) for n in held]
        reader = Suspector(scorer, encoder(), threshold)
        for name, texts in _groups("dev").items():
            asked[name] += _questions(reader, [t for t in texts if messages[t] == fold])[0]
    tells = np.asarray([e.tells for e in given])
    _say(f"Clauses: {tells.sum()} that tell something, {(~tells).sum()} that do not; {FOLDS} folds")
    for name, votes in (
        ("n-grams alone", joined(0 * by_vector, by_grams)),
        ("vectors alone", joined(by_vector, 0 * by_grams)),
        ("both", joined(by_vector, by_grams)),
    ):
        cut = np.quantile(votes[~tells], 1 - FALSE_ALARMS)
        _say(f"  {name}: recall {(votes[tells] > cut).mean():.2f} at 3 % false alarms")
    votes = joined(by_vector, by_grams)
    alarms, recall = (votes[~tells] >= threshold).mean(), (votes[tells] >= threshold).mean()
    _say(f"  both, from {threshold} on: recall {recall:.2f}, false alarms {alarms:.3f}")
    _say("Questions, development half (left out of what was learned):")
    for name, texts in _groups("dev").items():
        _say(f"  {name}: {asked[name]} of {len(texts)}")


def _measure_questions(scorer: ClauseScorer, threshold: float) -> None:
    reader, net = Suspector(scorer, encoder(), threshold), Suspector(None, None, threshold)
    for title, groups in (("test half", _groups("test")), ("strangers' texts", _strangers())):
        _say(f"Questions, {title}:")
        for name, texts in groups.items():
            asked, count = _questions(reader, texts)
            _say(f"  {name}: {asked} of {count}; the plain net alone {_questions(net, texts)[0]}")


def _measure_times(scorer: ClauseScorer, threshold: float) -> None:
    reader = Suspector(scorer, encoder(), threshold)
    _say("Milliseconds, median on one core, beside what the lexicon takes:")
    for name, text in TIMED.items():
        findings = understander().read(text)
        taken = [_taken(reader, text, findings) for _ in range(TIMES)]
        _say(f"  {name}: {statistics.median(taken):.1f}")
    texts = [u.text for u in half_of("dev")]
    longest = max(_taken(reader, text, understander().read(text)) for text in texts)
    _say(f"  the longest of all labelled texts: {longest:.0f}")


def _taken(reader: Suspector, text: str, findings: Sequence[Finding]) -> float:
    """Milliseconds of the processor, whatever else it does meanwhile."""
    begun = time.thread_time()
    reader.suspect(text, findings, TODAY)
    return 1000 * (time.thread_time() - begun)


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def main() -> None:
    """Print all figures."""
    understander().read("hello")
    threshold, before, begun = _threshold(), _resident_mb(), time.perf_counter()
    made = encoder()
    if made is None:
        raise SystemExit("There is no encoder.")
    made.embed(["hello"])
    _say(f"Encoder: {time.perf_counter() - begun:.2f} s to load, {_resident_mb() - before:.0f} MB")
    scorer = _trained()
    _measure_questions(scorer, threshold)
    _measure_times(scorer, threshold)
    if "--without-folds" not in sys.argv:
        given = examples()
        _cross_validate(given, made.embed([e.text for e in given]), threshold)


def _trained() -> ClauseScorer:
    """What the newest model has learned."""
    models = sorted((PROJECT / "models").glob("*.tar.gz"), key=lambda file: file.stat().st_mtime)
    with tarfile.open(models[-1]) as model:
        kept = next(m for m in model.getmembers() if _LEARNED.search(m.name))
        file = model.extractfile(kept)
        assert file is not None
        with np.load(io.BytesIO(file.read()), allow_pickle=False) as learned:
            return ClauseScorer.from_arrays(learned)


if __name__ == "__main__":
    main()
