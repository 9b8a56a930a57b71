"""Dumps in a folder."""

import errno
import os
import stat
from pathlib import Path

import pytest

from kastellan.adapters.dump_storage.folder import FolderStorage
from kastellan.domain.errors import ConflictError, ForbiddenError, NotFoundError, ServerFaultError
from tests.contracts.dump_storage import CONTENT, DumpStorageContract, Names, Write, keep
from tests.unit.domain.test_restore_point import point


@pytest.fixture
def storage(tmp_path: Path) -> FolderStorage:
    return FolderStorage(tmp_path / "points", "acme")


@pytest.fixture
def names(tmp_path: Path) -> Names:
    return lambda: sorted(path.name for path in (tmp_path / "points/acme").glob("[!.]*"))


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def act(name: str, content: bytes) -> None:
        path = tmp_path / "points/acme" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    return act


class TestFolderStorage(DumpStorageContract):
    def test_nobody_else_may_read_what_lies_there(self, storage: FolderStorage, tmp_path: Path) -> None:
        keep(storage, point())
        paths = [tmp_path / "points/acme", *(tmp_path / "points/acme").iterdir()]
        assert not any(stat.S_IMODE(path.stat().st_mode) & 0o077 for path in paths)

    def test_one_makes_a_dump_at_a_time(self, storage: FolderStorage, names: Names) -> None:
        other = FolderStorage(Path(storage.place).parent, "acme")
        with storage.begin("one") as path:
            path.write_bytes(CONTENT)
            with pytest.raises(ConflictError, match="another process is making a restore point"), other.begin("one"):
                pass
            storage.keep(path, point())
        assert names() == ["one.dump", "one.json"]

    def test_what_a_dead_maker_left_of_another_key_goes_too(
        self, storage: FolderStorage, names: Names, write: Write
    ) -> None:
        keep(storage, point(key="kept"))
        write("dead.part", b"half")
        write("later.dump", b"whole, but never described")
        keep(storage, point())
        assert names() == ["kept.dump", "kept.json", "one.dump", "one.json"]

    @pytest.mark.parametrize(
        ("number", "kind"),
        [(errno.ENOSPC, ServerFaultError), (errno.EIO, ServerFaultError), (errno.EROFS, ForbiddenError)],
    )
    def test_a_disk_that_takes_no_more_leaves_no_restore_point(
        self,
        storage: FolderStorage,
        names: Names,
        monkeypatch: pytest.MonkeyPatch,
        number: int,
        kind: type[Exception],
    ) -> None:
        def full(descriptor: int) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(kind, match="keeping restore point one"):
            keep(storage, point())
        assert names() == []
        assert storage.find("one") is None

    def test_a_folder_that_is_a_file_is_permanent(self, storage: FolderStorage, tmp_path: Path) -> None:
        (tmp_path / "points").write_text("")
        with pytest.raises(NotFoundError, match=r"correct installation:restorePoints\.directory"):
            keep(storage, point())
