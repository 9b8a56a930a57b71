"""Who has to act, and therefore whose clock runs (IN-2, MU-4)."""

from enum import StrEnum


class Party(StrEnum):
    """The side on which a finding, blocker or failure lies.

    It is not blame: it names whose turn it is. Only what lies with the customer may ever count against the customer.
    """

    VENDOR = "vendor"
    CUSTOMER = "customer"
    THIRD_PARTY = "third party"
