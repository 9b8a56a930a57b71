"""Drift blocks with a name, and counts against the customer only where that is known."""

import pytest

from kastellan.domain.party import Party
from kastellan.domain.service_plan import Platform
from kastellan.planning.drift_reasons import drift_reasons
from kastellan.planning.planned_step import Operation
from kastellan.planning.resource_drift import ForeignChange, ResourceDrift

SCALED = ForeignChange(what="Deployment acme/zitadel: spec.replicas is 1, desired 3 (kubectl)", authors=("kubectl",))
DELETED = ForeignChange(what="PodDisruptionBudget acme/zitadel is missing (an unknown author)")


def drift(
    *changes: ForeignChange,
    kind: str = "kastellan:index:Release",
    operation: Operation = Operation.UPDATE,
    changed: tuple[str, ...] = ("drift",),
) -> ResourceDrift:
    return ResourceDrift(
        urn=f"urn::{kind}::acme", type=kind, name="acme", operation=operation, changed=changed, changes=changes
    )


def test_every_change_is_told_with_its_clause_and_place() -> None:
    reasons = drift_reasons([drift(SCALED, DELETED)], Platform.EXISTING)
    assert [reason.message for reason in reasons] == [SCALED.what, DELETED.what]
    assert {(reason.clause, reason.path) for reason in reasons} == {("DI-6", "urn::kastellan:index:Release::acme")}


@pytest.mark.parametrize(
    ("change", "platform", "owner"),
    [
        (SCALED, Platform.EXISTING, Party.CUSTOMER),
        (DELETED, Platform.EXISTING, Party.VENDOR),
        (SCALED, Platform.GKE, Party.VENDOR),
        (DELETED, Platform.EKS, Party.VENDOR),
    ],
)
def test_the_customer_acts_only_on_a_named_change_to_the_customers_own_cluster(
    change: ForeignChange, platform: Platform, owner: Party
) -> None:
    assert [reason.owner for reason in drift_reasons([drift(change)], platform)] == [owner]


def test_a_resource_of_a_cloud_is_named_with_what_differs() -> None:
    kind = "gcp:sql/databaseInstance:DatabaseInstance"
    changed, gone = drift_reasons(
        [
            drift(kind=kind, changed=("settings.tier",)),
            drift(kind=kind, operation=Operation.DELETE, changed=()),
        ],
        Platform.GKE,
    )
    assert "DatabaseInstance acme differs from what was brought: settings.tier" in changed.message
    assert "DatabaseInstance acme is gone" in gone.message
    assert {changed.owner, gone.owner} == {Party.VENDOR}


def test_no_drift_is_no_reason() -> None:
    assert drift_reasons([], Platform.EXISTING) == ()
