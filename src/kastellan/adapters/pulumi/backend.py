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
        case "s3":
            return _S3Bucket(url)
        case "gs":
            from kastellan.adapters.google_identity import CLOUD_STORAGE, access_tokens
            from kastellan.adapters.pulumi.google_bucket import GoogleBucket

            return GoogleBucket(url, access_tokens(CLOUD_STORAGE))
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

        from kastellan.adapters.postgres.bounded_connection import BoundedConnection

        try:
            with BoundedConnection.connect(self.conninfo, connect_timeout=10, autocommit=True) as connection:
                return connection.execute(statement, values).fetchall()
        except psycopg.errors.UndefinedTable:
            return []
        except psycopg.Error as cause:  # its text may hold the connection's parameters
            raise UnreachableError(
                "the PostgreSQL server of Pulumi's state does not answer", remediation="see why, then try again"
            ) from cause


@dataclass(frozen=True, slots=True)
class _S3Bucket:
    """A backend `s3://BUCKET/PREFIX`; who one is comes from where every AWS tool looks."""

    url: str

    def read(self, folder: str) -> Mapping[str, bytes]:
        import botocore.exceptions

        client, bucket, prefix = self._opened()
        start = f"{prefix}{folder}/"
        try:
            pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=start, Delimiter="/")
            names = [item["Key"] for page in pages for item in page.get("Contents", ())]
            found = {name.removeprefix(prefix): self._content(client, bucket, name) for name in names}
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as cause:
            raise _unreachable(cause) from cause
        return {key: content for key, content in found.items() if content is not None}

    def remove(self, key: str) -> None:
        import botocore.exceptions

        client, bucket, prefix = self._opened()
        try:
            client.delete_object(Bucket=bucket, Key=f"{prefix}{key}")
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as cause:
            raise _unreachable(cause) from cause

    def _content(self, client: Any, bucket: str, name: str) -> bytes | None:
        try:
            content: bytes = client.get_object(Bucket=bucket, Key=name)["Body"].read()
        except client.exceptions.NoSuchKey:  # released meanwhile
            return None
        return content

    def _opened(self) -> tuple[Any, str, str]:
        import boto3
        from botocore.config import Config

        parts = urlsplit(self.url)
        query = dict(parse_qsl(parts.query))
        endpoint = query.get("endpoint")
        if endpoint and "://" not in endpoint:
            endpoint = f"{'http' if query.get('disableSSL') == 'true' else 'https'}://{endpoint}"
        session = boto3.Session(profile_name=query.get("profile"), region_name=query.get("region"))
        config = Config(
            connect_timeout=10, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2},
            s3={"addressing_style": "path" if endpoint else "auto"},
        )  # fmt: skip
        prefix = parts.path.strip("/")
        return session.client("s3", endpoint_url=endpoint, config=config), parts.netloc, f"{prefix}/" if prefix else ""


def _unreachable(cause: Exception) -> UnreachableError:
    code = getattr(cause, "response", {}).get("Error", {}).get("Code", "") or type(cause).__name__
    return UnreachableError(
        f"the bucket of Pulumi's state does not answer as it should ({code})",
        remediation="see whether it may be read and written from here, then try again",
    )
