"""Where Pulumi keeps its state, and the lock files of a stack in it.

A DIY backend (https://www.pulumi.com/docs/iac/concepts/state-and-backends/) locks a stack by a file
`.pulumi/locks/organization/PROJECT/STACK/ID.json` with process id, user, host and time. It has no lease: a process that
is killed leaves it for ever. `pulumi cancel` deletes all of them and stops nobody, so here each is looked at, and
removed by its name.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import yaml

from kastellan.config.stack_file import PROJECT_FILE
from kastellan.domain.errors import InvalidInputError, UnreachableError

_LOCKS = PurePosixPath(".pulumi/locks")


class LockFiles(Protocol):
    """Reads and removes small files below a folder of a backend."""

    def read(self, folder: str) -> Mapping[str, bytes]:
        """Content of every file right in a folder, by its key; empty where there is no such folder."""
        ...

    def remove(self, key: str) -> None:
        """Remove one; nothing happens where it is gone already."""
        ...


def backend_url(project: Path, environment: Mapping[str, str]) -> str:
    """The backend's URL, looked up as Pulumi does: environment, project file, login.

    Raises:
        InvalidInputError: there is none.
    """
    if url := environment.get("PULUMI_BACKEND_URL"):
        return url
    settings = yaml.safe_load((project / PROJECT_FILE).read_text(encoding="utf-8"))
    if url := ((settings or {}).get("backend") or {}).get("url"):
        return str(url)
    home = environment.get("PULUMI_CREDENTIALS_PATH") or environment.get("PULUMI_HOME") or "~/.pulumi"
    try:
        logins = json.loads((Path(home).expanduser() / "credentials.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        logins = {}
    if url := logins.get("current"):
        return str(url)
    raise InvalidInputError(
        "Pulumi is logged in to no backend", remediation="run `pulumi login`, or give PULUMI_BACKEND_URL"
    )


def lock_folders(project: Path, stack: str) -> tuple[str, str]:
    """Where a stack's locks lie: in a backend of today, and in one from before projects were kept apart."""
    settings = yaml.safe_load((project / PROJECT_FILE).read_text(encoding="utf-8"))
    return str(_LOCKS / "organization" / str(settings["name"]) / stack), str(_LOCKS / stack)


def lock_files(url: str) -> LockFiles | None:
    """Access to the lock files of a backend; None for a kind of backend that only Pulumi itself can read."""
    parts = urlsplit(url)
    match parts.scheme:
        case "file":
            return _Folder(Path(url.removeprefix("file://").partition("?")[0]).expanduser())
        case "postgres" | "postgresql":
            return _PostgresTable.of(url)
        case _:
            return None


@dataclass(frozen=True, slots=True)
class _Folder:
    """A backend `file://`."""

    root: Path

    def read(self, folder: str) -> Mapping[str, bytes]:
        return dict(self._files(self.root / folder))

    def remove(self, key: str) -> None:
        (self.root / key).unlink(missing_ok=True)

    def _files(self, folder: Path) -> Iterator[tuple[str, bytes]]:
        for path in folder.glob("*.json"):
            try:
                yield str(path.relative_to(self.root)), path.read_bytes()
            except FileNotFoundError:  # released meanwhile
                continue


@dataclass(frozen=True, slots=True)
class _PostgresTable:
    """A backend `postgres://`: a table of keys, and base64 in JSON."""

    conninfo: str = field(repr=False)
    table: str

    @classmethod
    def of(cls, url: str) -> "_PostgresTable":
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        table = query.pop("table", "pulumi_state")
        return cls(urlunsplit(parts._replace(query=urlencode(query))), table)

    def read(self, folder: str) -> Mapping[str, bytes]:
        from psycopg import sql

        statement = sql.SQL("SELECT key, data->>'data' FROM {} WHERE key LIKE %s").format(sql.Identifier(self.table))
        pattern = folder.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "/%"
        rows = self._run(statement, (pattern,))
        return {key: base64.b64decode(data) for key, data in rows if "/" not in key.removeprefix(f"{folder}/")}

    def remove(self, key: str) -> None:
        from psycopg import sql

        statement = sql.SQL("DELETE FROM {} WHERE key = %s RETURNING key").format(sql.Identifier(self.table))
        self._run(statement, (key,))

    def _run(self, statement: Any, values: tuple[str, ...]) -> list[tuple[Any, ...]]:
        import psycopg

        try:
            with psycopg.connect(self.conninfo, connect_timeout=10, autocommit=True) as connection:
                return connection.execute(statement, values).fetchall()
        except psycopg.errors.UndefinedTable:
            return []
        except psycopg.Error as cause:  # its text may hold the connection's parameters
            raise UnreachableError(
                "the PostgreSQL server of Pulumi's state does not answer", remediation="see why, then try again"
            ) from cause
