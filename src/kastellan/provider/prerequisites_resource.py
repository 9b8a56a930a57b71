"""The resource `Prerequisites`: the preflight as a gate of `pulumi up` (DI-4)."""

from collections.abc import Mapping
from typing import Any

from pulumi.provider.experimental.provider import CheckFailure

from kastellan.adapters.evidence.exemptions_file import stack_exemptions
from kastellan.adapters.evidence.preflight_run import judged, patient, survey
from kastellan.adapters.managed_database import managed_database_of
from kastellan.adapters.postgres.session import DatabaseAccess
from kastellan.adapters.probe.host_probes import ProbeAccess
from kastellan.domain.errors import BlockedError
from kastellan.domain.reason import Reason
from kastellan.domain.secrets import Secrets
from kastellan.manifests.identity import content_hash
from kastellan.manifests.release import render
from kastellan.preflight.rendering.formats import json_text
from kastellan.preflight.rendering.text import text
from kastellan.preflight.report import Overall, Report
from kastellan.preflight.report_document import report_document
from kastellan.provider.resource import Context
from kastellan.provider.values import Properties, wrapped


class PrerequisitesResource:
    """See the module; `manifests` is a hash of what shall run, so that another version is validated anew."""

    outputs = ("outcome", "report", "checked")

    def check(self, context: Context, old: Mapping[str, Any], new: dict[str, Any]) -> list[CheckFailure]:
        """Refuse a configuration that is not valid."""
        failures = context.failures(new)
        if not failures:
            manifests = render(context.parse(new).installation, Secrets.placeholders())
            shown = [manifest for manifest in manifests.objects if manifest["kind"] != "Secret"]
            new["manifests"] = content_hash({"objects": shown})
        return failures

    def differences(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
        """Inputs that differ."""
        return [name for name in ("name", "configuration", "manifests") if old.get(name) != new.get(name)]

    def preview(self, context: Context, old: Mapping[str, Any], inputs: Mapping[str, Any]) -> None:
        """Run the preflight and tell; what fails does not fail a preview."""
        report = self._run(context, inputs, allowed=False)
        if report.overall is not Overall.PASSED:
            context.log.warning(text(report_document(report)))

    def bring(self, context: Context, old: Mapping[str, Any], inputs: Mapping[str, Any]) -> Properties:
        """Run the preflight; a gate that fails, or that cannot be determined, stops the update.

        A probe that was left out stops nothing and is told each time: that the stack names no probe image is a decision
        that was reviewed with it.

        Raises:
            BlockedError: carries every reason.
        """
        report = self._run(context, inputs, allowed=context.parse(inputs).probing.image is not None)
        if any(finding.executed for finding in report.stopping):
            raise BlockedError(f"the preflight of {report.target} {report.overall.value}", _reasons(report))
        if report.overall is not Overall.PASSED:
            context.log.warning(text(report_document(report)))
        return {
            "outcome": wrapped(report.overall.value),
            "report": wrapped(json_text(report_document(report))),
            "checked": wrapped(report.judged.isoformat(timespec="seconds")),
        }

    def read(self, context: Context, state: Mapping[str, Any]) -> dict[str, Any]:
        """The record of a validation does not change by itself."""
        return {name: state[name] for name in ("name", "configuration", "manifests") if name in state}

    def delete(self, context: Context, state: Mapping[str, Any]) -> None:
        """There is nothing to remove: a validation leaves nothing behind."""

    def _run(self, context: Context, inputs: Mapping[str, Any], *, allowed: bool) -> Report:
        stack = context.parse(inputs)
        exemptions = stack_exemptions(stack)
        seen = survey(
            patient(context.connection(stack), context.clock, context.log),
            DatabaseAccess.of(stack),
            stack.installation,
            render(stack.installation, Secrets.placeholders()),
            target=f"stack {stack.installation.name}",
            plan=stack.contract.plan if stack.contract else None,
            clock=context.clock,
            progress=context.log,
            probes=ProbeAccess.of(stack, allowed=allowed),
            managed=managed_database_of(stack.restore_points, context.clock),
        )
        return judged(seen, context.clock, exemptions=exemptions)


def _reasons(report: Report) -> list[Reason]:
    return [
        Reason(
            code=f"preflight-{finding.outcome.value}",
            message=f"{finding.outcome.value}: {finding.title}: expected {finding.expected}; {finding.observed}",
            owner=finding.owner,
            remediation=f"{finding.remediation} ({finding.document})",
            clause=finding.clause,
            path=finding.check,
        )
        for finding in report.stopping
        if finding.executed
    ]
