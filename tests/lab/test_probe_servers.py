"""Probes against real servers that take seconds to start: S3, a proxy with and without h2c, PostgreSQL with TLS."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import yaml

from kastellan.adapters.probe.entry_facts import collect_entry
from kastellan.adapters.probe.object_store_facts import collect_canary
from kastellan.domain.probing import ObjectStore
from kastellan.preflight.dialogue import Dialogue
from lab.control_plane import free_port
from lab.go import go_command
from tests.servers.health import HealthServer
from tests.servers.secured import HOST, Pki
from tests.waiting import until

BIN = Path(sys.executable).parent
REGION = "eu-central-2"


@contextmanager
def _running(command: list[str], environment: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _client(service: str, endpoint: str, key: tuple[str, str] = ("setup", "setup")) -> Any:
    return boto3.session.Session().client(
        service, endpoint_url=endpoint, region_name=REGION, aws_access_key_id=key[0], aws_secret_access_key=key[1]
    )


@contextmanager
def _object_storage(setup_actions: int) -> Iterator[str]:
    """A server that asks for no credential before so many actions, and for the right one afterwards."""
    port = free_port()
    environment = {"INITIAL_NO_AUTH_ACTION_COUNT": str(setup_actions)}
    with _running([str(BIN / "moto_server"), "-H", "127.0.0.1", "-p", str(port)], environment):
        endpoint = f"http://127.0.0.1:{port}"
        until(lambda: _answers(port), seconds=60)
        yield endpoint


def _answers(port: int) -> bool:
    import socket

    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def test_a_canary_lives_and_goes_and_wrong_secrets_rights_regions_and_open_stores_are_told() -> None:
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    with _object_storage(setup_actions=5) as endpoint:
        iam, s3 = _client("iam", endpoint), _client("s3", endpoint)
        iam.create_user(UserName="backup")
        iam.put_user_policy(UserName="backup", PolicyName="all", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName="backup")["AccessKey"]
        s3.create_bucket(Bucket="backups", CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket="backups", VersioningConfiguration={"Status": "Enabled"})
        store = ObjectStore(
            bucket="backups", region=REGION, endpoint=endpoint, prefix="zitadel", access_key_id=key["AccessKeyId"]
        )
        good = collect_canary(store, key["SecretAccessKey"], owner="acme")
        assert [step.name for step in good.dialogue.steps if step.held] == ["put", "get", "list", "delete", "gone"]
        assert [control.refused for control in good.dialogue.controls] == [True], good.dialogue.controls
        assert (good.region, good.versioned, good.locked, good.requests) == (REGION, True, False, 9)
        mine = _client("s3", endpoint, (key["AccessKeyId"], key["SecretAccessKey"]))
        left = mine.list_object_versions(Bucket="backups")
        assert "Versions" not in left and "DeleteMarkers" not in left, "not even a version is left"

        wrong = collect_canary(store, "another", owner="acme").dialogue
        assert (wrong.steps[-1].name, wrong.steps[-1].held) == ("put", False)
        missing = collect_canary(replace(store, bucket="elsewhere"), key["SecretAccessKey"], owner="acme").dialogue
        assert (missing.steps[-1].name, missing.steps[-1].held) == ("put", False)


def test_a_store_that_takes_every_secret_is_caught_by_the_control() -> None:
    with _object_storage(setup_actions=1000) as endpoint:
        _client("s3", endpoint).create_bucket(
            Bucket="backups", CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        store = ObjectStore(bucket="backups", region=REGION, endpoint=endpoint, access_key_id="any")
        seen = collect_canary(store, "thing", owner="acme")
    assert all(step.held for step in seen.dialogue.steps)
    assert [control.refused for control in seen.dialogue.controls] == [False]


@contextmanager
def _proxy(folder: Path, pem: Path, backend: str, rule: str = "PathPrefix(`/`)") -> Iterator[int]:
    """Traefik, which ends TLS and passes on to a backend by its URL."""
    port = free_port()
    certificate = {"certFile": str(pem), "keyFile": str(pem)}
    routes = {
        "http": {
            "routers": {"all": {"rule": rule, "service": "backend", "tls": {}, "entryPoints": ["in"]}},
            "services": {"backend": {"loadBalancer": {"servers": [{"url": backend}]}}},
        },
        "tls": {"stores": {"default": {"defaultCertificate": certificate}}},
    }
    (folder / "routes.yaml").write_text(yaml.safe_dump(routes))
    flags = [
        f"--entrypoints.in.address=127.0.0.1:{port}", f"--providers.file.filename={folder / 'routes.yaml'}",
        "--global.checknewversion=false", "--global.sendanonymoususage=false",
    ]  # fmt: skip
    with _running([str(BIN / "traefik"), *flags], {}):
        until(lambda: _answers(port), seconds=30)
        time.sleep(0.5)  # the routes follow the port by a moment
        yield port


def _through(port: int, pki: Pki) -> Dialogue:
    return collect_entry(HOST, port, pki.root.certificate, idle_seconds=1)


def test_grpc_comes_through_a_proxy_with_h2c_and_not_through_one_without(tmp_path: Path) -> None:
    pki = Pki.fresh()
    pem = pki.issued(tmp_path)
    with HealthServer() as backend:
        with _proxy(tmp_path, pem, f"h2c://127.0.0.1:{backend.port}") as port:
            seen = _through(port, pki)
        assert [step.name for step in seen.steps if step.held][-4:] == ["grpc", "trailers", "idle", "header"], seen
        assert [control.refused for control in seen.controls] == [True]
        with _proxy(tmp_path, pem, f"http://127.0.0.1:{backend.port}") as port:
            broken = _through(port, pki)
        assert (broken.steps[-1].name, broken.steps[-1].held) == ("grpc", False), broken
        with _proxy(tmp_path, pem, f"h2c://127.0.0.1:{backend.port}", rule="Host(`elsewhere.example`)") as port:
            nothing = _through(port, pki)
        assert (nothing.steps[-1].name, nothing.steps[-1].held) == ("grpc", None), "no route says nothing about h2c"


def test_the_probe_program_passes_its_own_tests() -> None:
    done = subprocess.run(
        [str(go_command()), "test", "./..."], cwd=Path(__file__).parents[2] / "probe", capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
