"""What is kept: conversations, consent, assessments and plans, on SQLite or PostgreSQL."""

from backline.store.api_tokens import ApiTokens, KeptToken, Scope, TokenError
from backline.store.assessments import AssessmentRecord
from backline.store.audit import Audit, By, ChainReport, Look
from backline.store.call_backs import CallBacks, CallBackTask, WhomToCall
from backline.store.calls import CallRecord, Calls, HearingRecord
from backline.store.cases import Case, Cases, Filters, InHand, KeptAssessment
from backline.store.cipher import Cipher
from backline.store.consents import ConsentAnswer
from backline.store.conversation_queue import (
    MAX_DELAY,
    ConversationQueue,
    ConversationQueues,
    DueMessage,
    PendingMessage,
    Person,
    SentQuestion,
)
from backline.store.corrections import CorrectionKind, Corrections, KeptCorrection
from backline.store.delivery_reports import DeliveryReports, UndeliveredMessage
from backline.store.errors import (
    LesserAfterEmergency,
    StoreConfigError,
    StoreError,
    StoreUnavailable,
    Unreadable,
)
from backline.store.field_encryption import FieldEncryption
from backline.store.inbox import InboundMessage, Inbox, Processed
from backline.store.notices import DueNotice, KeptNotice, Notices
from backline.store.outbox import OutboundMessage, Outbox
from backline.store.reencryption import Reencryption
from backline.store.repository import Store, create_store, upgrade
from backline.store.sign_in_tries import Client
from backline.store.staff import Invitation, Role, Staff, StaffError, StaffMember
from backline.store.staff_sessions import SignedIn, StaffSessions
from backline.store.suspicions import SuspicionRecord, Suspicions
from backline.store.takeovers import Author, BotHears, Takeover, TakeoverMessage, Takeovers
from backline.store.talks import Talks, Utterance
from backline.store.unanswered_questions import UnansweredQuestion, UnansweredQuestions

__all__ = [
    "MAX_DELAY",
    "ApiTokens",
    "AssessmentRecord",
    "Audit",
    "Author",
    "BotHears",
    "By",
    "CallBackTask",
    "CallBacks",
    "CallRecord",
    "Calls",
    "Case",
    "Cases",
    "ChainReport",
    "Cipher",
    "Client",
    "ConsentAnswer",
    "ConversationQueue",
    "ConversationQueues",
    "CorrectionKind",
    "Corrections",
    "DeliveryReports",
    "DueMessage",
    "DueNotice",
    "FieldEncryption",
    "Filters",
    "HearingRecord",
    "InHand",
    "InboundMessage",
    "Inbox",
    "Invitation",
    "KeptAssessment",
    "KeptCorrection",
    "KeptNotice",
    "KeptToken",
    "LesserAfterEmergency",
    "Look",
    "Notices",
    "OutboundMessage",
    "Outbox",
    "PendingMessage",
    "Person",
    "Processed",
    "Reencryption",
    "Role",
    "Scope",
    "SentQuestion",
    "SignedIn",
    "Staff",
    "StaffError",
    "StaffMember",
    "StaffSessions",
    "Store",
    "StoreConfigError",
    "StoreError",
    "StoreUnavailable",
    "SuspicionRecord",
    "Suspicions",
    "Takeover",
    "TakeoverMessage",
    "Takeovers",
    "Talks",
    "TokenError",
    "UnansweredQuestion",
    "UnansweredQuestions",
    "UndeliveredMessage",
    "Unreadable",
    "Utterance",
    "WhomToCall",
    "create_store",
    "upgrade",
]
