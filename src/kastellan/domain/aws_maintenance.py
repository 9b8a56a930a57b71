"""When Amazon may touch the database by itself, so that it keeps within the contract (MU-1).

RDS wants one weekly window; it gets the contract's first one, every week, and minor versions are switched off, so that
only what Amazon calls required comes in it. RDS knows no closed times. Backups begin right after that window, because
the two may not overlap. EKS has no windows at all: nodes change only when `pulumi up` changes them, and a control plane
only at the end of its extended support.

Sources: docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Maintenance.html,
…/USER_WorkingWithAutomatedBackups.BackupWindow.html (both at least 30 minutes, in UTC).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kastellan.domain.contract import VENDORS_WINDOW, Contract
from kastellan.domain.window_in_utc import window_in_utc

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LEAST = timedelta(minutes=30)
_LONGEST = timedelta(hours=8)
"""Longer is no use to RDS, and the backup needs hours of its own."""
_BACKUP = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsMaintenance:
    """Windows in UTC, as RDS writes them.

    Attributes:
        window: weekly, such as `tue:21:00-wed:02:00`.
        backup: daily, such as `02:30-03:30`.
    """

    window: str
    backup: str


def aws_maintenance(contract: Contract | None) -> AwsMaintenance:
    """Derive it from a contract; without one, from the vendor's window in UTC."""
    window = (contract.windows or (VENDORS_WINDOW,))[0] if contract else VENDORS_WINDOW
    start, length = window_in_utc(window, contract.zone if contract else "UTC", least=_LEAST)
    end = start + min(length, _LONGEST)
    backup = end + _LEAST
    return AwsMaintenance(window=f"{_weekly(start)}-{_weekly(end)}", backup=f"{backup:%H:%M}-{backup + _BACKUP:%H:%M}")


def _weekly(instant: datetime) -> str:
    return f"{_DAYS[instant.weekday()]}:{instant:%H:%M}"
