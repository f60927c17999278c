"""Assessments as a Bundle of FHIR R4: who, what they told, what came of it, what follows.

By the models of R4B, whose resources of these kinds are those of R4. Each resource is checked by
its model when it is made.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from fhir.resources.core.fhirabstractmodel import FHIRAbstractModel
from fhir.resources.R4B.bundle import BundleEntry
from fhir.resources.R4B.careplan import CarePlan
from fhir.resources.R4B.communication import Communication
from fhir.resources.R4B.patient import Patient
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse
from fhir.resources.R4B.resource import Resource
from fhir.resources.R4B.riskassessment import RiskAssessment

from backline.desk.clinical import negatives_of
from backline.desk.fact_forms import facts_of
from backline.desk.words import DeskWords
from backline.facts import Outcome
from backline.settings import Clinic
from backline.store.exports import ExportedAssessment

Made = TypeVar("Made", bound=FHIRAbstractModel)
NAMESPACE = uuid.UUID("0b7f2f0a-6a55-4b7e-8f4b-6d6a4fbb2c31")
SYSTEMS = "urn:backline"
"""Before the kind of a code: its names are the project's own, as in docs/http.md."""
PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode"
UNITS = "http://unitsofmeasure.org"
LISTS = ("emergency_signs", "health_conditions")
DECIMALS = frozenset({"pain_duration"})


def bundle_lines(
    assessments: Iterable[ExportedAssessment], clinic: Clinic, words: DeskWords, now: dt.datetime
) -> Iterator[bytes]:
    """Write a Bundle, one entry a line."""
    moment = now.astimezone(clinic.zone).isoformat(timespec="seconds")
    yield f'{{"resourceType": "Bundle", "type": "collection", "timestamp": "{moment}"'.encode()
    known: set[str] = set()
    first = True
    for one in assessments:
        for resource in _Resources(one, clinic, words).all(known):
            entry = _make(BundleEntry, fullUrl=_url(str(resource.id)), resource=resource)
            yield (b', "entry": [\n' if first else b",\n") + str(entry.json()).encode()
            first = False
    # An empty list is none in FHIR.
    yield b"}\n" if first else b"\n]}\n"


