"""Watches which pods a Service sends to, all the while something goes on."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType

from lab.control_plane import ControlPlane
from lab.node_wait import wait_for

_EVERY = 0.2
_FOLLOWS_SECONDS = 30.0
"""Endpoints follow the pods by a moment, by seconds where their controller saw an old list and tries again later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One look.

    Attributes:
        at: when, in seconds since the epoch.
        pods: ready pods by name, with their zones.
    """

    at: float
    pods: Mapping[str, str]

    @property
    def zones(self) -> frozenset[str]:
        """Zones with a ready pod."""
        return frozenset(self.pods.values())


class EndpointWatch:
    """Looks at a Service's endpoints five times a second until it is ended; a context manager.

    Args:
        cluster: where.
        namespace: of the Service.
        service: its name.
        pods: how many ready pods to wait for before it begins, because they are there.

    Attributes:
        seen: the looks whose result differs from the one before, oldest first.
    """

    def __init__(self, cluster: ControlPlane, namespace: str, service: str, *, pods: int = 0) -> None:
        """Begin to look; the first look is there when this returns.

        Raises:
            LabError: there are not so many ready pods within half a minute.
        """
        self._cluster = cluster
        self._path = (
            f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices"
            f"?labelSelector=kubernetes.io/service-name%3D{service}"
        )
        self._ended = threading.Event()
        what = f"{pods} ready pods behind {namespace}/{service}"
        wait_for(lambda: len(self._look().pods) >= pods, what=what, seconds=_FOLLOWS_SECONDS)
        self.seen = [self._look()]
        self._problem: BaseException | None = None
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def pods(self) -> Mapping[str, str]:
        """What is ready now."""
        return self.seen[-1].pods

    def lacking(self, zones: int) -> list[Seen]:
        """The looks at which ready pods stood in fewer zones than this."""
        return [seen for seen in self.seen if len(seen.zones) < zones]

    def _watch(self) -> None:
        try:
            while not self._ended.wait(_EVERY):
                look = self._look()
                if look.pods != self.seen[-1].pods:
                    self.seen.append(look)
        except BaseException as problem:  # told by __exit__: a watch that ended unseen would prove nothing
            self._problem = problem

    def _look(self) -> Seen:
        slices = self._cluster.request("GET", self._path)["items"]
        ready = {
            endpoint["targetRef"]["name"]: endpoint.get("zone", "")
            for one in slices
            for endpoint in one.get("endpoints") or ()
            if endpoint["conditions"].get("ready")
        }
        return Seen(at=time.time(), pods=ready)

    def __enter__(self) -> "EndpointWatch":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        if self._problem is not None and error is None:
            raise self._problem
