"""Puts a recommendation into the words of `domain.yml`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from backline.facts import EmergencySign, Facts, HealthCondition
from backline.persons import ThirdPerson, named_first, person_words
from backline.policy import Plan, Reason, Recommendation
from backline.policy.checklists import LISTS
from backline.policy.conditions import ADULT_YEARS
from backline.policy.plans import Therapy
from backline.replies import Option, questions_in
from backline.responses import Responses, fill

# The longest unit that gives at least two: 14 days are "2 weeks", 90 days are "3 months".
SHORTEST_TOLD_DAYS = 2
_NAMED_RESPONSE = re.compile(r"\{(utter_\w+)\}")
ALOUD = "phone"
MOST_REASON_WORDS, MOST_PLAN_WORDS = 12, 24
"""Of a result that is told aloud; the first reason, and the first sentence of a plan, always."""
UNITS = (("utter_year", 365), ("utter_month", 30), ("utter_week", 7), ("utter_day", 1))


class Wording:
    """The responses of the domain, as templates.

    Args:
        person: the patient, where somebody else writes for them.
        channel: where it is said; the phone has shorter words for a plan.
    """

    def __init__(
        self,
        domain: dict[str, Any],
        person: ThirdPerson | None = None,
        channel: str | None = None,
    ) -> None:
        # The clinic's own words are filled in where the bot's messages are made.
        responses = Responses(domain.get("responses") or {})
        self._responses = responses.on(channel) if channel else responses
        self._aloud = channel == ALOUD
        self._person = person
        self._domain = domain

    def say(self, response: str, **values: object) -> str:
        """The text of a response with its words filled in; unknown words stay for the channel.

        Raises:
            KeyError: the domain has no such response.
        """
        return self._responses.say(response, **values, **person_words(self._person))

    def _naming(self, response: str, **values: object) -> str:
        """The same, with the patient called by name where they come first: "your gran"."""
        text = named_first(self._responses.say(response, **values), self._person)
        return fill(text, person_words(self._person))

    def filled(self, text: str, **values: object) -> str:
        """Fill the words of a text that is no response of the domain, and may name some."""
        named = {name: self.say(name) for name in _NAMED_RESPONSE.findall(text)}
        return fill(text, {**named, **values, **person_words(self._person)})

    def known(self, response: str, otherwise: str) -> str:
        """Name a response if the domain has it, else another one."""
        return response if response in self._responses else otherwise

    def signs(self, signs: Collection[EmergencySign]) -> str:
        """Name emergency signs as things that somebody has, in the order of the checklist."""
        return " or ".join(self._named(signs))

    def signs_as_told(self, signs: Collection[EmergencySign], written: Mapping[str, str]) -> str:
        """Name emergency signs by the sentences that told them, and those that were ticked."""
        ticked = [sign for sign in signs if sign.value not in written]
        quoted = dict.fromkeys(
            written[s.value] for s in EmergencySign if s in signs and s.value in written
        )
        named = [self.say("utter_sign_as_written", words=words) for words in quoted]
        return "; ".join([*named, *([self.signs(ticked)] if ticked or not named else [])])

    def _named(self, signs: Collection[EmergencySign]) -> list[str]:
        named = [self.say(f"utter_sign_{sign.value}") for sign in EmergencySign if sign in signs]
        return named or [self.say("utter_sign_any")]

    def what_to_say(self, facts: Facts) -> str:
        """Word what to tell the emergency service, from the person's own facts."""
        said = [self.say("utter_say_signs", signs=listed(self._named(facts.emergency_signs)))]
        if history := self._history(facts):
            said.append(self.say("utter_say_history", history="; ".join(history)))
        if facts.pain_duration is not None and facts.pain_duration >= SHORTEST_TOLD_DAYS:
            said.append(self.say("utter_say_duration", duration=self.duration(facts.pain_duration)))
        if facts.age is not None:
            said.append(self.say("utter_say_age", age=facts.age))
        return " ".join(said)

    def _history(self, facts: Facts) -> list[str]:
        """Name what else is known, by the lines of the checklist: who helps has to hear of it."""
        known = facts.health_conditions - {HealthCondition.OTHER_SYMPTOM}
        codes = {code.value for code in known}
        return [_lowered(o.title) for o in self._lines() if o.value in codes]

    def _lines(self) -> Iterator[Option]:
        """Go through the lines of all lists, in the order asked."""
        lists = questions_in(self._domain["responses"])
        return (option for asked in LISTS for option in lists[asked.value].options)

    def line(self, name: str) -> str:
        """Give the title of a line of a list, by the line's name."""
        return next(option.title for option in self._lines() if option.value == name)

    def duration(self, days: float) -> str:
        """Days as people say them."""
        for response, unit in UNITS:
            if days >= 2 * unit or unit == 1:
                return self.say(response, value=f"{round(days / unit):d}")
        raise AssertionError("the last unit takes any number of days")

    def for_how_long(self, days: float) -> str:
        """Days as they are said back to whoever told them."""
        if days < SHORTEST_TOLD_DAYS:
            return self.say("utter_told_pain_duration_short")
        return self.say("utter_told_pain_duration", value=self.duration(days))

    def reasons(self, recommendation: Recommendation) -> list[str]:
        """All reasons as parts of a sentence, the deciding ones first."""
        first, *others = recommendation.reasons
        return [self._reason(first, self._naming), *(self._reason(r, self.say) for r in others)]

    def deciding_reasons(self, recommendation: Recommendation) -> list[str]:
        """The reasons that are told with a result: on the phone as many as can be listened to."""
        reasons = self.reasons(recommendation)
        return _within(reasons, MOST_REASON_WORDS) if self._aloud else reasons

    def _reason(self, reason: Reason, say: Callable[..., str]) -> str:
        value = reason.value
        if reason.code == "pain_duration":
            value = self.duration(float(value))
        return say(f"utter_reason_{reason.code}", value=value)

    def sorry(self, feeling: str) -> str:
        """Meet a feeling in half a sentence."""
        return self._naming(f"utter_feeling_{feeling}")

    def lines(self, age: int | None) -> str:
        """Whom to talk to for somebody who is hurt by another person: of that age, in years."""
        if age is None:
            return self.say("utter_lines_of_any_age")
        return self.say(f"utter_lines_of_{'a_child' if age < ADULT_YEARS else 'an_adult'}")

    def plan(self, recommendation: Recommendation, offered: Sequence[Therapy]) -> str:
        """What to do next, as sentences, and what the therapist should know."""
        sentences = [self.say("utter_plan_check_first")] if recommendation.check_first else []
        sentences += self.course(recommendation.plan, offered)
        if recommendation.notes:
            notes = listed([self.say(f"utter_note_{code}") for code in recommendation.notes])
            told = self.say("utter_plan_notes", notes=notes)
            # Aloud, what the therapist has to know stands before what fits everybody.
            sentences.insert(
                1 + recommendation.check_first if self._aloud else len(sentences), told
            )
        return " ".join(_within(sentences, MOST_PLAN_WORDS) if self._aloud else sentences)

    def course(self, plan: Plan, offered: Sequence[Therapy]) -> list[str]:
        """Word the course of a plan; only therapies that the clinic offers are named first."""
        sentences = []
        if plan.postponed_until:
            sentences.append(self.say(f"utter_plan_{plan.postponed_until.value}"))
        if plan.shared_programme:
            named = [t for t in plan.therapies if t in offered] or list(plan.therapies)
            response = "other_therapy" if plan.massage_sessions == 0 else "combined"
            sentences.append(
                self.say(
                    f"utter_plan_{response}",
                    therapies=listed([self.say(f"utter_therapy_{t.value}") for t in named]),
                    review=plan.review_after_sessions,
                    review_weeks=plan.review_after_weeks,
                )
            )
        elif plan.review_after_sessions:
            response = "spasm_course" if plan.massage_sessions else "massage_course"
            sentences.append(
                self.say(
                    f"utter_plan_{response}",
                    sessions=plan.massage_sessions,
                    weeks=plan.weeks,
                    review=plan.review_after_sessions,
                    review_weeks=plan.review_after_weeks,
                )
            )
        if plan.self_care:
            care = listed([self.say(f"utter_self_care_{item.value}") for item in plan.self_care])
            sentences.append(self.say("utter_plan_self_care", self_care=care))
            if plan.massage_sessions != 0:
                sentences.append(self.say("utter_plan_pressure"))
        return sentences


def violence_told(age: int | None) -> str:
    """The response to somebody of that age, in years, who tells that another person hurts them."""
    return f"utter_violence_told{_by_age(age)}"


def violence_denied(age: int | None) -> str:
    """The response to somebody of that age, in years, who says that nobody hurts them."""
    return f"utter_violence_denied{_by_age(age)}"


def _by_age(age: int | None) -> str:
    return "_by_a_child" if age is not None and age < ADULT_YEARS else ""


def _lowered(title: str) -> str:
    return title[:1].lower() + title[1:]


def _within(parts: Sequence[str], most: int) -> list[str]:
    """Take parts in their order, as long as there are not more words; the first one always."""
    taken, words = list(parts[:1]), len(" ".join(parts[:1]).split())
    for part in parts[1:]:
        words += len(part.split())
        if words > most:
            break
        taken.append(part)
    return taken


def listed(parts: list[str]) -> str:
    """Join parts as they stand in a sentence."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
