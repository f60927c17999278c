"""The tables of call-backs; see `backline.store.tables` for the others."""

from __future__ import annotations

import sqlalchemy as sa

from backline.store.tables import Base, UtcTime

OPEN = sa.text("done_at IS NULL")


class CallBack(Base):
    """That somebody is to be called, and what came of it."""

    __tablename__ = "call_backs"
    __table_args__ = (
        sa.CheckConstraint("why IN ('asked', 'undelivered', 'broke_off')", name="why"),
        # One at a time: who asks again gives another number, and is called once.
        sa.Index(
            "ix_call_backs_open",
            "conversation_id",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
    )

    id = sa.Column(sa.Integer, primary_key=True)
    conversation_id = sa.Column(
        sa.String(128),
        sa.ForeignKey("conversations.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    )
    why = sa.Column(sa.String(16), nullable=False)
    """They asked for it, a result did not reach them, or their call broke off."""
    name = sa.Column(sa.Text)
    """Encrypted; null where none was given, and once it is done."""
    number = sa.Column(sa.Text)
    """Encrypted; null where it is that of their messages or their call, and once it is done."""
    asked_at = sa.Column(UtcTime, nullable=False)
    done_by = sa.Column(sa.Integer, sa.ForeignKey("staff_accounts.id"))
    done_at = sa.Column(UtcTime)
    note = sa.Column(sa.Text)
    """What came of it, encrypted."""
