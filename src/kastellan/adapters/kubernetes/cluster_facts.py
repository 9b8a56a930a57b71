"""Collects the facts about a cluster for the preflight; nothing is changed, everything is tried in dry runs only."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from kastellan.adapters.kubernetes.namespace_facts import namespace_rules
from kastellan.adapters.kubernetes.pod_resources import amounts, effective, quantity
from kastellan.adapters.kubernetes.webhook_facts import webhooks
from kastellan.domain.errors import ForbiddenError, KastellanError, NotFoundError, RejectedError, ServerFaultError
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.domain.reason import Reason
from kastellan.planning.rights import Right
from kastellan.ports.cluster import Cluster
from kastellan.ports.progress import Progress
from kastellan.preflight.facts import (
    AccessAnswer,
    DryRun,
    Node,
    Pod,
    Unknown,
)

_Fact = TypeVar("_Fact")
_AT_ONCE = 8
_ELSEWHERE = "default"
"""Namespace for dry runs where ours does not exist yet; every cluster has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterQuestions:
    """What to ask a cluster.

    Attributes:
        namespace: of the installation.
        instance_labels: labels that our own pods carry.
        rights: to be confirmed.
        objects: to be tried.
        pods: to be tried.
    """

    namespace: str
    instance_labels: dict[str, str]
    rights: tuple[Right, ...]
    objects: tuple[Manifest, ...]
    pods: tuple[Manifest, ...]


def collect_cluster(cluster: Cluster, questions: ClusterQuestions, progress: Progress) -> dict[str, Any]:
    """Every group of cluster facts by its name in `Facts`; a group that cannot be had is Unknown.

    Raises:
        KastellanError: the cluster cannot be asked at all (unreachable, no valid credential, TLS not verified).
    """
    version = cluster.request("/version")["gitVersion"]
    exists = _is_there(cluster, questions.namespace)
    groups: dict[str, Callable[[], Any]] = {
        "nodes": lambda: _nodes(cluster),
        "pods": lambda: _pods(cluster, questions.instance_labels),
        "access": lambda: _access(cluster, questions.rights),
        "objects": lambda: _dry_runs(cluster, questions, exists=exists),
        "pod_admission": lambda: _pod_admission(cluster, questions, exists=exists),
        "namespace": lambda: namespace_rules(cluster, questions.namespace, questions.instance_labels),
        "webhooks": lambda: webhooks(cluster, questions.rights),
    }
    facts: dict[str, Any] = {"server_version": version}
    with ThreadPoolExecutor(max_workers=len(groups)) as pool:
        running: dict[str, Future[Any]] = {name: pool.submit(_known, look) for name, look in groups.items()}
        for done, (name, future) in enumerate(running.items(), start=1):
            facts[name] = future.result()
            progress.report("collecting", name.replace("_", " "), done=done, total=len(groups))
    return facts


def _known(look: Callable[[], _Fact]) -> _Fact | Unknown:
    try:
        return look()
    except KastellanError as problem:
        return Unknown(
            Reason(
                code="not-collected",
                message=problem.message,
                owner=problem.owner,
                remediation=problem.remediation or "run the preflight again",
                clause="DI-4",
            )
        )


def _is_there(cluster: Cluster, namespace: str) -> bool:
    try:
        return cluster.get(ObjectRef("v1", "Namespace", "", namespace)) is not None
    except ForbiddenError:
        return False  # RBAC-1 reports the right; the dry runs go elsewhere


def _nodes(cluster: Cluster) -> tuple[Node, ...]:
    return tuple(_node(live) for live in cluster.list("v1", "Node"))


