"""Whether a maintenance run may begin now, and what it will do: a frozen plan, or every reason against it.

A pure function of contract, history, pending updates, windows, earlier runs and now. Nothing begins outside of a
window, and nothing that by the measured durations and the reserve for undoing would not end inside it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kastellan.domain.catalogue import Catalogue
from kastellan.domain.configured_release import ConfiguredRelease, configured_for
from kastellan.domain.contract import Contract, digest
from kastellan.domain.errors import BlockedError
from kastellan.domain.history import Enrolled, History, RunEnded, Verdict
from kastellan.domain.interval import Interval
from kastellan.domain.ledger import utc_text
from kastellan.domain.offers import Offer
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.run import RunPlan, RunRecord
from kastellan.domain.standing import Standing
from kastellan.domain.version import Version
from kastellan.planning.image_digests import digest_mismatches
from kastellan.planning.pending_update import PendingUpdate, installed_version
from kastellan.planning.step_durations import measured, planned_steps, reserve

PAUSE_AFTER_BLOCKED = timedelta(minutes=30)
"""So long nothing is tried again by itself after a run that was blocked: every end is announced to the customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInput:
    """All that is looked at.

    Attributes:
        installation: name of the stack.
        contract: of the installation.
        catalogue: known releases.
        configured: what the stack's file asks for.
        history: what happened.
        found: its standing at `now`.
        pending: what is pending at `now`, the most urgent first.
        windows: promised windows that end after `now`, ascending.
        runs: earlier runs of the installation, newest first; all of them are closed.
        now: one instant for the whole decision (UTC).
        again: whether a person wants to run again what failed or was blocked in this window.
    """

    installation: str
    contract: Contract
    catalogue: Catalogue
    configured: ConfiguredRelease
    history: History
    found: Standing
    pending: Sequence[PendingUpdate]
    windows: Sequence[Interval]
    runs: Sequence[RunRecord]
    now: datetime
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NotNow:
    """Nothing begins now.

    Attributes:
        due: whether something should run now, so that the reasons stand in its way; False where it is only early.
        reasons: why, and who acts.
        next_start: when something may run as things stand; None where nothing may.
    """

    due: bool
    reasons: tuple[Reason, ...]
    next_start: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slot:
    """When an update may run; without times it is an emergency outside of every window."""

    start: datetime | None = None
    end: datetime | None = None


def plan_run(given: RunInput) -> RunPlan | NotNow:
    """The run that may begin now, the most urgent first, or why none may."""
    installed = installed_version(given.history)
    if installed is None:
        reason = _reason("not-enrolled", "it is not taken over yet", f"run `kastellan tick {given.installation}`")
        return NotNow(due=False, reasons=(reason,))
    for update in given.pending:
        slot = _slot(given, update)
        if slot is not None:
            return _planned(given, update, slot, installed)
    completed = next((offer for offer in given.found.offers if _just_completed(offer, given.now)), None)
    starts = [update.effective.at for update in given.pending if update.effective.at is not None]
    return NotNow(
        due=False,
        reasons=(_reason("completed", f"{completed.item} has completed in this window", "nothing is to be done"),)
        if completed
        else tuple(_outside(update) for update in given.pending)
        or (_reason("contract-ended", "nothing is pending: the contract has ended", "nothing is to be done", "MU-5"),),
        next_start=min((start for start in starts if start > given.now), default=None),
    )


def _just_completed(offer: Offer, now: datetime) -> bool:
    return offer.start <= now < offer.end and offer.run is not None and offer.run.verdict is Verdict.PASSED


def _slot(given: RunInput, update: PendingUpdate) -> _Slot | None:
    """When the update may run, if that is now, or would be were it not blocked."""
    now = given.now
    if update.item.month:
        offers = [offer for offer in given.found.offers if offer.item == update.item and not offer.moved]
        current = next((offer for offer in reversed(offers) if offer.start <= now < offer.end), None)
        return _Slot(start=current.start, end=current.end) if current else None
    if update.effective.at is None and not update.blockers:
        return None  # its notice has not been received
    if update.effective.at is not None and update.effective.at > now:
        return None
    window = next((window for window in given.windows if window.contains(now)), None)
    return _Slot(start=window.start, end=window.end) if window else _Slot()


def _planned(given: RunInput, update: PendingUpdate, slot: _Slot, installed: Version) -> RunPlan | NotNow:
    version = _version(given, update, installed)
    release = given.catalogue.find(version)
    steps = planned_steps(given.contract.runs, measured(given.runs))
    migrates = version != installed
    earlier = [run for run in given.runs if (run.plan.item, run.plan.window_start) == (update.item, slot.start)]
    plan = RunPlan(
        installation=given.installation,
        item=update.item,
        release_class=update.release_class,
        attempt=1 + max((run.plan.attempt for run in earlier), default=0),
        planned_at=given.now,
        window_start=slot.start,
        window_end=slot.end,
        before=installed,
        version=version,
        images=_images(given, version),
        undo=migrates and release is not None and release.backward_compatible,
        policy=given.contract.runs,
        contract_digest=digest(given.contract),
        reserve=reserve(steps, migrates=migrates),
        steps=steps,
    )
    reasons = (
        *update.blockers,
        *given.catalogue.refusals(installed, version),
        *_configuration(given, installed, version),
        *_soaking(given, installed, version),
        *_failed_before(given, earlier),
        *_too_late(plan, given.now),
    )
    return NotNow(due=True, reasons=reasons) if reasons else plan


