"""Quotas and limits of the installation's namespace, and what of them the installation uses itself already."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal

from kastellan.adapters.kubernetes.pod_resources import effective, quantity
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.ports.cluster import Cluster
from kastellan.preflight.facts import Limits, NamespaceRules, Quota

_COUNTED = {
    ("v1", "Service"): "services",
    ("v1", "ConfigMap"): "configmaps",
    ("v1", "Secret"): "secrets",
    ("apps/v1", "Deployment"): "deployments.apps",
    ("batch/v1", "Job"): "jobs.batch",
}


def namespace_rules(cluster: Cluster, namespace: str, instance_labels: Mapping[str, str]) -> NamespaceRules:
    """Read them; what the installation uses is given back to what is left, because an update needs it no second time.

    Raises:
        KastellanError: they cannot be read, which is not the same as that there are none.
    """
    if cluster.get(ObjectRef("v1", "Namespace", "", namespace)) is None:
        return NamespaceRules(exists=False)
    quotas = list(cluster.list("v1", "ResourceQuota", namespace=namespace))
    used = _own_use(cluster, namespace, instance_labels) if quotas else {}
    limits = [one for live in cluster.list("v1", "LimitRange", namespace=namespace) for one in _limits(live)]
    return NamespaceRules(exists=True, quotas=tuple(_quota(live, used) for live in quotas), limits=tuple(limits))


def _own_use(cluster: Cluster, namespace: str, instance_labels: Mapping[str, str]) -> dict[str, Decimal]:
    labels = ",".join(f"{key}={value}" for key, value in instance_labels.items())
    use: defaultdict[str, Decimal] = defaultdict(Decimal)
    for pod in cluster.list("v1", "Pod", namespace=namespace, labels=labels):
        if pod.get("status", {}).get("phase") in ("Succeeded", "Failed"):
            continue
        requests, limits = effective(pod["spec"], "requests"), effective(pod["spec"], "limits")
        for names, amount in (
            (("cpu", "requests.cpu"), requests.cpu),
            (("memory", "requests.memory"), requests.memory),
            (("requests.ephemeral-storage",), requests.storage),
            (("limits.cpu",), limits.cpu),
            (("limits.memory",), limits.memory),
            (("limits.ephemeral-storage",), limits.storage),
            (("pods", "count/pods"), Decimal(1)),
        ):
            for name in names:
                use[name] += amount
    for (api_version, kind), name in _COUNTED.items():
        listed = cluster.list(api_version, kind, namespace=namespace, labels=labels)
        count = len({live["metadata"]["name"] for live in listed})
        use[name] = use[f"count/{name}"] = Decimal(count)
    return use


def _quota(live: Manifest, used_by_us: Mapping[str, Decimal]) -> Quota:
    hard = live.get("status", {}).get("hard") or live["spec"].get("hard", {})
    used = live.get("status", {}).get("used", {})
    left = {
        name: quantity(amount) - quantity(used.get(name, "0")) + used_by_us.get(name, Decimal(0))
        for name, amount in hard.items()
    }
    scoped = bool(live["spec"].get("scopes") or live["spec"].get("scopeSelector"))
    return Quota(name=live["metadata"]["name"], left=left, scoped=scoped)


def _limits(live: Manifest) -> Iterator[Limits]:
    for item in live["spec"]["limits"]:
        if item["type"] in ("Container", "Pod"):
            yield Limits(
                name=live["metadata"]["name"],
                of=item["type"],
                most=_amounts(item.get("max")),
                least=_amounts(item.get("min")),
                ratio=_amounts(item.get("maxLimitRequestRatio")),
            )


def _amounts(named: Mapping[str, str] | None) -> dict[str, Decimal]:
    return {name: quantity(amount) for name, amount in (named or {}).items()}
