"""A cluster in memory whose Jobs run the probe program, as far as one can tell from outside."""

import functools
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec, TypeVar

from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from tests.fakes.cluster import FakeCluster

ZONES = ("zone-a", "zone-b", "zone-c")
_MISSING = "sha256:" + "0" * 64
_HOUR = {"lowMs": 3_599_600, "highMs": 3_600_600, "problem": ""}
"""The control of a comparison of clocks, as it should be."""


def real_node(zone: str, **changes: Any) -> Manifest:
    name = f"node-{zone}"
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {"topology.kubernetes.io/zone": zone, "kubernetes.io/hostname": name},
            "annotations": {},
        },
        "spec": {},
        "status": {
            "conditions": [{"type": "Ready", "status": "True"}],
            "nodeInfo": {"containerRuntimeVersion": "containerd://1.7.2"},
        },
        **changes,
    }


_Answer = TypeVar("_Answer")
_Arguments = ParamSpec("_Arguments")
_ONE_AT_A_TIME = threading.RLock()


def _locked(call: Callable[_Arguments, _Answer]) -> Callable[_Arguments, _Answer]:
    """Probes run at the same time; a dict in memory bears one at a time."""

    @functools.wraps(call)
    def locked(*arguments: _Arguments.args, **options: _Arguments.kwargs) -> _Answer:
        with _ONE_AT_A_TIME:
            return call(*arguments, **options)

    return locked


class ProbedCluster(FakeCluster):
    """Adds logs, addresses and pulls.

    Attributes:
        enforced: directions of network policies that do anything.
        closed: nothing is reached, whatever policies say.
        answer: what `ask` prints besides the run; None prints something else.
        run_of_answers: run that the answers name, where it is another one.
        registry: images that can be pulled; `anything` takes even what cannot exist.
        binds_anything: every claim is bound, whatever its class.
        calls: verb, kind and namespace of every call, for its rights.
    """

    def __init__(self) -> None:
        super().__init__()
        self.enforced = {"Ingress", "Egress"}
        self.closed = False
        self.answer: dict[str, Any] | None = {
            "api": {"lowMs": -400, "highMs": 600, "problem": "", "control": _HOUR},
            "destinations": [],
        }
        self.run_of_answers = ""
        self.registry: set[str] | str = "all that exist"
        self.binds_anything = False
        self.calls: set[tuple[str, str, str]] = set()
        self.attempts: dict[str, list[bool]] = {}
        for zone in ZONES:
            self.objects[ObjectRef("v1", "Node", "", f"node-{zone}")] = real_node(zone)

    @_locked
    def apply(self, manifest: Manifest, *, dry_run: bool = False, force: bool = False) -> Manifest:
        ref = ObjectRef.of(manifest)
        self.calls |= {("create", ref.kind, ref.namespace), ("patch", ref.kind, ref.namespace)}
        written = super().apply(manifest, dry_run=dry_run, force=force)
        if ref.kind == "Service":
            written["spec"]["clusterIP"] = "10.96.0.7"
        return written

    @_locked
    def get(self, ref: ObjectRef) -> Manifest | None:
        self.calls.add(("get", ref.kind, ref.namespace))
        live = super().get(ref)
        if live and ref.kind == "Pod" and ref.name.startswith("pull-"):
            image = live["spec"]["containers"][0]["image"]
            comes = self.registry == "anything" or (
                image in self.registry if isinstance(self.registry, set) else _MISSING not in image
            )
            state: dict[str, Any] = {"terminated": {"reason": "StartError"}}
            if not comes:
                state = {"waiting": {"reason": "ErrImagePull", "message": "not found"}}
            live["status"] = {"containerStatuses": [{"state": state, "imageID": ""}]}
        return live

    @_locked
    def list(self, api_version: str, kind: str, *, namespace: str = "", labels: str = "") -> Iterator[Manifest]:
        self.calls.add(("list", kind, namespace))
        for ref in [ref for ref in self.objects if ref.kind == "Job"]:
            super().get(ref)
        listed = [*super().list(api_version, kind, namespace=namespace, labels=labels)]
        for live in listed if kind == "PersistentVolumeClaim" and self.binds_anything else ():
            live["status"] = {"phase": "Bound"}
        return iter(listed)

    @_locked
    def delete(self, ref: ObjectRef, *, uid: str = "") -> bool:
        self.calls.add(("delete", ref.kind, ref.namespace))
        return super().delete(ref, uid=uid)

    @_locked
    def logs(self, namespace: str, pod: str, *, container: str = "", tail_lines: int = 50) -> str:
        self.calls.add(("get", "Pod/log", namespace))
        job = pod.removesuffix("-pod")
        live = self.objects[ObjectRef("batch/v1", "Job", namespace, job)]
        environment = _container(live)
        run = self.run_of_answers or next(
            entry["value"] for entry in environment["env"] if entry["name"] == "KASTELLAN_PROBE_RUN"
        )
        if job.startswith("watch-"):
            seen = self.attempts.setdefault(job, [])
            seen += [self._reachable()] * 4
            lines = [{"run": run, "attempt": n, "reachable": one} for n, one in enumerate(seen)]
        elif job.startswith("hold-"):
            lines = [{"run": run, "held": True}]
        else:
            lines = [{"run": run, **self.answer}] if self.answer else [{"something": "else"}]
        return "".join(f"{json.dumps(line)}\n" for line in ["a line of something else", *lines][-tail_lines:])

    def _pod(self, owner: ObjectRef, live: Manifest, name: str, zone: str, status: Manifest) -> None:
        super()._pod(owner, live, name, zone, status)
        self.objects[ObjectRef("v1", "Node", "", f"node-{zone}")] = real_node(zone)  # not the stub of releases

    def _reachable(self) -> bool:
        policies = [live["spec"] for ref, live in self.objects.items() if ref.kind == "NetworkPolicy"]
        denied = any(
            direction in self.enforced and direction.lower() not in spec
            for spec in policies
            for direction in spec["policyTypes"]
        )
        return not denied and not self.closed


def _container(job: Manifest) -> Manifest:
    containers: list[Manifest] = job["spec"]["template"]["spec"]["containers"]
    return containers[0]
