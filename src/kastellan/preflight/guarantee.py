"""What the terms guarantee and a preflight can back: a check names the guarantees that rest on it (DI-5)."""

from enum import StrEnum


class Guarantee(StrEnum):
    """A guarantee of the terms or their annex, by its stable name in reports."""

    ZONE_LOSS = "zone-loss"
    """Any one zone may be lost without dropping below the sized load (DI-2)."""
    LOAD = "load"
    """The load up to the rate limits is carried (DI-2, RL-1, RL-2)."""
    AVAILABILITY = "availability"
    """The availability objective of the plan (SL-1)."""
    RECOVERY = "recovery"
    """Backups with an RPO of at most an hour (DI-7)."""
    STRICT_TLS = "strict-tls"
    """TLS is strict everywhere (annex)."""
    ISOLATION = "isolation"
    """The environment is private to one customer (DI-1)."""
    MAINTENANCE = "maintenance"
    """Maintenance can run when it is due (MU-2)."""
