"""Do what is offered after the result: send it as a text message, connect with the clinic. Pure."""

from __future__ import annotations

from dataclasses import replace

from backline.phone.dialogue.grounding import Confidence, Understood
from backline.phone.dialogue.interpretation import AcceptOffer, DeclineOffer
from backline.phone.dialogue.prompts import PERSON, TEXT, Prompts
from backline.phone.dialogue.state import AnswerEvidence, CallState, Transition
from backline.phone.dialogue.wording import PhoneWording
from backline.phone.events import Phrase

TEXTED = "text_message"
"""What a yes to the text message is kept about."""


class Offers:
    """Takes the answers to what is offered, one offer after the other."""

    def __init__(self, wording: PhoneWording, prompts: Prompts) -> None:
        self._wording = wording
        self._prompts = prompts

    def accept(self, state: CallState, _: AcceptOffer, said: Understood) -> Transition:
        """Take a yes; to a text message a sure one alone, as that stays on a telephone."""
        if state.offer == TEXT and said.level < Confidence.SURE:
            return self._prompts.no_match(state, "once_more", keys=True)
        heard = AnswerEvidence(TEXTED, said.heard, said.confidence, "sure")
        return self.answer(state, True, heard)

    def decline(self, state: CallState, _: DeclineOffer, said: Understood) -> Transition:
        """Take a no."""
        heard = AnswerEvidence(TEXTED, said.heard, said.confidence, "sure")
        return self.answer(state, False, heard)

    def answer(self, state: CallState, yes: bool, heard: AnswerEvidence) -> Transition:
        """Do what was offered, and offer what is left.

        Args:
            heard: what a text message rests on, if that is what was offered.
        """
        if state.offer != TEXT:
            if yes:
                return self._prompts.person(state, "connecting")
            return self._prompts.end(state, "farewell", finished=True)
        state = replace(state, offer=PERSON, misses=0, texts=state.texts + yes)
        sent = (Phrase(self._wording.say("text_sent")),) if yes else ()
        asked = self._prompts.ask_again(state, *sent, whole=False)
        return replace(asked, evidence=(heard,) if yes else ())
