"""Tokens of programs that read by the desk's API, as hashes.

A table of its own: a server of an earlier version, which may run beside this one, never looks at
it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    time = sa.DateTime(timezone=True)
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("created_at", time, nullable=False),
        sa.Column("ends_at", time, nullable=False),
        sa.Column("last_used_at", time),
        sa.Column("revoked_at", time),
        sa.UniqueConstraint("token_hash", name="uq_api_tokens_token_hash"),
    )


def downgrade() -> None:
    op.drop_table("api_tokens")
