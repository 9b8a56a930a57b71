"""What probes would put into a cluster, for a reader beforehand."""

import yaml

from kastellan.adapters.kubernetes.connection import connect
from kastellan.adapters.probe.zone_probes import site_of, vantages_of
from kastellan.cli.preflight_target import PreflightTarget
from kastellan.domain.errors import InvalidInputError
from kastellan.manifests.probes import everything


def shown(target: PreflightTarget) -> str:
    """Every object as YAML, for the zones that there are; nothing is changed.

    Raises:
        InvalidInputError: no probe image is named.
        KastellanError: the nodes cannot be listed.
    """
    image = target.probes.probing.image
    if image is None:
        raise InvalidInputError("name the probe image: --probe-image, or installation:probes.image in the stack")
    cluster = connect(target.kubeconfig, context=target.context, timeout_seconds=10.0)
    vantages, without = vantages_of([*cluster.list("v1", "Node")])
    site = site_of(target.installation, target.probes, image, target.database, vantages, run="RUN")
    head = "".join(f"# {zone} has no real node that takes pods: nothing is tried there\n" for zone in without)
    return head + yaml.safe_dump_all(everything(site), sort_keys=False)
