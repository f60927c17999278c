"""What each role may do at the desk."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from backline.store import Role


class Permission(Enum):
    """Something that not everybody who is signed in may do."""

    SEE_PEOPLE = "see the people who wrote, and what they said"
    HANDLE = "take a person in hand, and close that with a note"
    TALK = "take a conversation over, and write to the person"
    CORRECT = "change what was understood, or set a result higher, with a reason"
    LOWER = "make a result lower"
    SIGN = "sign the policy"
    EXPORT = "take out what is known of all people"
    READ_FIGURES = "read how the bot and the clinic do, in numbers"
    REVIEW = "read words of all people that were not understood"
    READ_AUDIT = "read who saw and changed what"


_WITH_PEOPLE = frozenset(
    {Permission.SEE_PEOPLE, Permission.HANDLE, Permission.TALK, Permission.CORRECT}
)
_OF_ALL = frozenset({Permission.EXPORT, Permission.READ_FIGURES, Permission.REVIEW})
ALLOWED: Mapping[Role, frozenset[Permission]] = {
    Role.RECEPTIONIST: _WITH_PEOPLE,
    Role.THERAPIST: _WITH_PEOPLE,
    Role.CLINICIAN: _WITH_PEOPLE | _OF_ALL | {Permission.LOWER, Permission.SIGN},
    Role.ADMINISTRATOR: _WITH_PEOPLE | _OF_ALL | {Permission.READ_AUDIT},
    Role.AUDITOR: frozenset({Permission.READ_FIGURES, Permission.READ_AUDIT}),
}
"""An auditor reads who looked, and looks at nobody."""


def may(role: Role, permission: Permission) -> bool:
    """Tell whether a role may do something."""
    return permission in ALLOWED[role]
