"""Messaging services: who writes, what came, what goes, what became of it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def _id() -> sa.Column:
    return sa.Column("id", sa.Integer, primary_key=True)


def _text(name: str, length: int, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.String(length), nullable=nullable)


def _time(name: str, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _flag(name: str) -> sa.Column:
    return sa.Column(name, sa.Boolean, nullable=False)


def upgrade() -> None:
    op.create_table(
        "contacts",
        sa.Column("conversation_id", sa.String(128), primary_key=True),
        _text("channel", 32, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        _time("last_message_at", nullable=False),
        sa.Column("last_order", sa.BigInteger),
        _text("last_question", 32),
        _time("opted_out_at"),
        _text("source", 64),
    )
    op.create_index("ix_contacts_last_message_at", "contacts", ["last_message_at"])
    op.create_table(
        "received_messages",
        _id(),
        _text("channel", 32, nullable=False),
        _text("key", 64, nullable=False),
        _text("conversation_id", 128),
        sa.Column("body", sa.Text),
        sa.Column("sort_order", sa.BigInteger),
        sa.Column("attempts", sa.Integer, nullable=False),
        _time("not_before"),
        _time("received_at", nullable=False),
        sa.UniqueConstraint("channel", "key", name="uq_received_messages_channel"),
    )
    for column in ("conversation_id", "received_at"):
        op.create_index(f"ix_received_messages_{column}", "received_messages", [column])
    op.create_table(
        "outgoing_messages",
        _id(),
        _text("conversation_id", 128, nullable=False),
        _text("channel", 32, nullable=False),
        sa.Column("body", sa.Text),
        _text("slot", 32),
        _flag("urgent"),
        _text("state", 16, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        _text("error", 64),
        _time("created_at", nullable=False),
        _time("not_before", nullable=False),
        _time("sent_at"),
        _text("service_id", 128),
        _flag("controls"),
        sa.Column("chosen", sa.JSON),
        _flag("last_word"),
        sa.CheckConstraint("state IN ('waiting', 'held', 'sent', 'failed')", name="state"),
    )
    for column in ("conversation_id", "service_id"):
        op.create_index(f"ix_outgoing_messages_{column}", "outgoing_messages", [column])
    op.create_index(
        "ix_outgoing_messages_state_not_before", "outgoing_messages", ["state", "not_before"]
    )
    op.create_table(
        "delivery_reports",
        _id(),
        _text("channel", 32, nullable=False),
        _text("service_id", 128, nullable=False),
        _text("status", 16, nullable=False),
        _text("error", 64),
        _time("at", nullable=False),
        sa.UniqueConstraint("channel", "service_id", "status", name="uq_delivery_reports_channel"),
    )
    op.create_index("ix_delivery_reports_at", "delivery_reports", ["at"])


def downgrade() -> None:
    for table in ("delivery_reports", "outgoing_messages", "received_messages", "contacts"):
        op.drop_table(table)
