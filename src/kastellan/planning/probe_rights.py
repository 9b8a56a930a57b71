"""The rights that the probes in the cluster use: only with `--probes`, and in a namespace that is theirs alone."""

from kastellan.domain.installation import Installation
from kastellan.manifests.probe_site import namespace_name
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
    """Every right that the probes use where they make and delete their namespace, as an administrator lets them."""
    namespace = namespace_name(installation)
    found = {Right(verb, "", "namespaces", name=namespace) for verb in ("get", "patch", "delete")}
    return tuple(sorted({*found, Right("create", "", "namespaces"), *_inside(installation)}))


def kept_probe_rights(installation: Installation) -> tuple[Right, ...]:
    """Every right that they use in a namespace that was made for them: then none is needed in any other.

    A role inside of a namespace goes with it, so one that comes and goes takes rights in the whole cluster; this one is
    emptied instead.
    """
    namespace = namespace_name(installation)
    found = {Right(verb, group, resource, namespace) for group, resource in _MADE for verb in ("list", "delete")}
    return tuple(sorted({*found, Right("get", "", "namespaces", name=namespace), *_inside(installation)}))


def _inside(installation: Installation) -> set[Right]:
    namespace, secret = namespace_name(installation), installation.image_pull_secret
    found = {Right(verb, group, resource, namespace) for group, resource in _MADE for verb in ("create", "patch")}
    found |= {Right("get", "", "secrets", installation.namespace, name=secret)} if secret else set()
    return found | {
        Right("list", "", "nodes"),
        Right("get", "batch", "jobs", namespace),
        Right("get", "", "pods", namespace),
        Right("list", "", "pods", namespace),
        Right("list", "", "events", namespace),
        Right("list", "", "persistentvolumeclaims", namespace),
        Right("get", "", "pods", namespace, subresource="log"),
    }
