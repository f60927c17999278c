"""What is kept: conversations, consent, assessments and plans, on SQLite or PostgreSQL."""

from backline.store.errors import StoreConfigError, StoreError, StoreUnavailable
from backline.store.repository import AssessmentRecord, PlanRecord, Store, create_store

__all__ = [
    "AssessmentRecord",
    "PlanRecord",
    "Store",
    "StoreConfigError",
    "StoreError",
    "StoreUnavailable",
    "create_store",
]
