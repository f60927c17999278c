"""Whom staff have to call back, and who looked at a number."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

SENTENCE = "audit is only added to"


def upgrade() -> None:
    op.add_column("calls", sa.Column("number", sa.Text))
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(128), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("about", sa.String(40), nullable=False),
        sa.Column("why", sa.String(128), nullable=False),
    )
    op.create_index("ix_audit_about", "audit", ["about"])
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_no_{change.lower()} BEFORE {change} ON audit "
                f"BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END"
            )
    else:
        op.execute(
            "CREATE FUNCTION audit_is_added_to() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{SENTENCE}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit "
            "FOR EACH ROW EXECUTE FUNCTION audit_is_added_to()"
        )


def downgrade() -> None:
    op.drop_table("audit")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION audit_is_added_to()")
    op.drop_column("calls", "number")
