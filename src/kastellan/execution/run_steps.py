"""What each step of a run does around the change of the installation: look, act where it must, say what was seen.

Every function may be called again after a kill at any point. Errors are left to `maintenance_run`, which repeats what
is temporary and turns the rest into outcomes.
"""

import hashlib
import json
from collections.abc import Callable

from kastellan.domain.configured_release import ConfiguredRelease, configured_for
from kastellan.domain.errors import BlockedError, InvalidInputError, StuckError
from kastellan.domain.history import Verdict
from kastellan.domain.image import Image, ImageSet
from kastellan.domain.ledger import Json, utc_text
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.run import RunRecord
from kastellan.domain.run_step import Blocked, Done, DoneAlready, Failed, Inconclusive, StepName, StepOutcome
from kastellan.domain.version import Version
from kastellan.execution.run_ports import RunPorts
from kastellan.execution.soak import soak, verify_service
from kastellan.planning.drift_reasons import drift_reasons
from kastellan.planning.preview_guard import RELEASE_UPDATE, TOUCHES_NOTHING, guard
from kastellan.planning.run_permission import refusals
from kastellan.planning.service_verdict import ServiceVerdict
from kastellan.ports.provisioner import Holder, StackLock
from kastellan.preflight.exempting import Use
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.report_document import report_document

Step = Callable[[RunPorts, RunRecord, float], StepOutcome]
"""A step: the outside, the run as far as it has come, and the seconds that are left for it."""


def contract(ports: RunPorts, run: RunRecord, _: float) -> StepOutcome:
    """Read contract, decisions and configuration again (MU-3)."""
    now = ports.look()
    reasons = refusals(run.plan, now.contract, now.ledger.history, ports.clock.now())
    if reasons:
        return Blocked(reasons=reasons)
    configured = ports.provisioner.configured_version(run.plan.installation)
    evidence: dict[str, Json] = {
        "contract": run.plan.contract_digest,
        "ledgerSequence": now.ledger.seen,
        "configured": _configured_document(configured),
    }
    return Done(summary=f"nobody objects; the stack asks for {configured.version}", evidence=evidence)


def preflight(ports: RunPorts, run: RunRecord, _: float) -> StepOutcome:
    """Validate the platform at the gate of maintenance (DI-4); unknown is no pass.

    A check that was left out stops nothing and is told: that the stack names no probe image is a decision that was
    reviewed with it, as for `pulumi up` itself.
    """
    report = ports.preflight()
    digest = hashlib.sha256(json.dumps(report_document(report), sort_keys=True).encode()).hexdigest()
    evidence: dict[str, Json] = {
        "overall": report.overall.value,
        "digest": f"sha256:{digest}",
        "checks": report.executed,
        "expected": report.expected,
    }
    stopping = [finding for finding in report.stopping if finding.executed]
    complete = len(report.findings) == report.expected and not any(one.use is Use.EXPIRED for one in report.exempted)
    if complete and not stopping:
        warned = sum(finding.outcome is Outcome.WARN for finding in report.findings)
        left_out = report.expected - report.executed
        told = f", {left_out} left out" if left_out else ""
        return Done(summary=f"{report.executed} checks, {warned} warnings{told}", evidence=evidence)
    reasons = [
        Reason(
            code=f"preflight-{finding.check}",
            message=f"{finding.check} {finding.title}: {finding.outcome.value}, {finding.observed}",
            owner=finding.owner,
            remediation=finding.remediation or f"see {finding.document}",
            clause=finding.clause,
        )
        for finding in stopping
    ]
    if not reasons:
        reasons = [
            Reason(
                code="preflight-incomplete",
                message=f"the preflight is {report.overall.value}: {report.executed} of {report.expected} checks ran",
                owner=Party.VENDOR,
                remediation="run `kastellan preflight`, and see which are missing or rest on what has expired",
                clause="DI-4",
            )
        ]
    return Blocked(reasons=tuple(reasons), evidence=evidence)


def notice_started(ports: RunPorts, run: RunRecord, _: float) -> StepOutcome:
    """The start is recorded with the end of this step, in one transaction; see `maintenance_run`."""
    return Done(summary="the start is on record")


def drift(ports: RunPorts, run: RunRecord, _: float) -> StepOutcome:
    """Find out whether somebody locks the stack, and what somebody else changed (DI-6)."""
    stack = run.plan.installation
    try:
        locks = ports.provisioner.locks(stack)
    except StuckError:  # this backend does not show its locks; `up` will say it
        locks = ()
    others = [lock for lock in locks if not lock.ours and lock.holder is not Holder.DEAD]
    if others:
        return Blocked(reasons=tuple(_locked(stack, lock) for lock in others))
    recovered = ports.provisioner.recover(stack)
    found = ports.provisioner.drift(stack)
    evidence: dict[str, Json] = {"recovered": list(recovered), "resources": len(found)}
    if found:
        return Blocked(reasons=drift_reasons(found, ports.limits.platform), evidence=evidence)
    return Done(summary="nobody else changed anything", evidence=evidence)


