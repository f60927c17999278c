"""Repair the text of a speech recogniser before it is understood.

Recognisers write sounds of thinking, words twice, words in two, and words that sound like numbers.
Only what can mean nothing else is changed. A denial is never lost and an agreement never made: what
would do so is left as it was heard. The words for it are in `data/lexicon/speech.yml`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache

from backline.facts import Slot
from backline.nlu.lexicon import read_yaml
from backline.nlu.quantity_words import VAGUE, any_of, vocabulary
from backline.nlu.spelling import is_clinical, is_known

COUNTED = frozenset({Slot.PAIN_SEVERITY, Slot.MASSAGE_SESSIONS, Slot.AGE})
"""Questions that a number alone answers."""
MOST_CHARACTERS = 6000
"""A text beyond it is no answer to anything; it is left as it is."""
MOST_ROUNDS = 5

_Pass = Callable[[str], str]


def repair(text: str, asked: Slot | None) -> str:
    """Repair what was heard, as far as it tells without doubt what was said.

    Args:
        text: as the recogniser wrote it.
        asked: the question that it answers, so that "ate" is eight where a number is asked for.

    Returns:
        The repaired text; the same if there is nothing to repair, empty if it only holds sounds of
        thinking. A repaired text is not changed by a second repair.
    """
    said = " ".join(text.split())
    if not said or len(said) > MOST_CHARACTERS:
        return said
    repairs = _repairs()
    # What one repair brings together, another may mend: "three um to weeks".
    for _ in range(MOST_ROUNDS):
        before = said
        for one in repairs.passes(asked):
            changed = one(said)
            if repairs.keeps_answers(said, changed):
                said = changed
        if said == before:
            break
    return said


class _Repairs:
    """The compiled `speech.yml`."""

    def __init__(self) -> None:
        data = read_yaml("speech.yml")
        vocab = vocabulary()
        self._words: dict[float, str] = {}
        for word, number in vocab.numbers.items():
            if word not in VAGUE:
                self._words.setdefault(number, word)
        numbers = {w for w, n in vocab.numbers.items() if n == int(n) and w not in VAGUE}
        self._number = rf"(?:\d{{1,3}}|{any_of(numbers)})"
        self._homophone = any_of(vocab.homophones)
        self._homophones = vocab.homophones
        units = any_of(unit for unit in vocab.units if unit.endswith("s"))
        self._units = units
        self._denials = _any_word(data["denials"])
        self._agreements = _any_word(data["agreements"])
        self._contracted = re.compile(rf"\b({any_of(data['denied'])})(?: ['’]?|['’] ) ?t\b", re.I)
        self._split = dict(data["split"].items())
        self._splits = re.compile(rf"\b(?:{any_of(self._split)})\b", re.I)
        self._plural = re.compile(rf"\b({any_of(data['plural'])}) ['’]?s\b", re.I)
        self._sounds = self._sounds_of(data)
        self._put_in = [self._put_in_of(item, data) for item in data["put_in"]]
        self._leads_on = re.compile(rf"(?:(?<=\s)|^)({any_of(data['leads_on'])}),(?= )", re.I)
        kept = set(data["kept_twice"]) | set(vocab.numbers) | set(vocab.homophones)
        self._twice = re.compile(
            rf"(?<![\w'’-])(?!(?:{any_of(kept)})\b)([a-z]{{1,20}}(?:['’][a-z]{{1,3}})?)(?:,? \1)+(?![\w'’-])",
            re.I,
        )
        self._phrase_twice = re.compile(
            rf"(?<![\w'’-])((?:(?!(?:{any_of(kept)})\b)[a-z]{{1,20}}(?:['’][a-z]{{1,3}})? ?){{2,4}}),? \1(?![\w'’-])",
            re.I,
        )
        self._times = self._times_of(data)
        tens = any_of({w for w, n in vocab.numbers.items() if n in range(20, 100, 10)})
        self._tens = re.compile(rf"\b({tens}) ({self._homophone})(?=\W*$)", re.I)
        of_ten = any_of(data["out_of_ten"])
        self._of_ten = re.compile(rf"\b({self._number}|{self._homophone}) (?:{of_ten})\b", re.I)
        self._on_scale = re.compile(
            rf"\b({self._homophone}|o|oh) (out of (?:10|ten)|/ ?10)\b", re.I
        )
        zeros = any_of(data["zeros"])
        self._one_zero = re.compile(rf"\b(?:one|1) (?:{zeros})\b", re.I)
        digit = any_of({w for w, n in vocab.numbers.items() if 1 <= n <= 9 and w not in VAGUE})
        before = any_of(data["before_digits"])
        self._digits = re.compile(
            rf"^((?:(?:{before}) )*)({digit}|[1-9])[ -]({digit}|{zeros}|\d)[.!]?$", re.I
        )
        self._double = re.compile(rf"\bdouble ({digit}|[1-9])\b", re.I)
        self._zeros = frozenset(data["zeros"])
        around = any_of(data["around_numbers"])
        self._alone = re.compile(
            rf"^((?:(?:{around}|it['’]?s an?|it is an?),? )*)({self._homophone}|o)((?:,? (?:{around}))*)([.!?]?)$",
            re.I,
        )
        self._subject = re.compile(
            rf"^((?:it['’]?s|it is|that['’]?s) )({self._homophone})([.!?]?)$", re.I
        )
        self._seldom = frozenset(data["seldom_numbers"])
        self._before_seldom = frozenset(data["before_seldom"])
        self._asked_number = re.compile(rf"^({self._number}) ?\?$", re.I)
        self._range = re.compile(
            rf"(?<![\w/.-])({self._number}) ?[-–—] ?({self._number})(?![\w/-])", re.I
        )
        self._ten_words = re.compile(rf"^(?:{tens})$", re.I)
        self._cut_unit = re.compile(rf"\b({self._number})[.,] (?=(?:{units})\b)", re.I)

    def passes(self, asked: Slot | None) -> list[_Pass]:
        """Return the repairs in their order; each sees what those before it made."""
        always: list[_Pass] = [
            self._join_denials,
            self._join_words,
            self._leave_out_sounds,
            self._say_once,
            self._mend_ranges,
            self._count_times,
            self._rate,
        ]
        if asked in COUNTED:
            always.append(self._count_alone)
        if asked in (Slot.AGE, Slot.MASSAGE_SESSIONS):
            always.append(self._join_digits)
        return always

    def keeps_answers(self, before: str, after: str) -> bool:
        """Return whether no denial is lost and no agreement is gained or lost."""
        return self._count(self._denials, before) <= self._count(self._denials, after) and (
            self._count(self._agreements, before) == self._count(self._agreements, after)
        )

    @staticmethod
    def _count(words: re.Pattern[str], text: str) -> Counter[str]:
        return Counter(w.lower().replace("’", "'") for w in words.findall(text))

    def _join_denials(self, text: str) -> str:
        return self._contracted.sub(r"\1't", text)

    def _join_words(self, text: str) -> str:
        text = self._splits.sub(lambda m: _as(m[0], self._split[m[0].lower()]), text)
        text = self._plural.sub(r"\1s", text)
        place = 0
        while pair := _PAIR.search(text, place):
            one, other = pair[1], pair[2]
            if self._is_one_word(one.lower(), other.lower()):
                text = text[: pair.start()] + one + other.lower() + text[pair.end() :]
            else:
                place = pair.end(1)
        return text

    def _is_one_word(self, one: str, other: str) -> bool:
        if self._denials.fullmatch(one) or self._denials.fullmatch(other):
            return False
        if not is_clinical(one + other):
            return False
        return not (is_known(one) and is_known(other))

    def _sounds_of(self, data: dict[str, list[str]]) -> re.Pattern[str]:
        sounds = any_of(data["sounds"])
        # The department is at the end of a clause; "the, er, back" is none.
        room = rf"(?:\W*$|[.,!?;]| (?:{any_of(data['emergency_room_before'])})\b)"
        er = rf"er(?!(?<=\b(?:the|.an) er){room})"
        return re.compile(
            rf"(?:(?<=[\s,.;!?-])|^)(?<![\w'’]-)(?<!\buh )(?<!\buh, )(?:(?:{sounds})|{er})(?!['’\w-])(?!,? (?:huh|uh)\b)(?:\.\.\.|…)?",
            re.I,
        )

    def _put_in_of(self, item: dict[str, list[str]], data: dict[str, list[str]]) -> re.Pattern[str]:
        words = str(item["words"])
        behind = "".join(rf"(?<!\b{word} )(?<!\b{word}, )" for word in item["not_after"])
        ahead = "|".join(item.get("not_before", [])) or "(?!)"
        if words in data["put_in_before_numbers"]:
            ahead_is = rf"(?=,|,? (?:an? )?(?:{self._number})\b)"
        else:
            ahead_is = rf"(?!,? (?:{ahead})\b)"
        return re.compile(rf"(?<![\w'’-]){behind}{words}(?![\w'’-]){ahead_is}", re.I)

    def _leave_out_sounds(self, text: str) -> str:
        left = self._sounds.sub(_GAP, text)
        for pattern in self._put_in:
            left = pattern.sub(_GAP, left)
        if left == text:
            return text
        return self._leads_on.sub(r"\1", _close_gaps(left))

    def _say_once(self, text: str) -> str:
        return self._twice.sub(r"\1", self._phrase_twice.sub(r"\1", text))

    def _mend_ranges(self, text: str) -> str:
        text = self._asked_number.sub(r"\1", text)
        text = self._cut_unit.sub(r"\1 ", text)
        return self._range.sub(
            lambda m: m[0] if self._ten_words.match(m[1]) else f"{m[1]} to {m[2]}", text
        )

    def _times_of(self, data: dict[str, list[str]]) -> list[re.Pattern[str]]:
        units = rf"(?:{self._units})\b"
        told = set(self._homophones) - {"for", "fore"}
        one = any_of(told)
        before = any_of(data["before_times"])
        before_for = any_of(data["before_for"])
        start = r"(?:^|(?<=[.,;!?] ))"
        return [
            re.compile(rf"(?P<b>{start}|\b(?:{before}) )(?P<h>{one})(?= {units})", re.I),
            re.compile(
                rf"(?P<b>{start}|\b(?:{before_for}) )(?P<h>for|fore)(?= {units} ago\b)", re.I
            ),
            re.compile(rf"(?P<b>\b(?:{before_for}) )(?P<h>for|fore)(?= {units})", re.I),
            re.compile(
                rf"(?P<b>\b(?:{self._number}) (?:to|or) )(?P<h>{self._homophone})(?= {units})", re.I
            ),
            re.compile(
                rf"(?P<b>{start}|\b(?:{before}) )(?P<h>{self._homophone})(?= or (?:{self._number}) {units})",
                re.I,
            ),
            re.compile(rf"(?P<b>)\b(?P<h>{one})(?= and a half {units})", re.I),
            re.compile(
                r"(?P<b>\b(?:day|week|month|year|hour) or )(?P<h>to|too)(?=(?: ago| now)?[.!]?$|,)",
                re.I,
            ),
        ]

    def _count_times(self, text: str) -> str:
        for pattern in self._times:
            text = pattern.sub(lambda m: m["b"] + _as(m["h"], self._number_of(m["h"])), text)
        return text

    def _rate(self, text: str) -> str:
        text = self._one_zero.sub("ten", text)
        text = self._of_ten.sub(r"\1 out of ten", text)
        return self._on_scale.sub(lambda m: f"{_as(m[1], self._number_of(m[1]))} {m[2]}", text)

    def _count_alone(self, text: str) -> str:
        if tens := self._tens.search(text):
            return f"{text[: tens.start(2)]}{self._number_of(tens[2])}{text[tens.end(2) :]}"
        subject = self._subject.match(text)
        if subject and subject[2].lower() not in self._seldom:
            return f"{subject[1]}{self._number_of(subject[2])}{subject[3]}"
        alone = self._alone.match(text)
        if alone is None:
            return text
        before = alone[1].lower().split()[-1:]
        if before and alone[2].lower() in self._seldom and before[0] not in self._before_seldom:
            return text
        return f"{alone[1]}{_as(alone[2], self._number_of(alone[2]))}{alone[3]}{alone[4]}"

    def _join_digits(self, text: str) -> str:
        text = self._double.sub(lambda m: self._digit(m[1].lower()) * 2, text)
        match = self._digits.match(text)
        if match is None:
            return text
        return match[1] + "".join(self._digit(word.lower()) for word in match.groups()[1:])

    def _digit(self, word: str) -> str:
        if word in self._zeros:
            return "0"
        return word if word.isdecimal() else str(int(vocabulary().numbers[word]))

    def _number_of(self, homophone: str) -> str:
        # "O" is no homophone of its own: it is the digit nought.
        return self._words[self._homophones.get(homophone.lower(), 0)]


_GAP = "\x00"
_PAIR = re.compile(r"(?<![\w'’-])([a-z]{2,}) ([a-z]{1,})(?![\w'’-])", re.I)


@lru_cache(maxsize=1)
def _repairs() -> _Repairs:
    return _Repairs()


def _any_word(words: list[str]) -> re.Pattern[str]:
    """Match any of these words by itself; "n't" as the end of one."""
    whole = any_of(word for word in words if word != "n't")
    ending = r"|(?<=\w)n['’]t\b" if "n't" in words else ""
    return re.compile(rf"(?<![\w'’])(?:{whole})(?![\w'’]){ending}", re.I)


def _as(heard: str, said: str) -> str:
    """Write what was said with the capital of what was heard."""
    return said.capitalize() if heard[:1].isupper() else said


def _close_gaps(text: str) -> str:
    """Drop what was left out, and the commas that stood around it."""
    gap = rf"\s*{_GAP}\s*"
    text = re.sub(
        rf"(?:{gap},?)+", lambda m: _GAP + ("," if m[0].rstrip().endswith(",") else ""), text
    )
    text = re.sub(rf"(?<=[.!?…])\s*{_GAP}[,.]?|^{_GAP}[,.…]*", " ", text)
    text = re.sub(rf",\s*{_GAP},?", ",", text)
    text = re.sub(rf"{_GAP},", ",", text)
    text = re.sub(rf"{_GAP}(?=[.!?;…])", "", text).replace(_GAP, " ")
    text = re.sub(r",(?=\s*[.!?;]|\s*$)", "", text)
    text = re.sub(r",(?=[^\W\d])", ", ", text)
    return " ".join(text.split()).strip(" ,")
