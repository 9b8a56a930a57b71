"""The preflight's checks of a database against real servers: a standby, an archive, poolers, an administrator."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import sql

from kastellan.adapters.evidence.collection import collect
from kastellan.adapters.kubernetes.connection import connect
from kastellan.adapters.postgres.bounded_connection import BoundedConnection
from kastellan.adapters.postgres.database_facts import collect_database
from kastellan.adapters.postgres.following_facts import collect_archiving, collect_replication
from kastellan.adapters.postgres.session import DatabaseAccess
from kastellan.adapters.system_clock import SystemClock
from kastellan.domain.errors import ForbiddenError
from kastellan.preflight.checks.pg_1 import PG_1
from kastellan.preflight.checks.pg_2 import PG_2
from kastellan.preflight.checks.pg_3 import PG_3
from kastellan.preflight.checks.pg_4 import PG_4
from kastellan.preflight.checks.pg_5 import PG_5
from kastellan.preflight.checks.pg_7 import PG_7
from kastellan.preflight.database_facts import Database as Facts
from kastellan.preflight.facts import Unknown
from kastellan.preflight.finding import Finding
from kastellan.preflight.outcome import Outcome
from lab.pgbouncer import PgBouncer, why_no_pooler
from lab.postgres import Postgres, binaries
from lab.simulated import SimulatedCluster
from tests.fakes.faulty_postgres import FaultyPostgres
from tests.fakes.postgres import AUTHORITY, FakePostgres
from tests.fakes.progress import FakeProgress
from tests.lab.conftest import Database, fresh_database
from tests.unit.preflight.platforms import judged, requirement
from tests.waiting import until

_PRIMARY = "127.0.0.2"
"""So that its connections and those of a standby, which come from 127.0.0.1, have addresses of their own."""


class Pair:
    """A primary with an archive, and its standby, in two pods of a cluster as far as the API server knows."""

    def __init__(self, primary: Postgres, standby: Postgres, database: Database, cluster: SimulatedCluster) -> None:
        self.primary = primary
        self.standby = standby
        self.database = database
        self.cluster = cluster
        self.access = _access(database)

    def pg_4(self, **changes: Any) -> Finding:
        seen = collect_replication(replace(self.access, **changes), connect(self.cluster.kubeconfig_text))
        return judged(PG_4, replication=seen, made_database=None)

    def pg_5(self) -> Finding:
        return judged(PG_5, archiving=collect_archiving(self.access), made_database=None)

    def set(self, statement: LiteralString) -> None:
        """Change a setting of the primary, and wait until it is read."""
        self.primary.execute(statement)
        self.primary.execute("SELECT pg_reload_conf(), pg_sleep(0.2)")

    def archive_one_more(self) -> None:
        """End a segment."""
        self.primary.execute("SELECT pg_logical_emit_message(false, 'kastellan', 'something to archive')")
        self.primary.execute("SELECT pg_switch_wal()")


def _access(database: Database, **changes: Any) -> DatabaseAccess:
    plain = DatabaseAccess(
        host=database.server.host,
        port=database.server.port,
        name=database.name,
        user=database.user,
        password=database.password,
        ca=database.server.ca_pem,
    )
    return replace(plain, **changes)


def _pod(cluster: SimulatedCluster, name: str, zone: str, address: str) -> None:
    """A pod on a zone's node with an address, as if a kubelet had given it."""
    spec = {"nodeName": f"node-{zone}-0", "containers": [{"name": "postgres", "image": "localhost/postgres"}]}
    cluster.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "default"}, "spec": spec})
    path = f"/api/v1/namespaces/default/pods/{name}"
    until(lambda: cluster.request("GET", path)["status"].get("podIP"))
    status = {"podIP": address, "podIPs": [{"$patch": "replace"}, {"ip": address}]}
    cluster.request("PATCH", f"{path}/status", {"status": status}, strategic_merge=True)


