"""The stand-in takes the tokens that system users sign for themselves, and its login application signs one."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kastellan.adapters.system_user_key import bearer_token, make_system_user_key
from kastellan.domain.secrets import SystemUserKey
from tests.lab.conftest import Database
from tests.lab.standin_pods import ADMIN_CLIENT, DOMAIN, LOGIN_CLIENT, Pod, StandInPods

BASE = "v4.13.0"
POLICY = "/v2/settings/security"


@pytest.fixture
def pods(tmp_path: Path, database: Database) -> Iterator[StandInPods]:
    installed = StandInPods(tmp_path, database)
    installed.install(BASE)
    yield installed
    installed.close()


def bearer(user: SystemUserKey, **claims: str | int) -> str:
    return bearer_token(user, f"https://{DOMAIN}", datetime.now(UTC), **claims)


def asked(pod: Pod, token: str) -> int:
    return pod.get(POLICY, headers={"Authorization": f"Bearer {token}"}).status


def test_a_system_user_is_given_no_token_and_every_pod_takes_the_one_that_it_signs(pods: StandInPods) -> None:
    one, other = pods.serve(BASE), pods.serve(BASE)
    token = bearer(ADMIN_CLIENT)
    grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    answer = one.post("/oauth/v2/token", {"grant_type": grant, "scope": "openid", "assertion": token})
    assert (answer.status, set(answer.json())) == (400, {"error"})
    assert [asked(one, token), asked(other, token), asked(one, bearer(LOGIN_CLIENT))] == [200, 200, 200]
    assert one.get(POLICY).status == 401


def test_a_wrong_key_audience_user_time_or_role_is_refused(pods: StandInPods) -> None:
    pod = pods.serve(BASE)
    now = int(time.time())
    stranger = make_system_user_key(ADMIN_CLIENT.name)
    refused = {
        "another key": bearer(stranger),
        "another user's key": bearer(LOGIN_CLIENT, iss="admin-client", sub="admin-client"),
        "an unknown user": bearer(ADMIN_CLIENT, iss="nobody", sub="nobody"),
        "another subject": bearer(ADMIN_CLIENT, sub="login-client"),
        "another audience": bearer(ADMIN_CLIENT, aud="https://elsewhere.example"),
        "one that has ended": bearer(ADMIN_CLIENT, exp=now - 60),
        "one that was issued too long ago": bearer(ADMIN_CLIENT, iat=now - 3660),
        "one of tomorrow": bearer(ADMIN_CLIENT, iat=now + 60),
        "no token": "x.y.z",
    }
    assert {why: asked(pod, token) for why, token in refused.items()} == dict.fromkeys(refused, 401)
    pods.roles = ("IAM_OWNER", "ORG_OWNER")  # a role of an organization's may not read the instance's policies
    assert asked(pods.serve(BASE), bearer(ADMIN_CLIENT)) == 403


def test_the_login_is_ready_while_the_api_answers_it(pods: StandInPods) -> None:
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
    pods.secrets = replace(pods.secrets, login_client=make_system_user_key("login-client"))
    answer = pods.login(BASE, api).get("/ui/v2/login/security")
    assert answer.status == 503
    assert b"refuses the login client" in answer.data
