"""A cluster in memory: server-side apply with field owners, and jobs and Deployments that come about by being read.

It knows as much of Kubernetes as the release procedure relies on; the contract suite holds it to the real API server.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from kastellan.domain.errors import ForeignOwnerError, NotFoundError, RejectedError, UnreachableError
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.ports.cluster import HttpAnswer

OURS = "kastellan"
_ELSEWHERE = {"apiVersion", "kind", "status"}
_NO_IMAGE = {"reason": "ImagePullBackOff", "message": "manifest unknown"}
_NO_NODE = {"type": "PodScheduled", "status": "False", "message": "0/3 nodes are available: Insufficient cpu"}


class FakeCluster:
    """Implements `ports.cluster.Cluster`.

    Attributes:
        objects: what is there.
        applied: names of the objects that were written for good, in order.
        failing_jobs: jobs whose name contains one of these fail.
        slow_jobs: how many looks a job takes.
        endless_jobs: jobs whose name contains one of these never end.
        podless_jobs: jobs whose name contains one of these get no pod.
        imageless_jobs: pods of jobs whose name contains one of these never get their image.
        homeless_jobs: pods of jobs whose name contains one of these find no node.
        zones: zones into which Deployment pods are put, in turn.
        stuck_rollout: a Deployment of this name never becomes ready.
        homeless: pods of the Deployment of this name find no node.
        imageless: pods of the Deployment of this name never get their image.
    """

    def __init__(self) -> None:
        self.objects: dict[ObjectRef, Manifest] = {}
        self.applied: list[str] = []
        self.job_runs: list[str] = []
        self.failing_jobs: tuple[str, ...] = ()
        self.slow_jobs = 2
        self.endless_jobs: tuple[str, ...] = ()
        self.podless_jobs: tuple[str, ...] = ()
        self.imageless_jobs: tuple[str, ...] = ()
        self.homeless_jobs: tuple[str, ...] = ()
        self.zones: tuple[str, ...] = ("zone-a", "zone-b", "zone-c")
        self.stuck_rollout = ""
        self.imageless = ""
        self.homeless = ""
        self.refused: Mapping[str, str] = {}
        self.answers: Mapping[str, int] = {}
        self.cluster_scoped = {"Namespace", "PriorityClass", "Node"}
        self._numbers = itertools.count(1)
        self._looks: dict[ObjectRef, int] = {}

    # --- the port ---------------------------------------------------------------------------------------------------

    def apply(self, manifest: Manifest, *, dry_run: bool = False, force: bool = False) -> Manifest:
        ref = ObjectRef.of(manifest)
        self._need_namespace(ref)
        if ref.kind in self.refused:
            raise RejectedError(f"applying {ref} was refused: {self.refused[ref.kind]}")
        live = self.objects.get(ref)
        ours = _leaves(manifest)
        result = _copied(live) if live else {"apiVersion": ref.api_version, "kind": ref.kind, "metadata": {}}
        owners = result["metadata"].setdefault("managedFields", [])
        for entry in [e for e in owners if e["manager"] != OURS]:
            taken = [path for path in entry["fakePaths"] if path in ours and _at(result, path) != ours[path]]
            if taken and not force:
                conflicts = [(entry["manager"], _dotted(path)) for path in taken]
                raise ForeignOwnerError(f"applying {ref} would take fields", conflicts=conflicts)
            entry["fakePaths"] = tuple(path for path in entry["fakePaths"] if path not in taken)
        before = next((e["fakePaths"] for e in owners if e["manager"] == OURS), [])
        foreign = {path for e in owners if e["manager"] != OURS for path in e["fakePaths"]}
        for path in before:
            if path not in ours and path not in foreign:
                _remove(result, path)
        for path, value in ours.items():
            _put(result, path, _copied(value))
        result["metadata"]["managedFields"] = [
            *(e for e in owners if e["manager"] != OURS and e["fakePaths"]),
            _managed(OURS, "Apply", list(ours)),
        ]
        return self._write(ref, live, result, dry_run=dry_run)

    def replace(self, manifest: Manifest) -> Manifest:
        ref = ObjectRef.of(manifest)
        live = self.objects.get(ref)
        if live is None:
            raise NotFoundError(f"replacing {ref}: it does not exist")
        return self._write(ref, live, _copied(manifest), dry_run=False)

    def get(self, ref: ObjectRef) -> Manifest | None:
        live = self.objects.get(ref)
        if live is None:
            return None
        self._advance(ref, live)
        return _copied(self.objects.get(ref))

    def list(self, api_version: str, kind: str, *, namespace: str = "", labels: str = "") -> Iterator[Manifest]:
        wanted = dict(pair.split("=") for pair in labels.split(",") if pair)
        for ref in sorted(self.objects):
            if (ref.api_version, ref.kind) != (api_version, kind) or (namespace and ref.namespace != namespace):
                continue
            has = self.objects[ref]["metadata"].get("labels", {})
            if all(has.get(key) == value for key, value in wanted.items()):
                yield _copied(self.objects[ref])

    def delete(self, ref: ObjectRef, *, uid: str = "") -> bool:
        live = self.objects.get(ref)
        if live is None:
            return False
        self._forget(ref)
        return True

    def logs(self, namespace: str, pod: str, *, container: str = "", tail_lines: int = 50) -> str:
        return "the log of " + pod if ObjectRef("v1", "Pod", namespace, pod) in self.objects else ""

    def request(self, path: str, *, query: Mapping[str, str] | None = None) -> Any:
        if path == "/version":
            return {"gitVersion": "v1.35.4", "major": "1", "minor": "35"}
        raise NotFoundError(f"asking {path}: no such path")

    def server_time(self) -> datetime:
        return datetime(2026, 11, 23, 12, tzinfo=UTC)

    def create(self, path: str, body: Manifest, *, dry_run: bool = False) -> Manifest:
        raise NotFoundError(f"creating at {path}: no such collection")

    def forwarded_get(
        self, namespace: str, pod: str, port: int, path: str, *, headers: Mapping[str, str], timeout_seconds: float
    ) -> HttpAnswer:
        if ObjectRef("v1", "Pod", namespace, pod) not in self.objects:
            raise UnreachableError(f"pod {pod} cannot be reached")
        status = self.answers.get(path, 200)
        body = b'{"issuer": "https://%s", "keys": [{}]}' % headers.get("Host", "").encode()
        return HttpAnswer(status=status, headers={"content-type": "application/json"}, body=body)

    # --- what other people do ---------------------------------------------------------------------------------------

    def edit(self, ref: ObjectRef, path: tuple[Any, ...], value: Any, *, manager: str = "kubectl-edit") -> None:
        """Change or remove (value None) a field as somebody else."""
        live = self.objects[ref]
        owners = live["metadata"]["managedFields"]
        for entry in owners:
            entry["fakePaths"] = tuple(p for p in entry["fakePaths"] if p[: len(path)] != path)
        if value is None:
            _remove(live, path)
            paths: list[tuple[Any, ...]] = [(*path[:-1], "touched")]
        else:
            _put(live, path, value)
            paths = [path]
        owners.append(_managed(manager, "Update", paths))
        live["metadata"]["managedFields"] = [_managed(e["manager"], e["operation"], e["fakePaths"]) for e in owners]

    # --- inside -----------------------------------------------------------------------------------------------------

    def _need_namespace(self, ref: ObjectRef) -> None:
        if ref.namespace and ObjectRef("v1", "Namespace", "", ref.namespace) not in self.objects:
            raise NotFoundError(f"applying {ref}: namespace {ref.namespace} does not exist")

    def _write(self, ref: ObjectRef, live: Manifest | None, result: Manifest, *, dry_run: bool) -> Manifest:
        if live and live.get("immutable") and _core(live) != _core(result):
            raise RejectedError(f"applying {ref}: field is immutable")
        changed = live is None or _core(live) != _core(result)
        metadata = result["metadata"]
        metadata.setdefault("uid", f"uid-{next(self._numbers)}")
        metadata.setdefault("creationTimestamp", "2026-11-23T12:00:00Z")
        metadata["generation"] = metadata.get("generation", 0) + (1 if changed else 0)
        if not dry_run:
            self.objects[ref] = result
            if changed:
                self.applied.append(str(ref))
                self._looks[ref] = 0
                if ref.kind == "Job" and live is None:
                    self.job_runs.append(ref.name)
        return _copied(result)

    def _forget(self, ref: ObjectRef) -> None:
        uid = self.objects.pop(ref)["metadata"]["uid"]
        for other, live in list(self.objects.items()):
            mine = any(o["uid"] == uid for o in live["metadata"].get("ownerReferences", ()))
            if mine or (ref.kind == "Namespace" and other.namespace == ref.name):
                self.objects.pop(other, None)

    def _advance(self, ref: ObjectRef, live: Manifest) -> None:
        self._looks[ref] = self._looks.get(ref, 0) + 1
        if ref.kind == "Job":
            self._advance_job(ref, live)
        if ref.kind == "Deployment":
            self._advance_deployment(ref, live)

    def _advance_job(self, ref: ObjectRef, live: Manifest) -> None:
        if live.get("status", {}).get("conditions"):
            return
        if any(part in ref.name for part in self.podless_jobs):
            live["status"] = {}
            return
        if any(part in ref.name for part in self.imageless_jobs):
            self._pod(
                ref, live, f"{ref.name}-pod", "zone-a", {"containerStatuses": [{"state": {"waiting": _NO_IMAGE}}]}
            )
            live["status"] = {"active": 1}
            return
        if any(part in ref.name for part in self.homeless_jobs):
            self._pod(ref, live, f"{ref.name}-pod", "zone-a", {"phase": "Pending", "conditions": [_NO_NODE]})
            live["status"] = {"active": 1}
            return
        self._pod(ref, live, f"{ref.name}-pod", "zone-a", {"phase": "Running"})
        if self._looks[ref] <= self.slow_jobs or any(part in ref.name for part in self.endless_jobs):
            live["status"] = {"active": 1}
            return
        failed = any(part in ref.name for part in self.failing_jobs)
        condition = "Failed" if failed else "Complete"
        live["status"] = {
            "conditions": [{"type": condition, "status": "True", "reason": "Fake"}],
            ("failed" if failed else "succeeded"): 1,
        }

    def _advance_deployment(self, ref: ObjectRef, live: Manifest) -> None:
        generation = live["metadata"]["generation"]
        wanted = live["spec"].get("replicas", 3)
        if ref.name == self.stuck_rollout:
            stuck = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "late"}
            live["status"] = {"observedGeneration": generation, "conditions": [stuck]}
            return
        if ref.name == self.homeless:
            self._pod(ref, live, f"{ref.name}-new", "zone-a", {"phase": "Pending", "conditions": [_NO_NODE]})
            late = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": ""}
            live["status"] = {"observedGeneration": generation, "conditions": [late]}
            return
        if ref.name == self.imageless:
            self._pod(
                ref, live, f"{ref.name}-new", "zone-a", {"containerStatuses": [{"state": {"waiting": _NO_IMAGE}}]}
            )
            live["status"] = {"observedGeneration": generation, "updatedReplicas": 1}
            return
        if self._looks[ref] <= 1:
            live["status"] = {"observedGeneration": generation - 1}
            return
        # The generation stands for the revision; the pods of an earlier one go at once.
        revision = f"{ref.name}-{generation}"
        for other in [o for o in self.objects if o.kind == "Pod"]:
            owners = self.objects[other]["metadata"].get("ownerReferences", ())
            ours = any((owner.get("kind"), owner.get("name")) == ("Deployment", ref.name) for owner in owners)
            if ours and not other.name.startswith(revision):
                self.objects.pop(other)
        for number in range(wanted):
            zone = self.zones[number % len(self.zones)]
            ready = [{"type": "Ready", "status": "True"}]
            self._pod(ref, live, f"{revision}-{number}", zone, {"phase": "Running", "conditions": ready})
        live["status"] = {
            "observedGeneration": generation,
            "replicas": wanted,
            "updatedReplicas": wanted,
            "readyReplicas": wanted,
            "availableReplicas": wanted,
            "conditions": [{"type": "Available", "status": "True"}],
        }

    def _pod(self, owner: ObjectRef, live: Manifest, name: str, zone: str, status: Manifest) -> None:
        ref = ObjectRef("v1", "Pod", owner.namespace, name)
        template = live["spec"]["template"]
        of_job = {"batch.kubernetes.io/job-name": owner.name} if owner.kind == "Job" else {}
        node = ObjectRef("v1", "Node", "", f"node-{zone}")
        self.objects[node] = {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": node.name, "uid": node.name, "labels": {"topology.kubernetes.io/zone": zone}},
        }
        self.objects[ref] = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": name,
                "namespace": owner.namespace,
                "uid": f"uid-{name}",
                "labels": _copied(template["metadata"]["labels"]) | of_job,
                "ownerReferences": [{"uid": live["metadata"]["uid"], "kind": owner.kind, "name": owner.name}],
            },
            "spec": {**_copied(template["spec"]), "nodeName": node.name},
            "status": status,
        }


def _copied(value: Any) -> Any:
    """As `copy.deepcopy` for what a manifest is made of, in a tenth of the time: paths (tuples) are never changed."""
    if isinstance(value, dict):
        return {key: _copied(inner) for key, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value


def _managed(manager: str, operation: str, paths: Iterable[tuple[Any, ...]]) -> Manifest:
    fields: Manifest = {}
    for path in paths:
        current = fields
        for part in path:
            key = f"f:{part}" if isinstance(part, str) else part_key(part)
            current = current.setdefault(key, {})
    return {
        "manager": manager,
        "operation": operation,
        "time": "2026-11-23T12:00:00Z",
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
        "fakePaths": tuple(paths),
    }


def part_key(part: tuple[str, str]) -> str:
    return f'k:{{"{part[0]}":"{part[1]}"}}'


def _leaves(value: Any, at: tuple[Any, ...] = ()) -> dict[tuple[Any, ...], Any]:
    """All leaf fields of a manifest; lists are leaves, except containers, which are keyed by their name."""
    found: dict[tuple[Any, ...], Any] = {}
    for key, inner in value.items():
        path = (*at, key)
        if not at and key in _ELSEWHERE:
            continue
        if isinstance(inner, dict) and inner:
            found |= _leaves(inner, path)
        elif key == "containers":
            for item in inner:
                found |= _leaves(item, (*path, ("name", item["name"])))
        else:
            found[path] = inner
    return found


def _step(current: Any, part: Any, *, make: bool) -> Any:
    if isinstance(part, tuple):
        for item in current:
            if item[part[0]] == part[1]:
                return item
        if not make:
            return None
        current.append({part[0]: part[1]})
        return current[-1]
    if make:
        return current.setdefault(part, {})
    return current.get(part) if isinstance(current, dict) else None


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for part in path:
        value = _step(value, part, make=False) if value is not None else None
    return value


def _put(value: Any, path: tuple[Any, ...], leaf: Any) -> None:
    for part, following in itertools.pairwise(path):
        into_list = isinstance(following, tuple)
        value = value.setdefault(part, []) if into_list else _step(value, part, make=True)
    value[path[-1]] = leaf


def _remove(value: Any, path: tuple[Any, ...]) -> None:
    parent = _at(value, path[:-1])
    if isinstance(path[-1], tuple):
        parent[:] = [item for item in parent if item[path[-1][0]] != path[-1][1]]
    elif isinstance(parent, dict):
        parent.pop(path[-1], None)


def _dotted(path: tuple[Any, ...]) -> str:
    return "." + ".".join(p if isinstance(p, str) else f"[{p[0]}={p[1]}]" for p in path)


def _core(value: Manifest) -> Manifest:
    metadata = {k: v for k, v in value["metadata"].items() if k in ("labels", "annotations", "name")}
    return {k: v for k, v in value.items() if k not in ("metadata", "status")} | {"metadata": metadata}
