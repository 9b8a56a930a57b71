"""Cloud SQL as evidence for the preflight: how an instance stands and is backed up, as Google itself says (PG-4, PG-5).

Source: cloud.google.com/sql/docs/postgres/admin-api/rest/v1/instances and …/backupRuns. Of what is answered only these
few fields are kept: no flags, no users, no labels, no certificates.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from kastellan.adapters.cloud_sql.admin_api import SqlAdmin
from kastellan.domain.errors import ForbiddenError, UnauthenticatedError
from kastellan.domain.party import Party
from kastellan.ports.clock import Clock
from kastellan.preflight.database_facts import ManagedService
from kastellan.preflight.probe_facts import NotProbed


class CloudSqlDescription:
    """Implements `ports.managed_database.ManagedDatabase`.

    Args:
        admin: gives the API; asked for only when it is needed, because that takes a credential.
        instance: name of the instance.
        clock: for ages.
    """

    def __init__(self, admin: Callable[[], SqlAdmin], instance: str, clock: Clock) -> None:
        self._admin = admin
        self._instance = instance
        self._clock = clock

    def describe(self, host: str) -> ManagedService | NotProbed:
        """See the port."""
        try:
            api = self._admin()
        except UnauthenticatedError as nobody:
            return NotProbed(why=f"Google was not asked: {nobody.message}")
        try:
            live = api.instance(self._instance)
            last = next((one for one in api.backups(self._instance) if one.get("status") == "SUCCESSFUL"), None)
        except ForbiddenError as refusal:
            raise ForbiddenError(
                refusal.message, owner=Party.VENDOR, remediation="grant roles/cloudsql.viewer on the project"
            ) from refusal
        settings = live.get("settings", {})
        backup = settings.get("backupConfiguration", {})
        ends = live.get("serverCaCert", {}).get("expirationTime")
        return ManagedService(
            provider="Cloud SQL",
            name=self._instance,
            version=str(live.get("databaseInstalledMinorVersion") or live.get("databaseVersion", "")),
            host=host,
            reached_as=_reached_as(live),
            state=str(live.get("state", "")),
            serves=live.get("state") == "RUNNABLE",
            regional=settings.get("availabilityType") == "REGIONAL",
            zones=tuple(live[key] for key in ("gceZone", "secondaryGceZone") if live.get(key)),
            backups=bool(backup.get("enabled")),
            backups_kept=int(backup.get("backupRetentionSettings", {}).get("retainedBackups", 0)),
            log_days=int(backup.get("transactionLogRetentionDays", 0))
            if backup.get("pointInTimeRecoveryEnabled")
            else 0,
            age_seconds=self._ago(live["createTime"]),
            backed_up_seconds_ago=self._ago(last["endTime"]) if last else None,
            restorable_seconds_ago=None,  # told by another call alone: instances.getLatestRecoveryTime
            tls_forced=_tls_forced(settings.get("ipConfiguration", {})),
            authority_ends=datetime.fromisoformat(ends) if ends else None,
        )

    def _ago(self, instant: str) -> float:
        return (self._clock.now() - datetime.fromisoformat(instant)).total_seconds()


def _reached_as(live: dict[str, Any]) -> tuple[str, ...]:
    names = [str(one.get("name", "")) for one in live.get("dnsNames") or ()] + [str(live.get("dnsName", ""))]
    addresses = [str(one.get("ipAddress", "")) for one in live.get("ipAddresses") or ()]
    return tuple(sorted({one.rstrip(".") for one in (*names, *addresses)} - {""}))


def _tls_forced(network: dict[str, Any]) -> bool | None:
    """By `sslMode`; None where Google leaves it open, as on instances from before it was there."""
    mode = network.get("sslMode")
    return None if mode in (None, "SSL_MODE_UNSPECIFIED") else mode != "ALLOW_UNENCRYPTED_AND_ENCRYPTED"
