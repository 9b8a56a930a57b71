"""Dumps in a folder: `INSTALLATION/KEY.dump` and, written last, `KEY.json`; only their owner may read them."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kastellan.adapters.dump_storage.description import description, read_description
from kastellan.domain.errors import (
    ConflictError,
    ForbiddenError,
    KastellanError,
    NotFoundError,
    ServerFaultError,
)
from kastellan.domain.restore_point import RestorePoint


class FolderStorage:
    """Implements `storage.DumpStorage` in a folder.

    Args:
        folder: is made where it is missing, open to its owner only.
        installation: whose dumps.
    """

    def __init__(self, folder: Path, installation: str) -> None:
        self._folder = folder / installation

    @property
    def place(self) -> str:
        """See the protocol."""
        return str(self._folder)

    def descriptions(self) -> Iterator[RestorePoint]:
        """See the protocol."""
        with self._translated("listing the restore points"):
            paths = sorted(self._folder.glob("*.json"))
            for path in paths:
                yield read_description(path.read_bytes(), where=str(path))

    def find(self, key: str) -> RestorePoint | None:
        """See the protocol."""
        path = self._path(key, "json")
        with self._translated(f"reading restore point {key}"):
            return read_description(path.read_bytes(), where=str(path)) if path.exists() else None

    @contextmanager
    def begin(self, key: str) -> Iterator[Path]:
        """See the protocol. One makes a dump of an installation at a time: the lock ends with its holder."""
        part = self._path(key, "part")
        with self._translated(f"making restore point {key}"):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self._folder / ".lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            try:
                self._take(lock)
                self._discard_half_made()
                os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
                try:
                    yield part
                finally:
                    part.unlink(missing_ok=True)
            finally:
                os.close(lock)

    def keep(self, dump: Path, point: RestorePoint) -> None:
        """See the protocol."""
        with self._translated(f"keeping restore point {point.key}"):
            _synced(dump)
            dump.replace(self._path(point.key, "dump"))
            aside = self._path(point.key, "part")
            descriptor = os.open(aside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(description(point))
            _synced(aside)
            aside.replace(self._path(point.key, "json"))
            _synced(self._folder)

    @contextmanager
    def fetched(self, point: RestorePoint) -> Iterator[Path | None]:
        """See the protocol."""
        path = self._path(point.key, "dump")
        yield path if path.exists() else None

    def remove(self, point: RestorePoint) -> None:
        """See the protocol."""
        with self._translated(f"removing restore point {point.key}"):
            for suffix in ("json", "dump"):
                self._path(point.key, suffix).unlink(missing_ok=True)

    def _take(self, lock: int) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as cause:
            raise ConflictError(
                f"another process is making a restore point in {self.place}", remediation="wait for its end"
            ) from cause

    def _discard_half_made(self) -> None:
        """Whatever a maker that died left, of any key: it holds personal data, and nobody would ever come for it."""
        for path in [*self._folder.glob("*.part"), *self._folder.glob("*.dump")]:
            if path.suffix == ".part" or not path.with_suffix(".json").exists():
                path.unlink()

    def _path(self, key: str, suffix: str) -> Path:
        return self._folder / f"{key}.{suffix}"

    @contextmanager
    def _translated(self, doing: str) -> Iterator[None]:
        try:
            yield
        except OSError as cause:
            raise _error(f"{doing} in {self.place}", cause) from cause


def _synced(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _error(doing: str, cause: OSError) -> KastellanError:
    said = f"{doing}: {cause.strerror or type(cause).__name__}"
    match cause.errno:
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return ForbiddenError(said, remediation="give the user that runs kastellan the right to write there")
        case errno.ENOENT | errno.ENOTDIR | errno.EEXIST:
            return NotFoundError(said, remediation="correct installation:restorePoints.directory")
        case _:
            return ServerFaultError(said, remediation="make room, or repair the disk, and repeat it")
