"""From a pod's metadata and spec, rendered or live, to what the scheduler looks at."""

from kastellan.domain.kubernetes_object import Manifest
from kastellan.preflight.amounts import Amounts
from kastellan.preflight.label_rule import LabelRule
from kastellan.preflight.pod_facts import Apart, PodKind, Spread, Toleration

_PER_POD = ("statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index", "batch.kubernetes.io/controller-uid")
"""Labels that differ between the pods of one owner."""
_PLAIN_RESOURCES = ("cpu", "memory", "ephemeral-storage")
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def pod_kind(
    metadata: Manifest,
    spec: Manifest,
    *,
    requests: Amounts,
    owner: str,
    component: str = "",
    fixed: bool = False,
    zones: tuple[str, ...] | None = None,
) -> PodKind:
    """What the pods of one owner have in common.

    Args:
        metadata: of the pod or of its template; gives namespace and labels.
        spec: of the pod.
        requests: effective requests.
        owner: kind and name of the controller, or empty.
        component: of ours, or empty.
        fixed: a pod of a DaemonSet or a static one.
        zones: where its volumes are.
    """
    labels = {key: value for key, value in (metadata.get("labels") or {}).items() if key not in _PER_POD}
    affinity = spec.get("affinity") or {}
    node_terms = ((affinity.get("nodeAffinity") or {}).get(_REQUIRED) or {}).get("nodeSelectorTerms") or ()
    return PodKind(
        namespace=metadata.get("namespace", ""),
        owner=owner,
        component=component,
        labels=labels,
        requests=requests,
        priority=spec.get("priority") or 0,
        preempts=spec.get("preemptionPolicy", "PreemptLowerPriority") != "Never",
        tolerations=tuple(map(_toleration, spec.get("tolerations") or ())),
        selector=tuple(LabelRule(key, "In", (value,)) for key, value in (spec.get("nodeSelector") or {}).items()),
        # A DaemonSet names the node of each of its pods here; they end with it, so where they may go does not matter.
        alternatives=() if fixed else tuple(map(_node_term, node_terms)),
        zones=zones,
        fixed=fixed,
        apart=tuple(
            _apart(term)
            for term in (affinity.get("podAntiAffinity") or {}).get(_REQUIRED) or ()
            if "labelSelector" in term
        ),
        spreads=tuple(
            _spread(entry, labels)
            for entry in spec.get("topologySpreadConstraints") or ()
            if entry["whenUnsatisfiable"] == "DoNotSchedule" and "labelSelector" in entry
        ),
        special=tuple(_special(spec, affinity)),
    )


def _special(spec: Manifest, affinity: Manifest) -> list[str]:
    containers = [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]
    requested = {name for one in containers for name in ((one.get("resources") or {}).get("requests") or {})}
    return [
        what
        for what, there in (
            ("host ports", any(port.get("hostPort") for one in containers for port in one.get("ports") or ())),
            ("pod affinity", bool((affinity.get("podAffinity") or {}).get(_REQUIRED))),
            ("further resources", bool(requested.difference(_PLAIN_RESOURCES))),
            ("scheduling gates", bool(spec.get("schedulingGates"))),
            ("resource claims", bool(spec.get("resourceClaims"))),
            ("another scheduler", spec.get("schedulerName", "default-scheduler") != "default-scheduler"),
        )
        if there
    ]


def _toleration(entry: Manifest) -> Toleration:
    operator = entry.get("operator", "Equal")
    value = None if operator == "Exists" else entry.get("value", "")
    key = entry.get("key", "")
    # Comparisons of numbers are taken to bear nothing.
    return Toleration(
        key=key if operator in ("Exists", "Equal") else f"{key} ", value=value, effect=entry.get("effect", "")
    )


def _node_term(term: Manifest) -> tuple[LabelRule, ...]:
    return tuple(
        LabelRule(rule["key"], rule["operator"], tuple(rule.get("values") or ()))
        for rule in (*(term.get("matchExpressions") or ()), *(term.get("matchFields") or ()))
    )


def selector_rules(selector: Manifest) -> tuple[LabelRule, ...]:
    """The rules of a label selector; an empty one has none and selects everything."""
    return (
        *(LabelRule(key, "In", (value,)) for key, value in (selector.get("matchLabels") or {}).items()),
        *(
            LabelRule(rule["key"], rule["operator"], tuple(rule.get("values") or ()))
            for rule in selector.get("matchExpressions") or ()
        ),
    )


def _apart(term: Manifest) -> Apart:
    return Apart(
        topology=term["topologyKey"],
        rules=selector_rules(term["labelSelector"]),
        namespaces=tuple(term.get("namespaces") or ()),
        any_namespace=term.get("namespaceSelector") is not None,
    )


def _spread(entry: Manifest, labels: dict[str, str]) -> Spread:
    keys = entry.get("matchLabelKeys") or ()
    return Spread(
        topology=entry["topologyKey"],
        skew=entry["maxSkew"],
        rules=(
            *selector_rules(entry["labelSelector"]),
            *(LabelRule(key, "In", (labels[key],)) for key in keys if key in labels),
        ),
        honor_taints=entry.get("nodeTaintsPolicy", "Ignore") == "Honor",
        honor_affinity=entry.get("nodeAffinityPolicy", "Honor") == "Honor",
        least_domains=entry.get("minDomains") or 1,
    )
