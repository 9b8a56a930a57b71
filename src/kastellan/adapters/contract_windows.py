"""A contract's windows with what has to be looked up for them: public holidays and the customer's calendar."""

from datetime import datetime, timedelta
from pathlib import Path

from kastellan.adapters.holiday_calendar import public_holidays
from kastellan.domain.contract import Contract
from kastellan.domain.interval import Interval
from kastellan.domain.window import WindowPlan

_BEFORE = timedelta(days=370)
_AFTER = timedelta(days=800)
"""Closed times are looked up for about as many years as holidays are."""


def window_plan(contract: Contract, around: datetime, *, folder: Path) -> WindowPlan:
    """The contract's windows and closed times, for a year before and two years after an instant.

    Args:
        contract: of the installation.
        around: the instant (UTC).
        folder: folder of the project, which the calendar's path is relative to.

    Raises:
        InvalidInputError: holidays are not known, or the calendar is not one that can be relied on.
    """
    holidays = public_holidays(contract.holidays, range(around.year - 1, around.year + 3))
    return contract.window_plan(holidays, _imported(contract, around, folder))


def _imported(contract: Contract, around: datetime, folder: Path) -> tuple[Interval, ...]:
    if not contract.blackout_calendar:
        return ()
    from kastellan.adapters.calendar.blackouts import read_blackouts

    path = folder / contract.blackout_calendar
    return read_blackouts(path, zone=contract.zone, since=around - _BEFORE, until=around + _AFTER)
