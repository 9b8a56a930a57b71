"""The rights that the probes in the cluster use: only with `--probes`, and in a namespace that is theirs alone."""

from kastellan.domain.installation import Installation
from kastellan.manifests.probes import namespace_name
from kastellan.planning.rights import Right

_MADE = (
    ("", "configmaps"),
    ("", "secrets"),
    ("", "services"),
    ("", "pods"),
    ("", "persistentvolumeclaims"),
    ("batch", "jobs"),
    ("networking.k8s.io", "networkpolicies"),
)


def probe_rights(installation: Installation) -> tuple[Right, ...]:
    """Every right that the probes use; nothing is deleted one by one, because the namespace goes as a whole."""
    namespace = namespace_name(installation)
    found = {Right(verb, group, resource, namespace) for group, resource in _MADE for verb in ("create", "patch")}
    found |= {Right(verb, "", "namespaces", name=namespace) for verb in ("get", "patch", "delete")}
    found |= {
        Right("create", "", "namespaces"),
        Right("list", "", "nodes"),
        Right("get", "batch", "jobs", namespace),
        Right("get", "", "pods", namespace),
        Right("list", "", "pods", namespace),
        Right("list", "", "events", namespace),
        Right("get", "", "pods", namespace, subresource="log"),
    }
    return tuple(sorted(found))