def _node(live: Manifest) -> Node:
    labels = live["metadata"].get("labels", {})
    status, spec = live["status"], live.get("spec", {})
    ready = any(c["type"] == "Ready" and c["status"] == "True" for c in status.get("conditions", ()))
    taints = [t for t in spec.get("taints", ()) if t["effect"] in ("NoSchedule", "NoExecute")]
    allocatable = status.get("allocatable", {})
    return Node(
        name=live["metadata"]["name"],
        zone=labels.get("topology.kubernetes.io/zone") or None,
        ready=ready,
        cordoned=bool(spec.get("unschedulable")),
        taints=tuple(f"{t['key']}{'=' + t['value'] if t.get('value') else ''}:{t['effect']}" for t in taints),
        architecture=status["nodeInfo"]["architecture"],
        kubelet=status["nodeInfo"]["kubeletVersion"],
        allocatable=amounts(allocatable),
        pods=int(quantity(allocatable.get("pods", "0"))),
    )


def _pods(cluster: Cluster, instance_labels: dict[str, str]) -> tuple[Pod, ...]:
    found = []
    for live in cluster.list("v1", "Pod"):
        node = live["spec"].get("nodeName")
        if not node or live.get("status", {}).get("phase") in ("Succeeded", "Failed"):
            continue
        labels = live["metadata"].get("labels") or {}
        ours = all(labels.get(key) == value for key, value in instance_labels.items())
        found.append(Pod(node=node, requests=effective(live["spec"], "requests"), ours=ours))
    return tuple(found)


def _access(cluster: Cluster, rights: Sequence[Right]) -> tuple[AccessAnswer, ...]:
    def ask(right: Right) -> AccessAnswer:
        attributes = {
            "verb": right.verb,
            "group": right.group,
            "resource": right.resource,
            "subresource": right.subresource,
            "namespace": right.namespace,
            "name": right.name,
        }
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {key: value for key, value in attributes.items() if value}},
        }
        answer = cluster.create("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review)
        return AccessAnswer(right=str(right), allowed=answer["status"].get("allowed") is True)

    return _all(ask, rights)


def _dry_runs(cluster: Cluster, questions: ClusterQuestions, *, exists: bool) -> tuple[DryRun, ...]:
    def attempt(manifest: Manifest) -> DryRun:
        ref = ObjectRef.of(manifest)
        tried = manifest if exists or not ref.namespace else _moved(manifest)
        return _tried(ref, lambda: cluster.apply(tried, dry_run=True, force=True))

    return _all(attempt, questions.objects)


def _pod_admission(cluster: Cluster, questions: ClusterQuestions, *, exists: bool) -> tuple[DryRun, ...]:
    def attempt(pod: Manifest) -> DryRun:
        tried = pod if exists else _moved(pod)
        namespace = tried["metadata"]["namespace"]
        ref = ObjectRef("v1", "Pod", namespace, pod["metadata"]["generateName"].rstrip("-"))
        answer = _tried(ref, lambda: cluster.create(f"/api/v1/namespaces/{namespace}/pods", tried, dry_run=True))
        if answer.accepted is False and "exceeded quota" in answer.message:
            return DryRun(subject=answer.subject, accepted=True)  # QUO-1 judges quotas, with numbers
        return answer

    return _all(attempt, questions.pods)


def _tried(ref: ObjectRef, attempt: Callable[[], object]) -> DryRun:
    try:
        attempt()
    except (RejectedError, NotFoundError) as refusal:
        # A webhook with side effects refuses every dry run, which says nothing about the object.
        unclear = "does not support dry run" in refusal.message
        return DryRun(subject=str(ref), accepted=None if unclear else False, message=refusal.message)
    except (ForbiddenError, ServerFaultError) as problem:
        return DryRun(subject=str(ref), accepted=None, message=problem.message)
    return DryRun(subject=str(ref), accepted=True)


def _moved(manifest: Manifest) -> Manifest:
    return {**manifest, "metadata": {**manifest["metadata"], "namespace": _ELSEWHERE}}


def _all(ask: Callable[[Any], _Fact], questions: Sequence[Any]) -> tuple[_Fact, ...]:
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        return tuple(pool.map(ask, questions))
