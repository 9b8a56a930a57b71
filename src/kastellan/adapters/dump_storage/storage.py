"""What `adapters.postgres.logical_dump` needs of the place where dumps lie."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from kastellan.domain.restore_point import RestorePoint


class DumpStorage(Protocol):
    """The dumps of one installation. A dump without a description is half-made, and is as good as none.

    Every method may raise the errors that `ports.restore_points.RestorePoints` lists.
    """

    @property
    def place(self) -> str:
        """What a person calls it, such as a folder or `s3://bucket/prefix`; no secret."""
        ...

    def descriptions(self) -> Iterator[RestorePoint]:
        """All finished ones, in no order.

        Raises:
            StuckError: a description cannot be read; it is named, and a person has to look.
        """
        ...

    def find(self, key: str) -> RestorePoint | None:
        """The finished one of a key."""
        ...

    def begin(self, key: str) -> AbstractContextManager[Path]:
        """Take away what is half-made of this key, and give a path to write the dump to.

        What was not given to `keep` when the context ends is discarded.

        Raises:
            ConflictError: another process is at it.
        """
        ...

    def keep(self, dump: Path, point: RestorePoint) -> None:
        """Store a dump and then its description; only with the second is it finished."""
        ...

    def fetched(self, point: RestorePoint) -> AbstractContextManager[Path | None]:
        """A path to read the dump from; None where it is gone."""
        ...

    def remove(self, point: RestorePoint) -> None:
        """Take away the description and then the dump; what is not there is no error."""
        ...
