"""The contract of `adapters.dump_storage.storage.DumpStorage`: run on a folder and on a bucket.

A subclass gives the fixtures `storage` and `names`, which tells the names of everything that lies there.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from kastellan.adapters.dump_storage.storage import DumpStorage
from kastellan.domain.errors import StuckError
from kastellan.domain.restore_point import EventMark, RestorePoint
from tests.unit.domain.test_restore_point import NOW, point

CONTENT = bytes(range(256)) * 50
Names = Callable[[], list[str]]
Write = Callable[[str, bytes], None]


def keep(storage: DumpStorage, made: RestorePoint, content: bytes = CONTENT) -> RestorePoint:
    with storage.begin(made.key) as path:
        path.write_bytes(content)
        storage.keep(path, made)
    return made


def read(storage: DumpStorage, made: RestorePoint) -> bytes | None:
    with storage.fetched(made) as path:
        return path.read_bytes() if path else None


class DumpStorageContract:
    def test_what_is_kept_is_found_listed_and_read_back(self, storage: DumpStorage, names: Names) -> None:
        event = EventMark(position="1764000000.123456", at=NOW.replace(microsecond=123456))
        one, two = keep(storage, point(newest_event=event)), keep(storage, point(key="two", newest_event=None), b"")
        assert storage.find("one") == one
        assert sorted(storage.descriptions(), key=lambda found: found.key) == [one, two]
        assert (read(storage, one), read(storage, two)) == (CONTENT, b"")
        assert names() == ["one.dump", "one.json", "two.dump", "two.json"]

    def test_what_was_never_made_is_not_found(self, storage: DumpStorage) -> None:
        assert storage.find("absent") is None
        assert list(storage.descriptions()) == []
        assert read(storage, point(key="absent")) is None

    def test_what_was_not_kept_is_gone(self, storage: DumpStorage, names: Names) -> None:
        with storage.begin("one") as path:
            path.write_bytes(CONTENT)
        assert names() == []

    def test_a_failure_while_making_leaves_nothing(self, storage: DumpStorage, names: Names) -> None:
        with pytest.raises(ZeroDivisionError), storage.begin("one") as path:
            path.write_bytes(CONTENT)
            raise ZeroDivisionError
        assert names() == []

    def test_a_dump_without_a_description_is_as_good_as_none(
        self, storage: DumpStorage, names: Names, write: Write
    ) -> None:
        write("one.dump", b"half")
        assert storage.find("one") is None
        assert list(storage.descriptions()) == []
        keep(storage, point())
        assert names() == ["one.dump", "one.json"]
        assert read(storage, point()) == CONTENT

    def test_removing_twice_is_the_same_as_once(self, storage: DumpStorage, names: Names) -> None:
        keep(storage, point())
        storage.remove(point())
        storage.remove(point())
        assert names() == []

    @pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"schemaVersion":2}', b'{"schemaVersion":1}'])
    def test_a_description_that_is_none_is_named(self, storage: DumpStorage, write: Write, content: bytes) -> None:
        write("broken.json", content)
        with pytest.raises(StuckError, match=r"broken\.json is no description of a restore point"):
            list(storage.descriptions())

    def test_the_place_is_told_to_people(self, storage: DumpStorage) -> None:
        assert "acme" in storage.place
        assert Path(storage.place).name == "acme"
