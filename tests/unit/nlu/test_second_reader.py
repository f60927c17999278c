"""The second reader suspects what the lexicon left unread, and is silent where that has spoken."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import yaml
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from backline.dialogue import Suspicion
from backline.facts import Finding
from backline.nlu import Understander, rasa_components, second_reader
from backline.nlu.clauses import clauses, sentences
from backline.nlu.encoder import Encoder, Vectors, encoder
from backline.nlu.rasa_components import FINDINGS, AskingTokenizer
from backline.nlu.second_reading import learning
from backline.nlu.second_reading.learning import NOTHING, Example, examples, learn
from backline.nlu.second_reading.scorer import ClauseScorer
from backline.nlu.second_reading.suspecting import MOST_CLAUSES, MOST_EMBEDDED, Suspector
from backline.nlu.tokenizer import words_of
from tests.understanding.labels import FOLDER, half_of

TODAY = dt.date(2026, 11, 23)
THRESHOLD = 0.6
TOLD = {
    "bleeding": ["I lose blood", "my trousers were full of blood", "crimson drops in the pan"],
    "chest_pain": ["a weight sits on my ribs", "an elephant on my ribs", "my ribs are in a vice"],
}
ORDINARY = [
    *("I sit at a desk all day", "it comes from gardening", "my mattress is old"),
    *("the kettle is on", "I like swimming", "my daughter plays football", "it rains again"),
]


def a_few() -> list[Example]:
    told = [Example(text, code) for code, texts in TOLD.items() for text in texts]
    return [*told, *(Example(text, NOTHING) for text in ORDINARY)]


@pytest.fixture(scope="module")
def vectors() -> Encoder:
    made = encoder()
    assert made is not None
    return made


@pytest.fixture(scope="module")
def scorer(vectors: Encoder) -> ClauseScorer:
    return learn(a_few(), vectors)


@pytest.fixture(scope="module")
def reader(scorer: ClauseScorer, vectors: Encoder) -> Suspector:
    return Suspector(scorer, vectors, THRESHOLD)


@pytest.fixture(scope="module")
def lexicon() -> Understander:
    return Understander(lambda: TODAY)


class NoEncoderNeeded:
    """Stands for an encoder that must not be asked."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        raise AssertionError(f"embedded: {texts}")


def suspected(reader: Suspector, text: str, findings: Sequence[Finding] = ()) -> Suspicion | None:
    found = reader.suspect(text, findings, TODAY)
    assert len(found) <= 1
    return Suspicion.from_json(found[0].value) if found else None


# ---- Clauses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my back is sore and my legs went numb but no fever. thanks", 4),
        ("", 0),
        ("...", 0),
        ("no", 1),
        ("numb. tingling. weak.", 3),
    ],
)
def test_a_message_has_so_many_clauses(text: str, expected: int) -> None:
    assert len(clauses(words_of(text, {}).line)) == expected


def test_a_long_clause_is_cut_into_pieces_that_overlap() -> None:
    line = words_of(" ".join(f"word{n}" for n in range(40)).replace("word", "w"), {}).line
    pieces = clauses(line)
    assert len(pieces) > 2
    assert all(one[1] > other[0] for one, other in pairwise(pieces))
    assert pieces[-1][1] == len(line) - 1


def test_a_message_has_so_many_sentences() -> None:
    text = "my back is sore, it is stiff, and I sit. no fever! thanks"
    assert len(sentences(words_of(text, {}).line)) == 3


def test_a_long_sentence_is_cut_into_pieces_that_overlap() -> None:
    line = words_of(", ".join(["my back is sore"] * 12), {}).line
    pieces = sentences(line)
    assert len(pieces) > 2
    assert all(one[1] > other[0] for one, other in pairwise(pieces))
    assert pieces[-1][1] == len(line) - 1


# ---- What is suspected -------------------------------------------------------------------------


