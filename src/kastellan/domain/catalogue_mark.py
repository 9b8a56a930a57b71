"""How new a release catalogue has to be: an older one is refused with its signature and all, and so is an expired one.

A signature says who wrote a catalogue, not that it is the last one. Whoever can put an old file and its old signature
back could keep a security release from a customer, or bring a row back that was taken out. So the ledger records which
catalogue was adopted, and nothing is decided by an older one any more: the version and the expiry of a metadata file in
The Update Framework's specification (section 5.3, "rollback attack" and "freeze attack").
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from kastellan.domain.catalogue import Catalogue
from kastellan.domain.ledger import Draft, Json, LedgerEntry
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason

ADOPTED = "catalogue-adopted"


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueMark:
    """A catalogue as the ledger names it.

    Attributes:
        as_of: the day to which it is true.
        serial: its number, which grows with every catalogue of the same signers; 0 where it has none.
        digest: SHA-256 of its bytes, in hexadecimal.
    """

    as_of: date
    serial: int
    digest: str


def mark_of(catalogue: Catalogue) -> CatalogueMark | None:
    """The mark of a catalogue that was read from a file."""
    if catalogue.as_of is None:
        return None
    return CatalogueMark(as_of=catalogue.as_of, serial=catalogue.serial, digest=catalogue.digest)


def mark_draft(mark: CatalogueMark, at: datetime) -> Draft:
    """What the ledger records when a catalogue is adopted at an instant (UTC)."""
    key = f"{ADOPTED}/{mark.as_of}/{mark.serial}/{mark.digest}"
    return Draft(kind=ADOPTED, key=key, at=at, body=mark_document(mark))


def mark_document(mark: CatalogueMark) -> dict[str, Json]:
    """The mark as plain data."""
    return {"asOf": mark.as_of.isoformat(), "serial": mark.serial, "digest": mark.digest}


def read_mark(document: Mapping[str, Any]) -> CatalogueMark:
    """Reads what `mark_document` wrote.

    Raises:
        KeyError, ValueError: it is none.
    """
    as_of, serial = date.fromisoformat(str(document["asOf"])), int(str(document["serial"]))
    return CatalogueMark(as_of=as_of, serial=serial, digest=str(document["digest"]))


def last_mark(entries: Iterable[LedgerEntry]) -> CatalogueMark | None:
    """The newest catalogue that was adopted; None where none was.

    Raises:
        ValueError: an entry is none that `mark_draft` could have made.
    """
    marks = [read_mark(entry.body) for entry in entries if entry.kind == ADOPTED]
    return max(marks, key=lambda mark: (mark.serial, mark.as_of), default=None)


def expiry(catalogue: Catalogue) -> datetime | None:
    """The first instant (UTC) at which it has expired; None where it does not."""
    if catalogue.expires is None:
        return None
    return datetime.combine(catalogue.expires + timedelta(days=1), time(0), tzinfo=UTC)


def mark_refusals(catalogue: Catalogue, adopted: CatalogueMark | None, now: datetime) -> tuple[Reason, ...]:
    """Why nothing may be decided by a catalogue; empty where it may.

    Args:
        catalogue: as it was read, its signature verified.
        adopted: the newest that the ledger knows; None where none was adopted.
        now: the instant of the decision (UTC); a catalogue holds until its last day is over in UTC.
    """
    reasons = []
    end = expiry(catalogue)
    if end is not None and now >= end:
        reasons.append(
            _reason(
                "catalogue-expired",
                f"{catalogue.source} has expired after {catalogue.expires}",
                "bring the newest one; where there is none, whoever keeps it sets a later `expires` and signs it anew",
            )
        )
    mark = mark_of(catalogue)
    if mark is None or adopted is None:
        return tuple(reasons)
    if mark.serial < adopted.serial or mark.as_of < adopted.as_of:
        reasons.append(
            _reason(
                "catalogue-older",
                f"{catalogue.source} is {_told(mark)}, and {_told(adopted)} was adopted before it",
                "find out who put the older one back; then bring the newest one. To take a release back, sign a newer "
                "catalogue without its row",
            )
        )
    elif mark.serial and mark.serial == adopted.serial and mark.digest != adopted.digest:
        reasons.append(
            _reason(
                "catalogue-twice",
                f"{catalogue.source} is {_told(mark)}, and another one of this serial was adopted before it",
                "find out which of the two is right, and sign that one with the next serial",
            )
        )
    return tuple(reasons)


def _told(mark: CatalogueMark) -> str:
    return f"serial {mark.serial} as of {mark.as_of}" if mark.serial else f"of {mark.as_of}"


def _reason(code: str, message: str, remediation: str) -> Reason:
    return Reason(
        code=code, message=message, owner=Party.VENDOR, remediation=remediation, path="installation:catalogue"
    )
