"""The few calls of the API of RDS that restore points need.

Source: docs.aws.amazon.com/AmazonRDS/latest/APIReference.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kastellan.adapters.aws.account import AwsAccount, answered
from kastellan.domain.errors import DeadlineExceededError, NotFoundError, StepFailedError, TemporaryError
from kastellan.ports.clock import Clock

_POLL_SECONDS = 15.0
_ALLOW = (
    "rds:DescribeDBInstances, DescribeDBSnapshots, CreateDBSnapshot, DeleteDBSnapshot, AddTagsToResource, "
    "RestoreDBInstanceFromDBSnapshot and DeleteDBInstance"
)
_ENDED = frozenset(
    {"failed", "incompatible-restore", "incompatible-network", "incompatible-parameters", "storage-full"}
)
"""States out of which nothing comes by itself: …/UserGuide/accessing-monitoring.html."""

Watch = Callable[[float, str], None]
"""Is told the seconds that something lasts, and how far it is."""


class RdsInstances:
    """Instances and snapshots of one account and region.

    Every method may raise UnreachableError, ThrottledError, ServerFaultError, UnauthenticatedError, ForbiddenError
    (also: the credentials are of another account), NotFoundError, ConflictError and RejectedError.

    Args:
        account: whose.
        clock: for polling.
    """

    def __init__(self, account: AwsAccount, clock: Clock) -> None:
        self._account = account
        self._clock = clock

    def snapshots(self, instance: str) -> Iterator[dict[str, Any]]:
        """All snapshots of an instance that were made by hand or by us, with their tags."""
        with self._asked(f"listing the snapshots of {instance}"):
            pages = self._account.client("rds").get_paginator("describe_db_snapshots")
            for page in pages.paginate(DBInstanceIdentifier=instance, SnapshotType="manual"):
                yield from page["DBSnapshots"]

    def begin_snapshot(self, instance: str, identifier: str, tags: list[dict[str, str]]) -> None:
        """Begin one; it is kept until somebody deletes it."""
        with self._asked(f"making a snapshot of {instance}"):
            self._account.client("rds").create_db_snapshot(
                DBInstanceIdentifier=instance, DBSnapshotIdentifier=identifier, Tags=tags
            )

    def delete_snapshot(self, identifier: str) -> None:
        """Delete one; one that is gone is fine."""
        try:
            with self._asked(f"deleting snapshot {identifier}"):
                self._account.client("rds").delete_db_snapshot(DBSnapshotIdentifier=identifier)
        except NotFoundError:
            return

    def instances(self) -> Iterator[dict[str, Any]]:
        """All instances, with their tags."""
        with self._asked("listing instances"):
            for page in self._account.client("rds").get_paginator("describe_db_instances").paginate():
                yield from page["DBInstances"]

    def instance(self, name: str) -> dict[str, Any]:
        """One of them."""
        with self._asked(f"asking about instance {name}"):
            found: dict[str, Any] = self._account.client("rds").describe_db_instances(DBInstanceIdentifier=name)
        told: dict[str, Any] = found["DBInstances"][0]
        return told

    def begin_restore(self, snapshot: str, wanted: Mapping[str, Any]) -> None:
        """Begin to restore a snapshot into a new instance."""
        with self._asked(f"restoring snapshot {snapshot}"):
            self._account.client("rds").restore_db_instance_from_db_snapshot(DBSnapshotIdentifier=snapshot, **wanted)

    def begin_removal(self, name: str) -> None:
        """Begin to delete an instance with all that it has; one that is gone is fine."""
        try:
            with self._asked(f"deleting instance {name}"):
                self._account.client("rds").delete_db_instance(
                    DBInstanceIdentifier=name, SkipFinalSnapshot=True, DeleteAutomatedBackups=True
                )
        except NotFoundError:
            return

    def await_snapshot(self, instance: str, identifier: str, *, budget_seconds: float, watch: Watch) -> None:
        """Wait until a snapshot is whole.

        Raises:
            DeadlineExceededError: it is not, and goes on by itself.
            StepFailedError: it failed, or is gone.
        """

        def status() -> tuple[str, str]:
            found = (one for one in self.snapshots(instance) if one["DBSnapshotIdentifier"] == identifier)
            one = next(found, {"Status": "gone"})
            return str(one["Status"]), f"{one.get('PercentProgress', 0)} %"

        self._await(f"snapshot {identifier}", status, frozenset({"available"}), budget_seconds, watch)

    def await_instance(self, name: str, *, budget_seconds: float, watch: Watch) -> None:
        """Wait until an instance can be asked; raises as `await_snapshot`."""

        def status() -> tuple[str, str]:
            try:
                said = str(self.instance(name).get("DBInstanceStatus", "creating"))
            except NotFoundError:
                said = "gone"
            return said, said

        self._await(f"instance {name}", status, frozenset({"available"}), budget_seconds, watch)

    def await_removal(self, name: str, *, budget_seconds: float, watch: Watch) -> None:
        """Wait until an instance is gone; raises DeadlineExceededError."""

        def status() -> tuple[str, str]:
            try:
                said = str(self.instance(name).get("DBInstanceStatus", "deleting"))
            except NotFoundError:
                said = "gone"
            return ("gone" if said == "gone" else "deleting"), said

        self._await(f"deletion of {name}", status, frozenset({"gone"}), budget_seconds, watch)

    def _await(
        self,
        what: str,
        status: Callable[[], tuple[str, str]],
        done: frozenset[str],
        budget_seconds: float,
        watch: Watch,
    ) -> None:
        began = self._clock.monotonic()
        while True:
            try:
                state, said = status()
            except TemporaryError as problem:
                state, said = "", problem.message
            if state in done:
                return
            if state in _ENDED or state == "gone":
                raise StepFailedError(f"{what} came to nothing", step="rds", evidence=f"Amazon says that it is {state}")
            lasted = self._clock.monotonic() - began
            if lasted >= budget_seconds:
                raise DeadlineExceededError(f"{what} has not ended after {lasted:.0f} s: {said}")
            watch(lasted, said)
            self._clock.sleep(_POLL_SECONDS)

    @staticmethod
    def _asked(doing: str) -> Any:
        return answered(doing, allow=_ALLOW)