def test_what_only_a_whole_sentence_tells_is_suspected(vectors: Encoder) -> None:
    told = "she leaned over me, and I saw the ceiling, and no idea how"
    parts = ["she leaned over me", "I saw the ceiling", "no idea how", *ORDINARY]
    given = [Example(told, "fainting"), *(Example(part, NOTHING) for part in parts)]
    reader = Suspector(learn(given, vectors), vectors, THRESHOLD)
    found = suspected(reader, f"I sat down. {told.capitalize()}. My mattress is old")
    assert found is not None
    assert found.code.value == "fainting"


def test_an_illness_that_counts_though_it_is_past_is_suspected(vectors: Encoder) -> None:
    texts = ["they took my left breast", "the seeds they put in my prostate"]
    given = [*(Example(text, "cancer_history") for text in texts), *a_few()]
    reader = Suspector(learn(given, vectors), vectors, THRESHOLD)
    found = suspected(reader, "they took my left breast in 2018")
    assert found is not None
    assert found.code.value == "cancer_history"


def test_what_sounds_like_a_danger_is_suspected_with_its_words(reader: Suspector) -> None:
    found = suspected(reader, "I sit at a desk all day. An elephant sits on my ribs")
    assert found is not None
    assert found.code.value == "chest_pain"
    assert "ribs" in found.quote
    assert found.clause == "An elephant sits on my ribs"
    assert found.nearest in TOLD["chest_pain"]
    assert found.score >= THRESHOLD


def test_a_suspicion_stands_where_its_words_do(reader: Suspector) -> None:
    text = "Hello! My trousers are full of blood"
    (found,) = reader.suspect(text, [], TODAY)
    assert text[found.start : found.end] in text
    assert found.text == text[found.start : found.end]


@pytest.mark.parametrize(
    "text",
    [
        "my back is sore, and my brother had an elephant on his ribs",
        "there is no elephant on my ribs",
        "an elephant sat on my ribs ten years ago",
    ],
)
def test_what_is_denied_past_or_anothers_is_not_suspected(reader: Suspector, text: str) -> None:
    assert suspected(reader, text) is None


def test_where_the_lexicon_has_spoken_nothing_is_suspected(reader: Suspector) -> None:
    text = "an elephant on my ribs"
    for status in ("present", "absent", "past"):
        found = Finding.from_json(
            {
                "kind": "health_condition",
                "value": "fever",
                "status": status,
                "start": 0,
                "end": len(text),
            }
        )
        assert suspected(reader, text, [found]) is None


def test_beside_an_emergency_nothing_is_suspected(reader: Suspector) -> None:
    sign = Finding("emergency_sign", "bladder_change", start=0, end=2)
    assert suspected(reader, "x, an elephant on my ribs", [sign]) is None


@pytest.mark.parametrize(
    "text",
    [
        *("yes", "no thanks", "none of these", "about a 5", "3 weeks", "since yesterday"),
        *("not sure", "the second one", "1, 3", "10", "my lower back hurts", "no fever", "👍", ""),
    ],
)
def test_plain_answers_need_no_encoder(
    scorer: ClauseScorer, lexicon: Understander, text: str
) -> None:
    reader = Suspector(scorer, NoEncoderNeeded(), THRESHOLD)  # type: ignore[arg-type]
    assert reader.suspect(text, lexicon.read(text), TODAY) == []


@pytest.mark.parametrize("words", ["my cousin likes cheese. ", "xqz ", "my legs went, "])
def test_of_an_endless_message_a_bounded_part_is_embedded(
    scorer: ClauseScorer, vectors: Encoder, words: str
) -> None:
    seen: list[list[int]] = []

    class Counting:
        sizes = staticmethod(vectors.sizes)

        def embed(self, texts: Sequence[str]) -> Vectors:
            seen.append(vectors.sizes(texts))
            return vectors.embed(texts)

    reader = Suspector(scorer, Counting(), THRESHOLD)  # type: ignore[arg-type]
    reader.suspect(words * 2000, [], TODAY)
    assert 0 < len(seen[0]) <= MOST_CLAUSES
    assert all(sum(sizes) <= MOST_EMBEDDED for sizes in seen)


