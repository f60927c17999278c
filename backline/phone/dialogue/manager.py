"""Decide what comes next in a call, from what was said and where the call stands. Pure.

Wrong hearing is the danger: what speaks for a massage counts only if it was heard surely, or was
read back and confirmed, or pressed on keys. What speaks for a doctor needs less.

`interpretation` tells what an utterance means, `confirmation` what it settles; the table of
`CallManager` gives the transition for each meaning in each situation, and `prompts` words it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from backline.dialogue import Conversation
from backline.facts import CHECKLISTS, EMERGENCY_LISTS, Slot
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
    ASKED_BACK,
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
    Storied,
    Volunteered,
    Wish,
    YesToGroup,
)
from backline.phone.dialogue.keypad import (
    KeyAnswer,
    KeyLine,
    KeyLowSeverity,
    KeyNoToGroup,
    KeyOffer,
    KeyRepeat,
    KeyReply,
    KeyYesToGroup,
    interpret_keys,
)
from backline.phone.dialogue.late_words import taken_late
from backline.phone.dialogue.offers import TEXTED, Offers
from backline.phone.dialogue.progress import DONT_KNOW, Progress, Titles
from backline.phone.dialogue.prompts import (
    OFFER_KEYS_AFTER,
    WRONG_KEY,
    Prompts,
    lines_left,
)
from backline.phone.dialogue.situation import Situation, question_of, situation_of
from backline.phone.dialogue.state import (
    AnswerEffect,
    AnswerEvidence,
    CallState,
    PendingConfirmation,
    SendToTriage,
    Transition,
)
from backline.phone.dialogue.triage_reply import TriageReplies
from backline.phone.dialogue.trouble import (
    denied,
    heard_beside_keys,
    late_in_trouble,
    told_beside,
    too_long,
)
from backline.phone.dialogue.wording import PhoneWording, joined, lines
from backline.phone.events import Dtmf, NoInput, NoMatch, NoMatchReason, Phrase
from backline.phone.text.verbalize import listed
from backline.replies import Reply

NEVER_AT_ONCE = ("start_over", "delete_my_data")
"""Wishes that are read back however surely they were heard."""
MOST_SILENCES = 3


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
        self._offers = Offers(wording, self._prompts)
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
                Storied: self._ask_what_is_left,
                DontKnow: self._skip_question,
                Chatter: self._answer_chatter,
            },
            Situation.CLOSING: {
                **answers,
                Answered: self._take_answer,
                AcceptOffer: self._offers.accept,
                DeclineOffer: self._offers.decline,
            },
        }

    # ---- What was heard -------------------------------------------------------------------------

    def words(self, state: CallState, said: Understood, conversation: Conversation) -> Transition:
        """Answer words.

        Args:
            conversation: as the triage knows it before them.
        """
        state = late_in_trouble(replace(state, silences=0, turns=state.turns + 1))
        if too_long(state):
            return self._prompts.person(state, "give_up")
        said = self._interpreter.tempered(said, telling=state.telling)
        meaning = self._interpreter.interpret(state, said, conversation)
        if state.by_keys and not heard_beside_keys(state, said, meaning, conversation):
            return self._prompts.no_match(state, "once_more")
        if state.pending is not None and isinstance(meaning, Reaction):
            return self._react(state, state.pending, meaning, said, conversation)
        return self._transitions[situation_of(state)][type(meaning)](state, meaning, said)

    def late(
        self, state: CallState, said: Understood, conversation: Conversation
    ) -> Transition | None:
        """Answer words to an older turn; None if nothing comes of them.

        They answer no question any more, but what can only lead to a doctor is not lost.
        """
        update = proposed_update(said, conversation, None)
        if state.alarm and (not update.emergency or said.level < Confidence.FAIR):
            # Nothing takes the place of a danger sign that is not settled.
            other = state.pending is not None and update.parts - set(state.pending.parts)
            return self._prompts.alarm(state) if update.emergency and other else None
        taken = taken_late(said, update, self._titles)
        if taken is None:
            return None
        about = taken.update.about
        effect = AnswerEffect(said.heard, said.confidence, taken.tell, about, aside=True)
        step = self._count(state, said, effect, taken.update)
        waits = state.pending is not None and step.state.pending is not None
        asked = self._prompts.open_question
        return None if waits and asked(step.state) == asked(state) else step

    def dtmf(self, state: CallState, keys: Dtmf) -> Transition:
        """Answer keys."""
        state = replace(state, silences=0, turns=state.turns + 1)
        match interpret_keys(state, keys, self._titles):
            case KeyRepeat():
                return self._prompts.ask_again(state)
            case RequestPerson(reason):
                return self._prompts.person(state, reason)
            case KeyReply() if state.pending is not None:
                judgement = judge_key(state.pending, keys, state.slot)
                return self._settle(state, judgement, "keys") or self._miss_key(state)
            case KeyAnswer(tell, key):
                return self._progress.apply(state, AnswerEffect(key, None, tell), "keys")
            case KeyLowSeverity(key):
                said = str(self._wording.fact(Slot.PAIN_SEVERITY.value, key))
                question = self._wording.say("read_back", heard=said)
                return self._read_back(
                    state, PendingConfirmation(AnswerEffect(key, None, key), question)
                )
            case KeyLine(code, key):
                return self._progress.apply(state, AnswerEffect(key, None, codes=(code,)), "keys")
            case KeyYesToGroup(key):
                return self._yes_to_group(state, key, None, "keys")
            case KeyNoToGroup(key, early):
                none = AnswerEffect(key, None, group_done=True)
                if early:
                    return self._read_back_none(state, none)
                return self._progress.apply(state, none, "keys")
            case KeyOffer(yes, key):
                return self._offers.answer(state, yes, AnswerEvidence(TEXTED, key, None, "keys"))
        return self._miss_key(state)

    def no_input(self, state: CallState, _: NoInput) -> Transition:
        """Answer silence: ask once more, then offer keys, then say goodbye."""
        state = replace(state, silences=state.silences + 1, turns=state.turns + 1)
        if state.alarm and state.silences >= OFFER_KEYS_AFTER:
            return self._prompts.alarm(state)
        if state.closing:
            if state.silences == 1:
                return self._prompts.ask_again(state, whole=False)
            return self._prompts.end(state, "farewell", finished=True)
        if state.silences >= MOST_SILENCES:
            return self._prompts.end(state, "goodbye")
        first = Phrase(self._wording.say("still_there"))
        return self._prompts.ask_again(state, first, keys=state.silences >= OFFER_KEYS_AFTER)

    def no_match(self, state: CallState, event: NoMatch) -> Transition:
        """Answer something that was no words."""
        state = late_in_trouble(replace(state, turns=state.turns + 1))
        if too_long(state):
            return self._prompts.person(state, "give_up")
        why = {NoMatchReason.TOO_LONG: "too_long", NoMatchReason.NOISE: "noisy"}.get(
            event.why, "once_more"
        )
        return self._prompts.no_match(state, why)

    def told(self, state: CallState, reply: Reply, conversation: Conversation) -> Transition:
        """Say what the triage replied.

        Args:
            conversation: as the triage knows it after the reply.
        """
        return self._replies.told(state, reply, conversation)

    # ---- Requests and words that answer nothing -------------------------------------------------

    def _repeat(self, state: CallState, _: RequestRepeat, __: Understood) -> Transition:
        return self._prompts.repeat(state)

    def _connect(self, state: CallState, meaning: RequestPerson, _: Understood) -> Transition:
        return self._prompts.person(state, meaning.reason)

    def _say_goodbye(self, state: CallState, _: Goodbye, __: Understood) -> Transition:
        if state.closing:
            return self._prompts.end(state, "farewell", finished=True)
        return self._prompts.end(state, "stopped_here")

    def _miss_noise(self, state: CallState, _: Noise, __: Understood) -> Transition:
        return self._prompts.no_match(state, "noisy")

    def _miss(self, state: CallState, _: NotUnderstood, __: Understood) -> Transition:
        return self._prompts.no_match(state, "once_more")

    def _miss_key(self, state: CallState) -> Transition:
        return self._prompts.no_match(state, WRONG_KEY, keys=True)

    def _answer_chatter(self, state: CallState, _: Chatter, said: Understood) -> Transition:
        missed = self._prompts.missed(state, "chatter")
        if missed is None:
            return self._prompts.person(state, "give_up")
        return self._pass_on(missed, OwnQuestion(), said)

    def _pass_on(self, state: CallState, _: OwnQuestion, said: Understood) -> Transition:
        return Transition(state, SendToTriage(said.text, aside=state.slot in CHECKLISTS))

    def _leave_to_triage(self, state: CallState, _: ForTriage, said: Understood) -> Transition:
        """Let the triage answer words beside an emergency, or to what it asks back."""
        asked_back = state.slot in ASKED_BACK
        if said.level < (Confidence.SURE if asked_back else Confidence.FAIR):
            return self._prompts.no_match(state, "once_more", keys=asked_back)
        return Transition(state, SendToTriage(said.text))

    def _take_wish(self, state: CallState, wish: Wish, said: Understood) -> Transition:
        effect = AnswerEffect(said.heard, said.confidence, said.text, wish=True)
        if said.level >= Confidence.SURE and wish.intent not in NEVER_AT_ONCE:
            return self._progress.apply(state, effect, "sure")
        question = self._wording.say("read_back_words", words=said.text)
        return self._read_back(state, PendingConfirmation(effect, question))

    # ---- Answers --------------------------------------------------------------------------------

    def _take_danger(self, state: CallState, meaning: DangerTold, said: Understood) -> Transition:
        update = meaning.update
        effect = AnswerEffect(said.heard, said.confidence, said.text, update.about)
        return self._count(state, said, effect, update)

    def _take_answer(self, state: CallState, meaning: Answered, said: Understood) -> Transition:
        update = meaning.update
        effect = AnswerEffect(
            said.heard,
            said.confidence,
            meaning.tell,
            update.about,
            aside=told_beside(state, update),
        )
        return self._count(state, said, effect, update)

    def _ask_what_is_left(self, state: CallState, _: Storied, __: Understood) -> Transition:
        """Ask for what the story did not tell, as it told nothing that counts."""
        return self._prompts.ask_again(
            replace(state, telling=False), Phrase(self._wording.say("go_on"))
        )

    def _skip_question(self, state: CallState, _: DontKnow, said: Understood) -> Transition:
        return self._progress.apply(
            state, AnswerEffect(said.heard, said.confidence, DONT_KNOW), "sure"
        )

    def _take_volunteered(
        self, state: CallState, meaning: Volunteered, said: Understood
    ) -> Transition:
        """Tell it at once; it does not answer the whole checklist."""
        effect = AnswerEffect(
            said.heard,
            said.confidence,
            meaning.tell,
            meaning.update.about,
            meaning.codes,
            group_done=meaning.denies_rest and said.level is Confidence.SURE,
            corrects=said.corrects,
        )
        return self._count(state, said, effect, meaning.update)

    def _take_picked(self, state: CallState, picked: Picked, said: Understood) -> Transition:
        effect = AnswerEffect(said.heard, said.confidence, codes=picked.codes)
        if said.level >= Confidence.FAIR and not picked.negated:
            return self._progress.apply(state, effect, "sure")
        named = joined([lines()[code] for code in picked.codes])
        question = self._wording.say("read_back_line", lines=named)
        alarm = state.slot in EMERGENCY_LISTS
        return self._read_back(
            state, PendingConfirmation(effect, question, picked.codes, alarm, alarming=True)
        )

    def _deny_group(self, state: CallState, meaning: DeniedAll, said: Understood) -> Transition:
        effect = AnswerEffect(said.heard, said.confidence, group_done=True)
        if said.level is Confidence.SURE and meaning.plainly:
            return self._progress.apply(state, effect, "sure")
        return self._read_back_none(state, effect)

    def _confirm_group(self, state: CallState, _: YesToGroup, said: Understood) -> Transition:
        if said.level < Confidence.FAIR or state.choosing:
            return self._prompts.no_match(state, "once_more")
        return self._yes_to_group(state, said.heard, said.confidence, "sure")

    def _skip_group(self, state: CallState, _: DontKnow, said: Understood) -> Transition:
        if said.level < Confidence.FAIR:
            return self._prompts.no_match(state, "once_more")
        if state.alarm:
            return self._prompts.alarm(state)
        state = replace(state, unsure=(*state.unsure, state.reading[state.at]))
        return self._progress.apply(
            state, AnswerEffect(said.heard, said.confidence, group_done=True), "sure"
        )

    def _yes_to_group(
        self, state: CallState, said: str, confidence: float | None, confirmed: str
    ) -> Transition:
        left = lines_left(state)
        if len(left) == 1:
            return self._progress.apply(
                state, AnswerEffect(said, confidence, codes=left), confirmed
            )
        state = replace(state, choosing=True, misses=0, repeats=0)
        return self._prompts.ask_again(state)

    def _count(
        self, state: CallState, said: Understood, effect: AnswerEffect, update: ProposedUpdate
    ) -> Transition:
        """Let an answer count, or read it back first; a severity always, unless it is sure."""
        a_little = update.only_alarming and Slot.PAIN_SEVERITY.value not in update.gained
        enough = Confidence.FAIR if a_little else Confidence.SURE
        if said.level >= enough:
            return self._progress.apply(state, effect, "sure")
        return self._read_back(
            state,
            PendingConfirmation(
                effect,
                explicit_confirmation(update, said, self._wording),
                tuple(sorted(update.parts)),
                alarm=update.emergency,
                alarming=update.only_alarming,
            ),
        )

    # ---- Confirming -----------------------------------------------------------------------------

    def _read_back(self, state: CallState, pending: PendingConfirmation) -> Transition:
        return self._prompts.ask_again(replace(state, pending=pending))

    def _read_back_none(self, state: CallState, effect: AnswerEffect) -> Transition:
        """Ask whether really no line of the group holds."""
        left = [lines()[code] for code in lines_left(state)]
        question = self._wording.say("read_back_none", lines=listed(left))
        return self._read_back(state, PendingConfirmation(effect, question))

    def _react(
        self,
        state: CallState,
        pending: PendingConfirmation,
        reaction: Reaction,
        said: Understood,
        conversation: Conversation,
    ) -> Transition:
        """Answer words while something waits to be confirmed."""
        judgement = judge(pending, reaction, said.level, state.slot)
        settled = self._settle(state, judgement, "read_back")
        if settled is not None:
            return settled
        reopened = replace(state, pending=None)
        meaning = self._interpreter.answer(reopened, said, conversation)
        handler = self._transitions[question_of(reopened)][type(meaning)]
        return self._replace(state, pending, said, handler(reopened, meaning, said))

    def _settle(self, state: CallState, judgement: Judgement, by: str) -> Transition | None:
        """Do what a judgement says; None if another answer takes the place of the pending one."""
        keys = by == "keys"
        match judgement:
            case Confirmed() if state.pending is not None:
                return self._progress.apply(replace(state, pending=None), state.pending.effect, by)
            case Denied() if state.pending is not None:
                step = self._not_right(replace(state, pending=None), keys)
                return replace(step, misheard=(denied(state, state.pending.effect),))
            case Unrelated(danger=True):
                return self._prompts.alarm(state)
            case Unrelated():
                return self._prompts.no_match(state, "once_more", keys=True)
            case Unclear(why):
                return self._prompts.no_match(state, why, keys=True)
        return None

    def _replace(
        self, state: CallState, pending: PendingConfirmation, said: Understood, again: Transition
    ) -> Transition:
        """Let an answer take the place of one that was read back."""
        if again.state.pending is None:
            return again
        # What leads to a doctor and is heard twice the same is as good as confirmed. Anything
        # else is not: somebody who says "nine" may be heard as "five" each time.
        twice = pending.alarming and again.state.pending.question == pending.question
        if twice and not self._wording.holds("denies", said.text):
            return self._progress.apply(replace(state, pending=None), pending.effect, "read_back")
        missed = self._prompts.missed(again.state, "replaced")
        if missed is None:
            return self._prompts.person(again.state, "give_up")
        return self._prompts.ask_again(missed, keys=True)

    def _not_right(self, state: CallState, keys: bool = False) -> Transition:
        """Ask again, as what was read back is not right."""
        missed = self._prompts.missed(state, WRONG_KEY if keys else "not_right")
        if missed is None:
            return self._prompts.person(state, "give_up")
        first = Phrase(self._wording.say("not_right"))
        return self._prompts.ask_again(missed, first, keys=keys)
