"""The shared vocabulary: what can be known about a patient, and what was found in a message.

All is plain data. Codes have their names in `domain.yml`, patients' words in `data/lexicon/`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from typing import Any

from backline.failures import Told


class Slot(str, Enum):
    """A fact that can be asked for. The values are Rasa's slot names and part of the REST API."""

    CONSENT = "consent"
    EMERGENCY_SIGNS = "emergency_signs"
    DANGER_SIGNS = "danger_signs"
    SAFETY = "safety"
    PAIN_DURATION = "pain_duration"
    PAIN_SEVERITY = "pain_severity"
    RECENT_INJURY = "recent_injury"
    HEALTH_CONDITIONS = "health_conditions"
    BACK_SIGNS = "back_signs"
    MEDICINES = "medicines"
    ONE_LEG = "one_leg"
    OTHER_ILLNESS = "other_illness"
    OPERATION = "operation"
    HEART_OR_FITS = "heart_or_fits"
    URINE_OR_BELLY = "urine_or_belly"
    NEW_SIGN = "new_sign"
    LASTING = "lasting"
    LEG_SYMPTOMS = "leg_symptoms"
    MUSCLE_SPASM = "muscle_spasm"
    MASSAGE_RESPONSE = "massage_response"
    MASSAGE_SESSIONS = "massage_sessions"
    AGE = "age"
    PAIN_LOCATION = "pain_location"
    CHECK = "check"
    """No fact: whether something is to be done, such as deleting all that was told."""
    SUSPICION = "suspicion"
    """No fact yet: words that were told and may be of a danger, asked about with a quotation."""
    FOLLOW_UP = "follow_up"
    """More about something that was told: since when, whether it gets worse, who saw it."""


class EmergencySign(str, Enum):
    """A sign that needs emergency care now (rule E1)."""

    SADDLE_NUMBNESS = "saddle_numbness"
    BLADDER_CHANGE = "bladder_change"
    BOWEL_CHANGE = "bowel_change"
    SEXUAL_NUMBNESS = "sexual_numbness"
    BOTH_LEGS = "both_legs"
    LEG_COLLAPSE = "leg_collapse"
    CHEST_PAIN = "chest_pain"
    TEARING_PAIN_COLLAPSE = "tearing_pain_collapse"
    SERIOUS_ACCIDENT = "serious_accident"
    FAINTING = "fainting"
    SEPSIS = "sepsis"
    SELF_HARM = "self_harm"
    OVERDOSE = "overdose"
    OTHER_EMERGENCY = "other_emergency"


class HealthCondition(str, Enum):
    """A condition that a doctor should see before a masseur's hands do (rules U0b, U1, U2, D4)."""

    FEVER = "fever"
    WEIGHT_LOSS = "weight_loss"
    CANCER_HISTORY = "cancer_history"
    WEAK_IMMUNITY = "weak_immunity"
    FOOT_DROP = "foot_drop"
    LUMP_OR_DEFORMITY = "lump_or_deformity"
    NIGHT_PAIN = "night_pain"
    STEROIDS = "steroids"
    OSTEOPOROSIS = "osteoporosis"
    BLOOD_CLOT = "blood_clot"
    PREGNANCY_PAIN_OR_BLEEDING = "pregnancy_pain_or_bleeding"
    URINARY_SIGNS = "urinary_signs"
    BLEEDING = "bleeding"
    ABDOMINAL_PAIN = "abdominal_pain"
    BALANCE_OR_ARMS = "balance_or_arms"
    RECENT_SPINAL_PROCEDURE = "recent_spinal_procedure"
    BLOOD_THINNERS = "blood_thinners"
    PREGNANCY = "pregnancy"
    RECENT_SURGERY = "recent_surgery"
    HEART_OR_STROKE = "heart_or_stroke"
    SKIN_PROBLEM = "skin_problem"
    INFLAMMATORY = "inflammatory"
    KNOWN_SPINE_DISEASE = "known_spine_disease"
    RASH_OR_UNWELL = "rash_or_unwell"
    EPILEPSY = "epilepsy"
    DIABETES_NEUROPATHY = "diabetes_neuropathy"
    OTHER_SYMPTOM = "other_symptom"
    SETTLED_ILLNESS = "settled_illness"
    VIOLENCE = "violence"


class MassageResponse(str, Enum):
    """What earlier massage for this pain did. `worse` includes pressure that did not relax."""

    NONE_YET = "none_yet"
    RELAXED = "relaxed"
    NO_CHANGE = "no_change"
    WORSE = "worse"


class LegSymptoms(str, Enum):
    """Which legs hurt, tingle or feel numb. Both legs are an emergency sign, too."""

    NONE = "none"
    ONE_LEG = "one_leg"
    BOTH_LEGS = "both_legs"


