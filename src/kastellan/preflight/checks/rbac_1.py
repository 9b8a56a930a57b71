"""RBAC-1: kastellan has the rights that it uses."""

from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, failed, known, passed, undecided
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import Verdict
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.requirement import Requirement


def _rights(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    answers = known(facts.access)
    if not answers:
        return undecided("no right was asked for", "report this as a defect of kastellan")
    missing = [answer.right for answer in answers if not answer.allowed]
    if missing:
        return failed(
            f"{len(missing)} of {len(answers)} rights are missing: {'; '.join(missing[:8])}"
            + (" …" if len(missing) > 8 else ""),
            "bind a role with these rights to kastellan's identity; docs/checks/RBAC-1.md has one to apply",
        )
    return passed(f"all {len(answers)} rights are there")


RBAC_1 = Check(
    id="RBAC-1",
    title="kastellan has the rights that it uses",
    owner=Party.CUSTOMER,
    expected=lambda _: "every right that the release procedure uses",
    judge=_rights,
    reads=("access",),
    guarantees=frozenset({Guarantee.MAINTENANCE}),
)
