"""One row of a preflight report."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kastellan.domain.party import Party
from kastellan.preflight.exemption import Attestation, Exemption, day_begins
from kastellan.preflight.gate import Gate
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.outcome import Outcome

OPERATOR_HOST = "operator-host"
API = "api"
SQL = "sql"
PROVIDER = "provider-api"
ISSUER = "issuer"
"""cert-manager's, by what it issued."""


def _rounded(number: float) -> float:
    shorter = round(number, 3)
    return int(shorter) if shorter == int(shorter) else shorter


def in_zone(zone: str) -> str:
    """The vantage of a pod in a zone."""
    return f"pod@{zone}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A measured number, so that two reports can be compared and a trend be seen.

    Attributes:
        value: what was measured.
        unit: such as `days`, `cores`, `connections`, `ms`.
        limit: where the requirement ends; None where there is no one number.
        more_is_better: whether the value has to be at least the limit, and not at most.
    """

    value: float
    unit: str
    limit: float | None = None
    more_is_better: bool = True

    def rounded(self) -> "Measure":
        """Three decimals at most, whole where it is whole: so every JSON library writes the same digits."""
        limit = None if self.limit is None else _rounded(self.limit)
        return replace(self, value=_rounded(self.value), limit=limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What was seen from one vantage, such as one zone.

    Attributes:
        vantage: `operator-host`, `api`, `sql`, `provider-api`, `issuer`, or `pod@ZONE`.
        outcome: from there.
        observed: what was seen from there, in one sentence without a full stop.
        measure: what was measured there.
    """

    vantage: str
    outcome: Outcome
    observed: str
    measure: Measure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a check says, before it is put into its row.

    Attributes:
        outcome: see there.
        observed: what was seen, in one sentence without a full stop.
        remediation: what to do; empty for a pass.
        owner: who does it, where that differs from the check's usual owner.
        subject: the thing that was judged, where it has a name, such as a host or a StorageClass.
        measure: what was measured.
        parts: what was seen from each vantage, where there are several.
        left_out: what decides it was not looked at, by the choice of whoever ran the preflight.
    """

    outcome: Outcome
    observed: str
    remediation: str = ""
    owner: Party | None = None
    subject: str = ""
    measure: Measure | None = None
    parts: tuple[Part, ...] = ()
    left_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A group of facts as it was collected.

    Attributes:
        facts: name of the group in `Facts`.
        sha256: digest of its canonical JSON, in hexadecimal.
        started: when its collection began (UTC).
        milliseconds: how long that took.
    """

    facts: str
    sha256: str
    started: datetime
    milliseconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check's result.

    Attributes:
        check: stable id, such as `ZON-1`; never reused.
        version: of the check's logic; another one may come to another outcome on the same facts.
        title: what is required, in a few words.
        outcome: see there.
        gates: what it can stop; none means that it only warns.
        guarantees: those that rest on it.
        subject: the thing that was judged; empty where it is the platform.
        expected: the requirement with its numbers.
        observed: what was seen.
        measure: what was measured, if anything was.
        owner: whose turn it is, where it is anybody's.
        remediation: what that party does; empty for a pass.
        clause: in the terms.
        vantage: from where it was seen.
        parts: what was seen from each vantage, where there are several.
        evidence: the groups of facts that it was judged on.
        executed: False where the check was left out.
        exemption: the waiver or attestation that counts, if one does.
        judged: what the check came to before that exemption; None without one.
    """

    check: str
    version: int
    title: str
    outcome: Outcome
    gates: frozenset[Gate]
    guarantees: frozenset[Guarantee]
    subject: str
    expected: str
    observed: str
    measure: Measure | None
    owner: Party
    remediation: str
    clause: str
    vantage: str
    parts: tuple[Part, ...]
    evidence: tuple[Evidence, ...]
    executed: bool = True
    exemption: Exemption | None = None
    judged: Outcome | None = None

    @property
    def document(self) -> str:
        """Path of the page that explains the check, in this repository."""
        return f"docs/checks/{self.check}.md"

    @property
    def started(self) -> datetime | None:
        """When the first of its facts began to be collected."""
        return min((one.started for one in self.evidence), default=None)

    @property
    def seen(self) -> datetime | None:
        """When it was looked at, or the day of the statement that stands for looking."""
        return day_begins(self.exemption.stated) if isinstance(self.exemption, Attestation) else self.started

    @property
    def stated_until(self) -> datetime | None:
        """Where a statement stands for looking, the first instant at which it does so no more."""
        if isinstance(self.exemption, Attestation):
            return day_begins(self.exemption.expires + timedelta(days=1))
        return None

    @property
    def milliseconds(self) -> int:
        """How long the slowest of its facts took; groups are collected at the same time."""
        return max((one.milliseconds for one in self.evidence), default=0)
