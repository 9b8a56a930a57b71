"""A run in short: what a fleet has to know of every run of its installations."""

from dataclasses import dataclass
from datetime import datetime

from kastellan.domain.history import Verdict
from kastellan.domain.party import Party
from kastellan.domain.run import RunClosed
from kastellan.domain.version import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class RunBrief:
    """A run of which only plan and end are looked at.

    Attributes:
        id: of the run.
        installation: whose.
        version: what it brings.
        migrates: whether that is another version than the one that ran; else it only verifies.
        planned_at: when it was planned (UTC).
        closed: how it ended; None while somebody has to go on with it.
    """

    id: str
    installation: str
    version: Version
    migrates: bool
    planned_at: datetime
    closed: RunClosed | None = None

    @property
    def passed(self) -> bool:
        """Whether the installation runs the version, verified."""
        return self.closed is not None and self.closed.verdict is Verdict.PASSED

    @property
    def blocked(self) -> bool:
        """Whether it ended before it changed anything."""
        return self.closed is not None and self.closed.verdict is Verdict.BLOCKED

    @property
    def unexplained(self) -> bool:
        """Whether it failed, and not for a cause that lies with the customer alone (IN-2).

        Nobody can say what an inconclusive run means, so it is one whoever is to act.
        """
        if self.closed is None:
            return False
        if self.closed.verdict is Verdict.INCONCLUSIVE:
            return True
        return self.closed.verdict is Verdict.FAILED and self.closed.attribution is not Party.CUSTOMER
