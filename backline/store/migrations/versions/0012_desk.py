"""The clinic's desk: accounts of staff, who took what in hand, and an audit log that is chained.

Tables of their own and columns that may stay empty: a server of an earlier version, which may run
beside this one, never looks at them. What it adds to `audit` has no hash; the first row that has
one takes those before it into the chain, and `backline audit verify` names those after it. What it
deletes takes its rows along by their foreign keys, notes about a
person, too, when that person's assessments go with a no to storing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("conversations", sa.Column("reference", sa.String(16)))
    op.create_index("ix_conversations_reference", "conversations", ["reference"])
    op.add_column("encryption", sa.Column("audit_key", sa.Text))
    op.add_column("encryption", sa.Column("audit_head", sa.Text))
    op.add_column("audit", sa.Column("previous", sa.String(64)))
    op.add_column("audit", sa.Column("hash", sa.String(64)))
    _accounts()
    _sessions()
    _read_marks()
    _handlings()


def _accounts() -> None:
    op.create_table(
        "staff_accounts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("password_hash", sa.String(255)),
        sa.Column("totp_secret", sa.Text),
        sa.Column("totp_step", sa.BigInteger),
        sa.Column("failed_tries", sa.Integer, nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True)),
        sa.Column("invitation_hash", sa.String(64)),
        sa.Column("invitation_ends_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("email", name="uq_staff_accounts_email"),
        sa.UniqueConstraint("invitation_hash", name="uq_staff_accounts_invitation_hash"),
        sa.CheckConstraint(
            "role IN ('receptionist', 'therapist', 'clinician', 'administrator', 'auditor')",
            name="role",
        ),
    )


def _sessions() -> None:
    op.create_table(
        "staff_sessions",
        sa.Column("id", sa.Integer, primary_key=True),
        _owner("staff_sessions", "account_id", "staff_accounts.id", sa.Integer),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("signed_in", sa.Boolean, nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("token_hash", name="uq_staff_sessions_token_hash"),
    )
    op.create_index("ix_staff_sessions_account_id", "staff_sessions", ["account_id"])


def _read_marks() -> None:
    op.create_table(
        "read_marks",
        sa.Column("id", sa.Integer, primary_key=True),
        _owner("read_marks", "account_id", "staff_accounts.id", sa.Integer),
        _owner("read_marks", "conversation_id", "conversations.id", sa.String(128)),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("account_id", "conversation_id", name="uq_read_marks_account_id"),
    )
    op.create_index("ix_read_marks_conversation_id", "read_marks", ["conversation_id"])


def _handlings() -> None:
    accounts, time = "staff_accounts.id", sa.DateTime(timezone=True)
    op.create_table(
        "handlings",
        sa.Column("id", sa.Integer, primary_key=True),
        _owner("handlings", "conversation_id", "conversations.id", sa.String(128)),
        _owner("handlings", "assessment_id", "assessments.id", sa.Integer),
        sa.Column(
            "taken_by",
            sa.Integer,
            sa.ForeignKey(accounts, name="fk_handlings_taken_by"),
            nullable=False,
        ),
        sa.Column("taken_at", time, nullable=False),
        sa.Column("closed_by", sa.Integer, sa.ForeignKey(accounts, name="fk_handlings_closed_by")),
        sa.Column("closed_at", time),
        sa.Column("note", sa.Text),
    )
    for column in ("conversation_id", "assessment_id"):
        op.create_index(f"ix_handlings_{column}", "handlings", [column])
    op.create_index(
        "ix_handlings_in_hand",
        "handlings",
        ["conversation_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def _owner(table: str, name: str, target: str, kind: object) -> sa.Column:
    key = sa.ForeignKey(target, ondelete="CASCADE", name=f"fk_{table}_{name}")
    return sa.Column(name, kind, key, nullable=False)


def downgrade() -> None:
    for table in ("handlings", "read_marks", "staff_sessions", "staff_accounts"):
        op.drop_table(table)
    op.drop_column("audit", "hash")
    op.drop_column("audit", "previous")
    op.drop_column("encryption", "audit_head")
    op.drop_column("encryption", "audit_key")
    op.drop_index("ix_conversations_reference", "conversations")
    op.drop_column("conversations", "reference")
