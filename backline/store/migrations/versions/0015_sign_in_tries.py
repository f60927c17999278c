"""Tries to sign in of each client, and browsers in which somebody has signed in before.

Tables of their own. A server of an earlier version, which may run beside this one, counts on in
`staff_accounts` alone, and locks for everybody.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    time = sa.DateTime(timezone=True)
    op.create_table(
        "sign_in_tries",
        sa.Column("id", sa.Integer, primary_key=True),
        _account("sign_in_tries"),
        sa.Column("client", sa.String(64), nullable=False),
        sa.Column("failed_tries", sa.Integer, nullable=False),
        sa.Column("locked_until", time),
        sa.Column("last_at", time, nullable=False),
        sa.UniqueConstraint("account_id", "client", name="uq_sign_in_tries_account_id"),
    )
    op.create_table(
        "known_browsers",
        sa.Column("id", sa.Integer, primary_key=True),
        _account("known_browsers"),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("ends_at", time, nullable=False),
        sa.UniqueConstraint("account_id", "token_hash", name="uq_known_browsers_account_id"),
    )


def _account(table: str) -> sa.Column:
    key = sa.ForeignKey("staff_accounts.id", ondelete="CASCADE", name=f"fk_{table}_account_id")
    return sa.Column("account_id", sa.Integer, key, nullable=False)


def downgrade() -> None:
    op.drop_table("known_browsers")
    op.drop_table("sign_in_tries")
