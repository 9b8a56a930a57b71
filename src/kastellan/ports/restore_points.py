"""Restore points of the installations' databases: made before a migration, and tried in drills (DI-7)."""

from datetime import datetime
from typing import Protocol

from kastellan.domain.reason import Reason
from kastellan.domain.restore_point import Restored, RestorePoint
from kastellan.domain.version import Version


class RestorePoints(Protocol):
    """The restore points of one installation.

    Nothing here changes the installation's database, and nothing restores over it: that is a person's decision
    (docs/restore.md). What `list` gives is finished: a restore point appears whole or not at all, whenever a process or
    a machine dies. No password is on a command line, in a name, in a restore point's description, or in an error.

    Every method may raise UnreachableError, DeadlineExceededError, ServerFaultError (the disk is full),
    UnauthenticatedError, ForbiddenError, UntrustedError, and NotFoundError (a program, a folder or a bucket is missing;
    the message says which, and what to install or make).
    """

    def make(
        self, key: str, now: datetime, *, version: Version | None = None, budget_seconds: float = 6 * 3600.0
    ) -> RestorePoint:
        """Make a restore point, or find the finished one of the same key, which is returned as it is.

        What a maker that died left half-made is discarded and made anew. The description is of the very snapshot that
        was dumped. Afterwards those that retention keeps no longer are taken away; never the one just made.

        Args:
            key: names it; see `domain.restore_point.is_name`.
            now: the instant (UTC); everything committed before it is in the restore point.
            version: release of ZITADEL that the database belongs to.
            budget_seconds: after so long the dump is ended, discarded, and DeadlineExceededError is raised.

        Raises:
            ConflictError: another process is making the same one.
            StepFailedError: the dump failed; the evidence is what the program said.
            InvalidInputError: the key is no name.
        """
        ...

    def list(self) -> tuple[RestorePoint, ...]:
        """All finished ones, newest first. Their dumps are not looked at; `check` does that."""
        ...

    def check(self, point: RestorePoint) -> tuple[Reason, ...]:
        """Read the whole dump: its SHA-256, and whether its table of contents can be listed and names every table.

        Returns:
            Every reason why it cannot be restored from; empty where it can, as far as reading it tells. A dump that is
            not there is such a reason; storage that gives no answer is an error.
        """
        ...

    def drill(self, point: RestorePoint, *, budget_seconds: float = 6 * 3600.0) -> Restored:
        """Restore into a scratch database, look what came back, and drop the scratch database, whatever happens.

        A scratch database that a killed drill left is dropped first. The comparison is the caller's
        (`Restored.differences`).

        Raises:
            ConflictError: another process drills with the same restore point.
            StepFailedError: the restore failed, or the dump is not what was written; the evidence says how.
        """
        ...