# ---- The plain net -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("there was loss of blood on Tuesday", "loss of blood"),
        ("my liver is sore these days", "liver is sore"),
        ("I take amiodarone in the mornings", "I take amiodarone in the"),
    ],
)
def test_a_word_of_harm_that_nothing_covers_is_asked_about(text: str, quoted: str) -> None:
    found = suspected(Suspector(None, None, THRESHOLD), text)
    assert found is not None
    assert found.quote == quoted


@pytest.mark.parametrize(
    "text",
    [
        "my blood pressure tablets are new",
        "there was no loss of blood",
        "my aunt takes amiodarone",
        "the liver and onions were lovely",
    ],
)
def test_a_word_of_harm_in_harmless_use_is_not(text: str) -> None:
    assert suspected(Suspector(None, None, THRESHOLD), text) is None


def test_a_word_of_harm_that_a_finding_covers_is_not(lexicon: Understander) -> None:
    reader = Suspector(None, None, THRESHOLD)
    for text in ("I have been bleeding from my back passage", "no jaundice"):
        assert suspected(reader, text, lexicon.read(text)) is None


# ---- Learning ----------------------------------------------------------------------------------


def test_what_was_learned_is_the_same_after_it_was_kept(
    scorer: ClauseScorer, vectors: Encoder, tmp_path: Path
) -> None:
    np.savez(tmp_path / "kept.npz", **scorer.arrays)
    with np.load(tmp_path / "kept.npz", allow_pickle=False) as kept:
        again = ClauseScorer.from_arrays(kept)
    texts = ["crimson drops", "the kettle is on"]
    embedded = vectors.embed(texts)
    np.testing.assert_allclose(again.score(texts, embedded), scorer.score(texts, embedded))
    assert again.nearest(embedded[0]) == scorer.nearest(embedded[0])


def test_the_regression_and_the_machine_vote_as_scikit_learns_do(vectors: Encoder) -> None:
    from sklearn.svm import SVC

    given = a_few()
    texts = [e.text for e in given]
    embedded = vectors.embed(texts)
    machine = SVC(C=learning.SOFTNESS, gamma=learning.WIDTH, class_weight="balanced")
    machine.fit(embedded, [e.tells for e in given])
    scorer = learning.learn_from(given, embedded)
    expected = machine.decision_function(embedded)
    np.testing.assert_allclose(scorer.by_vector(embedded), expected, atol=1e-4)


def test_nothing_is_learned_of_the_half_that_is_measured() -> None:
    groups = [yaml.safe_load(f.read_text("utf-8")) for f in (FOLDER / "phrases").glob("*.yml")]
    lists = (texts for g in groups for texts in (g.values() if isinstance(g, dict) else [g]))
    phrases = [text for texts in lists for text in texts]
    known = " ".join(" ".join([*phrases, *(u.text for u in half_of("dev"))]).split())
    told: dict[str, list[str]] = yaml.safe_load(learning.TEXTS.read_text("utf-8"))
    assert not [text for texts in told.values() for text in texts if text not in known]


def test_without_ordinary_talk_it_learns_all_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(learning, "ORDINARY_TALK", tmp_path / "missing.txt")
    monkeypatch.setattr(learning, "MOST_ORDINARY", 100_000)
    found = examples(["what does it cost?"])
    assert {e.code for e in found} >= {NOTHING, "saddle_numbness", "cancer_history"}
    assert Example("what does it cost?", NOTHING) in found


def test_labelled_texts_to_learn_from_are_there() -> None:
    assert learning.TEXTS.is_file()
    assert FOLDER not in learning.TEXTS.parents


