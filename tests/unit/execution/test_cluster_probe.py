"""Asking an installation through its cluster: one pod of every zone, every question, and what cannot be found out."""

from dataclasses import replace
from typing import Any

import pytest

from kastellan.domain.errors import ForbiddenError, NotFoundError
from kastellan.domain.host_names import HostNames
from kastellan.domain.image import Image
from kastellan.domain.installation import Edge, Routing, RoutingKind, Verification
from kastellan.domain.service_sample import OUTSIDE, Question, Seen
from kastellan.domain.version import Version
from kastellan.execution.cluster_probe import ClusterProbe
from kastellan.planning.service_verdict import ServiceLimits, judge
from kastellan.ports.cluster import HttpAnswer
from tests.builders import installation
from tests.fakes.clock import FakeClock
from tests.unit.execution.test_outside_questions import FakeEntrance, questions

VERSION = Version.parse("v4.13.1")
INSIDE = ServiceLimits().questions
BODIES = {
    "/.well-known/openid-configuration": b'{"issuer": "https://id.customer.example"}',
    "/oauth/v2/keys": b'{"keys": [{}]}',
}


class Pods:
    """A cluster that holds pods and nodes, and answers for them."""

    def __init__(self) -> None:
        self.pods = [pod(component, zone) for component in ("zitadel", "zitadel-login") for zone in ("a", "b", "c")]
        self.status: dict[str, int] = {}
        self.asked: list[tuple[str, str, Any]] = []
        self.error: Exception | None = None

    def list(self, *_: Any, **named: Any) -> list[dict[str, Any]]:
        if self.error:
            raise self.error
        assert named == {"namespace": "zitadel", "labels": "app.kubernetes.io/instance=acme"}
        return self.pods

    def get(self, ref: Any) -> dict[str, Any]:
        return {"metadata": {"labels": {"topology.kubernetes.io/zone": ref.name.removeprefix("node-")}}}

    def forwarded_get(self, namespace: str, name: str, port: int, path: str, **named: Any) -> HttpAnswer:
        self.asked.append((name, path, named["headers"].get("Authorization")))
        return HttpAnswer(status=self.status.get(path, 200), headers={}, body=BODIES.get(path, b"{}"))


def pod(component: str, zone: str, *, version: Version = VERSION, ready: bool = True) -> dict[str, Any]:
    labels = {"app.kubernetes.io/name": component, "app.kubernetes.io/version": str(version)}
    return {
        "metadata": {"name": f"{component}-{zone}-{version}", "labels": labels},
        "spec": {"nodeName": f"node-{zone}"},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": str(ready)}]},
    }


def probe(pods: Pods, **overrides: Any) -> ClusterProbe:
    return ClusterProbe(
        cluster=pods,
        clock=FakeClock(),
        installation=installation(**overrides),
        version=VERSION,
        sign=lambda: "a-token",
    )


def test_every_question_is_asked_in_every_zone_and_the_token_is_used() -> None:
    pods = Pods()
    look = probe(pods).look()
    assert {(one.place, one.question) for one in look.samples} == {(z, q) for z in "abc" for q in INSIDE}
    assert {one.seen for one in look.samples} == {Seen.GOOD}
    assert (look.zones, look.old_pods) == (("a", "b", "c"), ())
    assert ("zitadel-a-v4.13.1", "/v2/settings/security", "Bearer a-token") in pods.asked
    assert judge([look] * 5, ServiceLimits()).reasons == ()


@pytest.mark.parametrize(
    ("path", "question"),
    [
        ("/debug/ready", Question.READINESS),
        ("/oauth/v2/keys", Question.KEYS),
        ("/v2/settings/security", Question.SYSTEM_USER),
        ("/ui/v2/login/healthy", Question.LOGIN),
    ],
)
def test_a_bad_answer_is_told_with_its_status(path: str, question: Question) -> None:
    pods = Pods()
    pods.status[path] = 412
    wrong = [one for one in probe(pods).look().samples if one.seen is Seen.WRONG]
    assert {one.question for one in wrong} == {question}
    assert {(one.status, one.detail) for one in wrong} == {(412, "HTTP 412")}


def test_another_issuer_is_wrong() -> None:
    look = probe(Pods(), hosts=HostNames(issuer="id.other.example")).look()
    assert {one.question for one in look.samples if one.seen is Seen.WRONG} == {Question.DISCOVERY}


def test_pods_of_another_version_and_zones_without_a_ready_pod_are_seen() -> None:
    pods = Pods()
    pods.pods[0] = pod("zitadel", "a", ready=False)
    pods.pods.append(pod("zitadel", "b", version=Version.parse("v4.13.0")))
    look = probe(pods).look()
    assert look.zones == ("b", "c")
    assert look.old_pods == ("zitadel-b-v4.13.0",)


def test_an_api_server_that_refuses_says_nothing_about_the_installation() -> None:
    pods = Pods()
    pods.error = ForbiddenError("may not list pods")
    look = probe(pods).look()
    assert (look.samples, look.zones, look.old_pods) == ((), None, None)


def test_an_edge_of_our_own_is_asked_and_has_to_stand_in_every_zone() -> None:
    image = Image("traefik", "sha256:" + "a" * 64)
    routing = Routing(kind=RoutingKind.EDGE, tls_secret="tls", edge=Edge(image=image))
    pods = Pods()
    assert probe(pods, routing=routing).look().zones == (), "there is none yet"
    pods.pods += [pod("zitadel-edge", zone, version=Version.parse("v3.7.0")) for zone in "abc"]
    look = probe(pods, routing=routing).look()
    assert {one.place for one in look.samples if one.question is Question.EDGE} == set("abc")
    assert (look.zones, look.old_pods) == (("a", "b", "c"), ())


def test_the_way_in_is_asked_also_where_the_api_server_refuses() -> None:
    pods = Pods()
    asking = replace(probe(pods), outside=questions(FakeEntrance()))
    assert OUTSIDE in {one.place for one in asking.look().samples}
    pods.error = ForbiddenError("may not list pods")
    assert {one.place for one in asking.look().samples} == {OUTSIDE}


def test_a_key_that_cannot_be_had_leaves_only_the_system_user_unknown() -> None:
    def no_key() -> str:
        raise NotFoundError("the state has no key")

    found = replace(probe(Pods()), sign=no_key).look().samples
    unknown = {(one.place, one.question) for one in found if one.seen is Seen.UNKNOWN}
    assert unknown == {(zone, Question.SYSTEM_USER) for zone in "abc"}


def test_where_requests_are_forbidden_the_kubelets_readiness_is_taken() -> None:
    pods = Pods()
    look = probe(pods, verification=Verification.READINESS).look()
    assert {one.question for one in look.samples} == {Question.READINESS}
    assert pods.asked == []
    assert judge([look] * 5, ServiceLimits(questions=(Question.READINESS,))).reasons == ()
