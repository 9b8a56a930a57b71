"""What a release procedure will do, and why it may not: decided once, from one look, and then frozen."""

from collections.abc import Sequence
from dataclasses import dataclass

from kastellan.domain.installation import OnDrift
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.version import Version
from kastellan.manifests.identity import API, INSTANCE_LABEL
from kastellan.planning.desired_release import DesiredRelease
from kastellan.planning.drift import Drift
from kastellan.planning.drift_finding import drift_in_the_way
from kastellan.planning.foreign_budgets import foreign_budgets
from kastellan.planning.image_digests import digest_mismatches
from kastellan.planning.job_state import JobPhase, job_state
from kastellan.planning.object_change import ChangeKind, ObjectChange
from kastellan.planning.object_diff import field_changes
from kastellan.planning.observed_object import ObservedObject

VERSION_LABEL = "app.kubernetes.io/version"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePlan:
    """One plan.

    Attributes:
        installed: version of the pods that the API Deployment makes now; None where there is none.
        changes: one entry an object, in the order in which they are applied.
        foreign: what others changed and the plan would take back.
        blocked: why nothing may be done; empty where the plan may be carried out.
    """

    installed: Version | None
    changes: tuple[ObjectChange, ...]
    foreign: tuple[Drift, ...]
    blocked: tuple[Reason, ...]


def plan_release(
    desired: DesiredRelease, observed: Sequence[ObservedObject], budgets: Sequence[Manifest] = ()
) -> ReleasePlan:
    """Decide what to do about what was seen; pure.

    Args:
        desired: the release.
        observed: its objects as they are.
        budgets: every disruption budget of the namespace.
    """
    installation = desired.installation
    changes = tuple(_change(thing) for thing in observed)
    foreign = drift_in_the_way(observed)
    installed = installed_version(observed)
    blocked = [
        *_occupied(desired, observed),
        *desired.catalogue.refusals(installed, installation.version, undoing=installation.undoing),
        *digest_mismatches(desired.catalogue, installation.version, installation.images),
        *(reason for change in changes for reason in change.rejections),
        *foreign_budgets(installation, budgets, desired.manifests.workloads),
        *(_foreign_change(drift) for drift in foreign if installation.on_drift is OnDrift.REFUSE),
    ]
    return ReleasePlan(installed=installed, changes=changes, foreign=foreign, blocked=tuple(blocked))


def installed_version(observed: Sequence[ObservedObject]) -> Version | None:
    """The version label of the live API Deployment's pods, or None where there is none that can be read."""
    live = next((o.live for o in observed if (o.ref.kind, o.ref.name) == ("Deployment", API)), None)
    labels = live["spec"]["template"]["metadata"].get("labels", {}) if live else {}
    try:
        return Version.parse(labels[VERSION_LABEL])
    except (KeyError, ValueError):
        return None


def _change(thing: ObservedObject) -> ObjectChange:
    if thing.rejections:
        return ObjectChange(ref=thing.ref, kind=ChangeKind.UNKNOWN, rejections=thing.rejections)
    if thing.live is None:
        return ObjectChange(ref=thing.ref, kind=ChangeKind.CREATE)
    if thing.ref.kind == "Job" and job_state(thing.live).phase is JobPhase.FAILED:
        return ObjectChange(ref=thing.ref, kind=ChangeKind.REPLACE)
    fields = field_changes(thing.live, thing.result) if thing.result else ()
    kind = ChangeKind.UPDATE if fields else ChangeKind.UNCHANGED
    return ObjectChange(ref=thing.ref, kind=kind, fields=fields)


def _occupied(desired: DesiredRelease, observed: Sequence[ObservedObject]) -> list[Reason]:
    """Objects of our names that belong to another installation, or to nobody we know: DI-1 dedicates a namespace."""
    name = desired.installation.name
    return [
        Reason(
            code="occupied",
            message=f"{thing.ref} belongs to {_belongs_to(thing.live)}",
            owner=Party.VENDOR,
            remediation="choose another namespace (installation:namespace), or remove what is in this one",
            clause="DI-1",
        )
        for thing in observed
        if thing.live is not None
        and thing.ref.kind in ("Deployment", "Service", "ServiceAccount")
        and _instance(thing.live) != name
    ]


def _instance(live: Manifest) -> str:
    return str(live["metadata"].get("labels", {}).get(INSTANCE_LABEL, ""))


def _belongs_to(live: Manifest) -> str:
    instance = _instance(live)
    return f"installation {instance}" if instance else "somebody else"


def _foreign_change(drift: Drift) -> Reason:
    return Reason(
        code="foreign-change",
        message=str(drift),
        owner=Party.CUSTOMER,
        remediation="say why it was changed, then undo it; or the vendor sets installation:onDrift to revert",
        clause="DI-6",
        path=_place(drift.ref),
    )


def _place(ref: ObjectRef) -> str:
    return str(ref)
