"""What `kastellan maintain` came to: for people, for machines, for a pipeline's test report."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from kastellan.cli.exit_code import ExitCode
from kastellan.cli.run_rendering import not_now_document, not_now_text, plan_text, run_document, run_text
from kastellan.domain.history import Verdict
from kastellan.domain.run import RunPlan, RunRecord
from kastellan.domain.run_document import plan_document
from kastellan.planning.run_planning import NotNow


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One installation.

    Attributes:
        installation: which.
        zone: of its contract.
        found: the plan, or why there is none.
        run: what was run; None in a dry run, and where nothing was.
        problem: why a plan was not carried out by this process; empty otherwise.
    """

    installation: str
    zone: str
    found: RunPlan | NotNow
    run: RunRecord | None = None
    problem: str = ""

    @property
    def verdict(self) -> Verdict | None:
        """Of the run."""
        return self.run.closed.verdict if self.run and self.run.closed else None

    @property
    def stops(self) -> bool:
        """Whether other installations have to wait until a person has looked: a failure, or what nobody can explain."""
        return self.verdict in (Verdict.FAILED, Verdict.INCONCLUSIVE)

    @property
    def code(self) -> ExitCode:
        """As if it were alone."""
        if self.problem or self.verdict is Verdict.BLOCKED:
            return ExitCode.INCOMPLETE
        if self.stops:
            return ExitCode.FAILED
        return ExitCode.INCOMPLETE if isinstance(self.found, NotNow) and self.found.due else ExitCode.DONE


def code_of(results: Sequence[Result], *, due: bool) -> ExitCode:
    """The worst of all; one installation that was named is outside of its window, where nothing is due at it yet."""
    codes = {result.code for result in results}
    early = [one for one in results if isinstance(one.found, NotNow) and not one.found.due and _is_early(one.found)]
    if early and not due:
        codes.add(ExitCode.INCOMPLETE)
    return next((code for code in (ExitCode.FAILED, ExitCode.INCOMPLETE) if code in codes), ExitCode.DONE)


def text(results: Sequence[Result], left: Sequence[str], *, colour: bool) -> str:
    """A paragraph an installation; of those where nothing is due only the number, where there are several."""
    parts = []
    quiet = [one for one in results if isinstance(one.found, NotNow) and not one.found.due]
    for one in results:
        if isinstance(one.found, NotNow):
            if one.found.due or len(results) == 1:
                parts.append(not_now_text(one.installation, one.found, one.zone))
        elif one.problem:
            parts.append(f"{one.installation}: {one.problem}\n")
        else:
            parts.append(run_text(one.run, colour=colour) if one.run else plan_text(one.found, one.zone, colour=colour))
    if len(results) > 1 and quiet:
        parts.append(f"nothing is due now at {len(quiet)} installations\n")
    if left:
        parts.append(f"stopped; not begun: {', '.join(sorted(left))}\n")
    return "\n".join(parts) or "no stack has a contract; nothing was due\n"


def document(results: Sequence[Result], left: Sequence[str]) -> dict[str, Any]:
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
                "problem": one.problem,
            }
            for one in results
        ],
        "notBegun": sorted(left),
    }


def junit_text(results: Sequence[Result], left: Sequence[str]) -> str:
    """JUnit XML: a case an installation; failed runs are failures, what is blocked or was not begun is skipped."""
    suite = ElementTree.Element("testsuite", name="kastellan maintain", tests=str(len(results) + len(left)))
    for one in results:
        seconds = sum(step.spent.total_seconds() for step in one.run.steps) if one.run else 0.0
        name = one.found.id if isinstance(one.found, RunPlan) else one.installation
        case = ElementTree.SubElement(suite, "testcase", name=name, classname=one.installation, time=f"{seconds:.1f}")
        if one.stops and one.run and one.run.closed:
            ElementTree.SubElement(case, "failure", message=one.run.closed.reason)
        elif one.code is not ExitCode.DONE or isinstance(one.found, NotNow):
            ElementTree.SubElement(case, "skipped", message=_why(one))
    for installation in sorted(left):
        case = ElementTree.SubElement(suite, "testcase", name=installation, classname=installation, time="0")
        ElementTree.SubElement(case, "skipped", message="not begun: an installation before it failed")
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _is_early(found: NotNow) -> bool:
    return found.next_start is not None and any(reason.code == "outside-window" for reason in found.reasons)


def _why(one: Result) -> str:
    if one.run and one.run.closed:
        return one.run.closed.reason
    return "; ".join(str(reason) for reason in one.found.reasons) if isinstance(one.found, NotNow) else one.problem
