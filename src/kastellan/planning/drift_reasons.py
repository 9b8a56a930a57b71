"""Why drift blocks a run, and whose turn it is (DI-6, IN-2)."""

from collections.abc import Iterable, Iterator

from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.service_plan import Platform
from kastellan.planning.planned_step import Operation
from kastellan.planning.resource_drift import ForeignChange, ResourceDrift

CODE = "drift"


def drift_reasons(drifts: Iterable[ResourceDrift], platform: Platform) -> tuple[Reason, ...]:
    """One reason for each foreign change, or for each resource whose provider attributes nothing.

    On the customer's own cluster the customer is asked about what somebody changed under a name of their own; where
    nobody left a name, and on infrastructure that the vendor operates, it is the vendor who finds out: only what is
    known to lie with the customer may count against the customer.
    """
    return tuple(reason for drift in drifts for reason in _of(drift, platform))


def _of(drift: ResourceDrift, platform: Platform) -> Iterator[Reason]:
    for change in drift.changes:
        yield _changed(drift, change, platform)
    if not drift.changes:
        yield _unattributed(drift)


def _changed(drift: ResourceDrift, change: ForeignChange, platform: Platform) -> Reason:
    if change.authors and platform is Platform.EXISTING:
        owner, remediation = (
            Party.CUSTOMER,
            "say why it was changed, then undo it; or agree with the vendor to revert it",
        )
    else:
        owner, remediation = Party.VENDOR, "find out who changed it; take it back with installation:onDrift: revert"
    return Reason(code=CODE, message=change.what, owner=owner, remediation=remediation, clause="DI-6", path=drift.urn)


def _unattributed(drift: ResourceDrift) -> Reason:
    if drift.operation is Operation.DELETE:
        what = "is gone"
    else:
        what = f"differs from what was brought: {', '.join(drift.changed) or 'in ways that are not told'}"
    return Reason(
        code=CODE,
        message=f"{drift.type} {drift.name} {what} (an unknown author)",
        owner=Party.VENDOR,
        remediation="see the cloud's audit log for who it was; then take it over into the stack, or bring it back",
        clause="DI-6",
        path=drift.urn,
    )
