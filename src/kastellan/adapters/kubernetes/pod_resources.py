"""Resources of pods as the scheduler and the quota count them."""

from decimal import Decimal
from functools import lru_cache

from kastellan.domain.kubernetes_object import Manifest
from kastellan.preflight.amounts import Amounts


def effective(spec: Manifest, what: str) -> Amounts:
    """What counts for a pod: the larger of what runs together and of what any init step needs, and the overhead.

    Source: kubernetes.io, "Sidecar Containers", resource sharing within containers.

    Args:
        spec: of the pod.
        what: `requests` or `limits`.
    """
    running, sidecars, peak = Amounts(), Amounts(), Amounts()
    for container in spec.get("containers", ()):
        running = running.plus(_of(container, what))
    for container in spec.get("initContainers", ()):
        if container.get("restartPolicy") == "Always":
            sidecars = sidecars.plus(_of(container, what))
            peak = _larger(peak, sidecars)
        else:
            peak = _larger(peak, sidecars.plus(_of(container, what)))
    together = _larger(running.plus(sidecars), peak)
    whole = (spec.get("resources") or {}).get(what) or {}  # of the pod as a whole: instead of its containers'
    named = amounts(whole)
    return Amounts(
        cpu=named.cpu if "cpu" in whole else together.cpu,
        memory=named.memory if "memory" in whole else together.memory,
        storage=together.storage,
    ).plus(amounts(spec.get("overhead", {})))


def amounts(resources: Manifest) -> Amounts:
    """A resource list as numbers; what is not named is zero."""
    return Amounts(
        cpu=quantity(resources.get("cpu", "0")),
        memory=quantity(resources.get("memory", "0")),
        storage=quantity(resources.get("ephemeral-storage", "0")),
    )


@lru_cache(maxsize=4096)  # ten thousand pods are of a few templates and name the same few quantities
def quantity(text: str) -> Decimal:
    """A Kubernetes quantity, exactly.

    Raises:
        ValueError: it is none.
    """
    from kubernetes.utils.quantity import parse_quantity

    return Decimal(parse_quantity(text))


def _of(container: Manifest, what: str) -> Amounts:
    return amounts((container.get("resources") or {}).get(what) or {})


def _larger(one: Amounts, other: Amounts) -> Amounts:
    return Amounts(
        cpu=max(one.cpu, other.cpu), memory=max(one.memory, other.memory), storage=max(one.storage, other.storage)
    )
