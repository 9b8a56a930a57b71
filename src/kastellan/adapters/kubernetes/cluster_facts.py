"""Collects the facts about a cluster for the preflight; nothing is changed, everything is tried in dry runs only."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kastellan.adapters.kubernetes.access_facts import access
from kastellan.adapters.kubernetes.at_once import at_once
from kastellan.adapters.kubernetes.disruption_facts import disruptions
from kastellan.adapters.kubernetes.entrance_facts import entrance
from kastellan.adapters.kubernetes.family_facts import families
from kastellan.adapters.kubernetes.issuance_facts import issuance
from kastellan.adapters.kubernetes.lease_facts import heartbeats
from kastellan.adapters.kubernetes.metrics_facts import metrics
from kastellan.adapters.kubernetes.namespace_facts import namespace_rules
from kastellan.adapters.kubernetes.node_facts import nodes
from kastellan.adapters.kubernetes.pod_facts import pods
from kastellan.adapters.kubernetes.policy_facts import api_services, policies
from kastellan.adapters.kubernetes.pull_secret_facts import pull_secret
from kastellan.adapters.kubernetes.storage_facts import storage
from kastellan.adapters.kubernetes.webhook_facts import webhooks
from kastellan.domain.errors import ForbiddenError, NotFoundError, RejectedError, ServerFaultError
from kastellan.domain.image import Image
from kastellan.domain.installation import Installation
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.planning.dangerous_rights import DANGEROUS
from kastellan.planning.rights import Right
from kastellan.ports.cluster import Cluster
from kastellan.preflight.dry_run import DryRun
from kastellan.preflight.probe_facts import NotProbed

_ELSEWHERE = "default"
"""Namespace for dry runs where ours does not exist yet; every cluster has it."""
_NO_AUTOSCALING = NotProbed(why="nothing scales by metrics (installation:autoscaling)")
_NO_VOLUMES = NotProbed(why="the installation has no volumes (installation:probes.storageClass names no class)")
_NO_SECRET = NotProbed(why="no pull secret is named (installation:imagePullSecret)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterQuestions:
    """What to ask a cluster.

    Attributes:
        installation: what shall run there.
        instance_labels: labels that our own pods carry.
        rights: to be confirmed.
        objects: to be tried.
        pods: to be tried.
        storage_class: of volumes in the cluster; empty where there are none.
        images: of the release; empty where no stack names them.
        entry_port: at which users come in.
    """

    installation: Installation
    instance_labels: dict[str, str]
    rights: tuple[Right, ...]
    objects: tuple[Manifest, ...]
    pods: tuple[Manifest, ...]
    storage_class: str = ""
    images: tuple[Image, ...] = ()
    entry_port: int = 443

    @property
    def namespace(self) -> str:
        """Of the installation."""
        return self.installation.namespace


def cluster_collectors(cluster: Cluster, questions: ClusterQuestions) -> dict[str, Callable[[], Any]]:
    """A collector for every group of facts about a cluster, by the group's name in `Facts`."""
    namespace, labels, of = questions.namespace, questions.instance_labels, questions.installation
    secret, asked = of.image_pull_secret, questions.storage_class
    return {
        "server_version": lambda: str(cluster.request("/version")["gitVersion"]),
        "nodes": lambda: nodes(cluster),
        "pods": lambda: pods(cluster, labels),
        "access": lambda: access(cluster, questions.rights),
        "objects": lambda: _dry_runs(cluster, questions),
        "pod_admission": lambda: _pod_admission(cluster, questions),
        "namespace": lambda: namespace_rules(cluster, namespace, labels),
        "webhooks": lambda: webhooks(cluster, questions.rights),
        "policies": lambda: policies(cluster, questions.rights),
        "api_services": lambda: api_services(cluster),
        "excess": lambda: access(cluster, DANGEROUS),
        "disruptions": lambda: disruptions(cluster, namespace, labels),
        "entrance": lambda: entrance(cluster, of.routing, namespace, questions.entry_port),
        "issuance": lambda: issuance(cluster, of),
        "metrics": lambda: metrics(cluster) if of.autoscaling else _NO_AUTOSCALING,
        "storage": lambda: storage(cluster, asked) if asked else _NO_VOLUMES,
        "heartbeats": lambda: heartbeats(cluster),
        "families": lambda: families(cluster),
        "pull_secret": lambda: pull_secret(cluster, namespace, secret, questions.images) if secret else _NO_SECRET,
    }


def _place(cluster: Cluster, namespace: str) -> str:
    """Where to try objects; whoever may not look cannot tell whose rules would be asked, so that ends it."""
    return namespace if cluster.get(ObjectRef("v1", "Namespace", "", namespace)) is not None else _ELSEWHERE


def _dry_runs(cluster: Cluster, questions: ClusterQuestions) -> tuple[DryRun, ...]:
    place = _place(cluster, questions.namespace)

    def attempt(manifest: Manifest) -> DryRun:
        ref = ObjectRef.of(manifest)
        inside = ref.namespace == questions.namespace
        tried = _moved(manifest, place) if inside else manifest
        elsewhere = place if inside and place != questions.namespace else ""
        try:
            return _tried(ref, lambda: cluster.apply(tried, dry_run=True, force=True), elsewhere)
        except NotFoundError as missing:  # the kind is not served here, or not yet: in no namespace
            return DryRun(subject=str(ref), accepted=False, message=missing.message)

    return at_once(attempt, questions.objects)


def _pod_admission(cluster: Cluster, questions: ClusterQuestions) -> tuple[DryRun, ...]:
    place = _place(cluster, questions.namespace)

    def attempt(pod: Manifest) -> DryRun:
        tried = _moved(pod, place)
        namespace = tried["metadata"]["namespace"]
        ref = ObjectRef("v1", "Pod", namespace, pod["metadata"]["generateName"].rstrip("-"))
        path = f"/api/v1/namespaces/{namespace}/pods"
        elsewhere = place if place != questions.namespace else ""
        try:
            answer = _tried(ref, lambda: cluster.create(path, tried, dry_run=True), elsewhere)
        except NotFoundError as nobody:  # an API server that serves no pods admits none and refuses none
            return DryRun(subject=str(ref), accepted=None, message=nobody.message)
        if answer.accepted is False and "exceeded quota" in answer.message:
            return DryRun(
                subject=answer.subject, accepted=True, elsewhere=elsewhere
            )  # QUO-1 judges quotas, with numbers
        return answer

    return at_once(attempt, questions.pods)


def _tried(ref: ObjectRef, attempt: Callable[[], object], elsewhere: str) -> DryRun:
    subject = str(ref)
    try:
        attempt()
    except RejectedError as refusal:
        # A webhook with side effects refuses every dry run, which says nothing about the object.
        unclear = "does not support dry run" in refusal.message
        accepted = None if unclear else False
        return DryRun(subject=subject, accepted=accepted, message=refusal.message, elsewhere=elsewhere)
    except (ForbiddenError, ServerFaultError) as problem:
        return DryRun(subject=subject, accepted=None, message=problem.message, elsewhere=elsewhere)
    return DryRun(subject=subject, accepted=True, elsewhere=elsewhere)


def _moved(manifest: Manifest, namespace: str) -> Manifest:
    return {**manifest, "metadata": {**manifest["metadata"], "namespace": namespace}}
