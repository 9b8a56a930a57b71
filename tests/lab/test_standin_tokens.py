"""The stand-in gives tokens to system users by their certificates, and its login application signs in with one."""

import base64
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from kastellan.adapters.system_user_key import make_system_user_key
from kastellan.domain.secrets import SystemUserKey
from tests.lab.conftest import Database
from tests.lab.standin_pods import ADMIN_CLIENT, BEGIN, DOMAIN, LOGIN_CLIENT, StandInPods

BASE = "v4.13.0"


@pytest.fixture
def pods(tmp_path: Path, database: Database) -> Iterator[StandInPods]:
    installed = StandInPods(tmp_path, database)
    installed.install(BASE)
    yield installed
    installed.close()


def token_request(user: SystemUserKey, **overrides: object) -> dict[str, str]:
    now = int(time.time())
    claims = {"iss": user.name, "sub": user.name, "aud": f"https://{DOMAIN}", "iat": now, "exp": now + 600} | overrides

    def part(content: bytes) -> bytes:
        return base64.urlsafe_b64encode(content).rstrip(b"=")

    text = part(b'{"alg":"RS256"}') + b"." + part(json.dumps(claims).encode())
    key = serialization.load_pem_private_key(user.private_key.encode(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    assertion = text + b"." + part(key.sign(text, padding.PKCS1v15(), hashes.SHA256()))
    return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion.decode()}


def test_a_system_user_gets_a_token_that_every_pod_takes(pods: StandInPods) -> None:
    one, other = pods.serve(BASE), pods.serve(BASE)
    answer = one.post("/oauth/v2/token", token_request(ADMIN_CLIENT))
    assert answer.status == 200, answer.data
    token = answer.json()["access_token"]
    info = other.get("/oidc/v1/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert (info.status, info.json()["sub"]) == (200, "admin-client")
    assert other.get("/oidc/v1/userinfo", headers={"Authorization": f"Bearer {token[:-8]}AAAAAAAA"}).status == 401
    assert other.get("/oidc/v1/userinfo").status == 401


def test_a_wrong_key_audience_user_or_time_gets_no_token(pods: StandInPods) -> None:
    pod = pods.serve(BASE)
    stranger = make_system_user_key(ADMIN_CLIENT.name, BEGIN)
    refused = {
        "another key": token_request(stranger),
        "another user's key": token_request(LOGIN_CLIENT, iss="admin-client", sub="admin-client"),
        "an unknown user": token_request(ADMIN_CLIENT, iss="nobody", sub="nobody"),
        "another subject": token_request(ADMIN_CLIENT, sub="login-client"),
        "another audience": token_request(ADMIN_CLIENT, aud="https://elsewhere.example"),
        "an old one": token_request(ADMIN_CLIENT, exp=int(time.time()) - 60),
        "no proof": token_request(ADMIN_CLIENT) | {"assertion": "x.y.z"},
    }
    given = {why: pod.post("/oauth/v2/token", form).json().get("error") for why, form in refused.items()}
    assert given == dict.fromkeys(refused, "invalid_grant")


def test_the_login_is_ready_while_it_can_sign_in_to_the_api(pods: StandInPods) -> None:
    api = pods.serve(BASE)
    login = pods.login(BASE, api)
    ready = login.get("/ui/v2/login/security")
    assert ready.status == 200, ready.data
    assert b"stand-in of the kastellan lab" in login.get("/ui/v2/login/loginname").data
    api.terminate()
    api.process.wait(timeout=2)
    assert login.get("/ui/v2/login/security").status == 503
    assert login.get("/ui/v2/login/healthy").status == 200
    login.terminate()
    assert login.process.wait(timeout=2) == 0


def test_the_login_with_a_key_that_the_api_does_not_know_is_not_ready(pods: StandInPods) -> None:
    api = pods.serve(BASE)
    pods.secrets = replace(pods.secrets, login_client=make_system_user_key("login-client", BEGIN))
    answer = pods.login(BASE, api).get("/ui/v2/login/security")
    assert answer.status == 503
    assert b"refuses the login client" in answer.data
