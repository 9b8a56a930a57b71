"""The journal of runs: their plans, and what happened, written before and after every step."""

from collections.abc import Sequence
from typing import Protocol

from kastellan.domain.ledger import Draft
from kastellan.domain.run import RunEvent, RunPlan, RunRecord
from kastellan.ports.lease import Lease


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

        It counts as a renewal of the lease.

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
