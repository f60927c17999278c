"""What follows from an outcome: sessions, review points, therapies, and what has to wait.

The numbers are the article's: spasms usually need 4 massages over six weeks, and another therapy
if 2 massages do not help; massage works best within one programme that the practitioners share.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Therapy(str, Enum):
    """The complementary therapies of the article."""

    PHYSICAL_THERAPY = "physical_therapy"
    CHIROPRACTIC = "chiropractic"
    ACUPUNCTURE = "acupuncture"


class SelfCare(str, Enum):
    """What the article asks of the patient."""

    MILD_EXERCISE = "mild_exercise"
    STRETCHING = "stretching"
    BETTER_DIET = "better_diet"


class Postponed(str, Enum):
    """Until when massage waits."""

    EXAMINED = "examined"
    INFLAMMATION_SUBSIDED = "inflammation_subsided"


@dataclass(frozen=True)
class Plan:
    """A programme, or what to wait for.

    Attributes:
        massage_sessions: how many massages; None where no number is set, 0 for none at all.
        weeks: over how many weeks.
        review_after_sessions: after which massage the course is reviewed.
        review_after_weeks: after how many weeks it is reviewed at the latest.
        shared_programme: signed by all practitioners together.
        postponed_until: what has to happen before any massage.
    """

    massage_sessions: int | None = None
    weeks: int | None = None
    review_after_sessions: int | None = None
    review_after_weeks: int | None = None
    therapies: tuple[Therapy, ...] = ()
    self_care: tuple[SelfCare, ...] = ()
    shared_programme: bool = False
    postponed_until: Postponed | None = None

    def to_json(self) -> dict[str, Any]:
        """The plan as JSON-ready data, every key always there."""
        return {
            "massage_sessions": self.massage_sessions,
            "weeks": self.weeks,
            "review_after_sessions": self.review_after_sessions,
            "review_after_weeks": self.review_after_weeks,
            "therapies": [therapy.value for therapy in self.therapies],
            "self_care": [item.value for item in self.self_care],
            "shared_programme": self.shared_programme,
            "postponed_until": self.postponed_until.value if self.postponed_until else None,
        }


_SELF_CARE = tuple(SelfCare)
_THERAPIES = tuple(Therapy)

NO_PLAN = Plan()
AFTER_EXAM = Plan(postponed_until=Postponed.EXAMINED)
AFTER_INFLAMMATION = Plan(postponed_until=Postponed.INFLAMMATION_SUBSIDED)
OTHER_THERAPY = Plan(
    massage_sessions=0,
    weeks=6,
    review_after_weeks=6,
    therapies=_THERAPIES,
    self_care=_SELF_CARE,
    shared_programme=True,
)
COMBINED = Plan(
    weeks=6,
    review_after_sessions=2,
    review_after_weeks=6,
    therapies=_THERAPIES,
    self_care=_SELF_CARE,
    shared_programme=True,
)
SPASM_COURSE = Plan(
    massage_sessions=4,
    weeks=6,
    review_after_sessions=2,
    review_after_weeks=6,
    self_care=_SELF_CARE,
)
MASSAGE_COURSE = Plan(weeks=6, review_after_sessions=2, review_after_weeks=6, self_care=_SELF_CARE)
