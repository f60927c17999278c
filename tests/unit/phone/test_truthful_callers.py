"""Whoever tells the truth is never told something less urgent because the line misheard."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from backline.facts import (
    CHECKLISTS,
    EmergencySign,
    Facts,
    HealthCondition,
    LegSymptoms,
    MassageResponse,
    Slot,
    Urgency,
)
from backline.phone.dialogue.grounding import Confidence, proposed_update
from backline.phone.dialogue.wording import groups
from backline.phone.events import NoMatch, NoMatchReason
from backline.policy import decide
from backline.policy.checklists import CODES, codes_present, stands_for
from tests.plain import BETTER_BY_YES, with_the_worst
from tests.unit.phone.pure_call import PureCall, understood

LONGEST_CALL_TURNS = 120
"""A call with as many keys and four mishaps takes under half as many."""
MISHEARD = (
    *("yes", "no", "none", "none of these", "nothing", "nope", "a bit", "I do", "yes I have"),
    *("not sure", "I don't know", "three weeks", "two years", "a seven", "four", "zero", "ten"),
    *("one", "two", "the second one", "the last", "all of them", "not the first", "no number two"),
    *("no fever", "I fell last week", "no injury", "I take warfarin", "my mum had cancer"),
    *("no massage yet", "it relaxed me", "it made it worse", "no change", "twice", "no spasms"),
    *("I am 70", "seventeen", "forty", "sorry, make that 3", "sorry I meant no", "scrap that"),
    *("actually it is more like a 2", "sorry, no fever", "it is swollen", "no swelling"),
    *("a doctor has examined my leg", "my left leg hurts", "not below the knee", "start over"),
    *("go back", "repeat", "how much does it cost", "what lovely weather", "um", "no. yes."),
    *("everything else is fine", "no chest pain", "chest pain", "no that's wrong", "yes thank you"),
)
MISHAPS = st.one_of(
    st.tuples(
        st.sampled_from(MISHEARD),
        st.sampled_from([Confidence.NOTHING, Confidence.DOUBTFUL, Confidence.FAIR]),
        st.booleans(),
    ),
    st.sampled_from([*NoMatchReason, "silence"]),
)


@dataclass
class TruthfulCaller:
    """Answers by keys, as it is; what is heard instead now and then is not theirs.

    Attributes:
        codes: of what the lists ask for, what holds for them.
    """

    facts: Facts
    codes: frozenset[str]

    def has(self, line: str) -> bool:
        """Whether a line holds for them, or any of what it stands for."""
        return not stands_for(line).isdisjoint(self.codes)

    def answers(self, call: PureCall) -> None:
        """One answer to what was asked last."""
        talk = call.talk
        if talk.pending is not None:
            call.presses("1" if self._agrees(call) else "2")
        elif talk.slot in CHECKLISTS:
            self._answers_group(call)
        else:
            call.presses(self._key(talk.slot, call))

    def _answers_group(self, call: PureCall) -> None:
        talk = call.talk
        assert talk.slot is not None
        group = groups()[talk.slot][talk.reading[talk.at]]
        open_lines = [line for line in group if line not in talk.chosen]
        mine = [n for n, line in enumerate(open_lines, start=1) if self.has(line)]
        if not talk.choosing:
            call.presses("1" if mine else "2")
        elif mine:
            call.presses(str(mine[0]))
        else:
            call.hears("none")

    def _agrees(self, call: PureCall) -> bool:
        """Whether what is read back is so."""
        pending, talk = call.talk.pending, call.talk
        assert pending is not None
        effect = pending.effect
        if effect.wish:
            return False
        if effect.tell is None:
            if effect.codes:
                return all(map(self.has, effect.codes))
            assert talk.slot is not None
            return not any(map(self.has, groups()[talk.slot][talk.reading[talk.at]]))
        asked = None if effect.aside or talk.slot in CHECKLISTS else talk.slot
        heard = understood(effect.heard, Confidence.DOUBTFUL, talk.slot)
        gist = proposed_update(heard, call.conversation, asked)
        if not gist:
            # Pressed on the scale.
            return effect.tell == str(self.facts.pain_severity)
        return all(self._holds(name, value) for name, value in gist.gained.items()) and not (
            set(gist.lost) & self.codes
        )

    def _holds(self, name: str, value: Any) -> bool:
        if isinstance(value, tuple):
            return set(value) <= self.codes
        if name == "consent":
            return bool(value)
        truth = self.facts.to_json().get(name)
        return bool(value == truth) or (truth is None and not value)

    def _key(self, slot: Slot | None, call: PureCall) -> str:
        facts = self.facts
        assert slot is not None
        response = [*MassageResponse].index(facts.massage_response or MassageResponse.NONE_YET)
        answers: dict[Slot, str] = {
            Slot.CONSENT: "1",
            Slot.PAIN_DURATION: "1" if (facts.pain_duration or 0) < 42 else "3",
            Slot.PAIN_SEVERITY: "*" if facts.pain_severity == 10 else str(facts.pain_severity),
            Slot.RECENT_INJURY: "1" if facts.recent_injury else "2",
            Slot.LEG_SYMPTOMS: "1" if facts.leg_below_knee else "2",
            Slot.MUSCLE_SPASM: "1" if facts.muscle_spasm else "2",
            Slot.MASSAGE_RESPONSE: str((1, 2, 4, 5)[response]),
            Slot.MASSAGE_SESSIONS: "3#",
            Slot.AGE: f"{facts.age}#",
            Slot.FOLLOW_UP: "2" if call.conversation.follow_up in BETTER_BY_YES else "1",
        }
        return answers[slot]


HEALTHY = Facts(
    checked=frozenset(CHECKLISTS),
    pain_duration=21,
    pain_severity=3,
    recent_injury=False,
    muscle_spasm=False,
    massage_response=MassageResponse.NONE_YET,
    massage_sessions=3,
    age=40,
)
ASKED_FOR = frozenset().union(*CODES.values())
SIGNS = [sign for sign in EmergencySign if sign.value in ASKED_FOR]
CONDITIONS = [condition for condition in HealthCondition if condition.value in ASKED_FOR]
REASONS = st.one_of(
    st.sampled_from(SIGNS).map(lambda sign: {"emergency_signs": frozenset({sign})}),
    st.sampled_from(CONDITIONS).map(lambda code: {"health_conditions": frozenset({code})}),
    st.integers(7, 10).map(lambda severity: {"pain_severity": severity}),
    st.just({"recent_injury": True}),
    st.just({"leg_symptoms": LegSymptoms.ONE_LEG, "leg_below_knee": True}),
    st.just({"massage_response": MassageResponse.WORSE}),
    st.integers(5, 15).map(lambda years: {"age": years}),
)
"""What alone speaks against a massage, so that nothing else makes up for its being lost."""


def caller_with(reason: dict[str, Any]) -> TruthfulCaller:
    facts = with_the_worst(replace(HEALTHY, **reason))
    return TruthfulCaller(facts, codes_present(facts))


CALLERS = REASONS.map(caller_with)
TURNS = st.integers(0, 30)


def finished(caller: TruthfulCaller, mishaps: dict[int, Any]) -> PureCall:
    """A whole call, in which the caller is heard between any two mishaps."""
    call = PureCall()
    for turn in range(LONGEST_CALL_TURNS):
        if call.over or call.result is not None:
            return call
        mishap = None if turn - 1 in mishaps else mishaps.get(turn)
        if mishap is None:
            caller.answers(call)
        elif isinstance(mishap, NoMatchReason):
            call.makes_noise(NoMatch(mishap))
        elif mishap == "silence":
            call.is_silent()
        else:
            text, sureness, interrupted = mishap
            call.hears(text, sureness=sureness, interrupted=interrupted)
    raise AssertionError("the call goes on without end")


@settings(max_examples=100)
@given(CALLERS, st.dictionaries(TURNS, MISHAPS, max_size=4))
def test_single_mishearings_make_no_result_less_urgent(
    caller: TruthfulCaller, mishaps: dict[int, Any]
) -> None:
    call = finished(caller, mishaps)
    if call.result is not None:
        assert Urgency(call.result[1]).rank >= decide(caller.facts).urgency.rank


@settings(max_examples=50)
@given(CALLERS, st.dictionaries(TURNS, st.sampled_from(MISHEARD), max_size=8))
def test_doubtful_mishearings_change_no_result(
    caller: TruthfulCaller, texts: dict[int, str]
) -> None:
    call = finished(
        caller, {turn: (text, Confidence.DOUBTFUL, False) for turn, text in texts.items()}
    )
    if call.result is not None:
        truth = decide(caller.facts)
        assert call.result == (truth.outcome.value, truth.urgency.value)
