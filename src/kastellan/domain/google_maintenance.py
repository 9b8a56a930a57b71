"""What Google may do to a cluster and a database by itself, and when, so that it keeps within the contract (MU-1).

GKE wants a recurring window of at least 48 hours in any 32 days, in pieces of at least 4 hours; a contract's window of
one night a month can never be that. So two things are said to it: an exclusion without end forbids what could disturb
an installation, minor versions and anything on nodes, which `pulumi up` upgrades within the contract's windows; what is
left, patches of the regional control plane that no request passes through, gets as many nights a week as it asks for,
at the hour of the contract's first window. Closed times of the contract become exclusions of everything.

Cloud SQL has one weekly hour, and one closed period of at most 90 days; it gets the same night and the next closed
time.

Sources: cloud.google.com/kubernetes-engine/docs/concepts/maintenance-windows-and-exclusions (48 hours in 32 days; at
most three exclusions of everything, each of at most 90 days), cloud.google.com/sql/docs/postgres/maintenance.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from math import ceil

from kastellan.domain.contract import VENDORS_WINDOW, Contract
from kastellan.domain.interval import Interval
from kastellan.domain.local_time import resolve
from kastellan.domain.window_in_utc import window_in_utc

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_LEAST_HOURS = 48
_OCCURRENCES = 4
"""Times that a weekday comes at least in 32 days."""
_LEAST_PIECE = timedelta(hours=4)
_MOST_EXCLUSIONS = 3
_LONGEST_EXCLUSION = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleMaintenance:
    """Windows and exclusions in UTC.

    Attributes:
        start: first start of the control plane's window; its time of day recurs.
        end: first end.
        recurrence: RFC 5545 rule of days in UTC.
        closed: spans in which Google changes nothing at all, oldest first.
        database_day: weekday of the database's hour, 1 is Monday.
        database_hour: hour of the day, UTC.
        database_closed: dates between which the database is left alone: the first of `closed`; or None.
    """

    start: datetime
    end: datetime
    recurrence: str
    closed: tuple[Interval, ...]
    database_day: int
    database_hour: int
    database_closed: tuple[date, date] | None


def google_maintenance(contract: Contract | None, now: datetime) -> GoogleMaintenance:
    """Derive it from a contract; without one, from the vendor's window in UTC.

    Args:
        contract: windows and closed times.
        now: closed times that are over are left out.
    """
    window = (contract.windows or (VENDORS_WINDOW,))[0] if contract else VENDORS_WINDOW
    start, length = window_in_utc(window, contract.zone if contract else "UTC", least=_LEAST_PIECE)
    nights = min(7, ceil(_LEAST_HOURS / (_OCCURRENCES * length / timedelta(hours=1))))
    # From the first night on, spread as evenly as weekdays allow.
    days = sorted({(start.weekday() + round(night * 7 / nights)) % 7 for night in range(nights)})
    closed = tuple(islice(_closed(contract, now), _MOST_EXCLUSIONS)) if contract else ()
    return GoogleMaintenance(
        start=start,
        end=start + length,
        recurrence=f"FREQ=WEEKLY;BYDAY={','.join(_DAYS[day] for day in days)}",
        closed=closed,
        database_day=start.isoweekday(),
        database_hour=start.hour,
        database_closed=(closed[0].start.date(), closed[0].end.date()) if closed else None,
    )


def _closed(contract: Contract, now: datetime) -> list[Interval]:
    found = []
    for span in sorted(contract.blackouts, key=lambda span: span.start):
        begin, end = (resolve(local, contract.zone)[0] for local in (span.start, span.end))
        if end > now:
            found.append(Interval(start=begin, end=min(end, begin + _LONGEST_EXCLUSION), names=(span.name,)))
    return found
