"""Asks an installation: one ready pod of every zone by a port-forward, and the external name (SL-1, DI-2)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from kastellan.domain.errors import KastellanError
from kastellan.domain.installation import Installation, Verification
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.domain.service_sample import Look, Question, Sample, Seen
from kastellan.domain.version import Version
from kastellan.execution.outside_questions import OutsideQuestions, untold
from kastellan.execution.pod_questions import PodQuestions
from kastellan.manifests.identity import API, EDGE, INSTANCE_LABEL, LOGIN
from kastellan.manifests.pod import ZONE_LABEL
from kastellan.planning.release_plan import VERSION_LABEL
from kastellan.planning.rollout_state import is_ready
from kastellan.ports.clock import Clock
from kastellan.ports.cluster import Cluster

_NAME_LABEL = "app.kubernetes.io/name"
_OVER = ("Succeeded", "Failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterProbe:
    """Implements `ports.service_probe.ServiceProbe`.

    Attributes:
        cluster: of the installation; without repetitions.
        clock: time.
        installation: which.
        version: whose pods are the new ones.
        outside: asks by the external name; None where that was decided against.
        sign: makes a bearer token of the operator's system user; called once a look.
        request_seconds: longest wait for one answer.
    """

    cluster: Cluster
    clock: Clock
    installation: Installation
    version: Version
    sign: Callable[[], str] = field(repr=False)
    outside: OutsideQuestions | None = None
    request_seconds: float = 5.0

    def look(self) -> Look:
        """See the port."""
        at, token = self.clock.now(), self._token()
        outside = tuple(self.outside.ask(token)) if self.outside else ()
        try:
            pods = self._pods()
            zones = self._zones({str(pod["spec"].get("nodeName", "")) for pod in pods} - {""})
        except KastellanError:
            return Look(at=at, samples=outside, zones=None, old_pods=None)
        standing = {component: _by_zone(pods, component, zones) for component in self._components}
        everywhere = tuple(sorted(set.intersection(*(set(found) for found in standing.values()))))
        versioned = [pod for pod in pods if pod["metadata"]["labels"][_NAME_LABEL] != EDGE]  # the edge has none
        labelled = {_name(pod): pod["metadata"]["labels"].get(VERSION_LABEL) for pod in versioned}
        old = sorted(name for name, version in labelled.items() if version != str(self.version))
        inside = tuple(
            sample
            for component, by_zone in standing.items()
            for zone, pod in sorted(by_zone.items())
            for sample in self._asked(component, zone, pod, token)
        )
        return Look(at=at, samples=(*inside, *outside), zones=everywhere, old_pods=tuple(old))

    @property
    def _components(self) -> tuple[str, ...]:
        return (API, LOGIN, EDGE) if self.installation.routing.edge else (API, LOGIN)

    def _pods(self) -> list[Manifest]:
        """Pods of the components that are not over; jobs' pods are none of them."""
        labels = f"{INSTANCE_LABEL}={self.installation.name}"
        found = self.cluster.list("v1", "Pod", namespace=self.installation.namespace, labels=labels)
        return [
            pod
            for pod in found
            if pod["metadata"].get("labels", {}).get(_NAME_LABEL) in self._components
            and pod.get("status", {}).get("phase") not in _OVER
        ]

    def _zones(self, nodes: set[str]) -> dict[str, str]:
        zones = {}
        for node in nodes:
            live = self.cluster.get(ObjectRef("v1", "Node", "", node))
            zones[node] = str((live or {}).get("metadata", {}).get("labels", {}).get(ZONE_LABEL, ""))
        return zones

    def _asked(self, component: str, zone: str, pod: Manifest, token: str | KastellanError) -> Iterator[Sample]:
        if self.installation.verification is Verification.READINESS:
            if component == API:  # the kubelet asks `/debug/ready` for us
                yield Sample(place=zone, question=Question.READINESS, seen=Seen.GOOD, seconds=0.0)
            return
        questions = PodQuestions(
            cluster=self.cluster,
            clock=self.clock,
            installation=self.installation,
            request_seconds=self.request_seconds,
        )
        yield from questions.ask(component, zone, pod)
        if component != API:
            return
        if isinstance(token, str):
            yield questions.ask_signed(zone, pod, token)
        else:
            yield untold(zone, token)

    def _token(self) -> str | KastellanError:
        if self.installation.verification is Verification.READINESS and self.outside is None:
            return ""
        try:
            return self.sign()
        except KastellanError as problem:
            return problem


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
