"""Runs the probes in the cluster: takes away what an earlier run left, puts its own there, reads answers, cleans up.

Whatever happens to us, every Job ends by its own deadline, and the next run begins by deleting the namespace.
"""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from kastellan.adapters.probe.waiting import Waiting
from kastellan.domain.errors import DeadlineExceededError, StuckError
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.domain.party import Party
from kastellan.manifests import probes
from kastellan.manifests.identity import MANAGED_BY, MANAGED_BY_LABEL
from kastellan.manifests.probe_site import COMPONENT, KEPT_LABEL, ProbeSite, namespace
from kastellan.ports.cluster import Cluster
from kastellan.preflight.time_limits import GONE_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneRun:
    """One run.

    Attributes:
        cluster: where.
        waiting: of all its probes.
        site: what is put there.
        password: of the database's role; empty where none is known.
        settle_seconds: how long a network policy may take until every zone sees it.
    """

    cluster: Cluster
    waiting: Waiting
    site: ProbeSite
    password: str = field(repr=False)
    settle_seconds: float

    @contextmanager
    def namespace(self) -> Iterator[None]:
        """The probes' namespace, gone before and gone afterwards; or empty, where it was made for them and stays.

        Raises:
            StuckError: somebody else has a namespace of this name, or ours does not go away.
        """
        if not self._clear("taking away what an earlier run left"):
            self.cluster.apply(namespace(self.site))
        try:
            self._copy_pull_secret()
            yield
        finally:
            self._clear("taking the probes away")

    def together(self, *parts: Callable[[], Any]) -> list[Any]:
        """Run parts at the same time."""
        with ThreadPoolExecutor(max_workers=max(len(parts), 1)) as pool:
            return [future.result() for future in [pool.submit(part) for part in parts]]

    def until(self, seconds: float, ask: Callable[[], Any], *, doing: str) -> Any:
        """See `Waiting`."""
        return self.waiting.until(seconds, ask, doing=doing)

    def ended(self, name: str) -> bool | None:
        """Whether a Job succeeded; None as long as it runs."""
        live = self.cluster.get(self._ref("batch/v1", "Job", name))
        if live is None:
            raise DeadlineExceededError(
                f"Job {self.site.namespace}/{name} went away during the probe",
                remediation="see that nobody else runs probes for this installation, and run the preflight again",
            )
        for condition in live.get("status", {}).get("conditions") or ():
            if condition["status"] == "True" and condition["type"] in ("Complete", "Failed"):
                return bool(condition["type"] == "Complete")
        return None

    def pod_of(self, job: str) -> Manifest | None:
        """A Job's pod."""
        labels = f"batch.kubernetes.io/job-name={job}"
        return next(iter(self.cluster.list("v1", "Pod", namespace=self.site.namespace, labels=labels)), None)

    def answers(self, job: str, *, lines: int = 20) -> list[dict[str, Any]]:
        """The lines of JSON in the log of a Job's pod that name this run; anything else is no answer."""
        pod = self.pod_of(job)
        log = self.cluster.logs(self.site.namespace, pod["metadata"]["name"], tail_lines=lines) if pod else ""
        return [answer for line in log.splitlines() if (answer := _parsed(line)).get("run") == self.site.run]

    def event(self, name: str) -> str:
        """What the cluster said last about an object that did not come about."""
        events = self.cluster.list("v1", "Event", namespace=self.site.namespace)
        said = [
            event.get("message", "")
            for event in events
            if event["involvedObject"].get("name") == name and event.get("type") == "Warning"
        ]
        longest = max(said, key=len, default="")  # a "back-off" says less than the failure before it
        return " ".join(longest.split())[:300]

    def _copy_pull_secret(self) -> None:
        of = self.site.installation
        if of.image_pull_secret:
            live = self.cluster.get(ObjectRef("v1", "Secret", of.namespace, of.image_pull_secret))
            if live is not None:  # without it the pulls say what is missing
                self.cluster.apply(probes.pull_secret(self.site, live))

    def _ref(self, version: str, kind: str, name: str) -> ObjectRef:
        return ObjectRef(version, kind, self.site.namespace, name)

    def _clear(self, doing: str) -> bool:
        """Take everything away; returns whether the namespace stays."""
        ref = ObjectRef("v1", "Namespace", "", self.site.namespace)
        live = self.cluster.get(ref)
        if live is None:
            return False
        labels = live["metadata"].get("labels", {})
        ours = labels.get(MANAGED_BY_LABEL) == MANAGED_BY and labels.get("app.kubernetes.io/name") == COMPONENT
        if not ours:
            raise StuckError(
                f"namespace {ref.name} is somebody else's, and the probes need one of this name",
                owner=Party.CUSTOMER,
                remediation="rename or remove that namespace",
            )
        stays = KEPT_LABEL in labels
        if stays:
            for one in self._contents():
                self.cluster.delete(one)
        else:
            self.cluster.delete(ref)
        if not self.waiting.until_gone(GONE_SECONDS, lambda: self._gone(ref, stays=stays), doing=doing):
            raise StuckError(
                f"namespace {ref.name} is not {'empty' if stays else 'gone'} {GONE_SECONDS:g} s after it was deleted",
                owner=Party.CUSTOMER,
                remediation=f"`kubectl get namespace {ref.name} -o yaml` says what it waits for; nothing of it runs on",
            )
        return stays

    def _gone(self, ref: ObjectRef, *, stays: bool) -> bool | None:
        there = next(self._contents(), None) if stays else self.cluster.get(ref)
        return True if there is None else None

    def _contents(self) -> Iterator[ObjectRef]:
        """What the probes put there, and nothing of the cluster's own, such as the authority's ConfigMap."""
        ours = f"{MANAGED_BY_LABEL}={MANAGED_BY},app.kubernetes.io/name={COMPONENT}"
        for version, kind in probes.KINDS:
            for live in self.cluster.list(version, kind, namespace=self.site.namespace, labels=ours):
                yield self._ref(version, kind, live["metadata"]["name"])


def _parsed(line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
