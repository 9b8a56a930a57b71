"""The shape of `installation:contract`: plan, zone, windows and closed times in local time."""

import re
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from kastellan.config.fields import ConfigModel
from kastellan.domain.contract import Contract, HolidayCalendar
from kastellan.domain.run_policy import AtWindowEnd, OnWithdrawal, RunPolicy
from kastellan.domain.service_plan import ServicePlan
from kastellan.domain.terms import Terms
from kastellan.domain.window import ClosedSpan, Recurrence, RecurringTime

_DURATION = re.compile(r"(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m)?\s*(?:(\d+)s)?")

_INSTANT_OF_GO = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) \+0000 UTC")


@cache
def _zones() -> frozenset[str]:
    """Looking for them reads hundreds of folders' entries; once a process."""
    return frozenset(available_timezones())


def _zone(value: str) -> str:
    if value not in _zones():
        raise ValueError(f"{value!r} is not an IANA time zone; write one such as Europe/Zurich")
    return value


def _duration(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = _DURATION.fullmatch(value.strip())
    if not value.strip() or not found:
        raise ValueError("write a duration as 6h, 90m, 30s or 1d 12h")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    try:
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        raise ValueError("write a duration that ends in this millennium") from None


def _as_written(value: object) -> object:
    """YAML takes an unquoted date for an instant, which Pulumi writes as Go does: `2026-01-01 00:00:00 +0000 UTC`."""
    found = _INSTANT_OF_GO.fullmatch(value) if isinstance(value, str) else None
    return f"{found[1]}T{found[2]}" if found else value


def _recurrence(value: str) -> str:
    return Recurrence(value).text


LocalDate = Annotated[date, BeforeValidator(_as_written)]
LocalTime = Annotated[datetime, BeforeValidator(_as_written)]
Zone = Annotated[str, AfterValidator(_zone)]
Duration = Annotated[timedelta, BeforeValidator(_duration, json_schema_input_type=str)]
RecurrenceField = Annotated[str, AfterValidator(_recurrence)]


class RecurringModel(ConfigModel):
    """A span of time that comes back."""

    name: str = ""
    recurrence: RecurrenceField = Field(description="RFC 5545 rule of days, such as FREQ=MONTHLY;BYDAY=1TU")
    first: LocalDate = Field(description="the day from which the rule counts")
    start: time = Field(description="local time, such as 22:00")
    duration: Duration = Field(description="exact length, such as 6h")

    @model_validator(mode="after")
    def _possible(self) -> "RecurringModel":
        self.recurring("this span")
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
    since: LocalTime = Field(description="local, such as 2026-12-15T00:00")
    until: LocalTime = Field(description="local; not closed any more")

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


class BusinessHoursModel(ConfigModel):
    """Hours in which the customer works and nothing may run; a closed time that comes back every week."""

    days: tuple[Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"], ...] = ("MO", "TU", "WE", "TH", "FR")
    start: time = Field(default=time(8), description="local time, such as 08:00")
    end: time = Field(default=time(17), description="local time, after start")

    @model_validator(mode="after")
    def _possible(self) -> "BusinessHoursModel":
        if not self.days or self.end <= self.start:
            raise ValueError("business hours need a day, and end after they start")
        return self

    def recurring(self) -> RecurringTime:
        """The domain's value."""
        midnight = date(2000, 1, 1)
        return RecurringTime(
            name="business hours",
            recurrence=Recurrence(f"FREQ=WEEKLY;BYDAY={','.join(self.days)}"),
            first=midnight,
            start=self.start,
            duration=datetime.combine(midnight, self.end) - datetime.combine(midnight, self.start),
        )


class TermsModel(ConfigModel):
    """Limits and lead times of this contract, where they differ from the terms' (docs/terms.md)."""

    denied_months: int = Field(default=3, ge=1, description="denied months in a row that are escalated (MU-4)")
    emergency_days: int = Field(default=5, ge=1, description="days to permit an emergency after its notice (MU-4)")
    resolution_days: int = Field(
        default=5, ge=1, description="days from an escalation to the right to terminate (MU-5)"
    )
    termination_days: int = Field(default=30, ge=1, description="days of notice of termination (MU-5)")
    offer_days: int = Field(default=28, ge=1, le=31, description="days before a window on which it is offered (MU-3)")
    timely_days: int = Field(
        default=14, ge=1, le=31, description="days before a window until which an offer is in time"
    )
    deferrals_per_quarter: int = Field(
        default=1, ge=0, description="windows that may be put off without denying (MU-3)"
    )
    emergency_lead: Duration = Field(default=timedelta(hours=24), description="time to object to an emergency")
    receipt_without_confirmation: Duration = Field(
        default=timedelta(hours=24), description="when a notice counts as received where nothing confirms it"
    )

    @model_validator(mode="after")
    def _possible(self) -> "TermsModel":
        self.terms()
        return self

    def terms(self) -> Terms:
        """The domain's value."""
        return Terms(**self.model_dump())


class RunPolicyModel(ConfigModel):
    """What becomes of a run that meets the end of its window, or of a customer's late objection."""

    at_window_end: AtWindowEnd = Field(
        default=AtWindowEnd.STOP_SAFE,
        description="stop-safe: an update is cancelled while there is still time to undo it; finish: it goes on",
    )
    on_withdrawal: OnWithdrawal = Field(
        default=OnWithdrawal.FINISH,
        description="what becomes of a run whose customer objects after the installation was first changed (MU-3)",
    )
    emergency_outside_window: bool = Field(
        default=True, description="Emergency Maintenance runs outside of windows where its clock leaves none (MU-2)"
    )
    soak: Duration = Field(
        default=timedelta(minutes=10), description="how long it is watched after an update, such as 10m; up to 2h"
    )

    @model_validator(mode="after")
    def _possible(self) -> "RunPolicyModel":
        self.policy()
        return self

    def policy(self) -> RunPolicy:
        """The domain's value."""
        return RunPolicy(**self.model_dump())


class ContractModel(ConfigModel):
    """Plan, windows and closed times of the contract."""

    plan: ServicePlan
    zone: Zone
    windows: tuple[RecurringModel, ...] = ()
    blackouts: tuple[BlackoutModel, ...] = ()
    recurring_blackouts: tuple[RecurringModel, ...] = ()
    business_hours: BusinessHoursModel | None = None
    holidays: HolidaysModel | None = None
    blackout_calendar: str = Field(default="", description="the customer's .ics file of closed times, in the project")
    notify: tuple[str, ...] = Field(default=(), description="names of the channels that get notices (MU-3)")
    terms: TermsModel = TermsModel()
    runs: RunPolicyModel = RunPolicyModel()

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
        hours = (self.business_hours.recurring(),) if self.business_hours else ()
        return Contract(
            plan=self.plan,
            zone=self.zone,
            windows=tuple(rule.recurring(f"window {n}") for n, rule in enumerate(self.windows, start=1)),
            blackouts=tuple(blackout.span() for blackout in self.blackouts),
            recurring_blackouts=(
                *hours,
                *(rule.recurring(f"blackout {n}") for n, rule in enumerate(self.recurring_blackouts, start=1)),
            ),
            blackout_calendar=self.blackout_calendar,
            notify=self.notify,
            terms=self.terms.terms(),
            runs=self.runs.policy(),
            holidays=HolidayCalendar(country=holidays.country, subdivision=holidays.subdivision) if holidays else None,
        )
