"""What of the written terms decides about one installation: plan, windows, closed times."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from kastellan.domain.interval import Interval
from kastellan.domain.run_policy import RunPolicy
from kastellan.domain.service_plan import ServicePlan
from kastellan.domain.terms import Terms
from kastellan.domain.window import ClosedSpan, Recurrence, RecurringTime, WindowPlan

VENDORS_WINDOW = RecurringTime(
    name="the vendor's window",
    recurrence=Recurrence("FREQ=MONTHLY;BYDAY=2TU"),
    first=date(2026, 1, 1),
    start=time(22),
    duration=timedelta(hours=6),
)
"""Where no custom windows are agreed, the vendor sets the time (MU-1): the night of the second Tuesday of a month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayCalendar:
    """Whose public holidays are kept: ISO 3166 country and subdivision, such as CH and SG."""

    country: str
    subdivision: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """The contract of one installation.

    Attributes:
        plan: subscription plan (annex).
        zone: IANA zone of every local time.
        windows: custom windows; empty means the vendor's.
        blackouts: closed times that come once.
        recurring_blackouts: closed times that come back.
        holidays: public holidays on which nothing runs, or None.
        blackout_calendar: path of the customer's calendar file of closed times, relative to the project; or empty.
        notify: names of the channels that get notices (MU-3).
        terms: limits and lead times.
        runs: what becomes of a run that meets the end of its window, or a late objection.
    """

    plan: ServicePlan
    zone: str
    windows: tuple[RecurringTime, ...] = ()
    blackouts: tuple[ClosedSpan, ...] = ()
    recurring_blackouts: tuple[RecurringTime, ...] = ()
    holidays: HolidayCalendar | None = None
    blackout_calendar: str = ""
    notify: tuple[str, ...] = ()
    terms: Terms = field(default_factory=Terms)
    runs: RunPolicy = field(default_factory=RunPolicy)

    def window_plan(self, holidays: Mapping[date, str], imported: tuple[Interval, ...] = ()) -> WindowPlan:
        """Everything that decides when maintenance may run.

        Args:
            holidays: the public holidays of `self.holidays`, from a calendar.
            imported: the closed times of `self.blackout_calendar`.
        """
        return WindowPlan(
            zone=self.zone,
            windows=self.windows or (VENDORS_WINDOW,),
            blackouts=self.blackouts,
            recurring_blackouts=self.recurring_blackouts,
            imported_blackouts=imported,
            holidays=holidays,
        )


def digest(contract: Contract) -> str:
    """SHA-256 of a contract's values, in hexadecimal: two that differ in anything differ in it."""
    return hashlib.sha256(repr(contract).encode()).hexdigest()
