"""Every line of the lexicon that is written in the pattern language, with where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import yaml

from backline.nlu.lexicon import CLINICAL, COMPOSED, FOLDER, read_yaml
from backline.nlu.patterns import Grammar, Item, PatternError, Sets, like_of, text_of
from backline.yaml_text import PlacedText

_ENTRIES = ("entries.*.{}", "groups.*.entries.*.{}")
_CLINICAL = tuple(path.format(key) for path in _ENTRIES for key in ("patterns", "not_when"))
_SCOPES = ("negation", "other_person", "hypothetical", "past", "uncertain")
SHARED = "sets.yml"
# A line of a list has its number; who reads it writes the set from other words of the file.
_LINE_SET: Sets = {"line": ["number 1"]}
WHERE: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(CLINICAL, _CLINICAL),
    COMPOSED: ("parts.*.words", "parts.*.not", "findings.*.not_when"),
    "aside.yml": (
        *("animals", "behind", "told_of", "now", "looked_for", "feared", "asked_about"),
        *("answered_no", "clear_of_it", "asked_of", "asked_if", "asked_how"),
        *("heartburn", "heartburn_for_long", "heartburn_unless"),
    ),
    "answers.yml": ("denial", "unread", "asked_lines.patterns"),
    "asked.yml": (
        *("plain", "plain_not", "plain_not_of", "well", "wrong", "answers_the_phone", "birth"),
        *("slots.*", "items.*"),
    ),
    "commands.yml": (
        "wishes.*",
        "sure.*",
        "unsure",
        "no_back",
        "chat.*.words",
        "chat.*.begins",
        "chat.*.unless",
        "complaint",
    ),
    "consent.yml": ("asks", "agree", "refuse", "refuses", "refusing", "unsure"),
    "context.yml": (
        *("ends", "negation.pseudo", "other_person.pronouns", "proxy.*", "hypothetical.held"),
        *("hypothetical.around", "hypothetical.defines", "hypothetical.ends_with"),
        *(f"{scope}.{key}" for scope in _SCOPES for key in ("before", "after", "ends")),
    ),
    "emergency_talk.yml": ("topics.*.patterns", "topics.*.not_when", "denials", "affirmations"),
    "feelings.yml": ("topics.*.patterns", "topics.*.not_when"),
    "figures.yml": ("figures",),
    "persons.yml": ("self", "self_unless_for_another", "helps"),
    "taken_back.yml": ("wrong", "over", "unless", "things.*.*"),
    "quantities.yml": (
        *("phrases.*", "times.*", "counted", "severities.adjectives.*", "severities.functions.*"),
        *(f"severities.{key}" for key in ("not_when", "rated", "pain", "usual", "peak", "rest")),
        *("severities.was", "severities.now", "severities.wrong_line"),
    ),
}
"""The lists of patterns of each file, by their keys; `*` is any key or place."""
_Found = tuple[str, str | None, str | None, Sequence[Item]]
_OWN_SETS = (
    *("aside.yml", "context.yml", "commands.yml", "emergency_talk.yml", "feelings.yml"),
    "figures.yml",
)


# Alike only to itself: what it holds cannot be hashed.
@dataclass(frozen=True, eq=False)
class LexiconLine:
    """A pattern of a file.

    Attributes:
        within: the list that it stands in, such as "entries.3.patterns".
        code: the code or topic of its entry, if it has one.
        kind: the kind of finding that its entry makes, if it makes one.
        sets: the sets that it may use.
    """

    item: Item
    file: str
    number: int
    column: int
    within: str
    code: str | None
    kind: str | None
    sets: Sets

    @property
    def text(self) -> str:
        """The pattern."""
        return text_of(self.item)

    @property
    def like(self) -> str | None:
        """A text that it must match."""
        return like_of(self.item)

    @property
    def place(self) -> str:
        """Where it stands, as an error says it."""
        return f"{self.file}:{self.number}:{self.column}"

    @property
    def entry(self) -> str:
        """The entry that it is of, one name for each."""
        return f"{self.file}:{self.within.rpartition('.')[0]}"

    @property
    def finds(self) -> bool:
        """Whether what it matches is a finding: it is no exception, and of a clinical file."""
        return self.file in CLINICAL and self.within.endswith(".patterns")


def lines_of(file: str) -> Iterator[LexiconLine]:
    """Give the lines of a file in its order.

    Raises:
        PatternError: a mapping stands where a pattern should, and is none.
    """
    data = read_yaml(file)
    sets = _sets_of(file, data)
    found: list[_Found] = []
    if file == SHARED:
        found = [(name, None, None, items) for name, items in data.items()]
    for path in WHERE.get(file, ()):
        found += _lists(data, path.split("."), (), None, data.get("kind"))
    if file in _OWN_SETS:
        found += [(f"sets.{name}", None, None, items) for name, items in data["sets"].items()]
    for within, code, kind, items in found:
        of_line = _LINE_SET if file == "answers.yml" and "patterns" in within else sets
        for item in items:
            text = text_of(item)
            number, column = (text.line, text.column) if isinstance(text, PlacedText) else (1, 1)
            yield LexiconLine(item, file, number, column, within, code, kind, of_line)


def clinical_and_composed() -> Iterator[LexiconLine]:
    """Give the lines that make findings, and their exceptions; a part has the codes that use it.

    Raises:
        PatternError: one of them is no line at all.
    """
    for file in CLINICAL:
        yield from lines_of(file)
    if not (FOLDER / COMPOSED).exists():
        return
    codes: dict[str, dict[str, str]] = {}
    for item in read_yaml(COMPOSED)["findings"]:
        for part in item["parts"]:
            codes.setdefault(part, {})[item["code"]] = item["kind"]
    for line in lines_of(COMPOSED):
        where, _, within = line.within.partition(".")
        if where == "parts":
            for code, kind in codes.get(within.partition(".")[0], {}).items():
                yield replace(line, code=code, kind=kind)
        else:
            yield line


def all_files() -> list[str]:
    """Name the files of the lexicon that have patterns."""
    return [name for name in (*WHERE, SHARED) if (FOLDER / name).exists()]


def faults_of(file: str) -> list[PatternError]:
    """Find what cannot be read in a file, each fault once, in its order."""
    try:
        lines = list(lines_of(file))
    except PatternError as error:
        return [error]
    except yaml.MarkedYAMLError as error:
        mark = error.context_mark or error.problem_mark
        number, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return [PatternError(file, number, column, f"this is no YAML ({error.problem})")]
    found: dict[str, PatternError] = {}
    grammars: dict[int, Grammar] = {}
    for line in lines:
        try:
            grammar = grammars.setdefault(id(line.sets), Grammar(line.sets))
            grammar.expression(line.item)
        except PatternError as error:
            found.setdefault(str(error), error)
    return list(found.values())


def _sets_of(file: str, data: Mapping[str, Any]) -> Sets:
    if file in _OWN_SETS:
        own: Sets = data["sets"]
        return own
    if file == SHARED:
        return data
    shared: Sets = read_yaml(SHARED) if file in (*CLINICAL, "asked.yml", COMPOSED) else {}
    return shared


def _lists(
    data: Any, path: Sequence[str], within: tuple[str, ...], code: str | None, kind: str | None
) -> Iterator[_Found]:
    """Each list of patterns that a path leads to."""
    if not path:
        yield ".".join(within), code, kind, data
        return
    if isinstance(data, dict):
        code = data.get("code", data.get("topic", code))
        kind = data.get("kind", kind)
        keys = list(data) if path[0] == "*" else [path[0]] if path[0] in data else []
        below = [(key, data[key]) for key in keys]
    else:
        below = [(str(n), held) for n, held in enumerate(data)]
    for key, held in below:
        yield from _lists(held, path[1:], (*within, str(key)), code, kind)
