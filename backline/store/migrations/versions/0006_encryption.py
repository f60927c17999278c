"""What people said is encrypted, and a restore knows who was erased.

Rows that are there already are encrypted beside the running servers (`store.reencryption`).
On PostgreSQL that begins half an hour later, and until then new ones are stored as before: servers
of the earlier version, which could not read them, are replaced one after the other meanwhile.
"""

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

FOR_THE_UPGRADE = dt.timedelta(minutes=30)


def upgrade() -> None:
    state = op.create_table(
        "encryption",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hash_key", sa.Text),
        sa.Column("complete", sa.Boolean, nullable=False),
    )
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("conversation", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    connection = op.get_bind()
    is_new = connection.execute(sa.text("SELECT count(*) FROM conversations")).scalar() == 0
    if is_new and sa.inspect(connection).has_table("events"):
        is_new = connection.execute(sa.text("SELECT 1 FROM events LIMIT 1")).first() is None
    begins_at = dt.datetime.now(dt.timezone.utc)
    if connection.dialect.name == "postgresql" and not is_new:
        begins_at += FOR_THE_UPGRADE
    op.bulk_insert(state, [{"id": 1, "begins_at": begins_at, "complete": is_new}])
    if is_new:
        op.execute("UPDATE schema_compatibility SET oldest = '0006'")


def downgrade() -> None:
    op.drop_table("erasures")
    op.drop_table("encryption")
    op.execute("UPDATE schema_compatibility SET oldest = '0003'")
