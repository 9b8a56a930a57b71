"""Roles that give exactly some rights: what a customer applies before a preflight or an installation."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from kastellan.domain.kubernetes_object import Manifest
from kastellan.planning.rights import Right

_RBAC = "rbac.authorization.k8s.io"


def roles(rights: Iterable[Right], name: str, *, user: str = "") -> list[Manifest]:
    """A ClusterRole and a Role for each namespace that give these rights and no other.

    Args:
        rights: what to give.
        name: of the roles.
        user: to whom they are bound; without one they are not.
    """
    by_namespace: dict[str, list[Right]] = defaultdict(list)
    for right in sorted(set(rights)):
        by_namespace[right.namespace].append(right)
    made: list[Manifest] = []
    for namespace, group in sorted(by_namespace.items()):
        kind = "Role" if namespace else "ClusterRole"
        metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
        made.append({"apiVersion": f"{_RBAC}/v1", "kind": kind, "metadata": metadata, "rules": _rules(group)})
        if user:
            made.append(
                {
                    "apiVersion": f"{_RBAC}/v1",
                    "kind": f"{kind}Binding",
                    "metadata": metadata,
                    "subjects": [{"kind": "User", "name": user, "apiGroup": _RBAC}],
                    "roleRef": {"kind": kind, "name": name, "apiGroup": _RBAC},
                }
            )
    return made


def _rules(rights: list[Right]) -> list[dict[str, Any]]:
    """One rule for the resources of a group that get the same verbs on the same names."""
    verbs: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for right in rights:
        resource = right.resource + (f"/{right.subresource}" if right.subresource else "")
        verbs[right.group, resource, right.name].add(right.verb)
    resources: dict[tuple[str, tuple[str, ...], str], list[str]] = defaultdict(list)
    for (group, resource, name), given in verbs.items():
        resources[group, tuple(sorted(given)), name].append(resource)
    return [
        {
            "apiGroups": [group],
            "resources": sorted(named),
            **({"resourceNames": [name]} if name else {}),
            "verbs": list(given),
        }
        for (group, given, name), named in sorted(resources.items())
    ]
