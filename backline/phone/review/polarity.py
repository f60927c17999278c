"""Read what a yes and a no to a question mean. Pure.

"Do you have a fever?" asks for what is wrong, "is your bladder normal?" for what is well, and "you
have no fever, do you?" expects a no. Where the form is not clear nothing is confirmed and nothing
denied. The words are in `data/lexicon/asked.yml`.
"""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

from backline.nlu.lexicon import read_yaml
from backline.nlu.patterns import compile_all
from backline.nlu.quantity_words import any_of
from backline.phone.review.replies import SpokenAnswer

NEGATIVE_WITHIN = 4
"""Behind so many words a "not" is of what is asked about: "losing weight without trying"."""
DENIALS = ("no", "none")
_NEVER = re.compile(r"(?!)")


class Asks(Enum):
    """What a question asks for."""

    WRONG = "wrong"
    WELL = "well"
    UNCLEAR = "unclear"


class Phrasing(Enum):
    """How it is put: plainly, "you don't, do you?", "no fever, right?", or "don't you?"."""

    PLAIN = "plain"
    EXPECTS_NO = "expects_no"
    EXPECTS_ASSENT = "expects_assent"
    NEGATIVE = "negative"


class Meaning(Enum):
    """What an answer says of the lines that were asked about."""

    TOLD = "told"
    DENIED = "denied"
    PERHAPS = "perhaps"
    """Not settled, and one of them may be there."""
    UNSETTLED = "unsettled"


@dataclass(frozen=True)
class Polarity:
    """How an answer to a question is to be taken.

    Attributes:
        well: the lines that are asked about by what is well.
        deniable: a yes to a question for what is well denies them.
        hopes: it has no clear form and names nothing that is wrong: a yes to it alarms nobody.
    """

    asks: Asks = Asks.UNCLEAR
    form: Phrasing = Phrasing.PLAIN
    well: frozenset[str] = frozenset()
    deniable: bool = False
    hopes: bool = False

    @property
    def plain(self) -> bool:
        """Return whether a yes confirms and a no denies, with nothing to think about."""
        return self.asks is Asks.WRONG and self.form is Phrasing.PLAIN

    @property
    def denied_by_none(self) -> bool:
        """Return whether "none of these" denies what is asked about."""
        return self.asks is Asks.WRONG and self.form in (Phrasing.PLAIN, Phrasing.EXPECTS_NO)

    def meaning(self, reply: SpokenAnswer, question: str) -> Meaning:
        """Read an answer to a question of this polarity.

        Args:
            question: its words, since "I haven't" answers "have you" and not "any trouble".
        """
        if reply.assents:
            # "Right" may agree to anything.
            return Meaning.UNSETTLED
        if self.asks is Asks.WRONG:
            return self._of_wrong(reply, question)
        if self.asks is Asks.WELL:
            return self._of_well(reply)
        calm = reply.said == "dont_know" or (self.hopes and reply.said == "yes")
        return Meaning.UNSETTLED if calm and not reply.hedged else Meaning.PERHAPS

    def _of_wrong(self, reply: SpokenAnswer, question: str) -> Meaning:
        if reply.unable:
            return Meaning.PERHAPS
        if reply.said == "all_good" or (reply.fares and reply.said is None):
            # It may say no more than "go on".
            return Meaning.UNSETTLED
        if self.form is Phrasing.PLAIN:
            return self._of_plainly_wrong(reply, question)
        if reply.verb is not None:
            return self._by_verb(reply)
        # "No" to "no fever, right?" may say that this is not right.
        denies = self.form is Phrasing.EXPECTS_NO and reply.said in DENIALS and not reply.hedged
        return Meaning.DENIED if denies else Meaning.PERHAPS

    @staticmethod
    def _of_plainly_wrong(reply: SpokenAnswer, question: str) -> Meaning:
        denies = reply.said in DENIALS or reply.verb_answers(question)
        if reply.said == "yes" or (reply.verb and not denies):
            return Meaning.PERHAPS if reply.verb is False else Meaning.TOLD
        clear = denies and not reply.verb and not reply.hedged
        return Meaning.DENIED if clear else Meaning.PERHAPS

    @staticmethod
    def _by_verb(reply: SpokenAnswer) -> Meaning:
        """Read "yes, I do" and "no, I haven't", which are clear to whatever is expected."""
        if reply.verb:
            return Meaning.TOLD
        return Meaning.PERHAPS if reply.hedged else Meaning.DENIED

    def _of_well(self, reply: SpokenAnswer) -> Meaning:
        if self.form in (Phrasing.PLAIN, Phrasing.EXPECTS_ASSENT):
            return self._of_plainly_well(reply)
        # "You can't walk?": only the verb says which.
        told = (reply.unable or reply.verb is False) and not reply.hedged
        return Meaning.TOLD if told else Meaning.PERHAPS

    def _of_plainly_well(self, reply: SpokenAnswer) -> Meaning:
        if reply.said in (None, "no") and reply.fares is False:
            return Meaning.TOLD
        ill, well = reply.sides
        if ill:
            return Meaning.TOLD if not well and not reply.hedged else Meaning.PERHAPS
        if not well or reply.hedged or reply.said == "none":
            return Meaning.PERHAPS
        return Meaning.DENIED if self.deniable else Meaning.UNSETTLED


