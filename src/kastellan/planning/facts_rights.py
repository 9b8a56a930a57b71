"""The rights that collecting each group of facts takes: what a read-only preflight needs, and nothing beyond."""

from collections.abc import Iterable, Mapping
from typing import assert_never

from kastellan.domain.installation import Installation, RoutingKind
from kastellan.manifests.release_manifests import ReleaseManifests
from kastellan.planning.rights import Right, rights_of

_ADMISSION = "admissionregistration.k8s.io"
_STORAGE = "storage.k8s.io"
_COUNTED = (("", "services"), ("", "configmaps"), ("", "secrets"), ("apps", "deployments"), ("batch", "jobs"))
"""What a quota may count and the installation has already: listed in its namespace to give it back (QUO-1)."""


def facts_rights(
    installation: Installation, manifests: ReleaseManifests, *, storage_class: str = ""
) -> Mapping[str, tuple[Right, ...]]:
    """By the name of a group in `Facts`; what every authenticated identity may ask anyway has no right here.

    Args:
        installation: what shall run there.
        manifests: its objects.
        storage_class: of volumes in the cluster; empty where there are none.
    """
    namespace = installation.namespace
    look = Right("get", "", "namespaces", name=namespace)
    # A role of a namespace can only be where the namespace is: nobody has to make it then.
    dry_run = tuple(
        right
        for right in rights_of(installation, manifests)
        if right.verb in ("create", "patch")
        and (right.verb, right.resource) != ("create", "namespaces")
        and right.resource != "pods"  # no object of a release is one
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
        "policies": (
            Right("list", _ADMISSION, "validatingadmissionpolicies"),
            Right("list", _ADMISSION, "validatingadmissionpolicybindings"),
        ),
        "api_services": (Right("list", "apiregistration.k8s.io", "apiservices"),),
        "excess": (),
        "disruptions": (
            Right("list", "policy", "poddisruptionbudgets"),
            Right("list", "", "pods", namespace),
            Right("create", "", "pods", namespace, subresource="eviction"),
        ),
        "entrance": _entrance(installation),
        "issuance": (
            look,
            Right("create", "cert-manager.io", "certificates", namespace),
            Right("list", "cert-manager.io", "certificates", namespace),
        )
        if installation.routing.own_certificate
        else (),
        "metrics": (
            Right("get", "apiregistration.k8s.io", "apiservices", name="v1beta1.metrics.k8s.io"),
            Right("list", "metrics.k8s.io", "nodes"),
            Right("list", "", "nodes"),
        )
        if installation.autoscaling
        else (),
        "storage": (
            Right("list", _STORAGE, "storageclasses"),
            Right("list", _STORAGE, "csidrivers"),
            Right("list", _STORAGE, "csinodes"),
            Right("list", "snapshot.storage.k8s.io", "volumesnapshotclasses"),
            Right("list", "", "nodes"),
        )
        if storage_class
        else (),
        "heartbeats": (
            Right("list", "coordination.k8s.io", "leases", "kube-node-lease"),
            Right("list", "", "nodes"),
        ),
        "families": (Right("get", "", "services", "default", name="kubernetes"), Right("list", "", "nodes")),
        "pull_secret": (Right("get", "", "secrets", namespace, name=installation.image_pull_secret),)
        if installation.image_pull_secret
        else (),
        "database": (),
        "replication": (Right("list", "", "pods"), Right("list", "", "nodes")),
        "archiving": (),
        "made_database": (),
        "managed": (),
        "names": (*installed, *_balancer(installation)),
        "handshake": installed,
        "entry": installed,
        "mail": (),
        "canary": (),
        "issued": (look,) if installation.routing.own_certificate else (),
        # What probes need besides is in `probe_rights` and `issuance_rights`: a read-only run has none of it.
        "zones": (),
        "isolation": (),
        "pulls": (),
        "volumes": (),
    }


def _entrance(installation: Installation) -> tuple[Right, ...]:
    """Reading the class of the way in, and from where its controller serves."""
    routing = installation.routing
    where = routing.controller_namespace
    served = (
        Right("list", "", "services", where),
        Right("list", "discovery.k8s.io", "endpointslices", where),
        Right("list", "", "pods", where),
        Right("list", "", "nodes"),
    )
    match routing.kind:
        case RoutingKind.INGRESS:
            classes: tuple[Right, ...] = (Right("list", "networking.k8s.io", "ingressclasses"),)
        case RoutingKind.GATEWAY:
            classes = (*_balancer(installation), Right("get", "gateway.networking.k8s.io", "gatewayclasses"))
        case RoutingKind.EDGE | RoutingKind.NONE:
            return ()
        case _ as never:
            assert_never(never)
    return (*classes, *(served if where else ()))


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


def survey_rights(by_group: Mapping[str, tuple[Right, ...]], groups: Iterable[str]) -> tuple[Right, ...]:
    """The rights for some groups of facts, as `facts_rights` tells them, and to name the cluster in the report."""
    identity = Right("get", "", "namespaces", name="kube-system")
    return tuple(sorted({identity, *(right for name in groups for right in by_group[name])}))
