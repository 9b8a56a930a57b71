"""Where a check is a gate: what it can stop."""

from enum import StrEnum


class Gate(StrEnum):
    """What a failed or undetermined check stops. A check of no gate only warns."""

    INSTALL = "install"
    """The first installation, and every `pulumi up`."""
    MAINTENANCE = "maintenance"
    """A maintenance run (DI-4: validated again before every maintenance)."""


BOTH = frozenset(Gate)
WARN_ONLY: frozenset[Gate] = frozenset()
