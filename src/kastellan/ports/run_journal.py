"""The journal of runs: their plans, and what happened, written before and after every step."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kastellan.domain.ledger import Draft
from kastellan.domain.run import RunEvent, RunPlan, RunRecord
from kastellan.domain.run_brief import RunBrief
from kastellan.domain.version import Version
from kastellan.ports.lease import Lease


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefs:
    """Runs in short, as the journal stood at one instant.

    Attributes:
        position: grows with every run that is opened or closed; `admit` compares it.
        runs: in the order in which they were planned.
    """

    position: int
    runs: tuple[RunBrief, ...]


class RunJournal(Protocol):
    """Append-only. Every method is one transaction and may raise what `ports.store.Store` may."""

    def open(self, plan: RunPlan, *, lease: Lease) -> RunRecord:
        """Keep the plan of a new run. Where a run of its id is there, that one is returned with the plan it had.

        Raises:
            LeaseLostError: the lease was taken over.
        """
        ...

    def write(
        self,
        run: RunRecord,
        *events: RunEvent,
        lease: Lease,
        drafts: Sequence[Draft] = (),
        seen: int | None = None,
    ) -> RunRecord:
        """Write events behind those that the caller knows, and facts into the ledger of the installation with them.

        It counts as a renewal of the lease. Repeated because its answer was lost, it is there once.

        Args:
            run: as the caller knows it.
            events: what happened, in order; at least one.
            lease: of the run's installation.
            drafts: facts for the ledger, in the same transaction; one whose key is there is left out. They are recorded
                whatever the clock says: what happened to an installation is never lost for a wrong clock.
            seen: sequence of the last ledger entry that the caller knew when it decided; None where its decision does
                not depend on the ledger.

        Raises:
            LeaseLostError: the lease was taken over; nothing was written.
            ConflictError: the ledger has grown since `seen`, or somebody else wrote to this run; nothing was written.
        """
        ...

    def read(self, run_id: str) -> RunRecord | None:
        """A run; None where there is none of that id."""
        ...

    def runs(self, installation: str = "", *, limit: int = 50) -> tuple[RunRecord, ...]:
        """The runs of an installation, or of all, newest first."""
        ...

    def unfinished(self) -> tuple[RunRecord, ...]:
        """Runs that somebody has to go on with, oldest first."""
        ...

    def briefs(self, versions: Collection[Version], *, since: datetime) -> Briefs:
        """The runs of all installations that bring one of these versions, and all that nobody has ended.

        Args:
            versions: releases whose rollouts are looked at.
            since: those of them that were planned earlier are left out (UTC).
        """
        ...

    def admit(self, plans: Sequence[RunPlan], *, seen: int) -> None:
        """Open new runs, all or none: from then on they are under way, and whoever comes first carries them out.

        It needs no lease, for it changes no installation; of all that admit at once, one does.

        Args:
            plans: of installations without a run under way.
            seen: position of the briefs that the decision was made from.

        Raises:
            ConflictError: a run was opened or closed since, or one of these installations has a run under way.
        """
        ...
