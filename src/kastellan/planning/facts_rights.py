"""The rights that collecting each group of facts takes: what a read-only preflight needs, and nothing beyond."""

from collections.abc import Iterable, Mapping
from typing import assert_never

from kastellan.domain.installation import Installation, RoutingKind
from kastellan.manifests.release_manifests import ReleaseManifests
from kastellan.planning.rights import Right, rights_of

_ADMISSION = "admissionregistration.k8s.io"
_COUNTED = (("", "services"), ("", "configmaps"), ("", "secrets"), ("apps", "deployments"), ("batch", "jobs"))
"""What a quota may count and the installation has already: listed in its namespace to give it back (QUO-1)."""


def facts_rights(installation: Installation, manifests: ReleaseManifests) -> Mapping[str, tuple[Right, ...]]:
    """By the name of a group in `Facts`; what every authenticated identity may ask anyway has no right here."""
    namespace = installation.namespace
    look = Right("get", "", "namespaces", name=namespace)
    # A role of a namespace can only be where the namespace is: nobody has to make it then.
    dry_run = tuple(
        right
        for right in rights_of(installation, manifests)
        if right.verb in ("create", "patch") and (right.verb, right.resource) != ("create", "namespaces")
    )
    installed = (Right("get", "apps", "deployments", namespace),)
    counted = tuple(Right("list", group, resource, namespace) for group, resource in _COUNTED)
    return {
        "server_version": (),
        "nodes": (Right("list", "", "nodes"),),
        "pods": (
            Right("list", "", "pods"),
            Right("list", "", "persistentvolumes"),
            Right("list", "", "persistentvolumeclaims"),
        ),
        "access": (),
        "objects": (look, *(right for right in dry_run if not right.subresource)),
        "pod_admission": (look, Right("create", "", "pods", namespace)),
        "namespace": (
            look,
            Right("list", "", "resourcequotas", namespace),
            Right("list", "", "limitranges", namespace),
            Right("list", "", "pods", namespace),
            *counted,
        ),
        "webhooks": (
            Right("list", _ADMISSION, "validatingwebhookconfigurations"),
            Right("list", _ADMISSION, "mutatingwebhookconfigurations"),
            Right("list", "", "nodes"),
            Right("list", "discovery.k8s.io", "endpointslices"),
        ),
        "database": (),
        "replication": (Right("list", "", "pods"), Right("list", "", "nodes")),
        "archiving": (),
        "made_database": (),
        "names": (*installed, *_balancer(installation)),
        "handshake": installed,
        "entry": installed,
        "mail": (),
        "canary": (),
        # What probes need besides is in `probe_rights`: a read-only run has none of it.
        "zones": (),
        "isolation": (),
        "pulls": (),
        "volumes": (),
    }


def _balancer(installation: Installation) -> tuple[Right, ...]:
    """Reading where the load balancer is."""
    routing = installation.routing
    match routing.kind:
        case RoutingKind.INGRESS:
            return (Right("list", "networking.k8s.io", "ingresses", installation.namespace),)
        case RoutingKind.GATEWAY:
            namespace = routing.gateway_namespace or installation.namespace
            return (Right("get", "gateway.networking.k8s.io", "gateways", namespace, name=routing.gateway),)
        case RoutingKind.EDGE:
            return (Right("get", "", "services", installation.namespace),)
        case RoutingKind.NONE:
            return ()
        case _ as never:
            assert_never(never)


def survey_rights(installation: Installation, manifests: ReleaseManifests, groups: Iterable[str]) -> tuple[Right, ...]:
    """The rights for some groups of facts, and to name the cluster in the report."""
    by_group = facts_rights(installation, manifests)
    identity = Right("get", "", "namespaces", name="kube-system")
    return tuple(sorted({identity, *(right for name in groups for right in by_group[name])}))
