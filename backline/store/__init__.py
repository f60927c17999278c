"""What is kept: conversations, consent, assessments and plans, on SQLite or PostgreSQL."""

from backline.store.errors import StoreConfigError, StoreError, StoreUnavailable
from backline.store.records import AssessmentRecord, PlanRecord, StoredAssessment
from backline.store.repository import Store, create_store, upgrade

__all__ = [
    "AssessmentRecord",
    "PlanRecord",
    "Store",
    "StoreConfigError",
    "StoreError",
    "StoreUnavailable",
    "StoredAssessment",
    "create_store",
    "upgrade",
]
