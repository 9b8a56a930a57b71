"""Asks one ready pod what its component has to answer, through a port-forward and with the external host name (SL-1).

Both who brings a release and who watches an installation ask by this, so that they mean the same by "it serves".
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from kastellan.domain.errors import DeadlineExceededError, KastellanError, NotFoundError, UnreachableError
from kastellan.domain.installation import Installation
from kastellan.domain.kubernetes_object import Manifest
from kastellan.domain.service_sample import Question, Sample, Seen
from kastellan.manifests.configuration import LOGIN_PORT, PORT
from kastellan.manifests.edge import OPERATIONS_PORT
from kastellan.manifests.identity import API, EDGE, LOGIN
from kastellan.ports.clock import Clock
from kastellan.ports.cluster import Cluster, HttpAnswer

Flaw = Callable[[Mapping[str, object], str], str]
"""What is wrong with a document that was answered with 200, given the issuer; empty where nothing is."""


def _other_issuer(found: Mapping[str, object], issuer: str) -> str:
    return "" if found.get("issuer") == issuer else f"the issuer is {found.get('issuer')!r} instead of {issuer}"


def _no_keys(found: Mapping[str, object], issuer: str) -> str:
    return "" if isinstance(found.get("keys"), list) and found["keys"] else "there are no keys"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that answers a question.

    Attributes:
        question: which.
        path: of the request; ZITADEL's own paths.
        flaw: see `Flaw`.
    """

    question: Question
    path: str
    flaw: Flaw = lambda found, issuer: ""

    def fault(self, answer: HttpAnswer, issuer: str) -> str:
        """What is wrong with an answer; empty where nothing is."""
        return f"HTTP {answer.status}" if answer.status != 200 else self.flaw(_parsed(answer), issuer)


class Judged(Protocol):
    """What is asked, and how its answer is judged."""

    @property
    def question(self) -> Question:
        """See `Asked`."""

    def fault(self, answer: HttpAnswer, issuer: str) -> str:
        """See `Asked`."""


DISCOVERY = Asked(question=Question.DISCOVERY, path="/.well-known/openid-configuration", flaw=_other_issuer)
KEYS = Asked(question=Question.KEYS, path="/oauth/v2/keys", flaw=_no_keys)
SYSTEM_USER = Asked(question=Question.SYSTEM_USER, path="/v2/settings/security")
"""Asked with a bearer token: `SettingsService.GetSecuritySettings`, which takes `iam.policy.read` (zitadel/zitadel
proto/zitadel/settings/v2/settings_service.proto@01fbe60d); the operator's role IAM_OWNER has it (cmd/defaults.yaml
@00114481, `SystemAuthZ`). The instance is found by the Host header."""
LOGIN_PAGE = Asked(question=Question.LOGIN, path="/ui/v2/login/healthy")
_PORTS = {API: PORT, LOGIN: LOGIN_PORT, EDGE: OPERATIONS_PORT}
_ASKED = {
    API: (Asked(question=Question.READINESS, path="/debug/ready"), DISCOVERY, KEYS),
    LOGIN: (LOGIN_PAGE,),
    EDGE: (Asked(question=Question.EDGE, path="/ping"),),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PodQuestions:
    """Asks pods of one installation.

    Attributes:
        cluster: of the installation; without repetitions, for how often an answer is bad is what one wants to know.
        clock: time.
        installation: which.
        request_seconds: longest wait for one answer.
    """

    cluster: Cluster
    clock: Clock
    installation: Installation
    request_seconds: float

    def ask(self, component: str, zone: str, pod: Manifest) -> Iterator[Sample]:
        """What a pod in a zone answers to each question of its component; raises no error of kastellan."""
        for asked in _ASKED[component]:
            yield self._sample(zone, pod, _PORTS[component], asked, {})

    def ask_signed(self, zone: str, pod: Manifest, token: str) -> Sample:
        """What a pod of the API answers to a system user's bearer token."""
        return self._sample(zone, pod, PORT, SYSTEM_USER, {"Authorization": f"Bearer {token}"})

    def _sample(self, zone: str, pod: Manifest, port: int, asked: Asked, more: Mapping[str, str]) -> Sample:
        def send() -> HttpAnswer:
            return self.cluster.forwarded_get(
                self.installation.namespace,
                str(pod["metadata"]["name"]),
                port,
                asked.path,
                headers={"Host": self.installation.domain, "X-Forwarded-Proto": "https", **more},
                timeout_seconds=self.request_seconds,
            )

        return sample(self.clock, zone, asked, f"https://{self.installation.domain}", send)


def sample(
    clock: Clock,
    place: str,
    asked: Judged,
    issuer: str,
    send: Callable[[], HttpAnswer],
    *,
    nothing: tuple[type[KastellanError], ...] = (UnreachableError, DeadlineExceededError, NotFoundError),
) -> Sample:
    """Send one request and judge its answer.

    Args:
        clock: time.
        place: see `Sample`.
        asked: what is asked.
        issuer: of the installation.
        send: sends it.
        nothing: errors by which the installation gave no answer; any other says nothing about it and is `UNKNOWN`.
    """
    began = clock.monotonic()
    status, detail = 0, ""
    try:
        answer = send()
    except nothing as problem:
        seen, detail = Seen.NOTHING, problem.message
    except KastellanError as problem:  # who carries the request refuses or fails
        seen, detail = Seen.UNKNOWN, problem.message
    else:
        status = answer.status
        detail = asked.fault(answer, issuer)
        seen = Seen.WRONG if detail else Seen.GOOD
    seconds = clock.monotonic() - began
    return Sample(place=place, question=asked.question, seen=seen, seconds=seconds, status=status, detail=detail)


def _parsed(answer: HttpAnswer) -> Mapping[str, object]:
    try:
        found = json.loads(answer.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
