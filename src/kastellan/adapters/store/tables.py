"""The tables of the store. Instants are UTC text of fixed form, so that both databases order and return them alike.

`entries`, `runs` and `run_events` are append-only: triggers refuse a change, as a protection against mistakes; against
intent the ledger has hashes. `quiet_times` holds nothing that cannot be worked out again.
"""

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

entries = Table(
    "entries",
    metadata,
    Column("installation", String, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("key", String, nullable=False),
    Column("at", String(20), nullable=False),
    Column("noticed_at", String(20), nullable=False),
    Column("body", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    PrimaryKeyConstraint("installation", "sequence"),
    UniqueConstraint("installation", "key"),
)

chain_heads = Table(
    "chain_heads",
    metadata,
    Column("installation", String, primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)
"""One row an installation, locked while its ledger grows."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("installation", String, nullable=False),
    Column("key", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("queued_at", String(20), nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", String(20), nullable=False),
    UniqueConstraint("installation", "key"),
    ForeignKeyConstraint(["installation"], ["chain_heads.installation"]),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("installation", String, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("at", String(20), nullable=False),
    Column("key_id", String(64), nullable=False),
    Column("signature", Text, nullable=False),
    PrimaryKeyConstraint("installation", "sequence", "key_id"),
    ForeignKeyConstraint(["installation", "sequence"], ["entries.installation", "entries.sequence"]),
)

leases = Table(
    "leases",
    metadata,
    Column("installation", String, primary_key=True),
    Column("token", Integer, nullable=False),
    Column("holder", String, nullable=False),
    Column("beats", Integer, nullable=False),
    Column("taken_at", String(20), nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String, primary_key=True),
    Column("installation", String, nullable=False),
    Column("planned_at", String(20), nullable=False),
    Column("plan", Text, nullable=False),
    Index("runs_by_installation", "installation", "planned_at"),
)

run_events = Table(
    "run_events",
    metadata,
    Column("run", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("run", "number"),
    ForeignKeyConstraint(["run"], ["runs.id"]),
)

quiet_times = Table(
    "quiet_times",
    metadata,
    Column("installation", String, primary_key=True),
    Column("inputs", String(64), nullable=False),
    Column("files", Text, nullable=False),
    Column("since", String(20), nullable=False),
    Column("until", String(20), nullable=False),
    Column("answer", Text, nullable=False),
)
