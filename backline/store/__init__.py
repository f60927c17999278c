"""What is kept: conversations, consent, assessments and plans, on SQLite or PostgreSQL."""

from backline.store.errors import (
    LesserAfterEmergency,
    StoreConfigError,
    StoreError,
    StoreUnavailable,
)
from backline.store.mail import Mail
from backline.store.records import AssessmentRecord, PlanRecord
from backline.store.repository import Store, create_store, upgrade

__all__ = [
    "AssessmentRecord",
    "LesserAfterEmergency",
    "Mail",
    "PlanRecord",
    "Store",
    "StoreConfigError",
    "StoreError",
    "StoreUnavailable",
    "create_store",
    "upgrade",
]
