"""The last preflight of each stack, kept in the state folder: `kastellan status` says what it backs (DI-5)."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kastellan.cli.store_option import default_folder

if TYPE_CHECKING:
    from kastellan.preflight.guarantee_state import GuaranteeState
    from kastellan.preflight.report import Report

_HOLDS = {"backed": "yes", "void": "no", "unknown": "unknown", "not given": "not given"}
"""How a guarantee stands → the word that `status` has for it."""


def keep_report(stack: str, report: "Report") -> None:
    """Keep a report as the stack's last one; a state folder that cannot be written loses nothing but this."""
    from kastellan.cli.files import write_whole
    from kastellan.domain.canonical import canonical
    from kastellan.domain.errors import InvalidInputError
    from kastellan.preflight.report_document import report_document

    try:
        write_whole(_path(stack), canonical(report_document(report)))
    except InvalidInputError:
        return


def backed_guarantees(stack: str, now: datetime) -> list[dict[str, Any]]:
    """What the stack's last report says about the guarantees at an instant (UTC); empty where there is no report."""
    from kastellan.adapters.evidence.guarantees_now import guarantees_now
    from kastellan.adapters.evidence.report_file import read_report
    from kastellan.domain.errors import InvalidInputError

    try:
        report = read_report(_path(stack))
    except InvalidInputError:
        return []  # none yet, or of an older version: the next preflight writes one
    return [_told(state, report["collectedAt"]) for state in guarantees_now(report, now)]


def _told(state: "GuaranteeState", collected: str) -> dict[str, Any]:
    because = f"{state.because}; preflight of {collected[:10]} [{state.promise.clause}]"
    return {"what": state.promise.what, "holds": _HOLDS[state.standing.value], "because": because}


def _path(stack: str) -> Path:
    return default_folder() / "preflight" / f"{stack}.json"
