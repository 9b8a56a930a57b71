"""A customer's calendar of closed times, written and read."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kastellan.adapters.calendar.blackouts import read_blackouts
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.interval import Interval
from kastellan.domain.party import Party

ZONE = "Europe/Zurich"


SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


CUSTOM_ZONE = """BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:{offset}
TZOFFSETTO:{offset}
END:STANDARD
END:VTIMEZONE"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "closed.ics"


def event(*properties: str, uid: str = "1", summary: str = "Stocktaking") -> str:
    return "\n".join(["BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{summary}", *properties, "END:VEVENT"])


def write(file: Path, *components: str) -> Path:
    text = "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//customer//EN", *components, "END:VCALENDAR", ""])
    file.write_bytes(text.replace("\n", "\r\n").encode())
    return file


def read(file: Path, zone: str = ZONE, since: datetime = SINCE, until: datetime = UNTIL) -> tuple[Interval, ...]:
    return read_blackouts(file, zone=zone, since=since, until=until)


def local(file: Path, zone: str = ZONE) -> list[tuple[str, str]]:
    """Closed times on the wall's clock, without the year."""
    return [
        (f"{i.start.astimezone(ZoneInfo(zone)):%m-%d %H:%M}", f"{i.end.astimezone(ZoneInfo(zone)):%m-%d %H:%M}")
        for i in read(file, zone)
    ]


def problems(file: Path) -> list[str]:
    with pytest.raises(InvalidInputError) as refused:
        read(file)
    assert str(file) in str(refused.value)
    assert all(reason.remediation and reason.owner is Party.CUSTOMER for reason in refused.value.reasons)
    return [f"{reason.path}: {reason.message}" for reason in refused.value.reasons]
