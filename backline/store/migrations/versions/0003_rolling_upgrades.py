"""Which versions of Backline can work with the tables, so that two can run side by side.

A later migration that adds to the tables leaves the row as it is. One that takes away or changes
what an earlier version uses comes at least one release after the last version that used it, and
sets `oldest` to the earliest revision that can live with it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    table = op.create_table("schema_compatibility", sa.Column("oldest", sa.String(32)))
    op.bulk_insert(table, [{"oldest": "0003"}])


def downgrade() -> None:
    op.drop_table("schema_compatibility")
