"""Judges by what probes saw whether an installation serves: passed, failed, or inconclusive, which is never passed.

Each question at each place is a series of its own, so that a zone that never answers is not averaged away.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from kastellan.domain.history import Verdict
from kastellan.domain.ledger import Json
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.service_plan import Platform
from kastellan.domain.service_sample import OUTSIDE, Look, Question, Sample, Seen

_NO_DATABASE = 412
"""What `/debug/ready` answers when the server does not reach its database (facts of ZITADEL, section 2.4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLimits:
    """What is asked of an installation.

    Attributes:
        soak: how long it is watched.
        interval: from the beginning of one look to that of the next, at most.
        looks: answers that a series needs so that it is judged at all.
        errors: largest share of bad answers in a series. The objective of SL-1 leaves 0.1 %, which no soak can resolve;
            one bad answer in a hundred is what is noise in a port-forward and not in a service.
        p95: 95 of 100 answers of a series are there after so long.
        zones: zones that must answer (DI-2).
        platform: decides whose the infrastructure is (IN-2).
        outside: whether it has to be asked by its external name, too; where that was decided against, the summary
            says that it is not known.
        questions: what has to be asked; fewer where the cluster's policy forbids requests to pods, and one more where
            there is an edge, and where there are further names.
    """

    soak: timedelta = timedelta(minutes=10)
    interval: timedelta = timedelta(seconds=5)
    looks: int = 5
    errors: float = 0.01
    p95: timedelta = timedelta(seconds=2)
    zones: int = 3
    platform: Platform = Platform.EXISTING
    outside: bool = False
    questions: tuple[Question, ...] = tuple(one for one in Question if one not in (Question.EDGE, Question.NAMES))

    @property
    def infrastructure(self) -> Party:
        """Who acts for cluster, database and the way in."""
        return self.platform.infrastructure

    @property
    def pause(self) -> timedelta:
        """From the beginning of one look to that of the next: less than the interval where the soak is short."""
        return min(self.interval, self.soak / max(1, self.looks - 1))

    @property
    def planned(self) -> int:
        """Looks of a whole soak, at most."""
        return max(self.looks, int(self.soak / self.pause) + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """All answers to one question at one place.

    Attributes:
        place: see `Sample`.
        question: see `Sample`.
        good: right answers.
        bad: wrong answers, and none.
        unknown: what says nothing about the installation.
        p95: seconds until 95 of 100 right answers were there (nearest rank); 0.0 without any.
        statuses: HTTP statuses of bad answers, sorted, each once.
        detail: what the last bad or unknown answer was.
    """

    place: str
    question: Question
    good: int
    bad: int
    unknown: int
    p95: float
    statuses: tuple[int, ...]
    detail: str

    @property
    def errors(self) -> float:
        """Share of bad ones among those that say something; 0.0 where none does."""
        return self.bad / (self.good + self.bad) if self.good + self.bad else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceVerdict:
    """Whether an installation serves.

    Attributes:
        verdict: passed, failed or inconclusive.
        reasons: why it is not passed; those of the failure first. Empty where it passed.
        looks: how often one looked.
        series: what was measured.
    """

    verdict: Verdict
    reasons: tuple[Reason, ...]
    looks: int
    series: tuple[Series, ...]

    @property
    def summary(self) -> str:
        """One line for people."""
        if self.reasons:
            more = f", and {len(self.reasons) - 1} more" if len(self.reasons) > 1 else ""
            return f"{self.reasons[0].message}{more}"
        slowest = max((one.p95 for one in self.series), default=0.0)
        zones = len({one.place for one in self.series} - {OUTSIDE})
        way_in = "" if any(one.place == OUTSIDE for one in self.series) else "; the way in was not asked and is unknown"
        return (
            f"{zones} zones answered {self.looks} times; 95 of 100 answers within {_milliseconds(slowest)} ms{way_in}"
        )

    @property
    def evidence(self) -> dict[str, Json]:
        """What was measured, for a record."""
        return {
            "looks": self.looks,
            "series": [
                {
                    "place": one.place,
                    "question": one.question.value,
                    "good": one.good,
                    "bad": one.bad,
                    "unknown": one.unknown,
                    "p95Milliseconds": _milliseconds(one.p95),
                }
                for one in self.series
            ],
        }


def judge(looks: Sequence[Look], limits: ServiceLimits) -> ServiceVerdict:
    """Judge what was seen, all of it at once."""
    series = _series(looks)
    failed = [reason for one in series if _enough(one, limits) for reason in _faults(one, series, limits)]
    open_ = [_too_few(one, limits) for one in series if not _enough(one, limits)]
    missing = [question for question in limits.questions if question not in {one.question for one in series}]
    open_ += [_unasked(f"{question.value} was asked nowhere", question.value) for question in missing]
    if limits.outside and not any(one.place == OUTSIDE for one in series):
        open_.append(_unasked("nothing was asked by the external name", OUTSIDE))
    if looks:
        failed += _standing(looks[-1], limits)
        open_ += _not_found_out(looks[-1], limits)
    verdict = Verdict.FAILED if failed else Verdict.INCONCLUSIVE if open_ or not looks else Verdict.PASSED
    return ServiceVerdict(verdict=verdict, reasons=(*failed, *open_), looks=len(looks), series=series)


def hopeless(looks: Sequence[Look], limits: ServiceLimits) -> bool:
    """Whether a soak can no longer pass, however good the rest of it is, so that waiting for its end is in vain."""
    return any(_enough(one, limits) and one.bad > limits.errors * limits.planned for one in _series(looks))


def _series(looks: Sequence[Look]) -> tuple[Series, ...]:
    found: dict[tuple[str, Question], list[Sample]] = {}
    for look in looks:
        for sample in look.samples:
            found.setdefault((sample.place, sample.question), []).append(sample)
    order = list(Question)
    return tuple(_summed(found[key]) for key in sorted(found, key=lambda key: (key[0], order.index(key[1]))))


def _summed(samples: Sequence[Sample]) -> Series:
    good = sorted(sample.seconds for sample in samples if sample.seen is Seen.GOOD)
    bad = [sample for sample in samples if sample.seen in (Seen.WRONG, Seen.NOTHING)]
    details = [sample.detail for sample in samples if sample.seen is not Seen.GOOD]
    return Series(
        place=samples[0].place,
        question=samples[0].question,
        good=len(good),
        bad=len(bad),
        unknown=len(samples) - len(good) - len(bad),
        p95=good[ceil(0.95 * len(good)) - 1] if good else 0.0,
        statuses=tuple(sorted({sample.status for sample in bad if sample.status})),
        detail=details[-1] if details else "",
    )


def _enough(one: Series, limits: ServiceLimits) -> bool:
    return one.good + one.bad >= limits.looks


def _faults(one: Series, series: Sequence[Series], limits: ServiceLimits) -> Iterator[Reason]:
    asked = f"{one.question.value} {_at(one.place)}"
    if one.errors > limits.errors:
        owner, remediation = _whose(one, series, limits)
        yield Reason(
            code="bad-answers",
            message=f"{asked}: {one.bad} of {one.good + one.bad} answers were bad ({one.detail})",
            owner=owner,
            remediation=remediation,
            clause="SL-1",
            path=f"{one.place}/{one.question.value}",
        )
    elif one.p95 > limits.p95.total_seconds():
        yield Reason(
            code="slow-answers",
            message=f"{asked}: 5 of 100 answers took {_milliseconds(one.p95)} ms or more, "
            f"allowed are {_milliseconds(limits.p95.total_seconds())} ms",
            owner=Party.VENDOR,
            remediation="compare the load of pods and database with that before the run; raise installation:size",
            clause="SL-1",
            path=f"{one.place}/{one.question.value}",
        )


def _whose(one: Series, series: Sequence[Series], limits: ServiceLimits) -> tuple[Party, str]:
    """Who has to act for bad answers, by what answers well beside them (IN-2)."""
    same = Question.DISCOVERY if one.question is Question.NAMES else one.question
    inside = [other for other in series if other.place != OUTSIDE and other.question is same]
    if one.place == OUTSIDE and inside and all(other.errors <= limits.errors and other.good for other in inside):
        return limits.infrastructure, "every zone answers inside the cluster: repair DNS, TLS or routes of the way in"
    if one.question is Question.READINESS and one.statuses == (_NO_DATABASE,):
        return limits.infrastructure, "the server does not reach its database: repair the database, or the way to it"
    return Party.VENDOR, "look at the logs of the pods in this zone"


def _too_few(one: Series, limits: ServiceLimits) -> Reason:
    known = one.good + one.bad
    said = f" ({one.detail})" if one.unknown and one.detail else ""
    if not one.unknown:
        remediation = "watch for longer, and find out why pods come and go"
    elif one.place == OUTSIDE and one.question is not Question.SYSTEM_USER:
        remediation = (
            "let this host reach the external name, tell its addresses in installation:probes.entry.addresses, or set "
            "installation:probes.externalName to false, by which the way in stays unproved"
        )
    else:
        remediation = "open the way from here to the pods (API server, port-forward) and verify again"
    return Reason(
        code="too-few-answers",
        message=f"{one.question.value} {_at(one.place)}: {known} answers say something, "
        f"{limits.looks} are needed{said}",
        owner=limits.infrastructure if one.unknown else Party.VENDOR,
        remediation=remediation,
        clause="SL-1",
        path=f"{one.place}/{one.question.value}",
    )


def _unasked(message: str, path: str) -> Reason:
    return Reason(
        code="not-asked",
        message=message,
        owner=Party.VENDOR,
        remediation="verify again when pods are ready",
        clause="SL-1",
        path=path,
    )


def _standing(last: Look, limits: ServiceLimits) -> Iterator[Reason]:
    if last.zones is not None and len(last.zones) < limits.zones:
        yield Reason(
            code="too-few-zones",
            message=f"ready pods stand in {len(last.zones)} of {limits.zones} zones "
            f"({', '.join(last.zones) or 'none'})",
            owner=limits.infrastructure,
            remediation="bring nodes of the missing zones back; kubectl get nodes -L topology.kubernetes.io/zone",
            clause="DI-2",
        )
    if last.old_pods:
        yield Reason(
            code="old-pods",
            message=f"pods of the version before are still there: {', '.join(last.old_pods[:5])}",
            owner=Party.VENDOR,
            remediation="see what keeps them: kubectl describe pod; a finalizer, or a drain that does not end",
        )


def _not_found_out(last: Look, limits: ServiceLimits) -> Iterator[Reason]:
    if last.zones is None or last.old_pods is None:
        yield Reason(
            code="pods-unknown",
            message="which pods there are, and where, could not be found out",
            owner=limits.infrastructure,
            remediation="open the way from here to the API server and verify again",
            clause="DI-2",
        )


def _at(place: str) -> str:
    return "by the external name" if place == OUTSIDE else f"in zone {place}"


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