def restore_point(ports: RunPorts, run: RunRecord, seconds: float) -> StepOutcome:
    """Make a restore point under the run's own name, and read it back (DI-7)."""
    if not run.plan.migrates:
        return DoneAlready(summary="nothing is migrated, so no restore point is needed")
    now = ports.clock.now()
    point = ports.restore_points.make(run.plan.id, now, version=run.plan.before, budget_seconds=seconds)
    evidence: dict[str, Json] = {
        "key": point.key,
        "at": utc_text(point.at),
        "bytes": point.size,
        "digest": f"sha256:{point.digest}",
    }
    flaws = ports.restore_points.check(point)
    if flaws:
        return Blocked(reasons=flaws, evidence=evidence)
    return Done(summary=f"restore point {point.key}, {point.size} bytes", evidence=evidence)


def preview_guard(ports: RunPorts, run: RunRecord, _: float) -> StepOutcome:
    """Write the version, preview, and compare with what the item may touch (DI-6).

    Where the run goes no further, the verdict writes back what the file said before.
    """
    stack = run.plan.installation
    ports.provisioner.write_version(stack, wanted_release(ports, run, run.plan.version))
    steps = ports.provisioner.preview(stack)
    reasons = guard(steps, RELEASE_UPDATE)
    touched = [step for step in steps if step.operation not in TOUCHES_NOTHING]
    evidence: dict[str, Json] = {
        "steps": [
            {"operation": step.operation.value, "resource": f"{step.type} {step.name}", "changed": list(step.changed)}
            for step in touched
        ]
    }
    if reasons:
        return Blocked(reasons=reasons, evidence=evidence)
    return Done(summary=f"{len(touched)} of {len(steps)} resources would change, all allowed", evidence=evidence)


def verification(ports: RunPorts, run: RunRecord, seconds: float) -> StepOutcome:
    """Ask until it serves from every zone, or the time is over (DI-2)."""
    return served(ports, run.plan.version, seconds)


def soaking(ports: RunPorts, run: RunRecord, _: float) -> StepOutcome:
    """Watch it for as long as the contract says (SL-1)."""
    return _judged(soak(ports.probe(run.plan.version), ports.clock, ports.progress, ports.limits))


def served(ports: RunPorts, version: Version, seconds: float) -> StepOutcome:
    """Whether the installation serves at a version."""
    found = verify_service(
        ports.probe(version), ports.clock, ports.progress, ports.limits, budget_seconds=min(seconds, 600.0)
    )
    return _judged(found)


def wanted_release(ports: RunPorts, run: RunRecord, version: Version) -> ConfiguredRelease:
    """What the stack's file has to say for a version: what it said before the run, where that is the version.

    Raises:
        BlockedError: the catalogue does not have it, or no digests of it.
    """
    known = run.step(StepName.CONTRACT).outcome
    before = _configured(known.evidence.get("configured")) if isinstance(known, Done) else None
    if before is not None and before.version == version:
        return before
    release = ports.look().catalogue.find(version)
    if release is None:
        reason = Reason(
            code="version-unknown",
            message=f"{version} is not in the catalogue any more",
            owner=Party.VENDOR,
            remediation="put its row back",
            clause="MU-2",
        )
        raise BlockedError(f"{version} cannot be brought", [reason])
    return configured_for(before or ports.provisioner.configured_version(run.plan.installation), release)


def put_back(ports: RunPorts, run: RunRecord) -> None:
    """Let the stack's file say what it said before the run; only called while the installation was not changed."""
    known = run.step(StepName.CONTRACT).outcome
    before = _configured(known.evidence.get("configured")) if isinstance(known, Done) else None
    if before is not None:
        ports.provisioner.write_version(run.plan.installation, before)


def _judged(found: ServiceVerdict) -> StepOutcome:
    match found.verdict:
        case Verdict.PASSED:
            return Done(summary=found.summary, evidence=found.evidence)
        case Verdict.FAILED:
            return Failed(reasons=found.reasons, evidence=found.evidence)
        case _:
            return Inconclusive(reasons=found.reasons, evidence=found.evidence)


def _locked(stack: str, lock: StackLock) -> Reason:
    return Reason(
        code="stack-locked",
        message=f"the stack {stack} is locked by {lock}",
        owner=Party.VENDOR,
        remediation=f"ask {lock.user}; where that operation is dead: pulumi cancel --stack {stack}",
        clause="DI-6",
    )


def _configured_document(configured: ConfiguredRelease) -> Json:
    images = configured.images
    return {
        "version": str(configured.version),
        "images": {"zitadel": str(images.zitadel), "login": str(images.login)} if images else None,
        "undoing": str(configured.undoing) if configured.undoing else None,
    }


def _configured(document: Json) -> ConfiguredRelease | None:
    if not isinstance(document, dict):
        return None
    images = document["images"]
    try:
        return ConfiguredRelease(
            version=Version.parse(str(document["version"])),
            images=ImageSet(zitadel=Image.parse(images["zitadel"]), login=Image.parse(images["login"]))
            if isinstance(images, dict)
            else None,
            undoing=Version.parse(str(document["undoing"])) if document["undoing"] else None,
        )
    except (KeyError, ValueError) as cause:
        raise InvalidInputError("the journal of the run is not as it was written") from cause
