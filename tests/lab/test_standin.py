"""The stand-in keeps to ZITADEL's operational contract, started as the manifests say, on a real PostgreSQL."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import urllib3

from lab.postgres import Postgres
from tests.lab.conftest import Database
from tests.lab.standin_pods import DOMAIN, Pod, StandInPods
from tests.waiting import until

BASE, NEXT, SLOW, FAILING = "v4.13.0", "v4.13.1", "v4.14.0", "v4.15.0"
SLOW_STEP = "62_sessions_user"


@pytest.fixture
def pods(tmp_path: Path, database: Database) -> Iterator[StandInPods]:
    installed = StandInPods(tmp_path, database)
    yield installed
    installed.close()


def marks(database: Database) -> list[tuple[str, str]]:
    """Migration events in order, in the way in which an operator reads them from the real server."""
    query = """
        select event_type, payload->>'name' from eventstore.events2 where aggregate_type = 'system' order by position
    """
    with psycopg.connect(database.url) as session:
        return [(kind.removeprefix("system.migration."), name) for kind, name in session.execute(query).fetchall()]


def refuse_connections(database: Database, *, refuse: bool) -> None:
    """Take this one database away, as an outage does, and leave the server to the other tests."""
    name = psycopg.sql.Identifier(database.name)
    server = database.server
    with psycopg.connect(server.url(server.admin_user, server.admin_password, "postgres"), autocommit=True) as session:
        session.execute(psycopg.sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format(name, not refuse))
        session.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [database.name])


# init and setup


def test_init_makes_role_and_database_once_and_never_changes_a_password(tmp_path: Path, postgres: Postgres) -> None:
    wanted = Database(server=postgres, name="fresh-one", user="o'fresh", password="p'w%L\\")
    admin = {"admin_user": postgres.admin_user, "admin_password": postgres.admin_password}
    with closing(StandInPods(tmp_path, wanted, **admin)) as pods:
        pods.run("init_job", BASE)
        pods.run("init_job", BASE)
        assert marks(wanted) == []
        pods.secrets = replace(pods.secrets, database_password="another")
        refused = pods.begin("init_job", BASE)
        until(lambda: "password authentication failed" in refused.said)
        assert "p'w%L" not in refused.said
        assert marks(wanted) == []


def test_setup_before_init_fails(pods: StandInPods) -> None:
    assert "does not exist" in pods.run("setup_job", BASE, code=1)


def test_setup_records_each_step_as_started_and_done(pods: StandInPods) -> None:
    pods.install(BASE)
    assert marks(pods.database) == [
        ("started", "01_tables"),
        ("done", "01_tables"),
        ("started", "02_assets"),
        ("done", "02_assets"),
        ("started", "03_default_instance"),
        ("done", "03_default_instance"),
        ("started", "projection_tables"),
        ("repeatable.done", "projection_tables"),
        ("started", "config_change"),
        ("repeatable.done", "config_change"),
    ]


def test_setup_again_changes_nothing_and_the_next_release_adds_only_its_own(pods: StandInPods) -> None:
    pods.install(BASE)
    before = marks(pods.database)
    pods.install(BASE)
    assert marks(pods.database) == before
    pods.run("setup_job", NEXT)
    assert marks(pods.database)[len(before) :] == [
        ("started", "61_sessions"),
        ("done", "61_sessions"),
        ("started", "projection_tables"),
        ("repeatable.done", "projection_tables"),
    ]


def test_two_setups_at_once_run_each_step_once(pods: StandInPods) -> None:
    pods.run("init_job", BASE)
    waiting = "SELECT count(*) = 2 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with psycopg.connect(pods.database.url) as holder, psycopg.connect(pods.database.url, autocommit=True) as other:
        holder.execute("SELECT pg_advisory_xact_lock(4130)")  # events.go, lockKey
        both = [pods.begin("setup_job", BASE) for _ in range(2)]
        until(lambda: other.execute(waiting).fetchone() == (True,))
        assert marks(pods.database) == []
    assert [pod.process.wait(timeout=30) for pod in both] == [0, 0]
    assert len(marks(pods.database)) == len(set(marks(pods.database))) == 10


def test_a_killed_setup_leaves_its_mark_and_the_next_one_waits_until_cleanup(pods: StandInPods) -> None:
    pods.install(BASE)
    killed = pods.begin("setup_job", SLOW)
    until(lambda: ("started", SLOW_STEP) in marks(pods.database))
    killed.process.kill()
    killed.process.wait()
    waiting = pods.begin("setup_job", SLOW)
    until(lambda: "migration already started, will check again in 5 seconds" in waiting.said)
    assert waiting.process.poll() is None
    assert marks(pods.database)[-1] == ("started", SLOW_STEP)
    assert f'"cleanup migration","standin":"{SLOW}"' in pods.run("cleanup_job", SLOW)
    assert marks(pods.database)[-1] == ("failed", SLOW_STEP)
    assert "nothing to clean up" in pods.run("cleanup_job", SLOW)
    until(lambda: marks(pods.database)[-1] == ("started", SLOW_STEP))  # the waiting one takes it up
    assert waiting.process.wait(timeout=30) == 0, waiting.said
    assert marks(pods.database).count(("done", SLOW_STEP)) == 1


def test_a_failing_migration_ends_with_an_error_and_a_mark_and_changes_no_table(pods: StandInPods) -> None:
    pods.install(BASE)
    for _ in range(2):  # a failed step is tried again
        assert "migration 63_sessions_agent failed" in pods.run("setup_job", FAILING, code=1)
    assert marks(pods.database)[-4:] == [("started", "63_sessions_agent"), ("failed", "63_sessions_agent")] * 2
    with psycopg.connect(pods.database.url) as session:
        columns = session.execute("SELECT * FROM projections.sessions").description or []
    assert [column.name for column in columns] == ["id", "user_id"]


# start


def test_start_refuses_an_older_schema(pods: StandInPods) -> None:
    pods.install(BASE)
    pod = pods.start(NEXT)
    assert pod.process.wait(timeout=10) == 1
    assert "the schema is older than v4.13.1: migration 61_sessions is not done" in pod.said


def test_start_serves_on_a_newer_schema(pods: StandInPods) -> None:
    pods.install(NEXT)
    assert pods.serve(BASE).get("/debug/ready").headers["X-Kastellan-Standin"] == BASE


@pytest.mark.parametrize("masterkey", ["short", "0123456789abcdef0123456789abcdeé"])
def test_a_masterkey_that_has_not_32_bytes_is_refused(pods: StandInPods, masterkey: str) -> None:
    pods.run("init_job", BASE)
    pods.use_masterkey(masterkey)
    assert f"masterkey must be 32 bytes, but is {len(masterkey.encode())}" in pods.run("setup_job", BASE, code=1)
    pod = pods.start(BASE)
    assert pod.process.wait(timeout=10) == 1
    assert masterkey not in pod.said
    assert marks(pods.database) == []


def test_another_masterkey_does_not_open_the_data(pods: StandInPods) -> None:
    pods.install(BASE)
    pods.use_masterkey("f" * 32)
    assert "the masterkey does not open the keys" in pods.run("setup_job", NEXT, code=1)
    pod = pods.start(BASE)
    assert pod.process.wait(timeout=10) == 1
    assert "the masterkey does not open the keys" in pod.said


def test_it_serves_what_the_verification_asks_for_and_says_what_it_is(pods: StandInPods) -> None:
    pods.install(BASE)
    pod = pods.serve(BASE)
    assert pod.get("/debug/healthz").data == b"ok"
    discovery = pod.get("/.well-known/openid-configuration")
    assert discovery.json()["issuer"] == f"https://{DOMAIN}"
    assert discovery.headers["X-Pod"].startswith("zitadel-")
    assert [key["alg"] for key in pod.get("/oauth/v2/keys").json()["keys"]] == ["RS256"]
    assert b"stand-in of the kastellan lab" in pod.get("/ui/console").data
    assert pod.get("/ui/login/login").headers["Location"] == "/ui/v2/login/"
    assert pod.get("/ui/v2/login/").status == 404  # a Deployment of its own
    for line in pod.said.splitlines():
        assert json.loads(line)["standin"] == BASE


def test_a_foreign_host_has_no_instance_but_probes_need_none(pods: StandInPods) -> None:
    pods.install(BASE)
    pod = pods.serve(BASE)
    for path in ("/.well-known/openid-configuration", "/oauth/v2/keys", "/ui/console"):
        assert pod.get(path, host="elsewhere.example").status == 404
    assert pod.get("/debug/ready", host="localhost").status == 200


def test_the_instance_is_found_by_what_names_it_before_the_host(pods: StandInPods) -> None:
    pods.install(BASE)
    pod = pods.serve(BASE)
    path, elsewhere = "/.well-known/openid-configuration", "elsewhere.example"
    assert pod.get(path, headers={"X-Forwarded-Host": elsewhere}).status == 404
    assert pod.get(path, host=elsewhere, headers={"X-Forwarded-Host": DOMAIN}).status == 200
    named = {"X-Forwarded-Host": elsewhere, "X-Zitadel-Instance-Host": DOMAIN}
    assert pod.get(path, host=elsewhere, headers=named).json()["issuer"] == f"https://{DOMAIN}"


def test_it_speaks_http_2_without_tls(pods: StandInPods) -> None:
    pods.install(BASE)
    pod = pods.serve(BASE)
    settings = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"  # an empty SETTINGS frame (RFC 9113, 6.5)
    with socket.create_connection(("127.0.0.1", pod.port), timeout=5) as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings)
        assert connection.recv(9)[3:4] == b"\x04"


def test_it_is_not_ready_without_its_database_and_lives_on(pods: StandInPods) -> None:
    pods.install(BASE)
    pod = pods.serve(BASE)
    refuse_connections(pods.database, refuse=True)
    answer = pod.get("/debug/ready")
    assert (answer.status, answer.data) == (412, b"DB CONNECTION ERROR")
    assert pod.get("/debug/healthz").status == 200
    refuse_connections(pods.database, refuse=False)
    until(lambda: pod.serves("/debug/ready"))


# shutdown


def half_a_request(pod: Pod) -> socket.socket:
    """A request whose body does not end; returns when the server works on it."""

    def requests() -> int:  # counts itself
        return int(pod.get("/debug/metrics").data.split()[-1])

    before = requests()
    connection = socket.create_connection(("127.0.0.1", pod.port), timeout=10)
    head = f"POST /oauth/v2/token HTTP/1.1\r\nHost: {DOMAIN}\r\nContent-Length: 10\r\n"
    connection.sendall(f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\ngrant".encode())
    for asked in range(1, 100):
        if requests() > before + asked:
            return connection
    raise AssertionError("the request did not arrive")


def test_sigterm_closes_the_listener_at_once_and_lets_an_open_request_end(pods: StandInPods) -> None:
    pods.install(BASE)
    pod = pods.serve(BASE)
    with half_a_request(pod) as connection:
        pod.terminate()
        time.sleep(0.2)
        with pytest.raises(urllib3.exceptions.NewConnectionError):
            pod.get("/debug/ready")
        connection.sendall(b"_type")
        assert connection.recv(64).startswith(b"HTTP/1.1 400")
    assert pod.process.wait(timeout=2) == 0


def test_sigterm_without_requests_ends_it_within_a_second(pods: StandInPods) -> None:
    pods.install(BASE)
    pod = pods.serve(BASE)
    pod.terminate()
    assert pod.process.wait(timeout=1) == 0


def test_sigterm_cuts_a_request_that_does_not_end_after_five_seconds(pods: StandInPods) -> None:
    pods.install(BASE)
    pod = pods.serve(BASE)
    with half_a_request(pod) as connection:
        began = time.monotonic()
        pod.terminate()
        assert pod.process.wait(timeout=7) == 1
        assert time.monotonic() - began >= 5
        assert connection.recv(64) == b""