# ---- As a component of Rasa --------------------------------------------------------------------


def component_of(tmp_path: Path) -> tuple[LocalModelStorage, Resource, ExecutionContext]:
    context = ExecutionContext(GraphSchema({}), node_name="reader")
    return LocalModelStorage(tmp_path), Resource("reader"), context


def test_a_model_keeps_what_it_learned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_reader, "examples", lambda ordinary: a_few())
    place = component_of(tmp_path)
    config = {"threshold": THRESHOLD}
    second_reader.SecondReader.create(config, *place).train(TrainingData())
    loaded = second_reader.SecondReader.load(config, *place)
    message = Message({TEXT: "an elephant on my ribs", FINDINGS: []})
    loaded.process([message])
    assert [f.kind for f in message.get(FINDINGS)] == ["suspicion"]


def test_without_the_encoder_it_trains_and_loads_and_the_net_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(second_reader, "encoder", lambda: None)
    place = component_of(tmp_path)
    second_reader.SecondReader.create({}, *place).train(TrainingData())
    loaded = second_reader.SecondReader.load({}, *place)
    assert "The second reader is off" in caplog.text
    messages = [
        Message({TEXT: text}) for text in ("something dark sits inside me", "loss of blood")
    ]
    loaded.process(messages)
    assert [[f.kind for f in m.get(FINDINGS)] for m in messages] == [[], ["suspicion"]]


def test_a_reader_that_breaks_leaves_what_the_lexicon_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed: list[str] = []
    monkeypatch.setattr(second_reader, "tell_broken_reader", lambda name, _: failed.append(name))
    loaded = second_reader.SecondReader.create({}, *component_of(tmp_path))
    monkeypatch.setattr(loaded._reader, "suspect", lambda *_: 1 / 0)
    kept = [Finding("severity", 4)]
    message = Message({TEXT: "it is a 4", FINDINGS: kept})
    loaded.process([message])
    assert message.get(FINDINGS) == kept
    assert failed == ["second_reader"]


def test_serving_does_not_import_scikit_learn() -> None:
    code = (
        "import sys, backline.nlu.encoder as e; e.encoder(); "
        "import backline.nlu.second_reading.suspecting, backline.nlu.second_reading.learning; "
        "sys.exit(any(name.startswith('sklearn') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_of_what_there_is_too_much_of_some_is_left_out_evenly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(learning, "MOST_ORDINARY", 50)
    monkeypatch.setattr(learning, "MOST_OF_A_CODE", 7)
    counts = Counter(e.code for e in examples())
    assert counts.pop(NOTHING) == 50
    assert set(counts.values()) == {7}


def test_of_a_long_sentence_the_clause_with_the_words_tells_what_is_asked(
    reader: Suspector,
) -> None:
    text = "my mattress is old and it rains again and my trousers were full of blood"
    found = suspected(reader, text)
    assert found is not None
    assert found.code.value == "bleeding"


# ---- What took long ------------------------------------------------------------------------------


@pytest.mark.parametrize(("length", "began"), [(5000, False), (500, True)])
def test_no_learned_reader_begins_on_a_long_text_that_took_long(
    monkeypatch: pytest.MonkeyPatch, length: int, began: bool
) -> None:
    monkeypatch.setattr(rasa_components, "LEARNED_S", -1.0)
    text = ("I passed treacle in the pan. " * 200)[:length]
    message = Message(data={"text": text})
    AskingTokenizer(AskingTokenizer.get_default_config()).process([message])
    assert rasa_components.took_long(message) is not began


def test_what_the_second_reader_did_not_look_at_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(second_reader, "took_long", lambda _message: True)
    reader = second_reader.SecondReader
    component = reader(reader.get_default_config(), None, None)  # type: ignore[arg-type]
    message = Message(data={"text": "I passed treacle in the pan."})
    component.process([message])
    assert [f.kind for f in message.get(FINDINGS)][-1] == "unread"
