"""Decide what comes next in a call, from what was said and where the call stands. Pure.

Wrong hearing is the danger: what speaks for a massage counts only if it was heard surely, or was
read back and confirmed, or pressed on keys. What speaks for a doctor needs less.

`interpretation` tells what an utterance means, `confirmation` what it settles; the table of
`CallManager` gives the transition for each meaning in each situation, and `prompts` words it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from typing import Any

from backline.dialogue import Conversation
from backline.facts import CHECKLISTS, Slot
from backline.phone.dialogue.confirmation import (
    Confirmed,
    Denied,
    Judgement,
    Unclear,
    Unrelated,
    judge,
    judge_key,
)
from backline.phone.dialogue.grounding import (
    Confidence,
    ProposedUpdate,
    Understood,
    explicit_confirmation,
    proposed_update,
)
from backline.phone.dialogue.interpretation import (
    AcceptOffer,
    Answered,
    Chatter,
    DangerTold,
    DeclineOffer,
    DeniedAll,
    DontKnow,
    ForTriage,
    Goodbye,
    Interpreter,
    Meaning,
    Noise,
    NotUnderstood,
    OwnQuestion,
    Picked,
    Reaction,
    RequestPerson,
    RequestRepeat,
    Volunteered,
    Wish,
    YesToGroup,
    is_left_to_triage,
)
from backline.phone.dialogue.keypad import (
    KeyAnswer,
    KeyLine,
    KeyLowSeverity,
    KeyNoToGroup,
    KeyRepeat,
    KeyReply,
    KeyYesToGroup,
    interpret_keys,
)
from backline.phone.dialogue.progress import DONT_KNOW, Progress, Titles
from backline.phone.dialogue.prompts import GIVE_UP_AFTER, OFFER_KEYS_AFTER, Prompts, lines_left
from backline.phone.dialogue.state import (
    AnswerEffect,
    CallState,
    PendingConfirmation,
    SendToTriage,
    Transition,
)
from backline.phone.dialogue.triage_reply import TriageReplies
from backline.phone.dialogue.wording import PhoneWording, joined, lines
from backline.phone.events import Dtmf, NoInput, NoMatch, NoMatchReason, Phrase
from backline.phone.text.verbalize import listed

NEVER_AT_ONCE = ("start_over", "delete_my_data")
"""Wishes that are read back however surely they were heard."""
MOST_SILENCES = 3


class Situation(Enum):
    """What kind of answer a call waits for."""

    CONFIRMING = "an answer was read back"
    LEFT_TO_TRIAGE = "an emergency stands, or the triage asks back"
    CHECKLIST = "a group of a checklist was read out"
    QUESTION = "another question was asked"
    CLOSING = "the result was told"


_Handler = Callable[[CallState, Any, Understood], Transition]


class CallManager:
    """Decides what comes next in a call.

    Args:
        titles: of each question's options, what the triage is told for its value.
    """

    def __init__(self, wording: PhoneWording, titles: Titles) -> None:
        self._wording = wording
        self._prompts = Prompts(wording)
        self._interpreter = Interpreter(wording)
        self._titles = titles
        self._progress = Progress(self._prompts, titles)
        self._replies = TriageReplies(wording, self._prompts, self._progress)
        self._transitions = self._table()

    def _table(self) -> Mapping[Situation, Mapping[type[Meaning], _Handler]]:
        """Give the transition for each meaning that words may have in each situation."""
        requests: dict[type[Meaning], _Handler] = {
            RequestRepeat: self._repeat,
            RequestPerson: self._connect,
            Goodbye: self._say_goodbye,
        }
        answers: dict[type[Meaning], _Handler] = {
            **requests,
            Noise: self._miss_noise,
            DangerTold: self._take_danger,
            Wish: self._take_wish,
            OwnQuestion: self._pass_on,
            NotUnderstood: self._miss,
        }
        return {
            Situation.CONFIRMING: requests,
            Situation.LEFT_TO_TRIAGE: {
                **requests,
                DangerTold: self._take_danger,
                ForTriage: self._leave_to_triage,
            },
            Situation.CHECKLIST: {
                **answers,
                Picked: self._take_picked,
                Volunteered: self._take_volunteered,
                DeniedAll: self._deny_group,
                YesToGroup: self._confirm_group,
                DontKnow: self._skip_group,
                Chatter: self._answer_chatter,
            },
            Situation.QUESTION: {
                **answers,
                Answered: self._take_answer,
                DontKnow: self._skip_question,
                Chatter: self._answer_chatter,
            },
            Situation.CLOSING: {
                **answers,
                Answered: self._take_answer,
                AcceptOffer: self._connect_as_offered,
                DeclineOffer: self._say_farewell,
            },
        }

    # ---- What was heard -------------------------------------------------------------------------

    def words(self, talk: CallState, heard: Understood, conversation: Conversation) -> Transition:
        """Answer words.

        Args:
            conversation: as the triage knows it before them.
        """
        talk = replace(talk, silences=0)
        heard = self._interpreter.tempered(heard)
        meaning = self._interpreter.interpret(talk, heard, conversation)
        if isinstance(meaning, Reaction):
            return self._react(talk, meaning, heard, conversation)
        return self._transitions[_situation_of(talk)][type(meaning)](talk, meaning, heard)

    def late(
        self, talk: CallState, heard: Understood, conversation: Conversation
    ) -> Transition | None:
        """What comes of words that answer an older turn; None if nothing does.

        They answer no question any more, but what can only lead to a doctor is not lost.
        """
        gist = proposed_update(heard, conversation, None)
        text = heard.text
        if talk.alarm and (not gist.emergency or heard.sureness < Confidence.FAIR):
            # Nothing takes the place of a danger sign that is not settled.
            other = talk.pending is not None and gist.parts - set(talk.pending.parts)
            return self._prompts.alarm(talk) if gist.emergency and other else None
        if not gist.emergency:
            if heard.corrects or heard.sureness < Confidence.DOUBTFUL:
                return None
            if not gist.only_alarming:
                # Of what is told beside them the conditions alone are taken, by their titles.
                titles = self._titles[Slot.HEALTH_CONDITIONS]
                named = gist.gained.get(Slot.HEALTH_CONDITIONS.value, ())
                codes = tuple(code for code in named if code in titles)
                gist = ProposedUpdate({Slot.HEALTH_CONDITIONS.value: codes} if codes else {})
                text = "; ".join(titles[code] for code in codes)
            if not gist:
                return None
        effect = AnswerEffect(heard.heard, heard.confidence, text, gist.about, aside=True)
        step = self._count(talk, heard, effect, gist)
        waits = talk.pending is not None and step.talk.pending is not None
        asked = self._prompts.open_question
        return None if waits and asked(step.talk) == asked(talk) else step

    def keys(self, talk: CallState, keys: Dtmf) -> Transition:
        """Answer keys."""
        talk = replace(talk, silences=0)
        match interpret_keys(talk, keys, self._titles):
            case KeyRepeat():
                return self._prompts.ask_again(talk)
            case RequestPerson(reason):
                return self._prompts.person(talk, reason)
            case KeyReply() if talk.pending is not None:
                judgement = judge_key(talk.pending, keys, talk.slot)
                return self._settle(talk, judgement, "keys") or self._miss_key(talk)
            case KeyAnswer(tell, key):
                return self._progress.apply(talk, AnswerEffect(key, None, tell), "keys")
            case KeyLowSeverity(key):
                said = str(self._wording.fact(Slot.PAIN_SEVERITY.value, key))
                question = self._wording.say("read_back", heard=said)
                return self._read_back(
                    talk, PendingConfirmation(AnswerEffect(key, None, key), question)
                )
            case KeyLine(code, key):
                return self._progress.apply(talk, AnswerEffect(key, None, codes=(code,)), "keys")
            case KeyYesToGroup(key):
                return self._yes_to_group(talk, key, None, "keys")
            case KeyNoToGroup(key, early):
                none = AnswerEffect(key, None, group_done=True)
                if early:
                    return self._read_back_none(talk, none)
                return self._progress.apply(talk, none, "keys")
        return self._miss_key(talk)

    def silence(self, talk: CallState, _: NoInput) -> Transition:
        """What comes of silence: once more, then keys, then goodbye."""
        talk = replace(talk, silences=talk.silences + 1)
        if talk.alarm and talk.silences >= OFFER_KEYS_AFTER:
            return self._prompts.alarm(talk)
        if talk.closing:
            if talk.silences == 1:
                return self._prompts.ask_again(talk)
            return self._prompts.end(talk, "farewell", finished=True)
        if talk.silences >= MOST_SILENCES:
            return self._prompts.end(talk, "goodbye")
        first = Phrase(self._wording.say("still_there"))
        return self._prompts.ask_again(talk, first, keys=talk.silences >= OFFER_KEYS_AFTER)

    def unheard(self, talk: CallState, event: NoMatch) -> Transition:
        """What comes of something that was no words."""
        why = {NoMatchReason.TOO_LONG: "too_long", NoMatchReason.NOISE: "noisy"}.get(
            event.why, "once_more"
        )
        return self._prompts.miss(talk, why)

    def told(
        self, talk: CallState, reply: Sequence[Mapping[str, Any]], conversation: Conversation
    ) -> Transition:
        """Say what the triage replied.

        Args:
            reply: its messages, as the REST interface gives them.
            conversation: as the triage knows it after them.
        """
        return self._replies.told(talk, reply, conversation)

    # ---- Requests and words that answer nothing -------------------------------------------------

    def _repeat(self, talk: CallState, _: RequestRepeat, __: Understood) -> Transition:
        return self._prompts.repeat(talk)

    def _connect(self, talk: CallState, meaning: RequestPerson, _: Understood) -> Transition:
        return self._prompts.person(talk, meaning.reason)

    def _connect_as_offered(self, talk: CallState, _: AcceptOffer, __: Understood) -> Transition:
        return self._prompts.person(talk, "connecting")

    def _say_goodbye(self, talk: CallState, _: Goodbye, __: Understood) -> Transition:
        if talk.closing:
            return self._prompts.end(talk, "farewell", finished=True)
        return self._prompts.end(talk, "stopped_here")

    def _say_farewell(self, talk: CallState, _: DeclineOffer, __: Understood) -> Transition:
        return self._prompts.end(talk, "farewell", finished=True)

    def _miss_noise(self, talk: CallState, _: Noise, __: Understood) -> Transition:
        return self._prompts.miss(talk, "noisy")

    def _miss(self, talk: CallState, _: NotUnderstood, __: Understood) -> Transition:
        return self._prompts.miss(talk, "once_more")

    def _miss_key(self, talk: CallState) -> Transition:
        return self._prompts.miss(talk, "wrong_key", keys=True)

    def _answer_chatter(self, talk: CallState, _: Chatter, heard: Understood) -> Transition:
        talk = replace(talk, misses=talk.misses + 1)
        if talk.misses >= GIVE_UP_AFTER:
            return self._prompts.person(talk, "give_up")
        return self._pass_on(talk, OwnQuestion(), heard)

    def _pass_on(self, talk: CallState, _: OwnQuestion, heard: Understood) -> Transition:
        return Transition(talk, SendToTriage(heard.text, aside=talk.slot in CHECKLISTS))

    def _leave_to_triage(self, talk: CallState, _: ForTriage, heard: Understood) -> Transition:
        """Let the triage answer words beside an emergency, or to its "shall I?"."""
        sure = Confidence.SURE if talk.slot is Slot.CHECK else Confidence.FAIR
        if heard.sureness < sure:
            return self._prompts.miss(talk, "once_more", keys=talk.slot is Slot.CHECK)
        return Transition(talk, SendToTriage(heard.text))

    def _take_wish(self, talk: CallState, wish: Wish, heard: Understood) -> Transition:
        effect = AnswerEffect(heard.heard, heard.confidence, heard.text, wish=True)
        if heard.sureness >= Confidence.SURE and wish.intent not in NEVER_AT_ONCE:
            return self._progress.apply(talk, effect, "sure")
        question = self._wording.say("read_back_words", words=heard.text)
        return self._read_back(talk, PendingConfirmation(effect, question))

    # ---- Answers --------------------------------------------------------------------------------

    def _take_danger(self, talk: CallState, meaning: DangerTold, heard: Understood) -> Transition:
        update = meaning.update
        effect = AnswerEffect(heard.heard, heard.confidence, heard.text, update.about)
        return self._count(talk, heard, effect, update)

    def _take_answer(self, talk: CallState, meaning: Answered, heard: Understood) -> Transition:
        update = meaning.update
        effect = AnswerEffect(heard.heard, heard.confidence, meaning.tell, update.about)
        return self._count(talk, heard, effect, update)

    def _skip_question(self, talk: CallState, _: DontKnow, heard: Understood) -> Transition:
        return self._progress.apply(
            talk, AnswerEffect(heard.heard, heard.confidence, DONT_KNOW), "sure"
        )

    def _take_volunteered(
        self, talk: CallState, meaning: Volunteered, heard: Understood
    ) -> Transition:
        """Tell it at once; it does not answer the whole checklist."""
        effect = AnswerEffect(
            heard.heard,
            heard.confidence,
            meaning.tell,
            meaning.update.about,
            meaning.codes,
            group_done=meaning.denies_rest and heard.sureness is Confidence.SURE,
            corrects=heard.corrects,
        )
        return self._count(talk, heard, effect, meaning.update)

    def _take_picked(self, talk: CallState, picked: Picked, heard: Understood) -> Transition:
        effect = AnswerEffect(heard.heard, heard.confidence, codes=picked.codes)
        if heard.sureness >= Confidence.FAIR and not picked.negated:
            return self._progress.apply(talk, effect, "sure")
        named = joined([lines()[code] for code in picked.codes])
        question = self._wording.say("read_back_line", lines=named)
        alarm = talk.slot is Slot.EMERGENCY_SIGNS
        return self._read_back(
            talk, PendingConfirmation(effect, question, picked.codes, alarm, alarming=True)
        )

    def _deny_group(self, talk: CallState, meaning: DeniedAll, heard: Understood) -> Transition:
        effect = AnswerEffect(heard.heard, heard.confidence, group_done=True)
        if heard.sureness is Confidence.SURE and meaning.plainly:
            return self._progress.apply(talk, effect, "sure")
        return self._read_back_none(talk, effect)

    def _confirm_group(self, talk: CallState, _: YesToGroup, heard: Understood) -> Transition:
        if heard.sureness < Confidence.FAIR or talk.choosing:
            return self._prompts.miss(talk, "once_more")
        return self._yes_to_group(talk, heard.heard, heard.confidence, "sure")

    def _skip_group(self, talk: CallState, _: DontKnow, heard: Understood) -> Transition:
        if heard.sureness < Confidence.FAIR:
            return self._prompts.miss(talk, "once_more")
        if talk.alarm:
            return self._prompts.alarm(talk)
        talk = replace(talk, unsure=(*talk.unsure, talk.reading[talk.at]))
        return self._progress.apply(
            talk, AnswerEffect(heard.heard, heard.confidence, group_done=True), "sure"
        )

    def _yes_to_group(
        self, talk: CallState, heard: str, confidence: float | None, confirmed: str
    ) -> Transition:
        left = lines_left(talk)
        if len(left) == 1:
            return self._progress.apply(
                talk, AnswerEffect(heard, confidence, codes=left), confirmed
            )
        talk = replace(talk, choosing=True, misses=0, repeats=0)
        return self._prompts.ask_again(talk)

    def _count(
        self, talk: CallState, heard: Understood, effect: AnswerEffect, gist: ProposedUpdate
    ) -> Transition:
        """Let an answer count, or read it back first; a severity always, unless it is sure."""
        a_little = gist.only_alarming and Slot.PAIN_SEVERITY.value not in gist.gained
        enough = Confidence.FAIR if a_little else Confidence.SURE
        if heard.sureness >= enough:
            return self._progress.apply(talk, effect, "sure")
        return self._read_back(
            talk,
            PendingConfirmation(
                effect,
                explicit_confirmation(gist, heard, self._wording),
                tuple(sorted(gist.parts)),
                alarm=gist.emergency,
                alarming=gist.only_alarming,
            ),
        )

    # ---- Confirming -----------------------------------------------------------------------------

    def _read_back(self, talk: CallState, pending: PendingConfirmation) -> Transition:
        return self._prompts.ask_again(replace(talk, pending=pending))

    def _read_back_none(self, talk: CallState, effect: AnswerEffect) -> Transition:
        """Ask whether really no line of the group holds."""
        left = [lines()[code] for code in lines_left(talk)]
        question = self._wording.say("read_back_none", lines=listed(left))
        return self._read_back(talk, PendingConfirmation(effect, question))

    def _react(
        self, talk: CallState, reaction: Reaction, heard: Understood, conversation: Conversation
    ) -> Transition:
        """Answer words while something waits to be confirmed."""
        assert talk.pending is not None  # noqa: S101 - else they have another meaning
        judgement = judge(talk.pending, reaction, heard.sureness, talk.slot)
        settled = self._settle(talk, judgement, "read_back")
        if settled is not None:
            return settled
        reopened = replace(talk, pending=None)
        meaning = self._interpreter.answer(reopened, heard, conversation)
        handler = self._transitions[_question_of(reopened)][type(meaning)]
        return self._replace(talk, talk.pending, heard, handler(reopened, meaning, heard))

    def _settle(self, talk: CallState, judgement: Judgement, by: str) -> Transition | None:
        """Do what a judgement says; None if another answer takes the place of the pending one."""
        keys = by == "keys"
        match judgement:
            case Confirmed() if talk.pending is not None:
                return self._progress.apply(replace(talk, pending=None), talk.pending.effect, by)
            case Denied():
                return self._not_right(replace(talk, pending=None), keys)
            case Unrelated(danger=True):
                return self._prompts.alarm(talk)
            case Unrelated():
                return self._prompts.miss(talk, "once_more", keys=True)
            case Unclear(why):
                return self._prompts.miss(talk, why, keys=True)
        return None

    def _replace(
        self, talk: CallState, pending: PendingConfirmation, heard: Understood, again: Transition
    ) -> Transition:
        """Let an answer take the place of one that was read back."""
        if again.talk.pending is None:
            return again
        # What leads to a doctor and is heard twice the same is as good as confirmed. Anything
        # else is not: somebody who says "nine" may be heard as "five" each time.
        twice = pending.alarming and again.talk.pending.question == pending.question
        if twice and not self._wording.holds("denies", heard.text):
            return self._progress.apply(replace(talk, pending=None), pending.effect, "read_back")
        misses = talk.misses + 1
        if misses >= GIVE_UP_AFTER:
            return self._prompts.person(again.talk, "give_up")
        return self._prompts.ask_again(replace(again.talk, misses=misses), keys=True)

    def _not_right(self, talk: CallState, keys: bool = False) -> Transition:
        """Ask again, as what was read back is not right."""
        talk = replace(talk, misses=talk.misses + 1)
        if talk.misses >= GIVE_UP_AFTER:
            return self._prompts.person(talk, "give_up")
        first = Phrase(self._wording.say("not_right"))
        return self._prompts.ask_again(talk, first, keys=keys or talk.misses >= OFFER_KEYS_AFTER)


def _situation_of(talk: CallState) -> Situation:
    """Tell what kind of answer a call waits for."""
    if talk.pending is not None:
        return Situation.CONFIRMING
    if is_left_to_triage(talk):
        return Situation.LEFT_TO_TRIAGE
    return _question_of(talk)


def _question_of(talk: CallState) -> Situation:
    """Tell what kind of question is open, whatever stands beside it."""
    if talk.slot in CHECKLISTS:
        return Situation.CHECKLIST
    return Situation.CLOSING if talk.closing else Situation.QUESTION
