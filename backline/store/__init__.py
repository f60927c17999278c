"""What is kept: conversations, consent, assessments and plans, on SQLite or PostgreSQL."""

from backline.store.errors import (
    LesserAfterEmergency,
    StoreConfigError,
    StoreError,
    StoreUnavailable,
)
from backline.store.mail import Mail
from backline.store.repository import AssessmentRecord, Store, create_store, upgrade

__all__ = [
    "AssessmentRecord",
    "LesserAfterEmergency",
    "Mail",
    "Store",
    "StoreConfigError",
    "StoreError",
    "StoreUnavailable",
    "create_store",
    "upgrade",
]