def polarity_of(line: str, items: Set[str]) -> Polarity:
    """Read the polarity of a question.

    Args:
        line: its words, as `words_of` writes them.
        items: the lines of the checklists that its words are known to be about.
    """
    words = _words()
    # "I have to ask everybody: any fever?"
    line = f" {line.rpartition(' : ')[2].strip()} "
    stem, tag = without_tag(line)
    negated = _negated_form(line)
    if negated is not None and not (negated[1] and _asks_well(line, items)):
        clear = words.says_wrong(stem, items, strictly=True)
        return Polarity(Asks.WRONG if clear else Asks.UNCLEAR, negated[0])
    well = _asks_well(line, items)
    if well is not None:
        return well
    hopes = not words.names_wrong(stem) and not words.denies(stem)
    if words.negative_of.search(line) or not words.plain.match(line):
        return Polarity(hopes=hopes)
    clear = words.says_wrong(stem, items, strictly=tag or words.offers_both(stem))
    return Polarity(Asks.WRONG if clear else Asks.UNCLEAR, hopes=hopes)


def _negated_form(line: str) -> tuple[Phrasing, bool] | None:
    """Find the form of a question with a denial in it, and whether that may be its tag's alone."""
    words = _words()
    if words.inverted.match(line):
        return Phrasing.NEGATIVE, False
    if leads(line):
        return (
            Phrasing.EXPECTS_ASSENT if words.assent.search(line) else Phrasing.EXPECTS_NO
        ), False
    if words.negative.match(line):
        return (Phrasing.NEGATIVE if words.verb_first.match(line) else Phrasing.EXPECTS_NO), True
    return None


def _asks_well(line: str, items: Set[str]) -> Polarity | None:
    """Read a question for what is well; None where it is none, or asks for more than that."""
    words = _words()
    well = words.well_in(words.set_off.sub(" ", line))
    if well is None or not set(items) <= well[0]:
        return None
    codes, deniable = well
    return Polarity(Asks.WELL, Phrasing.PLAIN, codes, deniable)


def leads(line: str) -> bool:
    """Tell whether a line is put so that a no is expected: "no fever", "you haven't"."""
    return _words().leads.match(line) is not None


def without_tag(line: str) -> tuple[str, bool]:
    """Cut the "right?" at the end of a line, and return whether it had one."""
    stem = _words().tag.sub(" ", line)
    return (stem, True) if stem != line and stem.strip() else (line, False)


def asks_nothing(line: str) -> bool:
    """Tell whether a line says what to do if something comes, or only asks for leave to ask."""
    words = _words()
    begins = words.conditional.match(line)
    # "If you get a fever, do you ring us?" is advice; "when you wash, is it normal?" asks.
    advises = begins and not ("when" in begins[0] and words.asks_within.search(line))
    return bool(advises or words.leave.search(line))


