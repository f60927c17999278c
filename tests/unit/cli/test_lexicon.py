"""The commands on the lexicon: what they refuse, list and show."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from backline.cli.main import app
from backline.nlu import lexicon, lexicon_checks, lexicon_lines, spelling
from backline.nlu.lexicon_checks import Texts, coverage

CACHES: tuple[Callable[..., object], ...] = (
    *(lexicon.entries, lexicon.combinations, lexicon._read_once),
    *(spelling._known, spelling._correction, lexicon_checks._composed),
)


def clear() -> None:
    for cached in CACHES:
        cached.cache_clear()  # type: ignore[attr-defined]
    lexicon_checks._SEARCHED.clear()


TEXTS = ("my foot drags", "no fever", "I take warfarin")
SIGNS = """kind: emergency_sign
entries:
  - code: fainting
    patterns: [{pattern: "passed out", like: "I passed out"}]
"""
CONDITIONS = """kind: health_condition
entries:
  - code: foot_drop
    patterns:
      - foot ... drag*
"""
MEDICINES = """kind: health_condition
entries:
  - code: blood_thinners
    patterns:
      - warfarin
"""
COMPOSED = """parts:
  wings:
    words: [wings]
  flapping:
    words: [flap*]
findings:
  - {kind: health_condition, code: foot_drop, parts: [wings, flapping], like: "my wings flap"}
