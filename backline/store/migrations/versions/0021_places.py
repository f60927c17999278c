"""Where each conversation stands in the desk's list, kept with it by triggers of the database.

Triggers, not this version's code: results are also added by servers of an earlier version that run
beside this one, by what a no to storing deletes, and by cascades. Who adds an emergency raises the
conversation in the same transaction, whoever it is.

A later migration that makes `assessments`, `handlings` or `conversations` anew (as SQLite needs for
some changes) loses their triggers and has to make them again: `TRIGGERS_OF_SQLITE`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

COLUMNS = ("place", "place_order", "urgency", "outcome", "latest_assessment", "emergency_waits")
LISTED = ("place", "place_order", sa.text("last_seen_at DESC"), "id")
CHOSEN = ("urgency", "outcome", "channel")
INDEX = "ix_conversations_place"

# Each part looks at one conversation's rows alone, by the index on `conversation_id`: `+ 0` keeps
# PostgreSQL from going through all results by another index in search of a maximum, `LIMIT 1` from
# working a part out once for each place where it is used.
#
# The result is the most urgent among the latest of each patient; an alarm is an emergency, or a
# result by one of `alarm_rules`, after the latest that somebody closed.
ALARM = """
    FROM assessments AS a WHERE a.conversation_id = conversations.id
    AND a.id + 0 > COALESCE(told.closed, 0) AND (a.urgency = 'emergency' OR EXISTS (
        SELECT 1 FROM alarm_rules
        WHERE CAST(a.rules AS TEXT) LIKE '%"' || alarm_rules.rule || '"%'))
"""
RENEW = f"""
    UPDATE conversations
    SET (place, place_order, urgency, outcome, latest_assessment, emergency_waits) = (
        SELECT
            CASE WHEN waits.since IS NOT NULL THEN 0
                WHEN waits.closed >= waits.latest THEN 2 ELSE 1 END,
            CASE WHEN waits.since IS NOT NULL THEN waits.since
                WHEN waits.closed >= waits.latest THEN 0
                WHEN result.urgency = 'emergency' THEN -3
                WHEN result.urgency = 'urgent' THEN -2
                WHEN result.urgency = 'soon' THEN -1 ELSE 0 END,
            result.urgency,
            result.outcome,
            waits.latest,
            COALESCE(waits.emergencies, 0) > 0
        FROM (
            SELECT told.latest, told.closed, told.result_id,
                (SELECT min(a.id + 0) {ALARM}) AS since,
                (SELECT sum(CASE WHEN a.urgency = 'emergency' THEN 1 ELSE 0 END) {ALARM})
                AS emergencies
            FROM (
                SELECT
                    (SELECT max(a.id + 0) FROM assessments AS a
                    WHERE a.conversation_id = conversations.id) AS latest,
                    (SELECT max(h.assessment_id + 0) FROM handlings AS h
                    WHERE h.conversation_id = conversations.id AND h.closed_at IS NOT NULL)
                    AS closed,
                    (SELECT a.id FROM assessments AS a
                    WHERE a.conversation_id = conversations.id AND NOT EXISTS (
                        SELECT 1 FROM assessments AS later
                        WHERE later.conversation_id = conversations.id
                        AND later.patient = a.patient AND later.id > a.id)
                    ORDER BY CASE a.urgency WHEN 'emergency' THEN 3 WHEN 'urgent' THEN 2
                        WHEN 'soon' THEN 1 ELSE 0 END DESC, a.id DESC
                    LIMIT 1) AS result_id
                LIMIT 1
            ) AS told
            LIMIT 1
        ) AS waits LEFT JOIN assessments AS result ON result.id = waits.result_id
    )
"""  # noqa: S608 - nothing in it comes from outside
CHANGES = ("INSERT", "UPDATE", "DELETE")
OF_PEOPLE = ("assessments", "handlings")
TRIGGERS_OF_SQLITE = (
    *(
        f"CREATE TRIGGER place_by_{table}_{change.lower()} AFTER {change} ON {table} BEGIN "
        f"{RENEW} WHERE id = {'OLD' if change == 'DELETE' else 'NEW'}.conversation_id; END"
        for table in OF_PEOPLE
        for change in CHANGES
    ),
    *(
        f"CREATE TRIGGER place_by_alarm_rules_{change.lower()} AFTER {change} ON alarm_rules BEGIN "
        f"{RENEW} WHERE 1 = 1; END"
        for change in ("INSERT", "DELETE")
    ),
)
# The conversation is held before its results are looked at: of two who add to it at once, the
# second one has to see what the first one added. A plan that was made for empty tables would read
# them whole until they are next analysed.
TRIGGERS_OF_POSTGRESQL = (
    f"""
    CREATE FUNCTION backline_renew_place() RETURNS trigger LANGUAGE plpgsql
    SET plan_cache_mode = force_custom_plan AS $$
    DECLARE whose varchar;
    BEGIN
        IF TG_OP = 'DELETE' THEN
            whose = OLD.conversation_id;
        ELSE
            whose = NEW.conversation_id;
        END IF;
        PERFORM 1 FROM conversations WHERE id = whose FOR NO KEY UPDATE;
        {RENEW} WHERE id = whose;
        RETURN NULL;
    END $$
    """,
    f"""
    CREATE FUNCTION backline_renew_places() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        {RENEW};
        RETURN NULL;
    END $$
    """,
    *(
        f"CREATE TRIGGER place_by_{table} AFTER INSERT OR UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION backline_renew_place()"
        for table in OF_PEOPLE
    ),
    "CREATE TRIGGER place_by_alarm_rules AFTER INSERT OR DELETE ON alarm_rules "
    "FOR EACH STATEMENT EXECUTE FUNCTION backline_renew_places()",
)


def upgrade() -> None:
    for column in _columns():
        op.add_column("conversations", column)
    rules = op.create_table("alarm_rules", sa.Column("rule", sa.String(16), primary_key=True))
    op.bulk_insert(rules, [{"rule": "U0b"}])
    for statement in TRIGGERS_OF_SQLITE if _on_sqlite() else TRIGGERS_OF_POSTGRESQL:
        op.execute(statement)
    op.execute(RENEW)
    op.create_index(INDEX, "conversations", [*LISTED, *CHOSEN])


def _columns() -> list[sa.Column]:
    return [
        sa.Column("place", sa.SmallInteger, nullable=False, server_default="1"),
        sa.Column("place_order", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("urgency", sa.String(16)),
        sa.Column("outcome", sa.String(16)),
        sa.Column("latest_assessment", sa.Integer),
        sa.Column("emergency_waits", sa.Boolean, nullable=False, server_default=sa.false()),
    ]


def downgrade() -> None:
    for table in OF_PEOPLE:
        for change in CHANGES if _on_sqlite() else ():
            op.execute(f"DROP TRIGGER place_by_{table}_{change.lower()}")
        if not _on_sqlite():
            op.execute(f"DROP TRIGGER place_by_{table} ON {table}")
    op.drop_table("alarm_rules")
    if not _on_sqlite():
        op.execute("DROP FUNCTION backline_renew_place")
        op.execute("DROP FUNCTION backline_renew_places")
    op.drop_index(INDEX, "conversations")
    for column in reversed(COLUMNS):
        op.drop_column("conversations", column)


def _on_sqlite() -> bool:
    return bool(op.get_bind().dialect.name == "sqlite")
