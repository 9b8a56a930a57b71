"""The judge of a load: what failed, when, for how long, and how late the rest was.

Pure, over the lines that `lab/load` wrote. A request fails when it got no answer, a wrong one, or none in time; an
answer after more than `LATE` is late and counts as failed, too: whoever waits that long has gone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

LATE = 1.0
"""Seconds after which an answer comes too late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request.

    Attributes:
        at: when it should have left, in seconds since the epoch.
        seconds: from then to the end of its answer.
        lane: which kind it was.
        outcome: `ok`, or how it failed.
        pod: that answered, where it said so.
        resent: how often the client had to send it again, because a kept connection had just been closed (RFC 9110,
            section 9.2.2); such a request has not failed.
    """

    at: float
    seconds: float
    lane: str
    outcome: str
    pod: str
    resent: int = 0

    @property
    def failed(self) -> bool:
        """Whether its sender would complain."""
        return self.outcome != "ok" or self.seconds > LATE


Span = tuple[float, float]
"""Since and until, in seconds since the epoch; half-open."""


def parse(lines: Iterable[str]) -> tuple[Request, ...]:
    """Read what `lab/load` wrote, in the order in which the requests left; a line that was cut at the end is left out.

    Raises:
        ValueError: a line is none of its.
    """
    return tuple(sorted((_request(line) for line in lines if line.endswith("\n")), key=lambda one: one.at))


def _request(line: str) -> Request:
    at, took, lane, outcome, pod, resent = line.rstrip("\n").split("\t")
    return Request(at=int(at) / 1e6, seconds=int(took) / 1e6, lane=lane, outcome=outcome, pod=pod, resent=int(resent))


@dataclass(frozen=True, slots=True)
class LoadReport:
    """All requests of one load, ascending by the instant at which they left."""

    requests: tuple[Request, ...]

    @property
    def failed(self) -> tuple[Request, ...]:
        """Those that failed."""
        return tuple(request for request in self.requests if request.failed)

    @property
    def unanswered(self) -> tuple[Request, ...]:
        """Those that failed for another reason than being late."""
        return tuple(request for request in self.requests if request.outcome != "ok")

    @property
    def late(self) -> tuple[Request, ...]:
        """Those that were answered well, after more than `LATE`."""
        return tuple(request for request in self.requests if request.outcome == "ok" and request.failed)

    @property
    def resent(self) -> int:
        """How many were sent again because a kept connection had just been closed."""
        return sum(request.resent > 0 for request in self.requests)

    @property
    def failed_seconds(self) -> float:
        """From the first failed request to the last."""
        failed = self.failed
        return failed[-1].at - failed[0].at if failed else 0.0

    @property
    def pods(self) -> frozenset[str]:
        """Pods that answered."""
        return frozenset(request.pod for request in self.requests if request.pod)

    @property
    def rate(self) -> float:
        """Requests a second that really left: a generator that could not keep up proves nothing."""
        if len(self.requests) < 2:
            return 0.0
        return (len(self.requests) - 1) / (self.requests[-1].at - self.requests[0].at)

    def during(self, *spans: Span) -> "LoadReport":
        """Only what left in one of these spans."""
        return LoadReport(tuple(one for one in self.requests if _inside(one.at, spans)))

    def outside(self, *spans: Span) -> "LoadReport":
        """Only what left in none of these spans."""
        return LoadReport(tuple(one for one in self.requests if not _inside(one.at, spans)))

    def percentile(self, share: float) -> float:
        """Seconds within which this share (0 to 1) of the requests was answered well; nearest rank.

        Raises:
            ValueError: none was.
        """
        took = sorted(request.seconds for request in self.requests if request.outcome == "ok")
        if not took:
            raise ValueError("no request was answered")
        return took[max(ceil(share * len(took)) - 1, 0)]

    def summary(self) -> str:
        """One line for people, and one for each way of failing."""
        failed = self.failed
        lines = [f"{len(failed)} of {len(self.requests)} requests failed; {self.resent} were sent again"]
        begin = self.requests[0].at if self.requests else 0.0
        ways: dict[tuple[str, str], list[float]] = {}
        for one in failed:
            way = (one.lane, "late" if one.outcome == "ok" else one.outcome)
            ways.setdefault(way, []).append(one.at - begin)
        for (lane, how), after in sorted(ways.items()):
            lines.append(f"  {lane}: {len(after)} {how}, the first after {after[0]:.2f} s")
        return "\n".join(lines)


def _inside(at: float, spans: Sequence[Span]) -> bool:
    return any(since <= at < until for since, until in spans)
