"""What `kastellan maintain` came to: for people, for machines, for a pipeline's test report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from kastellan.cli.exit_code import ExitCode
from kastellan.cli.fleet_rendering import forecast_document, forecast_text, held_document, held_text
from kastellan.cli.run_rendering import not_now_document, not_now_text, plan_text, run_document, run_text
from kastellan.domain.errors import KastellanError
from kastellan.domain.history import Verdict
from kastellan.domain.run import RunPlan, RunRecord
from kastellan.domain.run_document import plan_document
from kastellan.planning.fleet_forecast import ReleaseForecast
from kastellan.planning.fleet_plan import Held
from kastellan.planning.run_planning import NotNow

_BLOCKING = ("fleet-stopped",)
"""Reasons of a fleet for which somebody has to act; the others pass with time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One installation.

    Attributes:
        installation: which.
        zone: of its contract.
        found: the plan, or why there is none.
        run: what was run; None in a dry run, and where nothing was.
        problem: why a plan was not carried out by this process; empty otherwise.
        elsewhere: of a fleet, that somebody else is at the run; empty otherwise.
    """

    installation: str
    zone: str
    found: RunPlan | NotNow
    run: RunRecord | None = None
    problem: str = ""
    elsewhere: str = ""

    @property
    def verdict(self) -> Verdict | None:
        """Of the run."""
        return self.run.closed.verdict if self.run and self.run.closed else None

    @property
    def failed(self) -> bool:
        """Whether it failed, or nobody can say that it did not."""
        return self.verdict in (Verdict.FAILED, Verdict.INCONCLUSIVE)

    @property
    def code(self) -> ExitCode:
        """As if it were alone."""
        if self.problem or self.verdict is Verdict.BLOCKED:
            return ExitCode.INCOMPLETE
        if self.failed:
            return ExitCode.FAILED
        return ExitCode.INCOMPLETE if isinstance(self.found, NotNow) and self.found.due else ExitCode.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """One call of the command.

    Attributes:
        installations: what became of them.
        held: those that are due and did not begin, by the fleet's rules.
        forecast: of a dry run of a fleet, its waves.
        zones: of the contracts, by installation.
        failures: what is wrong with an installation; it held up no other.
    """

    installations: tuple[Result, ...]
    held: tuple[Held, ...] = ()
    forecast: tuple[ReleaseForecast, ...] = ()
    zones: Mapping[str, str] = field(default_factory=dict)
    failures: Mapping[str, KastellanError] = field(default_factory=dict)


def code_of(results: Results, *, due: bool) -> ExitCode:
    """The worst of all; one installation that was named is outside of its window, where nothing is due at it yet."""
    found = results.installations
    codes = {result.code for result in found}
    early = [one for one in found if isinstance(one.found, NotNow) and not one.found.due and _is_early(one.found)]
    if (early and not due) or any(one.reason.code in _BLOCKING for one in results.held):
        codes.add(ExitCode.INCOMPLETE)
    return next((code for code in (ExitCode.FAILED, ExitCode.INCOMPLETE) if code in codes), ExitCode.DONE)


def text(results: Results, *, colour: bool) -> str:
    """A paragraph an installation; of those where nothing is due only the number, where there are several."""
    parts, found = [], results.installations
    quiet = [one for one in found if isinstance(one.found, NotNow) and not one.found.due]
    alone = len(found) == 1 and not results.held and not results.forecast
    for one in found:
        if isinstance(one.found, NotNow):
            if one.found.due or alone:
                parts.append(not_now_text(one.installation, one.found, one.zone))
        elif one.problem or one.elsewhere:
            parts.append(f"{one.installation}: {one.problem or one.elsewhere}\n")
        else:
            parts.append(run_text(one.run, colour=colour) if one.run else plan_text(one.found, one.zone, colour=colour))
    if results.held:
        parts.append(held_text(results.held, results.zones))
    parts += [forecast_text(one, results.zones, colour=colour) for one in results.forecast]
    if quiet and not alone:
        parts.append(f"nothing is due now at {len(quiet)} installations\n")
    return "\n".join(parts) or ("" if results.failures else "no stack has a contract; nothing was due\n")


def document(results: Results) -> dict[str, Any]:
    """All installations in one document."""
    return {
        "schemaVersion": 1,
        "kind": "Maintenance",
        "installations": [
            {
                "installation": one.installation,
                "plan": plan_document(one.found) if isinstance(one.found, RunPlan) else None,
                "notNow": not_now_document(one.installation, one.found) if isinstance(one.found, NotNow) else None,
                "run": run_document(one.run) if one.run else None,
                "problem": one.problem or one.elsewhere,
            }
            for one in results.installations
        ],
        "notBegun": [held_document(one) for one in results.held],
        "forecast": [forecast_document(one) for one in results.forecast],
        "failures": [{"installation": name, "error": str(problem)} for name, problem in results.failures.items()],
    }


def junit_text(results: Results) -> str:
    """JUnit XML: a case an installation; failed runs are failures, what is blocked or was not begun is skipped."""
    suite = ElementTree.Element("testsuite", name="kastellan maintain")
    for one in results.installations:
        seconds = sum(step.spent.total_seconds() for step in one.run.steps) if one.run else 0.0
        name = one.found.id if isinstance(one.found, RunPlan) else one.installation
        case = ElementTree.SubElement(suite, "testcase", name=name, classname=one.installation, time=f"{seconds:.1f}")
        if one.failed and one.run and one.run.closed:
            ElementTree.SubElement(case, "failure", message=one.run.closed.reason)
        elif one.code is not ExitCode.DONE or isinstance(one.found, NotNow) or one.elsewhere:
            ElementTree.SubElement(case, "skipped", message=_why(one))
    for held in results.held:
        name = held.candidate.installation
        case = ElementTree.SubElement(suite, "testcase", name=name, classname=name, time="0")
        ElementTree.SubElement(case, "skipped", message=f"not begun: {held.reason.message}")
    for name, problem in results.failures.items():
        case = ElementTree.SubElement(suite, "testcase", name=name, classname=name, time="0")
        ElementTree.SubElement(case, "error", message=str(problem))
    suite.set("tests", str(len(suite)))
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _is_early(found: NotNow) -> bool:
    return found.next_start is not None and any(reason.code == "outside-window" for reason in found.reasons)


def _why(one: Result) -> str:
    if one.run and one.run.closed:
        return one.run.closed.reason
    if isinstance(one.found, NotNow):
        return "; ".join(str(reason) for reason in one.found.reasons)
    return one.problem or one.elsewhere