"""
GROUPS = """groups:
  - kind: injury
    entries: []
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A lexicon with three lines, three labelled texts, and no ordinary talk."""
    own = tmp_path / "lexicon"
    shutil.copytree(lexicon.FOLDER, own, ignore=shutil.ignore_patterns("*.txt"))
    for name, text in (
        *(("emergency_signs.yml", SIGNS), ("health_conditions.yml", CONDITIONS)),
        *(
            ("composed.yml", COMPOSED),
            ("medicines.yml", MEDICINES),
            ("complaint.yml", GROUPS),
            ("massage.yml", GROUPS),
        ),
    ):
        (own / name).write_text(text, encoding="utf-8")
    for module in (lexicon, lexicon_lines, lexicon_checks, spelling):
        monkeypatch.setattr(module, "FOLDER", own)
    monkeypatch.setattr(lexicon_checks, "ORDINARY", own / "ordinary_talk.txt")
    monkeypatch.setattr(lexicon_checks, "MISREAD", own / "ordinary_talk_misread.txt")
    monkeypatch.setattr(lexicon_checks, "labelled_texts", lambda: list(TEXTS))
    clear()
    yield own
    clear()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["lexicon", *arguments])


def with_line(folder: Path, line: str) -> None:
    """Put a line below the one of blood thinners: the sixth of the file."""
    (folder / "medicines.yml").write_text(f"{MEDICINES}      - {line}\n", encoding="utf-8")


@pytest.mark.usefixtures("folder")
def test_a_lexicon_without_faults_is_summed_up() -> None:
    done = run("lint")
    assert done.exit_code == 0, done.stdout
    assert done.stdout == (
        "emergency_signs.yml:4:27: matches only its own example\n"
        "3 lines, 1 with an example, 1 that match nothing else; "
        "3 labelled texts, 0 sentences of ordinary talk, "
        "0 more of which a danger is still made: 0 faults.\n"
    )


@pytest.mark.parametrize(
    ("line", "column", "message"),
    [
        ("foot .. drag", 14, "is no word"),
        ("{pattern: foot", 9, "this is no YAML"),
        ("zebra crossing thinner", 9, "matches no text; give it an example"),
        ('{pattern: "zebra tablets", like: "a horse"}', 20, "does not match its example"),
        ('{pattern: "zebra tablets", like: "no zebra tablets"}', 20, "is not read as"),
    ],
)
def test_a_line_is_refused_with_its_place(
    folder: Path, line: str, column: int, message: str
) -> None:
    with_line(folder, line)
    done = run("lint")
    assert done.exit_code == 1
    told = [row for row in done.stdout.splitlines() if row.startswith("medicines.yml")]
    assert told[0].startswith(f"medicines.yml:6:{column}: ")
    assert message in told[0]
    assert done.stdout.endswith("1 fault.\n")


def test_a_wrong_line_stops_every_command_with_its_place(folder: Path) -> None:
    with_line(folder, "foot .. drag")
    done = CliRunner().invoke(app, ["parse", "my foot drags"])
    assert done.exit_code == 1
    assert done.stderr.startswith("backline: medicines.yml:6:14: `..` is no word")


def test_an_example_of_a_composed_finding_is_tried(folder: Path) -> None:
    wrong = COMPOSED.replace("my wings flap", "my wings")
    (folder / "composed.yml").write_text(wrong, encoding="utf-8")
    done = run("lint", "--brief")
    assert done.exit_code == 1
    assert done.stdout.startswith(
        'composed.yml:7:6: its example "my wings" is not read as foot_drop\n3 lines'
    )


def test_a_line_that_matches_only_its_example_is_listed(folder: Path) -> None:
    with_line(folder, '{pattern: "zebra tablets", like: "I take zebra tablets"}')
    done = run("lint")
    assert done.exit_code == 0, done.stdout
    assert "medicines.yml:6:20: matches only its own example" in done.stdout


def test_a_line_that_fires_on_ordinary_talk_is_refused(folder: Path) -> None:
    with_line(folder, "kneeling ... scrub")
    talk = "# what people say\n\nthe weather was lovely\nmy back hates kneeling to scrub floors\n"
    (folder / "ordinary_talk.txt").write_text(talk, encoding="utf-8")
    done = run("lint")
    assert done.exit_code == 1
    told = [row for row in done.stdout.splitlines() if row.startswith("medicines.yml")]
    assert told == [
        "medicines.yml:6:9: `kneeling ... scrub` makes blood_thinners of a sentence of "
        'ordinary talk: "my back hates kneeling to scrub floors" (ordinary_talk.txt:4)'
    ]


def test_ordinary_talk_that_is_still_misread_is_counted(folder: Path) -> None:
    with_line(folder, "kneeling ... scrub")
    talk = "my back hates kneeling to scrub floors\n"
    (folder / "ordinary_talk_misread.txt").write_text(talk, encoding="utf-8")
    done = run("lint", "--brief")
    assert done.exit_code == 0, done.stdout
    assert "1 more of which a danger is still made" in done.stdout


def test_ordinary_talk_that_is_read_rightly_may_not_be_kept_as_misread(folder: Path) -> None:
    (folder / "ordinary_talk_misread.txt").write_text("lovely weather\n", encoding="utf-8")
    done = run("lint", "--brief")
    assert done.exit_code == 1
    assert (
        "ordinary_talk_misread.txt:1:1: is read rightly; move it to ordinary_talk.txt"
        in done.stdout
    )


def test_ordinary_talk_is_there_and_has_at_least_5000_sentences() -> None:
    talk = {one.text for one in (*lexicon_checks.ordinary_talk(), *lexicon_checks.misread_talk())}
    assert len(talk) >= 5000


def test_a_composed_finding_that_fires_on_ordinary_talk_is_refused(folder: Path) -> None:
    (folder / "ordinary_talk.txt").write_text("the goose has wings to flap\n", encoding="utf-8")
    done = run("lint", "--brief")
    assert done.exit_code == 1
    assert done.stdout.startswith(
        "composed.yml:7:6: wings + flapping makes foot_drop of a sentence of ordinary talk: "
        '"the goose has wings to flap" (ordinary_talk.txt:1)\n3 lines'
    )


def test_a_code_is_explained_with_places_sets_exceptions_and_examples() -> None:
    said = run("explain", "foot_drop").stdout
    assert "foot_drop (health_condition), health_conditions.yml" in said
    assert "<leg_weak>: weak|weaker" in said
    assert "not when: " in said
    assert "like: " in said


def test_an_unknown_code_gets_the_nearest() -> None:
    done = run("explain", "fot_drop")
    assert done.exit_code == 1
    assert "no code 'fot_drop' in the lexicon; the nearest are foot_drop" in done.stderr


def test_samples_are_the_same_for_a_seed_and_matched() -> None:
    one, again, other = (
        run("sample", "foot_drop", "--count", "30", "--seed", seed).stdout for seed in "112"
    )
    assert one == again != other
    by_place = {line.place: line for line in lexicon_checks.clinical_lines()}
    for row in one.splitlines():
        place, _, text = row.partition(": ")
        assert lexicon_checks.searched(by_place[place]).search(f" {text} ")


def test_coverage_counts_lists_and_names_what_others_cover() -> None:
    said = run("coverage", "--lines", "--redundant").stdout
    assert "emergency_signs.yml" in said.splitlines()[1]
    assert any(row.startswith("health_conditions.yml:") for row in said.splitlines())


def test_what_a_line_matches_is_found_as_by_searching_every_text() -> None:
    lines = [line for line in lexicon_checks.clinical_lines() if line.code == "bladder_change"]
    texts = Texts(lexicon_checks.labelled_texts()[::5])
    for one in coverage(lines, texts):
        words = lexicon_checks.searched(one.line)
        assert one.texts == {n for n, w in enumerate(texts.words) if words.search(w.line)}


def test_without_the_labelled_texts_a_sentence_says_so(tmp_path: Path) -> None:
    with pytest.raises(lexicon_checks.NoTexts, match="a checkout"):
        lexicon_checks.labelled_texts(tmp_path)
