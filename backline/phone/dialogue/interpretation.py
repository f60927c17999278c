"""Interpret what a caller said: one meaning for an utterance, by where the call stands. Pure.

What comes of a meaning is decided in `manager`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from backline.dialogue import Conversation
from backline.facts import CHECKLISTS, Slot
from backline.nlu.components.replies import replies
from backline.nlu.digits import whole_number_of
from backline.nlu.intents import OTHER_LANGUAGE
from backline.phone.dialogue.grounding import (
    Confidence,
    ProposedUpdate,
    Understood,
    proposed_update,
)
from backline.phone.dialogue.prompts import lines_left
from backline.phone.dialogue.state import CallState
from backline.phone.dialogue.wording import PhoneWording
from backline.policy.checklists import OWN_FACTS, stands_for

DENIALS = ("no", "none", "all_good")
"""Replies in words that deny what was asked."""
WISHES = ("go_back", "start_over", "delete_my_data")
"""Intents that ask for something that has to be wanted surely."""
UNCLEAR = (
    "inform",
    "affirm",
    "deny",
    "none_of_these",
    "dont_know",
    "nlu_fallback",
    "correct_answer",
)
"""Intents that ask for nothing of their own."""
CHATTER = ("smalltalk", "out_of_scope", "insult", "thanks", "greet")
"""Intents that are answered, but bring the question no further, as a radio does not."""
ASKED_BACK = frozenset({Slot.CHECK, Slot.SUSPICION})
"""Questions whose answers are no facts: the triage reads them whole."""
ARTICLES = frozenset({"the", "this", "that", "which"})
_WORD = re.compile(r"[\w']+")
_BEGINNING = re.compile(r"\W*(?:[\w']+\W*){0,4}")
"""The words by which a story says whether to go on."""


@dataclass(frozen=True)
class RequestRepeat:
    """Ask to hear it once more."""


@dataclass(frozen=True)
class RequestPerson:
    """Ask for a person, or need one.

    Attributes:
        reason: the sentence of `talk.yml` that is said before connecting.
    """

    reason: str = "connecting"


@dataclass(frozen=True)
class Goodbye:
    """End the call."""


@dataclass(frozen=True)
class Noise:
    """Say nothing that can be taken for words."""


@dataclass(frozen=True)
class DangerTold:
    """Tell of an emergency sign, whatever was asked."""

    update: ProposedUpdate


@dataclass(frozen=True)
class ForTriage:
    """Speak beside an emergency that stands, or to the "shall I?" of the triage."""


@dataclass(frozen=True)
class Reaction:
    """Speak while something waits to be confirmed; `confirmation.judge` tells what that settles.

    Attributes:
        volunteered: what it tells by itself.
        answer: what it tells as an answer to the open question.
        reply: a bare reply, as `Understood.reply`.
        corrects: it takes something back.
        agrees: it is nothing but a yes.
    """

    volunteered: ProposedUpdate
    answer: ProposedUpdate
    reply: str | None
    corrects: bool
    agrees: bool


@dataclass(frozen=True)
class Picked:
    """Name lines of the group that is read out by their places, or all of them.

    Attributes:
        negated: "not the first" may mean all others, or none.
    """

    codes: tuple[str, ...]
    negated: bool


@dataclass(frozen=True)
class Volunteered:
    """Tell facts while a group of a checklist is read out.

    Attributes:
        tell: what the triage is told.
        codes: the lines of this group among the facts.
        denies_rest: it plainly denies the group besides, and none of its lines is among the facts.
    """

    update: ProposedUpdate
    tell: str
    codes: tuple[str, ...]
    denies_rest: bool


@dataclass(frozen=True)
class DeniedAll:
    """Deny every line of the group that is read out.

    Attributes:
        plainly: it can mean nothing else.
    """

    plainly: bool


@dataclass(frozen=True)
class YesToGroup:
    """Say yes to a group, without telling to which line."""


@dataclass(frozen=True)
class Answered:
    """Answer the open question.

    Attributes:
        tell: what the triage is told.
    """

    update: ProposedUpdate
    tell: str


@dataclass(frozen=True)
class Storied:
    """Tell what happened, with nothing in it that is asked for."""


@dataclass(frozen=True)
class DontKnow:
    """Have no answer to the open question."""


@dataclass(frozen=True)
class AcceptOffer:
    """Say yes to what is offered after the result."""


@dataclass(frozen=True)
class DeclineOffer:
    """Say no to what is offered after the result."""


@dataclass(frozen=True)
class Wish:
    """Want to go back, to start over or to be forgotten.

    Attributes:
        intent: which of `WISHES`.
    """

    intent: str


@dataclass(frozen=True)
class Chatter:
    """Say something that can be answered and brings the question no further."""


@dataclass(frozen=True)
class OwnQuestion:
    """Ask the triage something."""


@dataclass(frozen=True)
class NotUnderstood:
    """Say words from which nothing follows."""


Answer = (
    DangerTold
    | Picked
    | Volunteered
    | DeniedAll
    | YesToGroup
    | Answered
    | Storied
    | DontKnow
    | AcceptOffer
    | DeclineOffer
    | Wish
    | Chatter
    | OwnQuestion
    | NotUnderstood
)
"""What words may mean where nothing waits to be confirmed."""
Meaning = RequestRepeat | RequestPerson | Goodbye | Noise | ForTriage | Reaction | Answer


class Interpreter:
    """Tells what an utterance means.

    Args:
        wording: the words that callers use to the line itself.
    """

    def __init__(self, wording: PhoneWording) -> None:
        self._wording = wording

    def tempered(self, said: Understood, *, telling: bool = False) -> Understood:
        """Lower the confidence of words that both agree and deny, as "no, wait, yes".

        Args:
            telling: a story was asked for, which may say no to something behind its yes.
        """
        begins = _BEGINNING.match(said.text) if telling else None
        text = begins[0] if begins else said.text
        if all(self._wording.holds(name, text) for name in ("affirms", "denies")):
            return replace(said, level=min(said.level, Confidence.FAIR))
        return said

    def interpret(self, state: CallState, said: Understood, conversation: Conversation) -> Meaning:
        """Tell what an utterance means where the call stands.

        Args:
            conversation: as the triage knows it before the utterance.
        """
        volunteered = proposed_update(said, conversation, None)
        if not volunteered.emergency and said.level >= Confidence.DOUBTFUL:
            request = self._request(said)
            if request is not None:
                return request
        if state.pending is not None:
            asked = None if state.slot in CHECKLISTS else state.slot
            return Reaction(
                volunteered,
                proposed_update(said, conversation, asked),
                said.reply,
                said.corrects,
                self._wording.means("agrees", said.text),
            )
        if volunteered.emergency:
            return DangerTold(volunteered)
        if is_left_to_triage(state):
            return ForTriage()
        if said.level is Confidence.NOTHING:
            return Noise()
        return self.answer(state, said, conversation)

    def answer(self, state: CallState, said: Understood, conversation: Conversation) -> Answer:
        """Tell what an utterance means to the open question, as if nothing were pending."""
        volunteered = proposed_update(said, conversation, None)
        if volunteered.emergency:
            return DangerTold(volunteered)
        if state.slot in CHECKLISTS:
            return self._group_answer(state, said, volunteered) or self._aside(state, said)
        update = proposed_update(said, conversation, state.slot)
        if update:
            return Answered(update, _tellable(said))
        return self._aside(state, said)

    def _request(self, said: Understood) -> RequestRepeat | RequestPerson | Goodbye | None:
        """Find what is meant for the line itself."""
        means = self._wording.means
        if means("repeat", said.text):
            return RequestRepeat()
        if said.level < Confidence.FAIR:
            return None
        if means("person", said.text) or said.intent == "human_handoff":
            return RequestPerson()
        if said.intent == OTHER_LANGUAGE:
            return RequestPerson("other_language")
        return Goodbye() if means("goodbye", said.text) else None

    def _aside(self, state: CallState, said: Understood) -> Answer:
        """Interpret words that tell no fact: an offer answered, a wish, a question of their own."""
        if said.level < Confidence.FAIR or (said.guessed and not state.telling):
            return NotUnderstood()
        if state.closing and said.reply == "yes":
            return AcceptOffer()
        if state.closing and said.reply in DENIALS:
            return DeclineOffer()
        if said.intent in WISHES:
            return Wish(said.intent)
        return _beside_a_fact(state, said)

    # ---- A group of a checklist -----------------------------------------------------------------

    def _group_answer(
        self, state: CallState, said: Understood, volunteered: ProposedUpdate
    ) -> Answer | None:
        """Interpret words while a group is read out; None if they do not answer it."""
        picked = self._picked(state, said, volunteered)
        if picked:
            return Picked(picked, self._wording.holds("denies", said.text))
        denied = said.reply in DENIALS or any(f.kind == "denial" for f in said.told)
        if volunteered:
            named = _named(volunteered)
            here = tuple(line for line in lines_left(state) if stands_for(line) & named)
            rest = denied and not here and self._plainly_denies(state, said)
            return Volunteered(volunteered, _tellable_aside(said, volunteered), here, rest)
        if denied:
            return DeniedAll(self._plainly_denies(state, said))
        if said.reply == "yes":
            return YesToGroup()
        return DontKnow() if said.reply == "dont_know" else None

    def _plainly_denies(self, state: CallState, said: Understood) -> bool:
        """Return whether it can mean nothing else than that no line of the group holds."""
        doubted = said.interrupted or state.choosing or said.corrects
        facts = [f for f in said.told if f.kind not in ("answer", "denial") and f.holds]
        rest = said.text
        for f in facts:
            rest = rest[: f.start] + " " * (f.end - f.start) + rest[f.end :]
        return not doubted and self._wording.denies(rest, beside_facts=bool(facts))

    def _picked(
        self, state: CallState, said: Understood, volunteered: ProposedUpdate
    ) -> tuple[str, ...]:
        """Find the lines that are meant by their numbers, or by "all of them"."""
        left = lines_left(state)
        if self._wording.holds("asks", said.text):
            return ()
        places = {int(f.value) for f in said.told if f.kind == "pick" and f.holds}
        if state.choosing and self._wording.means("all", said.text):
            return left
        if state.choosing and not places and not volunteered:
            places = _places(said.text)
        places = {len(left) if place == -1 else place for place in places}
        return tuple(code for n, code in enumerate(left, start=1) if n in places)


def _beside_a_fact(state: CallState, said: Understood) -> Answer:
    """Interpret words that tell no fact, answer no offer, and want nothing of the line."""
    if state.telling and state.slot is Slot.AGE and said.intent in (*UNCLEAR, *CHATTER):
        return Storied()
    if said.reply == "dont_know" and state.slot not in (None, *CHECKLISTS):
        return DontKnow()
    if said.intent in CHATTER and not state.closing:
        return Chatter()
    if said.intent not in UNCLEAR or state.closing:
        return OwnQuestion()
    return NotUnderstood()


def _named(update: ProposedUpdate) -> set[str]:
    """Collect the codes of lines that an update tells."""
    own = {name for name in OWN_FACTS if update.gained.get(name)}
    return own | set(update.gained.get(Slot.HEALTH_CONDITIONS.value, ()))


def is_left_to_triage(state: CallState) -> bool:
    """Return whether the triage itself answers words, without an answer read from them here."""
    return bool(state.standing) or state.slot in ASKED_BACK


def _tellable(said: Understood) -> str:
    """Tell a bare yes or no in one word, so that the triage cannot take it for more."""
    bare = {f.kind for f in said.told} == {"answer"}
    if bare and said.reply == "yes":
        return "yes"
    if bare and said.reply in DENIALS:
        return "no"
    return said.text


def _tellable_aside(said: Understood, update: ProposedUpdate) -> str:
    """Tell a bare number as a severity: in the middle of a checklist it would be none."""
    severity = update.gained.get(Slot.PAIN_SEVERITY.value)
    if severity is None or any(f.kind == "severity" for f in said.told):
        return said.text
    return f"{said.text.rstrip('.')}. {severity} out of 10"


def _places(text: str) -> set[int]:
    """Find the places in a list that are told by number; -1 is the last."""
    known = replies()
    named = {**{word: int(n) for word, n in known.numbers.items()}, **known.ordinals}
    places, before = set(), ""
    for word in _WORD.findall(text.lower()):
        # The "one" of "the second one" is no number.
        if not (word == "one" and (before in known.ordinals or before in ARTICLES)):
            told = whole_number_of(word)
            places.add(named.get(word, 0) if told is None else told)
        before = word
    return places
