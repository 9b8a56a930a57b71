"""Rights that kastellan never uses and must not have: what RBAC-2 asks to be denied.

Each leads to everything else: Secrets of the whole cluster hold its credentials, `nodes/proxy` and `pods/exec` run
commands in any pod, `escalate` and `bind` give any right, `impersonate` is anybody (kubernetes.io, "Role Based Access
Control Good Practices").
"""

from kastellan.planning.rights import Right

_RBAC = "rbac.authorization.k8s.io"

DANGEROUS: tuple[Right, ...] = (
    Right("get", "", "secrets"),
    Right("list", "", "secrets"),
    Right("get", "", "nodes", subresource="proxy"),
    Right("create", "", "nodes", subresource="proxy"),
    Right("create", "", "pods", subresource="exec"),
    Right("escalate", _RBAC, "clusterroles"),
    Right("bind", _RBAC, "clusterroles"),
    Right("impersonate", "", "users"),
    Right("impersonate", "", "groups"),
)
"""All of them in the whole cluster."""
