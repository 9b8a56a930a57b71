"""All that a report is judged from: facts, how they were come by, what is needed, and the circumstances."""

from collections.abc import Mapping
from dataclasses import dataclass

from kastellan.preflight.circumstances import Circumstances
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import Evidence
from kastellan.preflight.requirement import Requirement


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """One collection, complete enough to be judged anywhere.

    Attributes:
        facts: what was collected.
        evidence: how each group of facts was collected, by its name.
        requirement: what is needed.
        circumstances: of the collection.
    """

    facts: Facts
    evidence: Mapping[str, Evidence]
    requirement: Requirement
    circumstances: Circumstances
