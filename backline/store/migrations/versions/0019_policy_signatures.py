"""Who signed the policy, by the hash of what it was then.

A table of its own: a server of an earlier version, which may run beside this one, never looks at
it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    signer = sa.ForeignKey("staff_accounts.id", name="fk_policy_signatures_signed_by")
    op.create_table(
        "policy_signatures",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("policy_version", sa.String(32), nullable=False),
        sa.Column("signed_by", sa.Integer, signer, nullable=False),
        sa.Column("registration", sa.String(40), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_policy_signatures_content_hash", "policy_signatures", ["content_hash"])


def downgrade() -> None:
    op.drop_table("policy_signatures")