@pytest.fixture(scope="module")
def pair(simulated_cluster: SimulatedCluster) -> Iterator[Pair]:
    archive = ("archive_mode=on",)
    with Postgres(_PRIMARY, settings=archive) as primary, Postgres(primary=primary) as standby:
        until(lambda: primary.execute("SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'"))
        yield Pair(primary, standby, fresh_database(primary), simulated_cluster)


@pytest.fixture(scope="module")
def in_pods(pair: Pair) -> Iterator[None]:
    """As if both servers ran in pods of two zones."""
    _pod(pair.cluster, "db-0", "zone-a", _PRIMARY)
    _pod(pair.cluster, "db-1", "zone-b", "127.0.0.1")
    yield
    pair.cluster.kubectl("-n", "default", "delete", "pod", "db-0", "db-1", "--grace-period=0", "--force")


def test_a_standby_counts_once_its_state_and_its_zone_are_seen(pair: Pair, in_pods: None) -> None:
    role = sql.Identifier(pair.database.user)
    hidden = pair.pg_4()
    assert (hidden.outcome, "GRANT pg_monitor" in hidden.remediation) == (Outcome.UNKNOWN, True), hidden
    admin = {"admin_user": pair.primary.admin_user, "admin_password": pair.primary.admin_password}
    found = until(lambda: (seen := pair.pg_4(**admin)).outcome is Outcome.PASS and seen)
    assert "standby streams in zone-b, the primary is in zone-a; asynchronous" in found.observed
    pair.primary.compose(sql.SQL("GRANT pg_monitor TO {}").format(role))
    until(lambda: pair.pg_4().outcome is Outcome.PASS)
    with pytest.raises(ForbiddenError, match="pods"):
        collect_replication(pair.access, connect(pair.cluster.user_kubeconfig("nobody")))
    pair.set("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
    only = until(lambda: (seen := pair.pg_4(**admin)).outcome is Outcome.WARN and seen)
    assert "synchronous; commits wait for every synchronous standby" in only.observed
    pair.standby.stop()
    try:
        hanging = until(lambda: (seen := pair.pg_4(**admin)).outcome is Outcome.FAIL and seen)
        assert "writes hang" in hanging.observed
        pair.set("ALTER SYSTEM RESET synchronous_standby_names")
        gone = pair.pg_4(**admin)
        assert (gone.outcome, "slot standby: its standby is gone" in gone.observed) == (Outcome.FAIL, True), gone
    finally:
        pair.set("ALTER SYSTEM RESET synchronous_standby_names")
        pair.standby.start()
    until(lambda: pair.pg_4(**admin).outcome is Outcome.PASS)


def test_a_replica_is_no_primary_and_knows_nothing_of_followers_and_archive(pair: Pair) -> None:
    access = replace(pair.access, host=pair.standby.host, port=pair.standby.port, ca=pair.standby.ca_pem)
    seen = collect_database(access)
    assert judged(PG_1, database=seen).outcome is Outcome.FAIL
    assert "standby" in judged(PG_1, database=seen).observed
    assert judged(PG_2, database=seen).outcome is Outcome.FAIL
    following = collect_replication(access, connect(pair.cluster.kubeconfig_text))
    for found in (
        judged(PG_4, replication=following, made_database=None),
        judged(PG_5, archiving=collect_archiving(access), made_database=None),
    ):
        assert (found.outcome, found.remediation) == (
            Outcome.UNKNOWN,
            "give the address of the writable primary (PG-1)",
        )


def test_an_archive_is_judged_by_what_it_did_and_not_by_its_settings(pair: Pair, tmp_path: Path) -> None:
    pair.set("ALTER SYSTEM SET archive_command = '/bin/true'")
    pair.archive_one_more()
    late = until(lambda: (seen := pair.pg_5()).outcome is Outcome.FAIL and "archive_timeout" in seen.observed and seen)
    assert "archive_timeout is 0 s" in late.observed
    pair.set("ALTER SYSTEM SET archive_timeout = '5min'")
    good = pair.pg_5()
    assert (good.outcome, "the log is archived, last" in good.observed) == (Outcome.UNKNOWN, True), good
    pair.set("ALTER SYSTEM SET archive_command = '/bin/false'")
    pair.archive_one_more()
    broken = until(lambda: (seen := pair.pg_5()).outcome is Outcome.FAIL and seen)
    assert "archiving fails; the last success is" in broken.observed
    server = f"host={pair.primary.host} port={pair.primary.port} user={pair.primary.admin_user} sslmode=require"
    receiver = subprocess.Popen(
        [binaries() / "pg_receivewal", f"--directory={tmp_path}", f"--dbname={server}"],
        env={**os.environ, "PGPASSWORD": pair.primary.admin_password},
    )
    try:
        streamed = until(lambda: (seen := pair.pg_5()).outcome is Outcome.UNKNOWN and seen)
        assert "pg_receivewal receives the log as it is written" in streamed.observed
    finally:
        receiver.terminate()
        receiver.wait()


_TEXTS: dict[str, tuple[LiteralString, LiteralString, Outcome, str]] = {
    "a good one": ("LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'", "SELECT 1", Outcome.PASS, "collation C.UTF-8"),
    "another encoding": ("ENCODING 'LATIN1' LOCALE 'C'", "SELECT 1", Outcome.FAIL, "the encoding is LATIN1"),
    "a collation that changed with the system": (
        "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'",
        "UPDATE pg_database SET datcollversion = '0' WHERE datname = current_database()",
        Outcome.WARN,
        "collation C.UTF-8 changed with the operating system",
    ),
    "no PL/pgSQL": ("", "DROP EXTENSION plpgsql", Outcome.FAIL, "PL/pgSQL is not there"),
    "few time zones": (
        "",
        "SET allow_system_table_mods = on; CREATE OR REPLACE VIEW pg_catalog.pg_timezone_names"
        " AS SELECT * FROM pg_timezone_names() LIMIT 3",
        Outcome.FAIL,
        "the names of time zones are not there",
    ),
}
"""How a database is made, and what is done in it afterwards."""


@pytest.mark.parametrize("what", _TEXTS)
def test_encoding_collation_language_and_time_zones_are_judged_as_they_are(postgres: Postgres, what: str) -> None:
    options, change, outcome, words = _TEXTS[what]
    plain = fresh_database(postgres)
    name, role = sql.Identifier(plain.name), sql.Identifier(plain.user)
    postgres.compose(sql.SQL("DROP DATABASE {}").format(name))
    postgres.compose(sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 {}").format(name, role, sql.SQL(options)))
    postgres.execute(change, database=plain.name)
    found = judged(PG_7, database=collect_database(_access(plain)))
    assert (found.outcome, words in found.observed) == (outcome, True), found


def test_without_an_archive_a_restore_has_to_be_attested(database: Database) -> None:
    found = judged(PG_5, archiving=collect_archiving(_access(database)), made_database=None)
    assert (found.outcome, "archive_mode is off" in found.observed) == (Outcome.UNKNOWN, True), found


@pytest.fixture
def a_machine_with_a_pooler() -> None:
    """Say why the test did not run; `CI=true` takes no excuse."""
    if (reason := why_no_pooler()) is None:
        return
    message = f"TESTS OF A POOLER DID NOT RUN: {reason}"
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(message)
    pytest.skip(message)


@pytest.mark.parametrize(("mode", "outcome"), [("transaction", Outcome.FAIL), ("session", Outcome.PASS)])
def test_a_pooler_that_mixes_sessions_is_caught_though_nobody_else_uses_it(
    a_machine_with_a_pooler: None, database: Database, mode: str, outcome: Outcome
) -> None:
    with PgBouncer(database.server, mode, user=database.user, password=database.password) as pooler:
        access = _access(database, host=pooler.host, port=pooler.port, ca=pooler.ca_pem)
        seen = until(lambda: isinstance(one := collect_database(access), Facts) and one)
        found = judged(PG_3, requirement(connections=5), database=seen)
        assert (found.outcome, "pooler" in found.observed) == (outcome, outcome is Outcome.FAIL), found


@pytest.mark.parametrize(
    ("attributes", "owns", "outcome"),
    [
        ("SUPERUSER", False, Outcome.PASS),
        ("NOSUPERUSER", True, Outcome.PASS),
        ("CREATEROLE CREATEDB", False, Outcome.FAIL),
    ],
)
def test_what_is_foreseen_of_an_administrator_is_what_granting_then_does(
    postgres: Postgres, attributes: LiteralString, owns: bool, outcome: Outcome
) -> None:
    plain = fresh_database(postgres)
    admin = f"admin_of_{plain.name}"
    postgres.create_role(admin, "secret-of-the-test", attributes="LOGIN " + attributes)
    owner, name, role = (sql.Identifier(one) for one in (admin if owns else "postgres", plain.name, plain.user))
    postgres.compose(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(name, owner))
    if outcome is Outcome.PASS:  # `init` grants that, too
        postgres.compose(sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(name))
    access = _access(plain, admin_user=admin, admin_password="secret-of-the-test")
    assert judged(PG_2, database=collect_database(access)).outcome is outcome
    with psycopg.connect(postgres.url(admin, "secret-of-the-test", "postgres"), autocommit=True) as session:
        session.execute(sql.SQL("GRANT ALL ON DATABASE {} TO {}").format(name, role))  # what `init` does
    seen = collect_database(_access(plain))
    assert (judged(PG_2, database=seen).outcome is Outcome.PASS) is (outcome is Outcome.PASS)
    assert judged(PG_7, database=seen).outcome is Outcome.PASS


@pytest.fixture(scope="module")
def asked(pair: Pair, in_pods: None) -> frozenset[str]:
    """Every question that a preflight puts to a real server."""
    server = FaultyPostgres(BoundedConnection.connect)
    _collected(pair, server)
    return frozenset(server.calls)


def _collected(pair: Pair, server: FaultyPostgres) -> dict[str, Any]:
    admin = {"admin_user": pair.primary.admin_user, "admin_password": pair.primary.admin_password}
    access = replace(pair.access, connects=server.connects, **admin)
    cluster = connect(pair.cluster.kubeconfig_text)
    looks: dict[str, Any] = {
        "database": lambda: collect_database(access),
        "replication": lambda: collect_replication(access, cluster),
        "archiving": lambda: collect_archiving(access),
    }
    found = collect(looks, SystemClock(), FakeProgress()).facts
    return {name: getattr(found, name) for name in looks}


def test_the_server_in_memory_is_asked_what_a_real_one_is(pair: Pair, asked: frozenset[str]) -> None:
    imagined = FaultyPostgres(FakePostgres().connects)
    for admin in ({}, {"admin_user": "admin", "admin_password": "of-the-admin"}):
        access = DatabaseAccess(
            host="db", port=5432, name=pair.access.name, user="zitadel", password="of-the-role", ca=AUTHORITY,
            connects=imagined.connects, **admin,
        )  # fmt: skip
        collect_database(access)
        collect_archiving(access)
        with suppress(ForbiddenError):
            collect_replication(access, connect(pair.cluster.user_kubeconfig("nobody")))
    assert asked <= imagined.calls


def test_a_session_that_the_server_ends_at_any_question_leaves_its_facts_unknown(
    pair: Pair, asked: frozenset[str]
) -> None:
    """Cut for real: an administrator ends the server's process of the session, right before it is asked."""

    def ended(ask: Any, session: Any) -> Any:
        if session is None:
            raise psycopg.OperationalError("connection refused")
        pair.primary.execute(f"SELECT pg_terminate_backend({session.info.backend_pid}, 5000)")
        return ask()

    for call in sorted(asked):
        found = _collected(pair, FaultyPostgres(BoundedConnection.connect, ended, at=call))
        assert any(isinstance(group, Unknown) for group in found.values()), call
        for check in (PG_1, PG_2, PG_3, PG_4, PG_5, PG_7):
            if any(isinstance(found.get(name), Unknown) for name in check.reads):
                row = judged(check, made_database=None, **{name: found[name] for name in check.reads if name in found})
                assert row.outcome in (Outcome.UNKNOWN, Outcome.ERROR), (call, row)
                assert row.remediation, (call, row)