class Onset(str, Enum):
    """Whether something began or flared up lately; the question says within what time."""

    NEW = "new"
    OLDER = "older"


class Course(str, Enum):
    """How something has gone since it began."""

    BETTER = "better"
    SAME = "same"
    WORSE = "worse"


class Location(str, Enum):
    """Where it hurts."""

    LOWER_BACK = "lower_back"
    MIDDLE_BACK = "middle_back"
    UPPER_BACK = "upper_back"
    NECK = "neck"


class Outcome(str, Enum):
    """What Backline recommends; exactly one of three."""

    DOCTOR_FIRST = "doctor_first"
    COMBINED = "combined"
    MASSAGE = "massage"


class Urgency(str, Enum):
    """How soon a doctor should see the patient: now, today, within days, or not for this."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    SOON = "soon"
    NONE = "none"

    @property
    def rank(self) -> int:
        """0 for none up to 3 for emergency, to compare urgencies."""
        return [Urgency.NONE, Urgency.SOON, Urgency.URGENT, Urgency.EMERGENCY].index(self)


class Status(str, Enum):
    """Whether a finding is the patient's, now. Only present and uncertain ones can become facts."""

    PRESENT = "present"
    UNCERTAIN = "uncertain"
    ABSENT = "absent"
    PAST = "past"
    HYPOTHETICAL = "hypothetical"
    OTHER_PERSON = "other_person"


BEGINS_MESSAGE = "answers:leading"
"""Source of a line of a list whose number begins the message; its sentence is of that line."""
BARE = frozenset({"agreement", "answer", "asked_line", "consent_question", "denial"}) | {
    *("number", "pick", "ticked_line", "undo")
}
"""Kinds of findings that only the open question gives a meaning."""
SUSPICION = "suspicion"
"""The kind of a finding that no lexicon made: words that may be of a danger; its value is that of
`backline.dialogue.suspicions.Suspicion.to_json`. It never becomes a fact by itself. One that is
hypothetical counts only in an answer to a list of danger signs: words beside a "no"."""
UNREAD = "unread"
"""The kind of a finding that tells from where on a message was too long to be read in its time."""
PERSON = "person"
"""The kind of a finding that tells who the patient is, whom somebody else writes for; its value is
that of `backline.persons.ThirdPerson.to_json`."""
QUANTITIES, BY_NUMBER = "quantities", "number"
BARE_AGES = frozenset({"quantities:listed", "quantities:relative"})
"""Sources of an age that is a bare number: what it is depends on what was asked."""
"""The reader of quantities, and its mark of one that was told by its number."""


