"""Public holidays, from the package `holidays`; its data changes between releases, so results carry its version."""

from collections.abc import Mapping
from datetime import date
from importlib.metadata import version

from kastellan.domain.contract import HolidayCalendar
from kastellan.domain.errors import InvalidInputError


def public_holidays(calendar: HolidayCalendar | None, years: range) -> Mapping[date, str]:
    """The public holidays of a calendar with their English names where there are any; none without a calendar.

    Raises:
        InvalidInputError: country or subdivision is not known.
    """
    if calendar is None:
        return {}
    import holidays

    try:
        found = holidays.country_holidays(calendar.country, subdiv=calendar.subdivision or None, years=years)
    except NotImplementedError as cause:
        raise InvalidInputError(
            f"the public holidays of {calendar.country} {calendar.subdivision} are not known: {cause}"
        ) from cause
    return dict(sorted(found.items()))


def sources() -> dict[str, str]:
    """Versions of the data that a list of windows rests on."""
    return {"holidays": version("holidays"), "tzdata": version("tzdata")}
