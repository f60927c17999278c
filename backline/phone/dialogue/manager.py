"""How a call goes: what is read back, when keys are offered, when a person takes over. Pure.

Wrong hearing is the danger: what speaks for a massage counts only if it was heard surely, or was
read back and confirmed, or pressed on keys. What speaks for a doctor needs less.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from backline.dialogue import LEG_ITEM, Conversation
from backline.facts import CHECKLISTS, Slot
from backline.nlu.components.replies import replies
from backline.nlu.digits import whole_number_of
from backline.nlu.intents import OTHER_LANGUAGE
from backline.phone.dialogue.grounding import Gist, Sureness, Understood, gist_of, read_back
from backline.phone.dialogue.prompts import (
    CRISIS,
    EMERGENCY,
    GIVE_UP_AFTER,
    OFFER_KEYS_AFTER,
    Prompts,
    lines_left,
    paragraphs,
)
from backline.phone.dialogue.state import Effect, Evidence, Pending, Say, Step, Talk, Tell
from backline.phone.dialogue.wording import Wording, groups, joined, lines
from backline.phone.events import Keys, Phrase, Silence, Then, Unheard, Why
from backline.phone.text.verbalize import listed
from backline.replies import Reply, TriageResult

NOTHING = ("no", "none", "all_good")
NONE_OF_THESE, DONT_KNOW = "None of these", "I don't know"
"""What is told to the triage when every group was denied, or could not be answered."""
WISHES_TO_CONFIRM = ("go_back", "start_over", "delete_my_data")
NEVER_AT_ONCE = ("start_over", "delete_my_data")
"""Of these, what is read back however surely it was heard."""
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
PERSON_KEY, REPEAT_KEY, TEN_KEY = "0", "#", "*"
YES_NO = {"1": True, "2": False}
MOST_SILENCES = 3
LOWEST_KEYS = frozenset({"0", "1"})
"""On the scale these are read back: 0 is a person elsewhere, and 1 may be the start of 10."""
CHATTER = ("smalltalk", "out_of_scope", "insult", "thanks", "greet")
"""Intents that are answered, but bring the question no further, as a radio does not."""
ARTICLES = frozenset({"the", "this", "that", "which"})
_WORD = re.compile(r"[\w']+")


class Talker:
    """Decides what comes next in a call.

    Args:
        titles: of each question's options, what the triage is told for its value.
    """

    def __init__(self, wording: Wording, titles: Mapping[Slot, Mapping[str, str]]) -> None:
        self._wording = wording
        self._prompts = Prompts(wording)
        self._titles = titles

    # ---- What was heard -------------------------------------------------------------------------

    def words(self, talk: Talk, heard: Understood, conversation: Conversation) -> Step:
        """What comes of words.

        Args:
            conversation: as the triage knows it before them.
        """
        talk = replace(talk, silences=0)
        if self._says_both(heard):
            heard = replace(heard, sureness=min(heard.sureness, Sureness.FAIR))
        emergency = gist_of(heard, conversation, None).emergency
        if not emergency and heard.sureness >= Sureness.DOUBTFUL:
            spoken_to_the_line = self._command(talk, heard)
            if spoken_to_the_line is not None:
                return spoken_to_the_line
        asked_back = talk.standing or talk.slot is Slot.CHECK
        if asked_back and talk.pending is None and not emergency:
            return self._leave_to_triage(talk, heard)
        if talk.pending is not None:
            return self._confirm(talk, talk.pending, heard, conversation)
        if heard.sureness is Sureness.NOTHING and not emergency:
            return self._prompts.miss(talk, "noisy")
        return self._answer(talk, heard, conversation)

    def late(self, talk: Talk, heard: Understood, conversation: Conversation) -> Step | None:
        """What comes of words that answer an older turn; None if nothing does.

        They answer no question any more, but what can only lead to a doctor is not lost.
        """
        gist = gist_of(heard, conversation, None)
        text = heard.text
        if talk.alarm and (not gist.emergency or heard.sureness < Sureness.FAIR):
            # Nothing takes the place of a danger sign that is not settled.
            other = talk.pending is not None and gist.parts - set(talk.pending.parts)
            return self._prompts.alarm(talk) if gist.emergency and other else None
        if not gist.emergency:
            if heard.corrects or heard.sureness < Sureness.DOUBTFUL:
                return None
            if not gist.only_alarming:
                # Of what is told beside them the conditions alone are taken, by their titles.
                titles = self._titles[Slot.HEALTH_CONDITIONS]
                named = gist.gained.get(Slot.HEALTH_CONDITIONS.value, ())
                codes = tuple(code for code in named if code in titles)
                gist = Gist({Slot.HEALTH_CONDITIONS.value: codes} if codes else {})
                text = "; ".join(titles[code] for code in codes)
            if not gist:
                return None
        effect = Effect(heard.heard, heard.confidence, text, gist.about, aside=True)
        step = self._count(talk, heard, effect, gist)
        waits = talk.pending is not None and step.talk.pending is not None
        asked = self._prompts.open_question
        return None if waits and asked(step.talk) == asked(talk) else step

    def keys(self, talk: Talk, keys: Keys) -> Step:
        """What comes of keys."""
        talk = replace(talk, silences=0)
        digits = keys.digits.strip(REPEAT_KEY)
        if not digits:
            return self._prompts.ask_again(talk)
        asked = None if talk.pending else talk.kind
        if asked == "number" and digits.isdigit():
            person = talk.slot is Slot.AGE and digits == PERSON_KEY
            if person:
                return self._prompts.person(talk, "connecting")
            return self._tell_keys(talk, digits)
        if asked == "scale" and digits in (TEN_KEY, "10"):
            return self._tell_keys(talk, "10")
        key = digits[0]
        if set(digits) != {key}:
            # Which of several keys was meant is not known.
            return self._prompts.miss(talk, "wrong_key", keys=True)
        if asked == "scale" and key in LOWEST_KEYS:
            question = self._wording.say(
                "read_back", heard=str(self._wording.fact(Slot.PAIN_SEVERITY.value, key))
            )
            return self._read_back(talk, Pending(Effect(key, None, key), question))
        if asked == "scale":
            return self._tell_keys(talk, key)
        if key == PERSON_KEY:
            return self._prompts.person(talk, "connecting")
        if talk.pending is not None:
            return self._confirm_by_key(talk, talk.pending, keys)
        if talk.slot in CHECKLISTS:
            return self._group_by_key(talk, key, keys.interrupted)
        told = self._option(talk, key)
        if told is None:
            return self._prompts.miss(talk, "wrong_key", keys=True)
        return self._tell_keys(talk, told, key)

    def silence(self, talk: Talk, _: Silence) -> Step:
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

    def unheard(self, talk: Talk, event: Unheard) -> Step:
        """What comes of something that was no words."""
        why = {Why.TOO_LONG: "too_long", Why.NOISE: "noisy"}.get(event.why, "once_more")
        return self._prompts.miss(talk, why)

    # ---- What the triage said -------------------------------------------------------------------

    def told(self, talk: Talk, reply: Reply, conversation: Conversation) -> Step:
        """What comes of the triage's reply.

        Args:
            conversation: as the triage knows it after the reply.
        """
        talk = replace(talk, silences=0, pending=None)
        texts, question, result = reply.texts, reply.question, reply.result
        talk = _standing_after(talk, reply)
        if result is not None:
            return self._tell_result(talk, result, [t for t in texts if t != result.text])
        asides = tuple(Phrase(text) for text in texts)
        if reply.failed:
            return Step(talk, Say(asides, Then.TRANSFER))
        if reply.deleted or conversation.declined:
            return Step(talk, Say(asides, Then.HANG_UP, finished=True))
        if question is None:
            # Nothing of the question that was open before goes on, its keys neither.
            talk = talk if talk.closing else Talk(closing=True)
            listening = self._wording.listening("other", None)
            if talk.standing:
                said = tuple(replace(phrase, slowly=True) for phrase in asides)
                return Step(talk, Say(said, Then.LISTEN, listening, emergency=True, finished=True))
            said = (*asides, Phrase(self._prompts.offer(talk)))
            return Step(talk, Say(said, Then.LISTEN, listening))
        slot, kind = Slot(question.slot), question.kind
        prompt = question.prompt or question.text
        if slot in CHECKLISTS:
            return self._read_out(talk, slot, kind, prompt, asides)
        talk = replace(talk, slot=slot, kind=kind, prompt=prompt, reading=(), closing=False)
        if talk.standing:
            # The reply begins with the call already.
            step = self._prompts.ask_again(replace(talk, standing=""), *asides)
            return replace(step, talk=talk)
        return self._prompts.ask_again(talk, *asides)

    def _tell_result(self, talk: Talk, result: TriageResult, texts: Sequence[str]) -> Step:
        emergency = result.emergency
        parts = [Phrase(part, slowly=emergency) for part in paragraphs(result.text)]
        others = [Phrase(t) for t in texts]
        # An emergency is told before anything else that the turn has to say.
        said = [*parts, *others] if emergency else [*others, *parts]
        standing = (CRISIS if result.crisis else EMERGENCY) if emergency else ""
        talk = Talk(closing=True, prompt=result.text, standing=standing)
        return Step(
            talk,
            Say(
                (*said, Phrase(self._prompts.offer(talk))),
                Then.LISTEN,
                self._wording.listening("other", None),
                emergency=emergency,
                finished=True,
            ),
        )

    def _read_out(
        self, talk: Talk, slot: Slot, kind: str, prompt: str, asides: tuple[Phrase, ...]
    ) -> Step:
        """Begin to read out a checklist, or go on with it."""
        going_on = talk.slot is slot and not talk.read_out
        if not going_on:
            again = talk.slot is slot and talk.unsure
            reading = talk.unsure if again else tuple(range(len(groups()[slot])))
            chosen = talk.chosen if again else ()
            talk = Talk(slot=slot, kind=kind, prompt=prompt, reading=reading, chosen=chosen)
            return self._prompts.ask_again(talk, *asides, Phrase(prompt))
        return self._next_group(talk, asides)

    # ---- Answers --------------------------------------------------------------------------------

    def _command(self, talk: Talk, heard: Understood) -> Step | None:
        """What is meant for the line itself."""
        means = self._wording.means
        if means("repeat", heard.text):
            return self._prompts.repeat(talk)
        asks_person = means("person", heard.text) or heard.intent == "human_handoff"
        if asks_person and heard.sureness >= Sureness.FAIR:
            return self._prompts.person(talk, "connecting")
        if heard.intent == OTHER_LANGUAGE and heard.sureness >= Sureness.FAIR:
            return self._prompts.person(talk, "other_language")
        if means("goodbye", heard.text) and heard.sureness >= Sureness.FAIR:
            if talk.closing:
                return self._prompts.end(talk, "farewell", finished=True)
            return self._prompts.end(talk, "stopped_here")
        return None

    def _answer(self, talk: Talk, heard: Understood, conversation: Conversation) -> Step:
        """What comes of words where nothing waits to be confirmed."""
        volunteered = gist_of(heard, conversation, None)
        if volunteered.emergency:
            effect = Effect(heard.heard, heard.confidence, heard.text, volunteered.about)
            return self._count(talk, heard, effect, volunteered)
        if talk.slot in CHECKLISTS:
            return self._answer_group(talk, heard, volunteered)
        gist = gist_of(heard, conversation, talk.slot)
        if gist:
            effect = Effect(heard.heard, heard.confidence, _tellable(heard, gist), gist.about)
            return self._count(talk, heard, effect, gist)
        return self._wish(talk, heard)

    def _leave_to_triage(self, talk: Talk, heard: Understood) -> Step:
        """What comes of words beside an emergency, or to "shall I?": the triage answers them."""
        sure = Sureness.SURE if talk.slot is Slot.CHECK else Sureness.FAIR
        if heard.sureness < sure:
            return self._prompts.miss(talk, "once_more", keys=talk.slot is Slot.CHECK)
        return Step(talk, Tell(heard.text))

    def _count(self, talk: Talk, heard: Understood, effect: Effect, gist: Gist) -> Step:
        """Let an answer count, or read it back first; a severity always, unless it is sure."""
        a_little = gist.only_alarming and Slot.PAIN_SEVERITY.value not in gist.gained
        enough = Sureness.FAIR if a_little else Sureness.SURE
        if heard.sureness >= enough:
            return self._apply(talk, effect, "sure")
        return self._read_back(
            talk,
            Pending(
                effect,
                read_back(gist, heard, self._wording),
                tuple(sorted(gist.parts)),
                alarm=gist.emergency,
                alarming=gist.only_alarming,
            ),
        )

    def _wish(self, talk: Talk, heard: Understood) -> Step:
        """What comes of words that answer nothing: a question of their own, or a miss."""
        if heard.sureness < Sureness.FAIR or heard.guessed:
            return self._prompts.miss(talk, "once_more")
        if talk.closing and heard.reply == "yes":
            return self._prompts.person(talk, "connecting")
        if talk.closing and heard.reply in NOTHING:
            return self._prompts.end(talk, "farewell", finished=True)
        if heard.intent in WISHES_TO_CONFIRM:
            effect = Effect(heard.heard, heard.confidence, heard.text, wish=True)
            if heard.sureness >= Sureness.SURE and heard.intent not in NEVER_AT_ONCE:
                return self._apply(talk, effect, "sure")
            question = self._wording.say("read_back_words", words=heard.text)
            return self._read_back(talk, Pending(effect, question))
        if heard.reply == "dont_know" and talk.slot not in (None, *CHECKLISTS):
            return self._apply(talk, Effect(heard.heard, heard.confidence, DONT_KNOW), "sure")
        if heard.intent in CHATTER and not talk.closing:
            talk = replace(talk, misses=talk.misses + 1)
            if talk.misses >= GIVE_UP_AFTER:
                return self._prompts.person(talk, "give_up")
        if heard.intent not in UNCLEAR or talk.closing:
            return Step(talk, Tell(heard.text, aside=talk.slot in CHECKLISTS))
        return self._prompts.miss(talk, "once_more")

    def _answer_group(self, talk: Talk, heard: Understood, volunteered: Gist) -> Step:
        """What comes of words while a group of a checklist is read out."""
        left = lines_left(talk)
        picked = self._picked(talk, heard, volunteered)
        if picked:
            return self._count_picked(talk, heard, picked)
        reply = heard.reply
        denied = reply in NOTHING or any(f.kind == "denial" for f in heard.told)
        named = tuple(volunteered.gained.get("health_conditions", ()))
        here = tuple(code for code in left if code in named)
        if volunteered:
            # It is told at once, and does not answer the whole checklist.
            surely_no = heard.sureness is Sureness.SURE and self._plainly_denies(talk, heard)
            effect = Effect(
                heard.heard,
                heard.confidence,
                _tellable_aside(heard, volunteered),
                volunteered.about,
                here,
                group_done=denied and not here and surely_no,
                corrects=heard.corrects,
            )
            return self._count(talk, heard, effect, volunteered)
        if denied:
            effect = Effect(heard.heard, heard.confidence, group_done=True)
            if heard.sureness is Sureness.SURE and self._plainly_denies(talk, heard):
                return self._apply(talk, effect, "sure")
            return self._read_back_none(talk, effect)
        if reply == "yes":
            if heard.sureness < Sureness.FAIR or talk.choosing:
                return self._prompts.miss(talk, "once_more")
            return self._yes_to_group(talk, heard.heard, heard.confidence, "sure")
        if reply == "dont_know" and heard.sureness >= Sureness.FAIR:
            if talk.alarm:
                return self._prompts.alarm(talk)
            talk = replace(talk, unsure=(*talk.unsure, talk.reading[talk.at]))
            return self._apply(talk, Effect(heard.heard, heard.confidence, group_done=True), "sure")
        return self._wish(talk, heard)

    def _count_picked(self, talk: Talk, heard: Understood, picked: tuple[str, ...]) -> Step:
        effect = Effect(heard.heard, heard.confidence, codes=picked)
        # "Not the first" may mean all others, or none.
        if heard.sureness >= Sureness.FAIR and not self._wording.holds("denies", heard.text):
            return self._apply(talk, effect, "sure")
        question = self._wording.say("read_back_line", lines=joined([lines()[c] for c in picked]))
        alarm = talk.slot is Slot.EMERGENCY_SIGNS
        return self._read_back(talk, Pending(effect, question, picked, alarm, alarming=True))

    def _plainly_denies(self, talk: Talk, heard: Understood) -> bool:
        """Whether it can mean nothing else than that no line of the group holds."""
        doubted = heard.interrupted or talk.choosing or heard.corrects
        facts = [f for f in heard.told if f.kind not in ("answer", "denial") and f.holds]
        rest = heard.text
        for f in facts:
            rest = rest[: f.start] + " " * (f.end - f.start) + rest[f.end :]
        return not doubted and self._wording.denies(rest, beside_facts=bool(facts))

    def _says_both(self, heard: Understood) -> bool:
        """Whether it both agrees and denies, as "no, wait, yes"."""
        return all(self._wording.holds(name, heard.text) for name in ("affirms", "denies"))

    def _yes_to_group(
        self, talk: Talk, heard: str, confidence: float | None, confirmed: str
    ) -> Step:
        left = lines_left(talk)
        if len(left) == 1:
            return self._apply(talk, Effect(heard, confidence, codes=left), confirmed)
        talk = replace(talk, choosing=True, misses=0, repeats=0)
        return self._prompts.ask_again(talk)

    def _picked(self, talk: Talk, heard: Understood, volunteered: Gist) -> tuple[str, ...]:
        """The lines that are meant by their numbers, or by "all of them"."""
        left = lines_left(talk)
        if self._wording.holds("asks", heard.text):
            return ()
        places = {int(f.value) for f in heard.told if f.kind == "pick" and f.holds}
        if talk.choosing and self._wording.means("all", heard.text):
            return left
        if talk.choosing and not places and not volunteered:
            places = _places(heard.text)
        places = {len(left) if place == -1 else place for place in places}
        return tuple(code for n, code in enumerate(left, start=1) if n in places)

    # ---- Confirming -----------------------------------------------------------------------------

    def _read_back(self, talk: Talk, pending: Pending) -> Step:
        return self._prompts.ask_again(replace(talk, pending=pending))

    def _read_back_none(self, talk: Talk, effect: Effect) -> Step:
        """Ask whether really no line of the group holds."""
        left = [lines()[code] for code in lines_left(talk)]
        question = self._wording.say("read_back_none", lines=listed(left))
        return self._read_back(talk, Pending(effect, question))

    def _confirm(
        self, talk: Talk, pending: Pending, heard: Understood, conversation: Conversation
    ) -> Step:
        """What comes of words while something waits to be confirmed."""
        reopened = replace(talk, pending=None)
        facts = gist_of(heard, conversation, None)
        if not facts and heard.reply == "yes":
            agrees = pending.alarming or self._wording.means("agrees", heard.text)
            enough = Sureness.SURE if _denies_danger(talk, pending) else Sureness.FAIR
            if heard.sureness < enough or not agrees:
                return self._prompts.miss(talk, "once_more", keys=True)
            return self._apply(reopened, pending.effect, "read_back")
        enough = Sureness.SURE if pending.alarming else Sureness.FAIR
        denied = heard.sureness >= enough and (heard.reply in NOTHING or heard.corrects)
        if not facts and denied:
            return self._not_right(reopened)
        answer = gist_of(heard, conversation, None if talk.slot in CHECKLISTS else talk.slot)
        if not facts and (heard.reply is not None or not answer):
            return self._prompts.miss(talk, "once_more", keys=True)
        if heard.sureness is Sureness.NOTHING and not facts.emergency:
            return self._prompts.miss(talk, "noisy", keys=True)
        asked_anyway = {talk.slot.value} if talk.slot else set()
        if not denied and set(pending.parts) - asked_anyway - answer.parts:
            # It is about something else, so what was read back is neither confirmed nor denied.
            if pending.alarm and facts.emergency and heard.sureness < Sureness.FAIR:
                return self._prompts.alarm(talk)
            if not facts.emergency:
                return self._prompts.miss(talk, "once_more", keys=True)
        return self._heard_anew(talk, pending, heard, self._answer(reopened, heard, conversation))

    def _heard_anew(self, talk: Talk, pending: Pending, heard: Understood, again: Step) -> Step:
        """What comes of an answer that takes the place of one that was read back."""
        if again.talk.pending is None:
            return again
        # What leads to a doctor and is heard twice the same is as good as confirmed. Anything
        # else is not: somebody who says "nine" may be heard as "five" each time.
        twice = pending.alarming and again.talk.pending.question == pending.question
        if twice and not self._wording.holds("denies", heard.text):
            return self._apply(replace(talk, pending=None), pending.effect, "read_back")
        misses = talk.misses + 1
        if misses >= GIVE_UP_AFTER:
            return self._prompts.person(again.talk, "give_up")
        return self._prompts.ask_again(replace(again.talk, misses=misses), keys=True)

    def _not_right(self, talk: Talk, keys: bool = False) -> Step:
        """What was read back is not right: ask again."""
        talk = replace(talk, misses=talk.misses + 1)
        if talk.misses >= GIVE_UP_AFTER:
            return self._prompts.person(talk, "give_up")
        first = Phrase(self._wording.say("not_right"))
        return self._prompts.ask_again(talk, first, keys=keys or talk.misses >= OFFER_KEYS_AFTER)

    def _confirm_by_key(self, talk: Talk, pending: Pending, keys: Keys) -> Step:
        reopened, key = replace(talk, pending=None), keys.digits[0]
        if YES_NO.get(key) is None:
            return self._prompts.miss(talk, "wrong_key", keys=True)
        if YES_NO[key] and keys.interrupted and _denies_danger(talk, pending):
            # Pressed ahead, it may be meant for another question.
            return self._prompts.miss(talk, "once_more", keys=True)
        if YES_NO[key]:
            return self._apply(reopened, pending.effect, "keys")
        return self._not_right(reopened, keys=True)

    # ---- Keys -----------------------------------------------------------------------------------

    def _tell_keys(self, talk: Talk, text: str, pressed: str = "") -> Step:
        return self._apply(talk, Effect(pressed or text, None, text), "keys")

    def _group_by_key(self, talk: Talk, key: str, interrupted: bool) -> Step:
        left = lines_left(talk)
        if talk.choosing:
            place = whole_number_of(key) or 0
            if not 1 <= place <= len(left):
                return self._prompts.miss(talk, "wrong_key", keys=True)
            return self._apply(talk, Effect(key, None, codes=(left[place - 1],)), "keys")
        if YES_NO.get(key) is None:
            return self._prompts.miss(talk, "wrong_key", keys=True)
        if YES_NO[key]:
            return self._yes_to_group(talk, key, None, "keys")
        none = Effect(key, None, group_done=True)
        # Who pressed it before all was read out, or twice, may not have heard what is denied.
        return self._read_back_none(talk, none) if interrupted else self._apply(talk, none, "keys")

    def _option(self, talk: Talk, key: str) -> str | None:
        """What the triage is told for a key, by the place of an option."""
        place = whole_number_of(key)
        if talk.slot is None or place is None:
            return None
        titles = list(self._titles.get(talk.slot, {}).values())
        if talk.kind == "yes_no":
            return {"1": "yes", "2": "no"}.get(key)
        return titles[place - 1] if 1 <= place <= len(titles) else None

    # ---- What counts ----------------------------------------------------------------------------

    def _apply(self, talk: Talk, effect: Effect, confirmed: str) -> Step:
        """Let an answer count."""
        about = effect.about or (talk.slot.value if talk.slot else "")
        if talk.slot in CHECKLISTS and not effect.about:
            about += ": " + ", ".join(effect.codes or lines_left(talk))
        known = Evidence(about, effect.heard, effect.confidence, confirmed)
        evidence = () if effect.wish else (known,)
        # Who said yes to a group still has to say to which line, whatever else they tell.
        answered = effect.codes or effect.group_done or effect.wish
        choosing = talk.choosing and not answered
        talk = replace(talk, pending=None, misses=0, repeats=0, choosing=choosing)
        if talk.slot not in CHECKLISTS:
            tell = Tell(effect.tell or "", effect.aside, effect.corrects, confirmed=effect.wish)
            return Step(talk, tell, evidence)
        if effect.wish:
            # Whatever comes of it, the checklist is read from its beginning again.
            talk = replace(talk, read_out=True, unsure=(), chosen=())
        talk = replace(talk, chosen=(*talk.chosen, *effect.codes))
        if effect.group_done or not lines_left(talk):
            talk = replace(talk, at=talk.at + 1)
        if talk.slot is Slot.EMERGENCY_SIGNS and effect.codes:
            return replace(self._tell_lines(talk), evidence=evidence)
        if effect.tell is not None:
            tell = Tell(effect.tell, True, effect.corrects, confirmed=effect.wish)
            return Step(talk, tell, evidence)
        step = self._next_group(talk, ())
        return replace(step, evidence=evidence)

    def _next_group(self, talk: Talk, before: tuple[Phrase, ...]) -> Step:
        if talk.at < len(talk.reading):
            return self._prompts.ask_again(talk, *before)
        return self._tell_lines(talk)

    def _tell_lines(self, talk: Talk) -> Step:
        """All groups are answered: tell the triage."""
        titles = self._titles.get(talk.slot, {}) if talk.slot else {}
        told = "; ".join(titles.get(code, code) for code in talk.chosen) or NONE_OF_THESE
        if talk.unsure and set(talk.chosen) <= {LEG_ITEM}:
            # A leg alone may turn out to have been examined, so it settles nothing.
            told = DONT_KNOW
        return Step(replace(talk, read_out=True), Tell(told))


def _denies_danger(talk: Talk, pending: Pending) -> bool:
    """Whether it would let somebody in danger go on, if two hearings in a row were wrong."""
    denies_signs = talk.slot is Slot.EMERGENCY_SIGNS and pending.effect.group_done
    mild = Slot.PAIN_SEVERITY.value in pending.parts and not pending.alarming
    return denies_signs or mild


def _tellable(heard: Understood, gist: Gist) -> str:
    """A bare yes or no in one word, so that the triage cannot take it for more."""
    bare = {f.kind for f in heard.told} == {"answer"}
    if bare and heard.reply == "yes":
        return "yes"
    if bare and heard.reply in NOTHING:
        return "no"
    return heard.text


def _tellable_aside(heard: Understood, gist: Gist) -> str:
    """In the middle of a checklist a bare number is no severity, so it is told as one."""
    severity = gist.gained.get(Slot.PAIN_SEVERITY.value)
    if severity is None or any(f.kind == "severity" for f in heard.told):
        return heard.text
    return f"{heard.text.rstrip('.')}. {severity} out of 10"


def _places(text: str) -> set[int]:
    """The places in a list that are told by number; -1 is the last."""
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


def _standing_after(talk: Talk, reply: Reply) -> Talk:
    """The talk with what stands after a reply."""
    told = reply.standing
    if told is None:
        return talk
    standing = (CRISIS if told.crisis else EMERGENCY) if told.holds else ""
    return Talk(closing=True, prompt=talk.prompt if standing else "", standing=standing)
