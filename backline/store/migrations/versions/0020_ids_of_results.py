"""On SQLite the id of a result that was deleted is never given to another one.

A notice counts as told by the id of its result, and programs ask for results that came after one:
with an id that is given again an emergency was told to nobody, and a program missed a result.
PostgreSQL gives none twice. A server of an earlier version may go on with the table as it is now.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

CHECKS = (
    sa.CheckConstraint("outcome IN ('doctor_first', 'combined', 'massage')", name="outcome"),
    sa.CheckConstraint("urgency IN ('emergency', 'urgent', 'soon', 'none')", name="urgency"),
)
TOLD = """
    UPDATE sqlite_sequence SET seq = max(seq, (
        SELECT coalesce(max(about), 0) FROM notices WHERE event NOT IN ('call_back', 'digest')
    )) WHERE name = 'assessments'
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _make_anew(sqlite_autoincrement=True)
        # There is no row of an empty table.
        op.execute(
            "INSERT INTO sqlite_sequence (name, seq) SELECT 'assessments', 0 "
            "WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'assessments')"
        )
        op.execute(TOLD)


def _make_anew(**options: bool) -> None:
    # What refers to it stays: backline.store.schema has foreign keys off meanwhile.
    with op.batch_alter_table(
        "assessments", recreate="always", table_args=CHECKS, table_kwargs=options
    ):
        pass


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _make_anew(sqlite_autoincrement=False)
