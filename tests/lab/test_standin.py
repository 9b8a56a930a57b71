"""The stand-in keeps to ZITADEL's operational contract, with the real PostgreSQL."""

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from kastellan.adapters.system_user_key import make_system_user_key
from kastellan.domain.secrets import SystemUserKey
from lab.control_plane import free_port
from lab.images import VARIANTS, releases
from tests.lab.conftest import Database
from tests.waiting import until

DOMAIN = "id.customer.example"
KEY = make_system_user_key("admin-client", datetime(2026, 1, 1, tzinfo=UTC))


class StandIn:
    """Runs commands of one database's stand-in."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.port = free_port()
        self.environment = {
            **os.environ,
            "ZITADEL_MASTERKEY": "0123456789abcdef0123456789abcdef",
            "ZITADEL_DATABASE_POSTGRES_USER_PASSWORD": database.password,
        }
        (folder / "ca.crt").write_text(database.server.ca_pem)
        (folder / "admin.crt").write_text(KEY.certificate)
        tls = {"Mode": "verify-full", "RootCert": str(folder / "ca.crt")}
        postgres = {
            "Host": database.server.host, "Port": database.server.port, "Database": database.name,
            "MaxOpenConns": 5, "AwaitInitialConn": "2s", "User": {"Username": database.user, "SSL": tls},
        }  # fmt: skip
        config = {
            "ExternalDomain": DOMAIN, "ExternalPort": 443, "ExternalSecure": True, "Port": self.port,
            "Database": {"postgres": postgres}, "SystemAPIUsers": {KEY.name: {"Path": str(folder / "admin.crt")}},
        }  # fmt: skip
        self.config = folder / "zitadel.yaml"
        self.config.write_text(yaml.safe_dump(config))
        self.started: list[subprocess.Popen[str]] = []

    def start(self, *command: str, version: str = "v4.13.0") -> "subprocess.Popen[str]":
        (release,) = releases((version,))
        rest = ["--masterkeyFromEnv"] if command[-1] in ("setup", "start") else []
        process = subprocess.Popen(
            [release.program, *command, *rest, "--config", self.config],
            env=self.environment, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.started.append(process)
        return process

    def run(self, *command: str, version: str = "v4.13.0", code: int = 0) -> str:
        process = self.start(*command, version=version)
        _, said = process.communicate(timeout=60)
        assert process.returncode == code, said
        return said

    def installed(self, version: str = "v4.13.0") -> None:
        self.run("init", "zitadel")
        self.run("setup", version=version)

    def get(self, path: str, *, host: str = DOMAIN, data: bytes | None = None) -> tuple[int, bytes]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers={"Host": host}, data=data)
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                assert answer.headers["X-Kastellan-Standin"]
                return answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read()
        except OSError:
            return 0, b""

    def serving(self, version: str = "v4.13.0") -> "subprocess.Popen[str]":
        process = self.start("start", version=version)
        until(lambda: self.get("/debug/ready")[0] == 200)
        return process


@pytest.fixture
def standin(tmp_path: Path, database: Database) -> Iterator[StandIn]:
    one = StandIn(tmp_path, database)
    yield one
    for process in one.started:
        process.kill()
        process.wait()
        if process.stderr:
            process.stderr.close()


def marks(database: Database) -> list[tuple[str, str]]:
    query = "select event_type, payload->>'name' from eventstore.events2 order by position"
    import psycopg

    with psycopg.connect(database.url) as session:
        return [(kind.removeprefix("system.migration."), name) for kind, name in session.execute(query).fetchall()]


def test_init_and_setup_may_be_repeated_and_leave_their_marks(standin: StandIn, database: Database) -> None:
    standin.installed()
    first = marks(database)
    standin.installed()
    assert ("started", "03_default_instance") in first
    assert first.count(("done", "release_v4.13.0")) == 1
    assert marks(database)[len(first) :] == [("repeatable.done", "projections")]


def test_a_killed_setup_holds_up_the_next_one_until_it_is_cleaned_up(standin: StandIn, database: Database) -> None:
    standin.installed()
    slow = standin.start("setup", version="v4.14.0")
    until(lambda: ("started", "release_v4.14.0") in marks(database))
    slow.kill()
    waiting = standin.start("setup", version="v4.14.0")
    assert waiting.stderr
    assert "migration already started" in waiting.stderr.readline()
    waiting.kill()
    assert "cleanup migration" in standin.run("setup", "cleanup", version="v4.14.0")
    assert marks(database)[-1] == ("failed", "release_v4.14.0")
    assert "no migration is stuck" in standin.run("setup", "cleanup", version="v4.14.0")


def test_a_failing_migration_ends_with_an_error_and_a_mark(standin: StandIn, database: Database) -> None:
    standin.installed()
    for version in ("v4.13.1",):
        standin.run("setup", version=version)
    # The slow release in between is passed over by marking its step as done.
    database.server.execute(
        "insert into eventstore.events2 (aggregate_type, event_type, payload)"
        " values ('system', 'system.migration.done', '{\"name\": \"release_v4.14.0\"}')",
        database=database.name,
    )
    assert "always fails" in standin.run("setup", version="v4.15.0", code=1)
    assert marks(database)[-1] == ("failed", "release_v4.15.0")


def test_it_does_not_start_on_a_database_that_is_older(standin: StandIn) -> None:
    standin.installed()
    assert "older than v4.13.1" in standin.run("start", version="v4.13.1", code=1)


def test_an_older_one_goes_on_serving_on_a_newer_database(standin: StandIn) -> None:
    standin.installed()
    standin.run("setup", version="v4.13.1")
    standin.serving("v4.13.0")


@pytest.mark.parametrize(
    ("key", "says"), [("short", "must be 32 bytes, but is 5"), ("", "must either be provided by file path")]
)
def test_a_wrong_masterkey_is_refused(standin: StandIn, key: str, says: str) -> None:
    standin.environment["ZITADEL_MASTERKEY"] = key
    assert says in standin.run("setup", code=1)


def test_another_masterkey_does_not_open_the_data(standin: StandIn) -> None:
    standin.installed()
    standin.environment["ZITADEL_MASTERKEY"] = "f" * 32
    assert "does not fit the data" in standin.run("start", code=1)


def test_it_serves_its_domain_and_says_what_it_is(standin: StandIn) -> None:
    standin.installed()
    standin.serving()
    assert standin.get("/debug/healthz") == (200, b"ok")
    assert json.loads(standin.get("/.well-known/openid-configuration")[1])["issuer"] == f"https://{DOMAIN}"
    assert json.loads(standin.get("/oauth/v2/keys")[1])["keys"][0]["alg"] == "RS256"
    assert standin.get("/oauth/v2/keys", host="elsewhere.example")[0] == 404
    assert b"stand-in" in standin.get("/ui/console")[1]


def test_without_its_database_it_is_not_ready(standin: StandIn, database: Database) -> None:
    standin.installed()
    standin.serving()
    database.server.stop()
    try:
        assert standin.get("/debug/ready")[0] == 412
        assert standin.get("/debug/healthz")[0] == 200
    finally:
        database.server.start()
    until(lambda: standin.get("/debug/ready")[0] == 200)


def test_sigterm_closes_the_listener_at_once(standin: StandIn) -> None:
    standin.installed()
    process = standin.serving()
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=5) == 0
    assert time.monotonic() - began < 2
    assert standin.get("/debug/ready")[0] == 0


def assertion(user: SystemUserKey, **overrides: object) -> bytes:
    import base64

    def part(content: object) -> bytes:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=")

    now = int(time.time())
    claims = {"iss": user.name, "sub": user.name, "aud": f"https://{DOMAIN}", "iat": now, "exp": now + 600} | overrides
    text = part({"alg": "RS256"}) + b"." + part(claims)
    key = serialization.load_pem_private_key(user.private_key.encode(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    signature = key.sign(text, padding.PKCS1v15(), hashes.SHA256())
    return b"assertion=" + text + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")


def test_a_system_user_gets_a_token_with_its_own_key_only(standin: StandIn) -> None:
    standin.installed()
    standin.serving()
    status, body = standin.get("/oauth/v2/token", data=assertion(KEY))
    assert status == 200
    assert json.loads(body)["token_type"] == "Bearer"
    stranger = make_system_user_key("admin-client", datetime(2026, 1, 1, tzinfo=UTC))
    assert standin.get("/oauth/v2/token", data=assertion(stranger))[0] == 400
    assert standin.get("/oauth/v2/token", data=assertion(KEY, aud="https://elsewhere.example"))[0] == 400
    assert standin.get("/oauth/v2/token", data=assertion(KEY, exp=int(time.time()) - 10))[0] == 400


def test_images_are_the_same_bytes_each_time_and_name_their_release(tmp_path: Path) -> None:
    first, again = releases(("v4.13.0",)), releases(("v4.13.0",))
    assert first == again
    assert first[0].server.by_digest.startswith("localhost/kastellan/zitadel-standin@sha256:")
    assert first[0].server.digest != first[0].login.digest
    assert set(VARIANTS) == {"v4.13.0", "v4.13.1", "v4.14.0", "v4.15.0"}
