"""The numbers of the written terms that clocks run on; each is a field of one installation's contract.

A default is that of the terms, or where they are silent the reading that favours the customer (docs/terms.md).
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Limits and lead times. Days and months are calendar days and months of the contract's zone.

    Attributes:
        denied_months: denied months in a row after which Regular Maintenance is escalated (MU-4).
        emergency_days: days after receipt of an emergency's notice in which the customer may permit it (MU-4).
        resolution_days: days after an escalation before the vendor may terminate (MU-5).
        termination_days: days from the notice of termination to the end (MU-5).
        offer_days: days before a window on which it is offered (MU-3).
        timely_days: a window counts as offered in time when its notice was received so many days before (MU-3).
        deferrals_per_quarter: regular windows that a customer may put off in a calendar quarter without denying (MU-3).
        emergency_lead: time to object after receipt, before an emergency runs outside of a window (MU-4).
        receipt_without_confirmation: after so long a notice counts as received where the channel confirms nothing.
    """

    denied_months: int = 3
    emergency_days: int = 5
    resolution_days: int = 5
    termination_days: int = 30
    offer_days: int = 28
    timely_days: int = 14
    deferrals_per_quarter: int = 1
    emergency_lead: timedelta = timedelta(hours=24)
    receipt_without_confirmation: timedelta = timedelta(hours=24)

    def __post_init__(self) -> None:
        numbers = (self.denied_months, self.emergency_days, self.resolution_days, self.termination_days)
        if min(numbers) < 1:
            raise ValueError("months and days of the terms are at least 1")
        if not 0 < self.timely_days <= self.offer_days <= 31:
            raise ValueError("a window is offered at most 31 days ahead, and no later than counts as in time")
        if self.deferrals_per_quarter < 0:
            raise ValueError("deferrals_per_quarter is at least 0")
