"""What a power cut costs an installation under load: which requests, for how long, and until when pods are missing."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.endpoint_watch import EndpointWatch
from lab.load import Lane, Load
from lab.load_report import LoadReport, Span
from lab.node_wait import wait_for
from lab.place import Place

_CALM_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """One power cut, from a moment before it until everything is as it was.

    Attributes:
        report: all requests.
        lost_at: when the power went; seconds since the epoch, as all of these.
        withdrawn_at: when no pod without power was sent to any more, as the API had it.
        replaced_at: when as many pods were ready as before.
        zones: of the pods that were ready then.
    """

    report: LoadReport
    lost_at: float
    withdrawn_at: float
    replaced_at: float
    zones: frozenset[str]

    def outage(self, slack: float) -> Span:
        """From the cut until pods were withdrawn, and so many seconds more."""
        return (self.lost_at - 0.1, self.withdrawn_at + slack)


def cut_power(
    place: Place,
    lanes: Sequence[Lane],
    nodes: Sequence[str],
    folder: Path,
    *,
    rate: float,
    seconds: float,
    afterwards: Callable[[EndpointWatch], object],
) -> Loss:
    """Cut the power of nodes under load, wait until the installation has replaced what it lost, and give it back.

    Args:
        place: an installation that lacks nothing.
        lanes: what to ask.
        nodes: which.
        folder: for the load.
        rate: requests a second.
        seconds: within which pods must be withdrawn, and once more until they are replaced.
        afterwards: what is done and waited for, still under load, once the nodes are Ready again.

    Raises:
        LabError: pods are not withdrawn, not replaced, or a node does not come back.
    """
    with (
        EndpointWatch(place.cluster, place.name, "zitadel") as watch,
        Load(lanes, rate=rate, folder=folder) as load,
    ):
        before = len(watch.pods())
        lost = frozenset(pod for pod in watch.pods() if _node_of(place, pod) in nodes)
        time.sleep(_CALM_SECONDS)
        lost_at = time.time()
        with place.cluster.power_cut(*nodes):
            wait_for(lambda: lost.isdisjoint(watch.pods()), what=f"withdrawal of {', '.join(lost)}", seconds=seconds)
            withdrawn_at = watch.seen[-1].at
            wait_for(lambda: len(watch.pods()) >= before, what=f"{before} ready pods", seconds=seconds)
            replaced = watch.seen[-1]
        afterwards(watch)
        report = load.end()
    return Loss(
        report=report,
        lost_at=lost_at,
        withdrawn_at=withdrawn_at,
        replaced_at=replaced.at,
        zones=replaced.zones,
    )


def nodes_of(place: Place, zone: str) -> tuple[str, ...]:
    """Nodes of a zone that run a pod of the API which stays, by name."""
    pods = place.objects("pods", "app.kubernetes.io/name=zitadel")
    there = {pod["spec"]["nodeName"] for pod in pods if "deletionTimestamp" not in pod["metadata"]}
    return tuple(sorted(there & set(place.cluster.nodes_of(zone))))


def _node_of(place: Place, pod: str) -> str:
    return str(place.cluster.request("GET", f"/api/v1/namespaces/{place.name}/pods/{pod}")["spec"]["nodeName"])