@dataclass(frozen=True)
class Finding:
    """One thing understood in a message.

    Attributes:
        kind: what it is about, for example `duration` or `emergency_sign` (see docs/understanding).
        value: a number (days, 0-10, years), a code or a word, depending on the kind.
        status: whether it holds for the patient now.
        start, end: where in the message, as character offsets.
        text: those characters.
        source: the lexicon entry or reader that found it.
    """

    kind: str
    value: Any
    status: Status = Status.PRESENT
    start: int = 0
    end: int = 0
    text: str = ""
    source: str = ""

    @property
    def holds(self) -> bool:
        """True if the patient has it now; a doubt about it counts as having it."""
        return self.status in (Status.PRESENT, Status.UNCERTAIN)

    @property
    def by_words(self) -> bool:
        """Whether a quantity was told in words such as "unbearable", and not by its number."""
        reader, _, how = self.source.partition(":")
        return reader == QUANTITIES and how != BY_NUMBER

    def to_json(self) -> dict[str, Any]:
        """The finding as JSON-ready data, without empty parts."""
        return {
            "kind": self.kind,
            "value": self.value,
            "status": self.status.value,
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "source": self.source,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finding:
        """The inverse of `to_json`."""
        return cls(
            kind=str(data["kind"]),
            value=data["value"],
            status=Status(data.get("status", Status.PRESENT.value)),
            start=int(data.get("start", 0)),
            end=int(data.get("end", 0)),
            text=str(data.get("text", "")),
            source=str(data.get("source", "")),
        )


class FactsError(Told, ValueError):
    """Facts given as JSON that cannot be: the message names the fact and what it takes."""


@dataclass(frozen=True)
class Detail:
    """What is known beside a code: of a sign, a condition, an injury. `None` is unknown.

    Attributes:
        onset: whether it is new or flared up lately.
        course: how it has gone.
        examined: a doctor has found the cause of it.
        acute: a sign that was ticked is the emergency that it may be.
        force: an injury was a fall, a crash or a blow, and no strain.
        pattern: stiff mornings come with another sign of an inflamed spine.
        usual: a strength was that for most of the last week.
    """

    onset: Onset | None = None
    course: Course | None = None
    examined: bool | None = None
    acute: bool | None = None
    force: bool | None = None
    pattern: bool | None = None
    usual: bool | None = None

    def to_json(self) -> dict[str, Any]:
        """What is known as JSON-ready data."""
        known = {f.name: getattr(self, f.name) for f in fields(self)}
        return {
            name: value.value if isinstance(value, Enum) else value
            for name, value in known.items()
            if value is not None
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Detail:
        """Read what `to_json` wrote.

        Raises:
            FactsError: an unknown name, or a value that it cannot have.
        """
        known = {f.name for f in fields(cls)}
        for name in data:
            if name not in known:
                raise FactsError(f"unknown detail {name!r}; known are {', '.join(sorted(known))}")
        onset, course = _code(Onset, "onset", data), _code(Course, "course", data)
        flags = known - {"onset", "course"}
        return cls(onset, course, **{name: _flag(name, data) for name in flags})


NOTHING_MORE = Detail()
"""Of a code of which nothing more is known."""
DETAILED = {"pain_severity", "recent_injury", "leg_below_knee", *HealthCondition, *EmergencySign}
"""The codes that details may be about."""

EMERGENCY_LISTS = frozenset({Slot.EMERGENCY_SIGNS, Slot.DANGER_SIGNS, Slot.SAFETY})
PARTED = frozenset({Slot.MEDICINES, Slot.ONE_LEG, Slot.OTHER_ILLNESS, Slot.OPERATION}) | {
    *(Slot.HEART_OR_FITS, Slot.URINE_OR_BELLY, Slot.NEW_SIGN, Slot.LASTING)
}
"""Lists that tell apart what a line of another list stands for; such a line has their name."""
CHECKLISTS = EMERGENCY_LISTS | PARTED | {Slot.HEALTH_CONDITIONS, Slot.BACK_SIGNS}
_ANSWERED_WITH: Mapping[str, frozenset[Slot]] = {
    "emergency_signs": EMERGENCY_LISTS,
    "health_conditions": frozenset({Slot.HEALTH_CONDITIONS, Slot.BACK_SIGNS}),
}
"""By fact, the lists that count as answered where it is given without `checked`."""
MAX_DURATION_DAYS = 120 * 365
MAX_AGE_YEARS = 120


@dataclass(frozen=True)
class Facts:
    """What is known of one patient. `None` is unknown; a set grows as findings are volunteered.

    Attributes:
        emergency_signs, health_conditions: codes known to be present.
        ticked: the signs of these that were ticked in the list, and not told in words of their own.
        parted: lines that were ticked and stand for several things, which their lists tell apart.
        checked: the checklists that were answered in full, so that an empty set means "none".
        pain_duration: days since this pain began, or since it first came if it comes and goes.
        pain_severity: 0-10, as it usually was in the last week.
        recent_injury: within the last 6 weeks, having started or worsened this pain.
        inflammation: swelling, heat or bruising where it hurts.
        massage_sessions: how many massages were had for this pain.
        leg_below_knee: one leg hurts below the knee or has pins and needles.
        leg_examined: a doctor has already examined that leg.
        sudden_pain: this pain came suddenly.
        first_pain: it is the first of its kind.
        vessel_risk: smoking, or high blood pressure.
        age: years.
        details: what more is known of a sign, a condition, the injury or the leg, by its code.
        given_up: asked twice in different words without an answer.
    """

    emergency_signs: frozenset[EmergencySign] = frozenset()
    ticked: frozenset[EmergencySign] = frozenset()
    pain_duration: float | None = None
    pain_severity: int | None = None
    recent_injury: bool | None = None
    inflammation: bool | None = None
    health_conditions: frozenset[HealthCondition] = frozenset()
    leg_symptoms: LegSymptoms | None = None
    leg_below_knee: bool | None = None
    leg_examined: bool | None = None
    muscle_spasm: bool | None = None
    massage_response: MassageResponse | None = None
    massage_sessions: int | None = None
    sudden_pain: bool | None = None
    first_pain: bool | None = None
    vessel_risk: bool | None = None
    age: int | None = None
    pain_location: Location | None = None
    details: Mapping[str, Detail] = field(default_factory=dict)
    parted: frozenset[Slot] = field(default_factory=frozenset)
    checked: frozenset[Slot] = field(default_factory=frozenset)
    given_up: frozenset[Slot] = field(default_factory=frozenset)

    def detail(self, code: str) -> Detail:
        """What more is known of a code."""
        return self.details.get(code, NOTHING_MORE)

    def with_detail(self, code: str, **told: Onset | Course | bool | None) -> Facts:
        """The same with more known of a code, which then stands last among the details."""
        others = {name: detail for name, detail in self.details.items() if name != code}
        changed: Any = told
        detail = replace(self.detail(code), **changed)
        return replace(self, details={**others, code: detail} if detail.to_json() else others)

    def to_json(self) -> dict[str, Any]:
        """Known facts as JSON-ready data. An unanswered checklist with no finding is left out."""
        out: dict[str, Any] = {}
        for f in fields(self):
            value = getattr(self, f.name)
            if isinstance(value, frozenset):
                if value or f.name in self.checked:
                    out[f.name] = sorted(item.value for item in value)
            elif isinstance(value, Mapping):
                if value:
                    out[f.name] = {code: detail.to_json() for code, detail in value.items()}
            elif value is not None:
                out[f.name] = value.value if isinstance(value, Enum) else value
        return out

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Facts:
        """Read facts as `to_json` writes them.

        A checklist that is given without a `checked` list counts as answered in full, so that
        `{"health_conditions": []}` means "none of them".

        Raises:
            FactsError: an unknown name, or a value outside its range; the message says which.
        """
        known = {f.name for f in fields(cls)}
        for name in data:
            if name not in known:
                raise FactsError(f"unknown fact {name!r}; known are {', '.join(sorted(known))}")
        given = {name: value for name, value in data.items() if value is not None}
        checked = given.get("checked")
        if checked is None:
            lists = (_ANSWERED_WITH[name] for name in _ANSWERED_WITH if name in given)
            checked = sorted(slot.value for slot in frozenset().union(*lists))
        return cls(
            emergency_signs=_codes(EmergencySign, "emergency_signs", given),
            ticked=_codes(EmergencySign, "ticked", given),
            pain_duration=_number("pain_duration", given, 0, MAX_DURATION_DAYS, "days"),
            pain_severity=_integer("pain_severity", given, 0, 10, "0 to 10"),
            recent_injury=_flag("recent_injury", given),
            inflammation=_flag("inflammation", given),
            health_conditions=_codes(HealthCondition, "health_conditions", given),
            leg_symptoms=_code(LegSymptoms, "leg_symptoms", given),
            leg_below_knee=_flag("leg_below_knee", given),
            leg_examined=_flag("leg_examined", given),
            muscle_spasm=_flag("muscle_spasm", given),
            massage_response=_code(MassageResponse, "massage_response", given),
            massage_sessions=_integer("massage_sessions", given, 0, 1000, "a count"),
            sudden_pain=_flag("sudden_pain", given),
            first_pain=_flag("first_pain", given),
            vessel_risk=_flag("vessel_risk", given),
            age=_integer("age", given, 0, MAX_AGE_YEARS, "years"),
            pain_location=_code(Location, "pain_location", given),
            details=_details(given.get("details", {})),
            parted=_codes(Slot, "parted", given),
            checked=_codes(Slot, "checked", {"checked": checked}),
            given_up=_codes(Slot, "given_up", given),
        )


def _code(kind: type[Enum], name: str, given: Mapping[str, Any]) -> Any:
    if name not in given:
        return None
    try:
        return kind(given[name])
    except ValueError:
        allowed = ", ".join(str(member.value) for member in kind)
        raise FactsError(f"{name} takes one of {allowed}; got {given[name]!r}") from None


def _codes(kind: type[Enum], name: str, given: Mapping[str, Any]) -> frozenset[Any]:
    values = given.get(name, ())
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise FactsError(f"{name} takes a list of codes; got {values!r}")
    return frozenset(_code(kind, name, {name: value}) for value in values)


def _details(given: Any) -> dict[str, Detail]:
    if not isinstance(given, Mapping):
        raise FactsError(f"details takes what is known by code; got {given!r}")
    for code in given:
        if code not in DETAILED:
            raise FactsError(f"details of {code!r}: there is no such sign or condition")
    return {str(code): Detail.from_json(detail) for code, detail in given.items()}


def _flag(name: str, given: Mapping[str, Any]) -> bool | None:
    value = given.get(name)
    if value is not None and not isinstance(value, bool):
        raise FactsError(f"{name} takes true or false; got {value!r}")
    return value


def _number(
    name: str, given: Mapping[str, Any], low: float, high: float, unit: str
) -> float | None:
    value = given.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or math.isnan(value):
        raise FactsError(f"{name} takes a number ({unit}); got {value!r}")
    if not low <= value <= high:
        raise FactsError(f"{name} is {value!r}; it must lie between {low:g} and {high:g} ({unit})")
    return float(value) if isinstance(value, float) else int(value)


def _integer(name: str, given: Mapping[str, Any], low: int, high: int, unit: str) -> int | None:
    value = _number(name, given, low, high, unit)
    if value is None:
        return None
    if value != int(value):
        raise FactsError(f"{name} takes a whole number ({unit}); got {value!r}")
    return int(value)
