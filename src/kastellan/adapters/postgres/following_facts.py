"""Collects who follows a PostgreSQL server: standbys, with their zones where they are pods, and the archive."""

from typing import Any

import psycopg

from kastellan.adapters.postgres.session import DatabaseAccess, Session, Shape, refusal, row, rows, session_with
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.ports.cluster import Cluster
from kastellan.preflight.database_facts import Archiving, Replication, Standby
from kastellan.preflight.facts import Refused, Unknown
from kastellan.preflight.node_facts import ZONE
from kastellan.preflight.synchronous_standbys import waited_for

_SENDERS = """
    select r.application_name, host(r.client_addr), r.state, r.sync_state, r.replay_lsn is not null,
        case when r.replay_lsn >= pg_current_wal_lsn() then 0 else extract(epoch from r.replay_lag)::float end
    from pg_stat_replication r join pg_stat_activity a using (pid) where a.datid is null order by 1, 2
"""
"""Physical senders: those of logical replication are connected to a database. Without the rights of pg_monitor, all but
the number of rows is null."""
_SENDER: Shape = (str | None, str | None, str | None, str | None, bool, float | None)
_STANDBY = Unknown(
    Reason(
        code="standby",
        message="this server is a standby, which knows neither who follows the primary nor what is archived there",
        owner=Party.CUSTOMER,
        remediation="give the address of the writable primary (PG-1)",
        clause="DI-4",
    )
)


def collect_replication(access: DatabaseAccess, cluster: Cluster) -> Replication | Unknown:
    """Ask who follows the server, as the administrator where there is one, for that one sees more.

    Raises:
        KastellanError: the pods that have the addresses cannot be read.
    """
    try:
        with session_with(access, admin=bool(access.admin_user)) as session:
            if _is_standby(session):
                return _STANDBY
            details, waits, own = row(
                session,
                (bool, str, str | None),
                "select pg_has_role(current_user, 'pg_read_all_stats', 'usage'),"
                " current_setting('synchronous_standby_names'), host(inet_server_addr())",
            )
            senders = rows(session, _SENDER, _SENDERS)
            slots = rows(
                session,
                (str,),
                "select slot_name from pg_replication_slots where slot_type = 'physical' and not active order by 1",
            )
    except psycopg.Error as failure:
        return _unknown(failure, access)
    followers = [one for one in senders if one[4]] if details else []
    zones = _zones(cluster, {address for _, address, *_ in followers} | {own}) if followers else {}
    return Replication(
        details_seen=bool(details),
        senders=len(senders),
        standbys=tuple(_standby(one, zones) for one in followers),
        lost_slots=tuple(name for (name,) in slots),
        synchronous=waited_for(waits),
        zone=zones.get(own, ""),
    )


def _standby(seen: tuple[Any, ...], zones: dict[str | None, str]) -> Standby:
    name, address, state, sync, _, behind = seen
    return Standby(
        name=name,
        address=address or "",
        zone=zones.get(address, ""),
        state=state,
        synchronous=sync != "async",
        seconds_behind=behind,
    )


def _zones(cluster: Cluster, addresses: set[str | None]) -> dict[str | None, str]:
    """Address → zone of the node whose pod has it; only where a database is in the cluster is there one."""
    found: dict[str | None, str] = {}
    for address in sorted(filter(None, addresses)):
        answer = cluster.request(
            "/api/v1/pods", query={"fieldSelector": f"status.podIP={address},status.phase=Running"}
        )
        # Pods on the host's network have the node's address, so several may have this one, all on that node.
        nodes = {str(pod["spec"].get("nodeName", "")) for pod in answer["items"]}
        if len(nodes) == 1:
            found[address] = _zone(cluster, nodes.pop())
    return found


def _zone(cluster: Cluster, node: str) -> str:
    for one in cluster.list("v1", "Node"):
        if one["metadata"]["name"] == node:
            return str(one["metadata"].get("labels", {}).get(ZONE, ""))
    return ""


def collect_archiving(access: DatabaseAccess) -> Archiving | Unknown:
    """Ask what becomes of the write-ahead log."""
    try:
        with session_with(access, admin=bool(access.admin_user)) as session:
            if _is_standby(session):
                return _STANDBY
            level, mode, timeout, segment = row(
                session,
                (str, str, int, int),
                "select current_setting('wal_level'), current_setting('archive_mode'),"
                " (select setting::int from pg_settings where name = 'archive_timeout'),"
                " (select setting::bigint from pg_settings where name = 'wal_segment_size')",
            )
            last, archived, failed = row(
                session,
                (str | None, float | None, float | None),
                "select last_archived_wal, extract(epoch from now() - last_archived_time)::float,"
                " extract(epoch from now() - last_failed_time)::float from pg_stat_archiver",
            )
            senders = rows(session, _SENDER, _SENDERS)
            return Archiving(
                wal_level=level,
                mode=mode,
                timeout_seconds=timeout,
                archived_seconds_ago=archived,
                failed_seconds_ago=failed,
                waiting=_waiting(session, last, segment),
                receivers=tuple(
                    name for name, _, state, _, replays, _ in senders if state == "streaming" and not replays
                ),
            )
    except psycopg.Error as failure:
        return _unknown(failure, access)


def _waiting(session: Session, last: str | None, segment: int) -> int | None:
    """Complete segments after the one that was archived last."""
    (current,) = row(session, (str,), "select pg_walfile_name(pg_current_wal_lsn())")
    numbers = [_number(name, segment) for name in (last, current)]
    match numbers:
        case [int(archived), int(now)]:
            return max(0, now - archived - 1)
        case _:
            return None


def _number(name: str | None, segment: int) -> int | None:
    """The number of a segment by its file's name: 8 digits each for timeline, log and segment in it, hexadecimal."""
    try:
        return int((name or "")[8:16], 16) * (2**32 // segment) + int((name or "")[16:24], 16)
    except ValueError:
        return None


def _is_standby(session: Session) -> bool:
    (standby,) = row(session, (bool,), "select pg_is_in_recovery()")
    return bool(standby)


def _unknown(failure: psycopg.Error, access: DatabaseAccess) -> Unknown:
    found = refusal(failure, access)
    return Unknown(found.reason) if isinstance(found, Refused) else found
