"""The journal of runs in a SQL database: `ports.run_journal.RunJournal`."""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

import rfc8785
from sqlalchemy import Connection, RowMapping, Select, and_, exists, false, func, insert, or_, select, text
from sqlalchemy.exc import IntegrityError

from kastellan.adapters.store.chain import as_seen, known_keys, lengthen, locked_head
from kastellan.adapters.store.sql_leases import fence
from kastellan.adapters.store.tables import entries, run_events, runs
from kastellan.adapters.store.transactions import Transactions
from kastellan.domain.errors import ConflictError, StuckError
from kastellan.domain.ledger import Draft, Json, utc_instant, utc_text
from kastellan.domain.run import RunClosed, RunEvent, RunPlan, RunRecord, fold
from kastellan.domain.run_brief import RunBrief
from kastellan.domain.run_document import event_document, plan_document, read_event, read_plan
from kastellan.domain.version import Version
from kastellan.ports.lease import Lease
from kastellan.ports.run_journal import Briefs

_CLOSED = "run-closed"
_MOST = 400
"""SQLite takes a limited number of parameters."""
_ADMISSION_LOCK = 7_236_150
"""Number of the advisory lock that whoever admits runs takes on PostgreSQL; any number that nobody else uses."""


class SqlJournal:
    """Implements `ports.run_journal.RunJournal`; made by `opening.open_store`."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def open(self, plan: RunPlan, *, lease: Lease) -> RunRecord:
        """See the port."""
        with self._transactions.writing(f"opening the run {plan.id}") as connection:
            fence(connection, lease)
            found = _records(connection, select(runs).where(runs.c.id == plan.id))
            if found:
                return found[0]
            connection.execute(insert(runs).values(_run_row(plan)))
            return fold(plan, ())

    def write(
        self,
        run: RunRecord,
        *events: RunEvent,
        lease: Lease,
        drafts: Sequence[Draft] = (),
        seen: int | None = None,
    ) -> RunRecord:
        """See the port."""
        plan = run.plan
        with self._transactions.writing(f"writing to the run {plan.id}") as connection:
            fence(connection, lease)
            rows = [_row(plan.id, run.events + 1 + place, event) for place, event in enumerate(events)]
            try:
                with connection.begin_nested():
                    connection.execute(insert(run_events), rows)
            except IntegrityError as cause:
                if not _is_written(connection, plan.installation, rows, drafts):
                    raise ConflictError(
                        f"somebody else wrote to the run {plan.id}; nothing was written",
                        remediation="repeat the command: it goes on where the run stands",
                    ) from cause
            else:
                _record_facts(connection, plan.installation, drafts, seen, at=events[-1].at)
            return _records(connection, select(runs).where(runs.c.id == plan.id))[0]

    def read(self, run_id: str) -> RunRecord | None:
        """See the port."""
        with self._transactions.reading(f"reading the run {run_id}") as connection:
            found = _records(connection, select(runs).where(runs.c.id == run_id))
            return found[0] if found else None

    def runs(self, installation: str = "", *, limit: int = 50) -> tuple[RunRecord, ...]:
        """See the port."""
        query = select(runs).order_by(runs.c.planned_at.desc(), runs.c.id.desc()).limit(limit)
        if installation:
            query = query.where(runs.c.installation == installation)
        with self._transactions.reading("reading runs") as connection:
            return _records(connection, query)

    def unfinished(self) -> tuple[RunRecord, ...]:
        """See the port."""
        closed = exists().where(run_events.c.run == runs.c.id, run_events.c.kind == _CLOSED)
        query = select(runs).where(~closed).order_by(runs.c.planned_at, runs.c.id)
        with self._transactions.reading("looking for unfinished runs") as connection:
            return _records(connection, query)

    def briefs(self, versions: Collection[Version], *, since: datetime) -> Briefs:
        """See the port."""
        # Of a large fleet a year of plans is a hundred megabytes, so the database picks: a plan is canonical JSON.
        brings = or_(false(), *(runs.c.plan.contains(f'"version":"{version}"') for version in versions))
        closing = and_(run_events.c.run == runs.c.id, run_events.c.kind == _CLOSED)
        query = (
            select(runs, run_events.c.body.label("end"))
            .select_from(runs.outerjoin(run_events, closing))
            .where(or_(and_(brings, runs.c.planned_at >= utc_text(since)), run_events.c.body.is_(None)))
            .order_by(runs.c.planned_at, runs.c.id)
        )
        with self._transactions.reading("reading all runs in short") as connection:
            position = _position(connection)  # first: a decision on newer rows with an older position is refused
            return Briefs(position=position, runs=tuple(_brief(row) for row in connection.execute(query).mappings()))

    def admit(self, plans: Sequence[RunPlan], *, seen: int) -> None:
        """See the port."""
        names = [plan.installation for plan in plans]
        with self._transactions.writing(f"opening the runs of {', '.join(names)}") as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ADMISSION_LOCK})
            closed = exists().where(run_events.c.run == runs.c.id, run_events.c.kind == _CLOSED)
            under_way = select(runs.c.id).where(runs.c.installation.in_(names), ~closed)
            if _position(connection) != seen or connection.execute(under_way).first():
                raise _overtaken()
            try:
                with connection.begin_nested():
                    connection.execute(insert(runs), [_run_row(plan) for plan in plans])
            except IntegrityError as cause:
                raise _overtaken() from cause


def _record_facts(
    connection: Connection, installation: str, drafts: Sequence[Draft], seen: int | None, *, at: datetime
) -> None:
    """Lengthen the ledger with what happened at an instant (UTC), whatever the clock says."""
    if not drafts and seen is None:
        return
    last = locked_head(connection, installation)
    if seen is not None:
        as_seen(installation, last, seen)
    lengthen(connection, installation, last, drafts, max(at, last.noticed_at) if last else at)


def _is_written(
    connection: Connection, installation: str, rows: Sequence[dict[str, object]], drafts: Sequence[Draft]
) -> bool:
    """Whether this very writing was done before, and its answer was lost: the lease is ours, so it was ours."""
    run, first = rows[0]["run"], rows[0]["number"]
    query = select(run_events).where(run_events.c.run == run, run_events.c.number >= first)
    found = connection.execute(query.order_by(run_events.c.number)).mappings()
    keys = [draft.key for draft in drafts]
    return [dict(row) for row in found] == rows and known_keys(connection, entries, installation, keys) == set(keys)


def _overtaken() -> ConflictError:
    return ConflictError(
        "a run was opened or closed meanwhile; nothing was begun", remediation="repeat the command: it decides again"
    )


def _position(connection: Connection) -> int:
    opened = select(func.count()).select_from(runs).scalar_subquery()
    closed = select(func.count()).select_from(run_events).where(run_events.c.kind == _CLOSED).scalar_subquery()
    return int(connection.execute(select(opened + closed)).scalar_one())


def _brief(row: RowMapping) -> RunBrief:
    try:
        plan = json.loads(row["plan"])
        end = read_event(json.loads(row["end"])) if row["end"] else None
        return RunBrief(
            id=row["id"],
            installation=row["installation"],
            version=Version.parse(plan["version"]),
            migrates=plan["version"] != plan["before"],
            planned_at=utc_instant(row["planned_at"]),
            closed=end if isinstance(end, RunClosed) else None,
        )
    except (KeyError, TypeError, ValueError) as cause:
        raise _damaged(row["id"]) from cause


def _run_row(plan: RunPlan) -> dict[str, object]:
    return {
        "id": plan.id,
        "installation": plan.installation,
        "planned_at": utc_text(plan.planned_at),
        "plan": _text(plan_document(plan)),
    }


def _records(connection: Connection, query: "Select[tuple[object, ...]]") -> tuple[RunRecord, ...]:
    rows = list(connection.execute(query).mappings())
    events: dict[str, list[RowMapping]] = defaultdict(list)
    ids = [row["id"] for row in rows]
    for begin in range(0, len(ids), _MOST):
        some = run_events.c.run.in_(ids[begin : begin + _MOST])
        for event in connection.execute(select(run_events).where(some).order_by(run_events.c.number)).mappings():
            events[event["run"]].append(event)
    return tuple(_folded(row, events[row["id"]]) for row in rows)


def _folded(row: RowMapping, events: Sequence[RowMapping]) -> RunRecord:
    try:
        plan = read_plan(json.loads(row["plan"]))
        return fold(plan, [read_event(json.loads(event["body"])) for event in events])
    except (KeyError, TypeError, ValueError) as cause:
        raise _damaged(row["id"]) from cause


def _damaged(run_id: str) -> StuckError:
    return StuckError(
        f"the journal of the run {run_id} is not as it was written", remediation="restore the store from a backup"
    )


def _row(run_id: str, number: int, event: RunEvent) -> dict[str, object]:
    body = event_document(event)
    return {"run": run_id, "number": number, "kind": body["kind"], "body": _text(body)}


def _text(document: dict[str, Json]) -> str:
    return rfc8785.dumps(document).decode()
