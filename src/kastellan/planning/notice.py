"""The texts that customers and operators get, from templates: plain text, local time with its offset, the clause."""

from datetime import datetime
from enum import StrEnum
from string import Template
from zoneinfo import ZoneInfo

from kastellan.domain.message import Message


class Notice(StrEnum):
    """Every kind of notice (MU-3)."""

    OFFER = "offer"
    REMINDER_14_DAYS = "reminder-14d"
    REMINDER_3_DAYS = "reminder-3d"
    REMINDER_24_HOURS = "reminder-24h"
    EMERGENCY = "emergency"
    STARTED = "started"
    DELAYED = "delayed"
    COMPLETED = "completed"
    FAILED = "failed"
    ESCALATED = "escalated"
    TERMINATION_RIGHT = "termination-right"
    TERMINATION = "termination"
    TERMINATION_WITHDRAWN = "termination-withdrawn"
    PROMISE_BROKEN = "promise-broken"
    WINDOWS_CHANGE = "windows-change"


_REMINDER = (
    "$installation: maintenance on $start",
    "Maintenance $item of $installation begins on $start and ends by $end at the latest; it brings $version.\n"
    "As things stand: $standing. [MU-3]\n",
)
TEXTS: dict[Notice, tuple[str, str]] = {
    Notice.OFFER: (
        "$installation: maintenance planned for $start",
        "We plan the maintenance $item of $installation for $start until $end at the latest. It brings $version.\n"
        "You may permit, deny, defer or move it, with a reason, until it begins; $silence. [MU-3]\n",
    ),
    Notice.REMINDER_14_DAYS: _REMINDER,
    Notice.REMINDER_3_DAYS: _REMINDER,
    Notice.REMINDER_24_HOURS: _REMINDER,
    Notice.EMERGENCY: (
        "$installation: emergency maintenance, a $release_class release",
        "$version is a $release_class release that concerns $installation.\n"
        "Emergency Maintenance $item is due. You have $days calendar days from the receipt of this notice to permit "
        "it; silence is consent. [MU-2, MU-4]\n",
    ),
    Notice.STARTED: (
        "$installation: maintenance has begun",
        "Maintenance $item of $installation began on $at. [SL-2]\n",
    ),
    Notice.DELAYED: (
        "$installation: maintenance is delayed",
        "Maintenance $item of $installation should have begun on $start and has not; this lies with us. [MU-3]\n",
    ),
    Notice.COMPLETED: (
        "$installation: maintenance completed",
        "Maintenance $item of $installation completed on $at; it runs $version. [SL-2]\n",
    ),
    Notice.FAILED: (
        "$installation: maintenance did not complete",
        "Maintenance $item of $installation ended on $at: $verdict. $party acts next. $reason [IN-2]\n",
    ),
    Notice.ESCALATED: (
        "$installation: escalation",
        "$item was not permitted: $because.\n"
        "Since $at it is escalated; service level and liability are suspended until it has completed [MU-4, MU-6].\n"
        "If it is not resolved before $resolve_by, we may terminate with written notice [MU-5].\n",
    ),
    Notice.TERMINATION_RIGHT: (
        "$installation: right to terminate",
        "The escalation of $item was not resolved: since $at the vendor may terminate with written notice. "
        "Only a named person can do so. [MU-5]\n",
    ),
    Notice.TERMINATION: (
        "$installation: notice of termination",
        "Maintenance of $installation was not permitted: $because. This was escalated on $failed_at [MU-4] and not "
        "resolved, so that since $right_at the vendor may terminate [MU-5].\n"
        "We herewith terminate the contract of $installation with $days days' written notice, given on $at. "
        "It ends before $ends_at.\n"
        "$who\n",
    ),
    Notice.TERMINATION_WITHDRAWN: (
        "$installation: notice of termination withdrawn",
        "On $at the notice of termination of $installation was taken back ($reason). The contract goes on. [MU-5]\n"
        "$who\n",
    ),
    Notice.PROMISE_BROKEN: (
        "$installation: no Regular Maintenance for a quarter",
        "Since $at more than three calendar months have passed without a completed Regular Maintenance; "
        "the cause lies with the $party. [MU-2]\n",
    ),
    Notice.WINDOWS_CHANGE: (
        "$installation: maintenance windows change from $since",
        "From $since on the maintenance windows of $installation change; what begins earlier stays as it is.\n"
        "New: $added.\nNo more: $removed.\nOf another length: $changed. [MU-1, MU-3]\n",
    ),
}
"""Notice → subject and text; `$names` are filled in."""


def message(notice: Notice, channel: str, key: str, zone: str, **values: object) -> Message:
    """A notice's message for a channel; instants are written in the zone.

    Raises:
        KeyError: the template has a name that no value is given for.
    """
    texts = {name: written(value, zone) for name, value in values.items()}
    subject, text = (Template(template).substitute(texts) for template in TEXTS[notice])
    return Message(key=f"{key}/{channel}", channel=channel, subject=" ".join(subject.split()), text=text)


def written(value: object, zone: str) -> str:
    """A value as the texts show it; an instant on the zone's wall clock, with its offset."""
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo(zone)).strftime("%A %Y-%m-%d %H:%M (UTC%z)")
    return str(value)
