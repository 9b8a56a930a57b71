"""Asks an installation through its cluster, by a port-forward to one ready pod of every zone (SL-1, DI-2).

Deliberately absent: requests by the external name. That way is the preflight's and the availability probes' to judge;
here it is about the release.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from kastellan.domain.errors import (
    DeadlineExceededError,
    KastellanError,
    NotFoundError,
    UnreachableError,
)
from kastellan.domain.installation import Installation, Verification
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.domain.service_sample import Look, Question, Sample, Seen
from kastellan.domain.version import Version
from kastellan.manifests.configuration import LOGIN_PORT, PORT
from kastellan.manifests.identity import API, INSTANCE_LABEL, LOGIN
from kastellan.manifests.pod import ZONE_LABEL
from kastellan.planning.release_plan import VERSION_LABEL
from kastellan.planning.rollout_state import is_ready
from kastellan.ports.clock import Clock
from kastellan.ports.cluster import Cluster, HttpAnswer

_NAME_LABEL = "app.kubernetes.io/name"
_OVER = ("Succeeded", "Failed")
SignIn = Callable[[], Mapping[str, str]]
"""Makes the form by which the operator's machine user asks for a token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterProbe:
    """Implements `ports.service_probe.ServiceProbe`.

    Attributes:
        cluster: of the installation; without repetitions.
        clock: time.
        installation: which.
        version: whose pods are the new ones.
        sign_in: see there.
        request_seconds: longest wait for one answer.
    """

    cluster: Cluster
    clock: Clock
    installation: Installation
    version: Version
    sign_in: SignIn = field(repr=False)
    request_seconds: float = 5.0

    def look(self) -> Look:
        """See the port."""
        at = self.clock.now()
        try:
            pods = self._pods()
            zones = self._zones({str(pod["spec"].get("nodeName", "")) for pod in pods} - {""})
        except KastellanError:
            return Look(at=at, samples=(), zones=None, old_pods=None)
        standing = {component: _by_zone(pods, component, zones) for component in (API, LOGIN)}
        everywhere = tuple(sorted(standing[API].keys() & standing[LOGIN].keys()))
        old = sorted(_name(pod) for pod in pods if pod["metadata"]["labels"].get(VERSION_LABEL) != str(self.version))
        samples = tuple(
            sample
            for component, by_zone in standing.items()
            for zone, pod in sorted(by_zone.items())
            for sample in self._asked(component, zone, pod)
        )
        return Look(at=at, samples=samples, zones=everywhere, old_pods=tuple(old))

    def _pods(self) -> list[Manifest]:
        """Pods of the server and of the login application that are not over; jobs' pods are none of them."""
        labels = f"{INSTANCE_LABEL}={self.installation.name}"
        found = self.cluster.list("v1", "Pod", namespace=self.installation.namespace, labels=labels)
        return [
            pod
            for pod in found
            if pod["metadata"].get("labels", {}).get(_NAME_LABEL) in (API, LOGIN)
            and pod.get("status", {}).get("phase") not in _OVER
        ]

    def _zones(self, nodes: set[str]) -> dict[str, str]:
        zones = {}
        for node in nodes:
            live = self.cluster.get(ObjectRef("v1", "Node", "", node))
            zones[node] = str((live or {}).get("metadata", {}).get("labels", {}).get(ZONE_LABEL, ""))
        return zones

    def _asked(self, component: str, zone: str, pod: Manifest) -> Iterator[Sample]:
        if self.installation.verification is Verification.READINESS:
            if component == API:  # the kubelet asks `/debug/ready` for us
                yield Sample(place=zone, question=Question.READINESS, seen=Seen.GOOD, seconds=0.0)
            return
        if component == LOGIN:
            yield self._sample(zone, Question.LOGIN, lambda: self._get(pod, LOGIN_PORT, "/ui/v2/login/healthy"))
            return
        yield self._sample(zone, Question.READINESS, lambda: self._get(pod, PORT, "/debug/ready"))
        issuer = f"https://{self.installation.domain}"
        yield self._sample(
            zone,
            Question.DISCOVERY,
            lambda: self._get(pod, PORT, "/.well-known/openid-configuration"),
            lambda found: "" if found.get("issuer") == issuer else f"the issuer is {found.get('issuer')!r}",
        )
        yield self._sample(
            zone,
            Question.KEYS,
            lambda: self._get(pod, PORT, "/oauth/v2/keys"),
            lambda found: "" if isinstance(found.get("keys"), list) else "there are no keys",
        )
        yield self._sample(zone, Question.MACHINE_USER, lambda: self._signed_in(pod))

    def _sample(
        self,
        zone: str,
        question: Question,
        ask: Callable[[], HttpAnswer],
        flaw: Callable[[Mapping[str, object]], str] = lambda found: "",
    ) -> Sample:
        began = self.clock.monotonic()
        try:
            answer = ask()
        except (UnreachableError, DeadlineExceededError, NotFoundError) as problem:
            return self._given(zone, question, Seen.NOTHING, began, detail=problem.message)
        except KastellanError as problem:  # the API server refuses or fails: says nothing about the installation
            return self._given(zone, question, Seen.UNKNOWN, began, detail=problem.message)
        wrong = f"HTTP {answer.status}" if answer.status != 200 else flaw(_parsed(answer))
        seen = Seen.WRONG if wrong else Seen.GOOD
        return self._given(zone, question, seen, began, status=answer.status, detail=wrong)

    def _given(
        self, zone: str, question: Question, seen: Seen, began: float, *, status: int = 0, detail: str = ""
    ) -> Sample:
        seconds = self.clock.monotonic() - began
        return Sample(place=zone, question=question, seen=seen, seconds=seconds, status=status, detail=detail)

    def _get(self, pod: Manifest, port: int, path: str, **more: str) -> HttpAnswer:
        return self.cluster.forwarded_get(
            self.installation.namespace,
            _name(pod),
            port,
            path,
            headers={**self._headers, **more},
            timeout_seconds=self.request_seconds,
        )

    def _signed_in(self, pod: Manifest) -> HttpAnswer:
        """A token for the operator's machine user, and what the server says about its bearer."""
        answer = self.cluster.forwarded_post(
            self.installation.namespace,
            _name(pod),
            PORT,
            "/oauth/v2/token",
            form=self.sign_in(),
            headers=self._headers,
            timeout_seconds=self.request_seconds,
        )
        token = _parsed(answer).get("access_token")
        if answer.status != 200 or not isinstance(token, str):
            return answer if answer.status != 200 else HttpAnswer(status=502, headers={}, body=b"")
        return self._get(pod, PORT, "/oidc/v1/userinfo", Authorization=f"Bearer {token}")

    @property
    def _headers(self) -> Mapping[str, str]:
        return {"Host": self.installation.domain, "X-Forwarded-Proto": "https"}


def _by_zone(pods: list[Manifest], component: str, zones: Mapping[str, str]) -> dict[str, Manifest]:
    """One ready pod of a component in each zone."""
    found: dict[str, Manifest] = {}
    for pod in sorted(pods, key=_name):
        if pod["metadata"]["labels"][_NAME_LABEL] == component and is_ready(pod):
            found.setdefault(zones.get(pod["spec"].get("nodeName", ""), ""), pod)
    found.pop("", None)
    return found


def _name(pod: Manifest) -> str:
    return str(pod["metadata"]["name"])


def _parsed(answer: HttpAnswer) -> Mapping[str, object]:
    try:
        found = json.loads(answer.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
