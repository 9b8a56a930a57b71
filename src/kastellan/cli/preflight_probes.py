"""What probes would put into a cluster, for a reader beforehand."""

from collections.abc import Iterator

import yaml

from kastellan.adapters.kubernetes.connection import connect
from kastellan.adapters.probe.zone_probes import site_of, vantages_of
from kastellan.cli.preflight_target import PreflightTarget
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.image import Image
from kastellan.domain.kubernetes_object import Manifest
from kastellan.manifests.issuance import certificate, control
from kastellan.manifests.probes import everything

_RUN = "RUN"


def shown(target: PreflightTarget) -> str:
    """Every object as YAML, for the zones that there are; nothing is changed.

    Raises:
        InvalidInputError: neither a probe image nor an issuer is named, so there is nothing.
        KastellanError: the nodes cannot be listed.
    """
    image, certificates = target.probes.probing.image, [*_certificates(target)]
    if image is None and not certificates:
        raise InvalidInputError(
            "nothing would be put there: name the probe image (--probe-image, or installation:probes.image in the "
            "stack), or cert-manager's issuer (installation:probes.issuer, with routing.tlsSecret)"
        )
    head, pods = _pods(target, image) if image else ("", [])
    return head + yaml.safe_dump_all([*pods, *certificates], sort_keys=False)


def _pods(target: PreflightTarget, image: Image) -> tuple[str, list[Manifest]]:
    """What is left out and why, and the pods with all that they need."""
    cluster = connect(target.kubeconfig, context=target.context, timeout_seconds=10.0)
    vantages, without = vantages_of([*cluster.list("v1", "Node")])
    site = site_of(target.installation, target.probes, image, target.database, vantages, run=_RUN)
    head = "".join(f"# {zone} has no real node that takes pods: nothing is tried there\n" for zone in without)
    return head, [*everything(site)]


def _certificates(target: PreflightTarget) -> Iterator[Manifest]:
    of, issuer = target.installation, target.probes.probing.issuer
    if issuer and of.routing.own_certificate:
        yield certificate(of, issuer, _RUN)
        yield control(of, _RUN)
