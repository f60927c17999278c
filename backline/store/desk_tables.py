"""Tables of what staff decide at the clinic's desk, beside those of `tables`."""

from __future__ import annotations

import sqlalchemy as sa

from backline.store.tables import Base, UtcTime, owned_by


class Correction(Base):
    """That somebody of the staff changed a result: which, into which, and why. Both stay."""

    __tablename__ = "corrections"
    __table_args__ = (sa.CheckConstraint("kind IN ('facts', 'result')", name="kind"),)

    id = sa.Column(sa.Integer, primary_key=True)
    conversation_id = owned_by("conversations.id", index=True)
    corrected_id = owned_by("assessments.id", index=True)
    """The assessment that was the latest of that patient before."""
    assessment_id = owned_by("assessments.id", unique=True)
    """The one that it made. With a no to storing both go, and this row with them."""
    kind = sa.Column(sa.String(8), nullable=False)
    """`facts` where the policy decided anew on others, `result` where staff set it."""
    reason = sa.Column(sa.Text, nullable=False)
    """Encrypted."""
    made_by = sa.Column(sa.Integer, sa.ForeignKey("staff_accounts.id"), nullable=False)
    made_at = sa.Column(UtcTime, nullable=False)


class ApiToken(Base):
    """What lets a program of the clinic read by the desk's API."""

    __tablename__ = "api_tokens"

    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(80), nullable=False)
    """Of the program that has it."""
    token_hash = sa.Column(sa.String(64), nullable=False, unique=True)
    scopes = sa.Column(sa.JSON, nullable=False)
    created_at = sa.Column(UtcTime, nullable=False)
    ends_at = sa.Column(UtcTime, nullable=False)
    last_used_at = sa.Column(UtcTime)
    revoked_at = sa.Column(UtcTime)


class PolicySignature(Base):
    """That a registered clinician signed the policy as it was then. Only added to."""

    __tablename__ = "policy_signatures"

    id = sa.Column(sa.Integer, primary_key=True)
    content_hash = sa.Column(sa.String(64), nullable=False, index=True)
    policy_version = sa.Column(sa.String(32), nullable=False)
    signed_by = sa.Column(sa.Integer, sa.ForeignKey("staff_accounts.id"), nullable=False)
    registration = sa.Column(sa.String(40), nullable=False)
    """Under which they are registered, as they gave it."""
    signed_at = sa.Column(UtcTime, nullable=False)
