"""Why something is refused, blocked or not yet done: always typed, always with an owner (rule 3 of ARCHITECTURE.md)."""

from dataclasses import dataclass

from kastellan.domain.party import Party


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason for a "no" or a "not yet".

    Attributes:
        code: stable, lower-case words joined by dashes; machines compare it, so it never changes its meaning.
        message: what is the matter, naming the thing; one sentence without a full stop.
        owner: who has to act (IN-2).
        remediation: what that party does, as a command or a request.
        clause: id in the terms, such as `MU-4`; empty where no clause is involved.
        path: where in the configuration or in an object the matter lies; empty where it has no place.
    """

    code: str
    message: str
    owner: Party
    remediation: str
    clause: str = ""
    path: str = ""

    def __str__(self) -> str:
        place = f"{self.path}: " if self.path else ""
        clause = f" [{self.clause}]" if self.clause else ""
        return f"{place}{self.message}{clause}. {self.owner.value} acts: {self.remediation}"
