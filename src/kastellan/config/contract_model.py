"""The shape of `installation:contract`: plan, zone, windows and closed times in local time."""

import re
from datetime import date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from kastellan.config.fields import ConfigModel
from kastellan.domain.contract import Contract, HolidayCalendar
from kastellan.domain.service_plan import ServicePlan
from kastellan.domain.window import ClosedSpan, Recurrence, RecurringTime

_DURATION = re.compile(r"(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m)?")


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError(f"{value!r} is not an IANA time zone; write one such as Europe/Zurich")
    return value


def _duration(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = _DURATION.fullmatch(value.strip())
    if not value.strip() or not found:
        raise ValueError("write a duration as 6h, 90m or 1d 12h")
    days, hours, minutes = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


def _recurrence(value: str) -> str:
    return Recurrence(value).text


Zone = Annotated[str, AfterValidator(_zone)]
Duration = Annotated[timedelta, BeforeValidator(_duration, json_schema_input_type=str)]
RecurrenceField = Annotated[str, AfterValidator(_recurrence)]


class RecurringModel(ConfigModel):
    """A span of time that comes back."""

    name: str = ""
    recurrence: RecurrenceField = Field(description="RFC 5545 rule of days, such as FREQ=MONTHLY;BYDAY=1TU")
    first: date = Field(description="the day from which the rule counts")
    start: time = Field(description="local time, such as 22:00")
    duration: Duration = Field(description="exact length, such as 6h")

    @model_validator(mode="after")
    def _possible(self) -> "RecurringModel":
        self.recurring("it")
        return self

    def recurring(self, name: str) -> RecurringTime:
        """The domain's value; `name` where it has none of its own."""
        return RecurringTime(
            name=self.name or name,
            recurrence=Recurrence(self.recurrence),
            first=self.first,
            start=self.start,
            duration=self.duration,
        )


class BlackoutModel(ConfigModel):
    """A closed time that comes once."""

    name: str = "blackout"
    since: datetime = Field(description="local, such as 2026-12-15T00:00")
    until: datetime = Field(description="local; not closed any more")

    @model_validator(mode="after")
    def _possible(self) -> "BlackoutModel":
        self.span()
        return self

    def span(self) -> ClosedSpan:
        """The domain's value."""
        return ClosedSpan(name=self.name, start=self.since, end=self.until)


class HolidaysModel(ConfigModel):
    """Public holidays on which nothing runs."""

    country: str = Field(pattern="^[A-Z]{2}$", description="ISO 3166, such as CH")
    subdivision: str = Field(default="", description="such as SG")


class ContractModel(ConfigModel):
    """Plan, windows and closed times of the contract."""

    plan: ServicePlan
    zone: Zone
    windows: tuple[RecurringModel, ...] = ()
    blackouts: tuple[BlackoutModel, ...] = ()
    recurring_blackouts: tuple[RecurringModel, ...] = ()
    holidays: HolidaysModel | None = None

    @model_validator(mode="after")
    def _custom_windows_need_flexibility(self) -> "ContractModel":
        if self.windows and not self.plan.update_flexibility:
            raise ValueError(
                f"custom windows need a plan with update flexibility, and {self.plan.value} has none (MU-1)"
            )
        return self

    def contract(self) -> Contract:
        """The domain's value."""
        holidays = self.holidays
        return Contract(
            plan=self.plan,
            zone=self.zone,
            windows=tuple(rule.recurring(f"window {n}") for n, rule in enumerate(self.windows, start=1)),
            blackouts=tuple(blackout.span() for blackout in self.blackouts),
            recurring_blackouts=tuple(
                rule.recurring(f"blackout {n}") for n, rule in enumerate(self.recurring_blackouts, start=1)
            ),
            holidays=HolidayCalendar(country=holidays.country, subdivision=holidays.subdivision) if holidays else None,
        )