class _Resources:
    """Makes the resources of one assessment."""

    def __init__(self, one: ExportedAssessment, clinic: Clinic, words: DeskWords) -> None:
        self._one = one
        self._kept = one.kept
        self._words = words
        self._at = one.kept.created_at.astimezone(clinic.zone).isoformat(timespec="seconds")
        self._clinic = clinic

    def all(self, known: set[str]) -> Iterator[Resource]:
        """Give them, the patient first where `known` has not had them yet."""
        if self._patient not in known:
            known.add(self._patient)
            person = {"system": f"{SYSTEMS}:reference", "value": self._patient}
            yield _make(Patient, id=self._patient, identifier=[person])
        yield self._answers()
        yield self._assessment()
        yield self._plan()
        if self._one.corrected is None:
            # What staff changed was not told by the bot.
            yield self._told()

    @property
    def _patient(self) -> str:
        return f"{self._one.reference}-{self._kept.patient}"

    def _id(self, kind: str) -> str:
        return f"{kind}-{self._one.reference}-{self._kept.id}"

    def _answers(self) -> Resource:
        return _make(
            QuestionnaireResponse,
            id=self._id("answers"),
            status="completed",
            subject=_reference(self._patient),
            authored=self._at,
            item=list(self._items()) or None,
        )

    def _items(self) -> Iterator[dict[str, Any]]:
        kept = self._kept.facts
        for name in self._words.names("facts"):
            value = kept.get(name)
            if value is not None:
                yield self._item(name, self._words.name("facts", name), _answer(name, value))
        facts = facts_of(kept)
        for name in LISTS:
            for code in kept.get(name, ()):
                told = facts.detail(code).to_json()
                more = [
                    self._item(f"{code}.{part}", self._words.name("parts", part), _answer(part, v))
                    for part, v in told.items()
                ]
                there: dict[str, Any] = {"valueBoolean": True}
                yield self._item(
                    code, self._words.title(code), {**there, "item": more} if more else there
                )
        for code in negatives_of(facts):
            yield self._item(code, self._words.title(code), {"valueBoolean": False})

    @staticmethod
    def _item(link: str, text: str, answer: Mapping[str, Any]) -> dict[str, Any]:
        return {"linkId": link, "text": text, "answer": [dict(answer)]}

    def _assessment(self) -> Resource:
        kept, words = self._kept, self._words
        rules = [{"text": f"Rule {rule}"} for rule in kept.rules]
        return _make(
            RiskAssessment,
            id=self._id("result"),
            status="final" if self._one.corrected is None else "corrected",
            method=_concept("policy", kept.policy_version, f"Policy {kept.policy_version}"),
            subject=_reference(self._patient),
            occurrenceDateTime=self._at,
            basis=[_reference(self._id("answers"))],
            prediction=[
                {
                    "outcome": _concept(
                        "outcome", kept.outcome, words.name("outcomes", kept.outcome)
                    ),
                    "qualitativeRisk": _concept(
                        "urgency", kept.urgency, words.name("urgencies", kept.urgency)
                    ),
                }
            ],
            note=rules or None,
        )

    def _plan(self) -> Resource:
        plan = self._kept.plan
        period = {"start": self._kept.created_at.astimezone(self._clinic.zone).date().isoformat()}
        if weeks := plan.get("weeks"):
            end = self._kept.created_at + dt.timedelta(weeks=weeks)
            period["end"] = end.astimezone(self._clinic.zone).date().isoformat()
        return _make(
            CarePlan,
            id=self._id("plan"),
            status="active",
            intent="proposal",
            subject=_reference(self._patient),
            period=period,
            created=self._at,
            supportingInfo=[_reference(self._id("result"))],
            activity=list(self._activities()),
        )

    def _activities(self) -> Iterator[dict[str, Any]]:
        kept, words = self._kept, self._words
        plan, outcome = kept.plan, words.name("outcomes", kept.outcome)
        if kept.outcome == Outcome.DOCTOR_FIRST.value:
            yield _activity("doctor", outcome, words.name("urgencies", kept.urgency))
            return
        sessions, review = plan.get("massage_sessions"), plan.get("review_after_sessions")
        if sessions != 0:
            planned = f"{sessions} massages" if sessions else "A course of massages"
            looked = f", reviewed after {review}" if review else ""
            yield _activity("massage", "Massage", f"{planned}{looked}")
        for code in plan.get("therapies") or ():
            yield _activity(code, words.name("therapies", code), None)

    def _told(self) -> Resource:
        kept, words = self._kept, self._words
        by_phone = self._one.channel == "phone"
        mode = {"system": PARTICIPATION, "code": "PHONE" if by_phone else "ELECTRONIC"}
        outcome, urgency = (
            words.name("outcomes", kept.outcome),
            words.name("urgencies", kept.urgency),
        )
        return _make(
            Communication,
            id=self._id("told"),
            status="completed",
            medium=[{"coding": [mode], "text": words.channel(self._one.channel)}],
            subject=_reference(self._patient),
            recipient=[_reference(self._patient)],
            about=[_reference(self._id("result"))],
            sent=self._at,
            payload=[{"contentString": f"{outcome} ({urgency})"}],
        )


def _make(model: type[Made], **values: Any) -> Made:
    # By its own reading, which takes plain data and checks it.
    made: Made = model.parse_obj(values)
    return made


def _answer(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if name in DECIMALS:
        return {"valueQuantity": {"value": value, "system": UNITS, "code": "d", "unit": "days"}}
    if isinstance(value, int):
        return {"valueInteger": value}
    return {"valueCoding": {"system": f"{SYSTEMS}:{name}", "code": str(value)}}


def _concept(kind: str, code: str, text: str) -> dict[str, Any]:
    return {"coding": [{"system": f"{SYSTEMS}:{kind}", "code": code, "display": text}]}


def _activity(code: str, title: str, how: str | None) -> dict[str, Any]:
    told = {"kind": "ServiceRequest", "status": "not-started"}
    coded = _concept("therapy", code, title)
    return {"detail": {**told, "code": coded, **({"description": how} if how else {})}}


def _url(id_: str) -> str:
    return uuid.uuid5(NAMESPACE, id_).urn


def _reference(id_: str) -> dict[str, str]:
    return {"reference": _url(id_)}
