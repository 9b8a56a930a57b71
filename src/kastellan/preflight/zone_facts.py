"""What pods saw in every zone: plain data like all facts."""

from dataclasses import dataclass

SET_BACK_MS = 3_600_000
"""By how much the control of a comparison of clocks is set back: as in probe/clock.go."""
HELD_MS = 50
"""How long the server holds the query that is the control of the stopwatch: as in probe/database.go."""
UNTRIED = "its control was not tried; is the probe image of another version than kastellan?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Skew:
    """By how much a node's clock is ahead of another: between two bounds, in milliseconds.

    Attributes:
        low: at least; negative where the clock is behind.
        high: at most.
        problem: why there is none; empty where there is one.
        control: the bounds against the same clock, set back by `SET_BACK_MS`; None where that was not tried.
    """

    low: int = 0
    high: int = 0
    problem: str = ""
    control: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentiles:
    """Measured times in microseconds, by the nearest rank."""

    p50: int
    p95: int
    p99: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSeen:
    """PostgreSQL from one zone.

    Attributes:
        problem: why it could not be measured; empty where it could.
        refused: the server answered and refused, or does not verify; otherwise there was no answer.
        clock: of the node against the server's.
        held: of a query that the server holds for `HELD_MS`, in microseconds; None where that was not tried.
        reads: of `SELECT 1`.
        writes: of a committed write that leaves nothing behind; None where it was not allowed.
    """

    problem: str = ""
    refused: bool = False
    clock: Skew | None = None
    held: int | None = None
    reads: Percentiles | None = None
    writes: Percentiles | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How far the way to a destination went by one address family.

    Attributes:
        family: `IPv4` or `IPv6`.
        step: the last one tried: `dns`, `tcp`, `tls` or `http`.
        problem: why it did not hold; empty where it did.
        absent: the destination has no address of this family, so there is no such way.
        issuer: who signed the certificate, also where it does not verify.
        status: of the answer to GET /; 0 where HTTP was not spoken, or nobody answered.
    """

    family: str
    step: str
    problem: str = ""
    absent: bool = False
    issuer: str = ""
    status: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A destination, by every address family that the pod has.

    Attributes:
        destination: `host:port`.
        expected_issuer: part of the name that it has to have; empty where it does not matter.
        ways: one a family.
    """

    destination: str
    expected_issuer: str = ""
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneAnswer:
    """What one zone's pod answered.

    Attributes:
        zone: from where.
        node: on which node.
        problem: why there is no answer; empty where there is one.
        simulated: there are only simulated nodes: whatever a Job says there, nothing ran.
        api: the node's clock against the API server's.
        database: PostgreSQL; None where none is known.
        destinations: that pods have to reach.
        controls: destinations that nobody can have; none where no other was tried.
    """

    zone: str
    node: str = ""
    problem: str = ""
    simulated: bool = False
    api: Skew | None = None
    database: DatabaseSeen | None = None
    destinations: tuple[Reached, ...] = ()
    controls: tuple[Reached, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One phase of the isolation probe.

    Attributes:
        name: `baseline`, `ingress denied`, `ingress allowed`, `egress denied`, `egress allowed`.
        reachable: whether the server is to be reached in it.
        zones: those from which it was as it should be.
        others: those from which it was not.
        milliseconds: until the last zone was as it should be.
    """

    name: str
    reachable: bool
    zones: tuple[str, ...]
    others: tuple[str, ...]
    milliseconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolation:
    """Whether network policies are enforced: phases up to the first that was not as it should be."""

    phases: tuple[Phase, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """An image that a zone's node was asked to pull.

    Attributes:
        zone: from where.
        image: by digest.
        pulled: whether it came; None where the node said nothing in time.
        said: the node's own words.
    """

    zone: str
    image: str
    pulled: bool | None
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulls:
    """All of them, and the control: an image that cannot exist."""

    pulls: tuple[Pull, ...]
    control: Pull


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeTried:
    """A volume of the storage class in one zone; `held` says that it was bound, written and read."""

    zone: str
    storage_class: str
    held: bool
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Volumes:
    """One volume a zone, and the control: whether a claim of a class that nobody has was bound."""

    tried: tuple[VolumeTried, ...]
    control_bound: bool