class _PolarityWords:
    """What `asked.yml` has of it, compiled."""

    def __init__(self) -> None:
        data = read_yaml("asked.yml")
        self._sets = read_yaml("sets.yml")
        openers = any_of(data["openers"])
        opened = rf" (?:(?:{openers})(?: ,)? )*"
        tags = any_of(data["tags"])
        verbs, of = any_of(data["tags_of"]["verbs"]), any_of(data["tags_of"]["of"])
        end = r"(?: [.!?])* $"
        self.tag = re.compile(rf"(?: ,)? (?:{tags}|(?:{verbs}) (?:{of})){end}")
        # "Bladder okay?" asks for just that, "you can walk, okay?" does not.
        self.set_off = re.compile(rf"(?: , (?:{tags})|(?: ,)? (?:{verbs}) (?:{of})){end}")
        self.assent = re.compile(rf" (?:{tags}){end}")
        denial = rf"(?:{any_of(data['leads'])})(?! ,)"
        behind = any_of(data["leads_behind"])
        first = any_of(word for word in data["openers"] if word != "no")
        self.leads = re.compile(rf" (?:(?:{first}|no ,)(?: ,)? )*(?:(?:{behind}) )?{denial} ")
        self.asks_within = self._compiled(data["asks_within"])
        self._offers_both = self._compiled(data["offers_both"])
        self.leave = self._compiled(data["leave"])
        denying = any_of(word for word in data["leads"] if word.endswith("nt"))
        self.inverted = re.compile(rf"{opened}(?:{denying}) (?:{behind}|the) ")
        self.conditional = re.compile(rf"{opened}(?:{any_of(data['conditional'])}) ")
        begins = any_of([*data["begins"], *data["not_words_alone"]])
        plain = self._compiled(data["plain"]).pattern
        self.plain = re.compile(rf"{opened}(?:{plain}|(?!(?:{openers}|{begins}) )[a-z])")
        negative = self._compiled(data["plain_not"])
        self.negative = re.compile(rf"(?: \S+){{0,{NEGATIVE_WITHIN}}}? {negative.pattern}")
        self.verb_first = re.compile(rf"{opened}(?:{any_of(data['verb_first'])}) ")
        self.negative_of = self._compiled(data["plain_not_of"])
        self._denies = negative
        self._well, self._wrong = self._compiled(data["well"]), self._compiled(data["wrong"])
        self._functions = frozenset(data["functions"])
        self._opened = re.compile(opened)
        self._how = re.compile(rf"{opened}(?:{any_of(data['how'])}) ")
        self._well_of = {code: self._compiled(rows) for code, rows in data["well_of"].items()}
        self._wholly, self._able = self._compiled(data["wholly"]), self._compiled(data["able"])
        self._well_not = self._compiled(data["well_not"])
        self._denied_by_yes = frozenset(data["denied_by_yes"])
        self._controlled = {c: self._compiled(rows) for c, rows in data["controlled"].items()}

    def _compiled(self, rows: Any) -> re.Pattern[str]:
        return compile_all(rows, self._sets) or _NEVER

    def says_wrong(self, line: str, items: Set[str], *, strictly: bool) -> bool:
        """Return whether a line names what is wrong.

        Args:
            strictly: it may not name what is well besides, as "your breathing is fine, no pain".
        """
        wrong = self._wrong.search(line) is not None
        well = self._well.search(line) is not None
        if strictly and well and not self._lost(line):
            return False
        return wrong or not (well or items & self._functions)

    def names_wrong(self, line: str) -> bool:
        """Return whether a line has a word for what is wrong."""
        return self._wrong.search(line) is not None

    def denies(self, line: str) -> bool:
        """Return whether a line has a word that denies."""
        return self._denies.search(line) is not None

    def offers_both(self, line: str) -> bool:
        """Return whether a line asks for either: "any trouble, or are they fine?"."""
        return self._offers_both.search(line) is not None

    def _lost(self, line: str) -> bool:
        """Return whether what is well is lost: "you haven't lost control"."""
        wrong, well = self._wrong.search(line), self._well.search(line)
        return wrong is not None and well is not None and 0 < well.start() - wrong.end() <= 1

    def well_in(self, line: str) -> tuple[frozenset[str], bool] | None:
        """Find what a line asks to be well, and whether a yes to that denies it."""
        how = self._how.match(line)
        line = f" {line[how.end() :]}" if how else f" {self._opened.sub('', line, 1)}"
        named, rest = self._functions_in(line)
        if not named or any(p.search(rest) for p in (self._wrong, self._denies, self._well_not)):
            return None
        # To feel or to have strength in the legs is more than to walk on them.
        codes = named - {"leg_collapse"} if "both_legs" in named else named
        if how or self._wholly.search(rest):
            return codes, codes <= self._denied_by_yes
        if not self._able.search(rest):
            return None
        controlled = (self._controlled.get(code, _NEVER).search(rest) for code in codes)
        return codes, all(controlled)

    def _functions_in(self, line: str) -> tuple[frozenset[str], str]:
        """Find the lines whose part of the body a question names, and its words from there on."""
        parts = line.split(" , ")
        named = [{c for c, found in self._well_of.items() if found.search(f" {p} ")} for p in parts]
        # "Fine, and your bladder?" says nothing of the bladder.
        first = next((place for place, codes in enumerate(named) if codes), len(parts))
        return frozenset().union(*named), f" {' , '.join(parts[first:]).strip()} "


@lru_cache(maxsize=1)
def _words() -> _PolarityWords:
    return _PolarityWords()
