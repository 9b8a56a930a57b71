"""Leases, runs, their events."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables, and the triggers that keep runs and their events as they are."""
    op.create_table(
        "leases",
        sa.Column("installation", sa.String, primary_key=True),
        sa.Column("token", sa.Integer, nullable=False),
        sa.Column("holder", sa.String, nullable=False),
        sa.Column("beats", sa.Integer, nullable=False),
        sa.Column("taken_at", sa.String(20), nullable=False),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("installation", sa.String, nullable=False),
        sa.Column("planned_at", sa.String(20), nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
    )
    op.create_index("runs_by_installation", "runs", ["installation", "planned_at"])
    op.create_table(
        "run_events",
        sa.Column("run", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("run", "number"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"]),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_journal_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the journal of runs is never changed'; END $$"
        )
    for table in ("runs", "run_events"):
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE TRIGGER {table}_change BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_journal_change()"
            )
            continue
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_{action.lower()} BEFORE {action} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'the journal of runs is never changed'); END"
            )


def downgrade() -> None:
    """There is no way back: what was done is not forgotten."""
    raise RuntimeError("the store has no downgrade")
