"""Everything that a maintenance run needs from the outside, for one installation."""

from collections.abc import Callable
from dataclasses import dataclass

from kastellan.domain.catalogue import Catalogue
from kastellan.domain.contract import Contract
from kastellan.domain.version import Version
from kastellan.execution.tick import Ledger
from kastellan.planning.service_verdict import ServiceLimits
from kastellan.ports.clock import Clock
from kastellan.ports.lease import Leases
from kastellan.ports.progress import Progress
from kastellan.ports.provisioner import Provisioner
from kastellan.ports.restore_points import RestorePoints
from kastellan.ports.run_journal import RunJournal
from kastellan.ports.service_probe import ServiceProbe
from kastellan.ports.worker import Worker
from kastellan.preflight.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is read again while a run goes on.

    Attributes:
        contract: as it is written now.
        catalogue: likewise.
        ledger: as it is recorded now.
    """

    contract: Contract
    catalogue: Catalogue
    ledger: Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPorts:
    """The outside of one installation's runs.

    Attributes:
        journal: where runs are written down.
        leases: who works on what.
        provisioner: what changes the installation.
        restore_points: what makes restore points of its database.
        probe: asks the installation, as it is at a version.
        preflight: validates the platform at the gate of maintenance (DI-4); raises what its ports raise.
        look: reads contract and ledger again.
        announce: records what has become due and sends the notices; what it raises is told and does not stop a run,
            because the next tick does the same.
        limits: what is asked of the installation after the update.
        clock: time.
        progress: told what goes on.
        worker: this process.
    """

    journal: RunJournal
    leases: Leases
    provisioner: Provisioner
    restore_points: RestorePoints
    probe: Callable[[Version], ServiceProbe]
    preflight: Callable[[], Report]
    look: Callable[[], Situation]
    announce: Callable[[], None]
    limits: ServiceLimits
    clock: Clock
    progress: Progress
    worker: Worker
