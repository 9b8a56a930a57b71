"""Which checks run: every one, unless somebody says otherwise; a check that is left out keeps its row."""

from collections.abc import Iterable
from dataclasses import dataclass

from kastellan.domain.errors import InvalidInputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Ids of checks.

    Attributes:
        only: nothing but these; empty means all.
        skip: not these.
    """

    only: frozenset[str] = frozenset()
    skip: frozenset[str] = frozenset()

    def left_out(self, check: str) -> str:
        """Why a check does not run; empty where it does."""
        if check in self.skip:
            return "left out by --skip"
        return "left out by --only" if self.only and check not in self.only else ""


ALL = Selection()


def selection(only: Iterable[str], skip: Iterable[str], known: Iterable[str]) -> Selection:
    """The selection that was asked for, in any case of letters.

    Raises:
        InvalidInputError: an id that no check has, or nothing is left to run; names every unknown one.
    """
    ids = frozenset(known)
    chosen = Selection(only=frozenset(map(str.upper, only)), skip=frozenset(map(str.upper, skip)))
    if unknown := sorted((chosen.only | chosen.skip) - ids):
        raise InvalidInputError(f"there is no check {', '.join(unknown)}; `kastellan preflight checks` lists them")
    if all(chosen.left_out(check) for check in ids):
        raise InvalidInputError("--only and --skip leave no check to run")
    return chosen
