"""What was seen of a PostgreSQL server in sessions with it, and what a stack says of one that it makes itself."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Administrator:
    """What the administrator may do whom a stack configures to make role and database.

    Attributes:
        creates_roles: CREATEROLE, or a superuser.
        creates_databases: CREATEDB, or a superuser.
        grants: may grant CREATE on the database, if that exists.
    """

    creates_roles: bool
    creates_databases: bool
    grants: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """What PostgreSQL said in a session of the role that ZITADEL runs as, or of the administrator who will make it.

    Attributes:
        version: `server_version_num`, such as 170010.
        writable: not in recovery and not read-only.
        encrypted: the session uses TLS.
        foreign_authority_refused: a connection that trusted another authority failed, as it must.
        role_exists: whether the role does; True where no administrator is configured, for then it was used.
        database_exists: likewise.
        role_may_create: the role may create schemas in the database, shown by doing it in a transaction that is undone.
        read_only_refused: the same in a transaction that may only read was refused, as it must be.
        admin: the administrator; None where none is configured.
        connections_left: connections that the role may have besides everybody else's, by the tightest limit.
        tightest: name of that limit.
        session_kept: settings and server process of a session survive transactions and are no other session's.
        encoding: of the database, or of the template that it will be made of.
        collation: name of its collation.
        collation_stale: the system's collation is of another version than the one that its indexes were sorted with.
        speaks_plpgsql: the procedural language is there.
        knows_time_zones: the names of time zones are there.
    """

    version: int
    writable: bool
    encrypted: bool
    foreign_authority_refused: bool
    role_exists: bool
    database_exists: bool
    role_may_create: bool
    read_only_refused: bool
    admin: Administrator | None
    connections_left: int
    tightest: str
    session_kept: bool
    encoding: str
    collation: str
    collation_stale: bool
    speaks_plpgsql: bool
    knows_time_zones: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standby:
    """A standby that replays what the server writes, as `pg_stat_replication` shows it.

    Attributes:
        name: its `application_name`.
        address: of its connection; empty for a socket.
        zone: of the node whose pod has that address; empty where no pod of the cluster has it.
        state: `streaming`, or on the way there: `startup`, `catchup`.
        synchronous: commits may wait for it (`sync`, `quorum`, `potential`).
        seconds_behind: between a write and its replay there; 0 where everything is replayed, None where not measured.
    """

    name: str
    address: str
    zone: str
    state: str
    synchronous: bool
    seconds_behind: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replication:
    """Who follows the server.

    Attributes:
        details_seen: the session may read more of `pg_stat_replication` than how many rows it has (`pg_monitor`).
        senders: physical WAL senders, whatever follows them.
        standbys: those of them that replay; none where details are not seen.
        lost_slots: names of physical replication slots that nobody reads.
        synchronous: how many standbys a commit waits for (`synchronous_standby_names`); 0 where it waits for none.
        zone: of the node whose pod has the server's address; empty where no pod of the cluster has it.
    """

    details_seen: bool
    senders: int
    standbys: tuple[Standby, ...]
    lost_slots: tuple[str, ...]
    synchronous: int
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Archiving:
    """What becomes of the write-ahead log, as settings and `pg_stat_archiver` say.

    Attributes:
        wal_level: `minimal`, `replica` or `logical`.
        mode: `archive_mode`: `off`, `on` or `always`.
        timeout_seconds: `archive_timeout`, after which a segment is archived that is not full; 0 means never.
        archived_seconds_ago: since the last segment was archived; None where none was.
        failed_seconds_ago: since archiving last failed; None where it never did.
        waiting: segments that are complete and not archived; None where it cannot be told.
        receivers: names of those who receive the log without replaying it, such as `pg_receivewal`.
    """

    wal_level: str
    mode: str
    timeout_seconds: int
    archived_seconds_ago: float | None
    failed_seconds_ago: float | None
    waiting: int | None
    receivers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedService:
    """A managed database as its provider's API shows it.

    Attributes:
        provider: such as `Cloud SQL`.
        name: of the instance.
        version: of PostgreSQL, as the provider writes it.
        host: by which the database is reached that is looked at.
        reached_as: names and addresses of the instance.
        state: in the provider's word.
        serves: whether it takes sessions in that state.
        regional: a standby in another zone takes over by itself.
        zones: of the primary, then of the standby, as far as they are told.
        backups: whether they are made daily.
        backups_kept: how many.
        log_days: of write-ahead log for a recovery to any point in them; 0 where that is off.
        age_seconds: since the instance was made.
        backed_up_seconds_ago: since the last backup that succeeded; None where none did.
        restorable_seconds_ago: since the last instant that it may be recovered to; None where that is not told.
        tls_forced: whether a session without TLS is refused, whoever begins it; None where that is not told.
        authority_ends: when the authority of its certificate ends (UTC); None where that is not told.
    """

    provider: str
    name: str
    version: str
    host: str
    reached_as: tuple[str, ...]
    state: str
    serves: bool
    regional: bool
    zones: tuple[str, ...]
    backups: bool
    backups_kept: int
    log_days: int
    age_seconds: float
    backed_up_seconds_ago: float | None
    restorable_seconds_ago: float | None
    tls_forced: bool | None
    authority_ends: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeDatabase:
    """A managed database that the stack itself makes: what it asks of the cloud, which nobody has looked at by that.

    Attributes:
        standby: how it stands in more than one zone.
        backups: how it is backed up.
    """

    standby: str
    backups: str