def latest_start(plan: RunPlan) -> datetime | None:
    """The last instant at which the whole run would still end inside its window; None outside of one."""
    return plan.window_end - plan.expected - plan.reserve if plan.window_end else None


def _version(given: RunInput, update: PendingUpdate, installed: Version) -> Version:
    """What is brought: a step on the way to an emergency's release; what was offered, unless more is there by now."""
    if update.item.version is None:
        return max(update.version, installed)
    return next(iter(given.catalogue.way(installed, update.item.version)), update.item.version)


def _images(given: RunInput, version: Version) -> tuple[str, ...]:
    release = given.catalogue.find(version)
    try:
        images = configured_for(given.configured, release).images if release else None
    except BlockedError:  # told as a reason
        images = None
    images = images or (release.images if release else None)
    return (str(images.zitadel), str(images.login)) if images else ()


def _configuration(given: RunInput, installed: Version, version: Version) -> Iterator[Reason]:
    configured = given.configured
    if configured.version not in (installed, version):
        yield _reason(
            "configured-otherwise",
            f"the stack's file asks for {configured.version}; installed is {installed}, and the run brings {version}",
            "put the file back to what runs, or find out who changed it",
            "DI-6",
            path="installation:version",
        )
    yield from digest_mismatches(given.catalogue, configured.version, configured.images)
    release = given.catalogue.find(version)
    if release is not None:
        try:
            configured_for(configured, release)
        except BlockedError as refused:
            yield from refused.reasons
        if configured.images is None and release.images is None:
            yield _reason(
                "images-unknown",
                f"neither the stack nor the catalogue knows image digests of {version}",
                "add them to the release's row in the catalogue",
                path="installation:images",
            )


def _soaking(given: RunInput, installed: Version, version: Version) -> Iterator[Reason]:
    release = given.catalogue.find(version)
    if release is None or version == installed or not release.soak_days:
        return
    since = _since(given.history, installed)
    until = since + timedelta(days=release.soak_days)
    if given.now < until:
        yield _reason(
            "not-soaked",
            f"{version} asks that {installed} ran {release.soak_days} days first; it has since {utc_text(since)}",
            f"wait until {utc_text(until)}",
        )


def _since(history: History, version: Version) -> datetime:
    """Since when the version has been installed without a break."""
    since = next(history.of(Enrolled)).at
    current = None
    for fact in history.facts:
        if isinstance(fact, Enrolled | RunEnded) and fact.version != current:
            current, since = fact.version, fact.at
    return since


def _failed_before(given: RunInput, earlier: Sequence[RunRecord]) -> Iterator[Reason]:
    closed = earlier[0].closed if earlier else None
    if closed and closed.verdict in (Verdict.FAILED, Verdict.INCONCLUSIVE) and not given.again:
        yield _reason(
            "failed-before",
            f"the run {earlier[0].plan.id} {closed.verdict.value}: {closed.reason}",
            "find out why; then run it again in this window with --again",
        )
    elif closed and closed.verdict is Verdict.BLOCKED and not given.again:
        after = closed.at + PAUSE_AFTER_BLOCKED
        if given.now < after:
            yield Reason(
                code="blocked-before",
                message=f"the run {earlier[0].plan.id} was blocked: {closed.reason}",
                owner=closed.attribution,
                remediation=f"remove the blocker; it is tried again after {utc_text(after)}, or now with --again",
                clause="MU-3",
            )


def _too_late(plan: RunPlan, now: datetime) -> Iterator[Reason]:
    latest = latest_start(plan)
    if latest is not None and now > latest:
        yield _reason(
            "window-too-short",
            f"by the measured durations it takes {_minutes(plan.expected)}, undoing it {_minutes(plan.reserve)}; "
            f"the window ends at {utc_text(plan.window_end or now)}",
            f"begin by {utc_text(latest)} at the latest; wait for the next window",
            "MU-1",
        )


def _outside(update: PendingUpdate) -> Reason:
    if update.blockers:
        return update.blockers[0]
    effective = update.effective
    when = f"it begins at {utc_text(effective.at)}" if effective.at else effective.because
    return Reason(
        code="outside-window",
        message=f"{update.item} may not run now: {when}",
        owner=Party.VENDOR,
        remediation="wait; `kastellan pending` shows every date",
        clause=effective.clause,
    )


def _reason(code: str, message: str, remediation: str, clause: str = "MU-2", *, path: str = "") -> Reason:
    return Reason(code=code, message=message, owner=Party.VENDOR, remediation=remediation, clause=clause, path=path)


def _minutes(duration: timedelta) -> str:
    return f"{-(-duration // timedelta(minutes=1))} min"
