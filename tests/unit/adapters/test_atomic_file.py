"""A file is replaced as a whole or not at all."""

import os
from pathlib import Path

import pytest

from kastellan.adapters.atomic_file import replace_file
from kastellan.domain.errors import ForbiddenError, ServerFaultError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file.yaml"
    path.write_bytes(b"old")
    path.chmod(0o640)
    return path


def test_the_content_changes_and_the_permissions_stay(file: Path) -> None:
    replace_file(file, b"new\r\n")
    assert file.read_bytes() == b"new\r\n"
    assert file.stat().st_mode & 0o777 == 0o640
    assert list(file.parent.iterdir()) == [file]


def test_a_link_goes_on_pointing_where_it_did(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.yaml"
    link.symlink_to(file)
    replace_file(link, b"new")
    assert link.is_symlink()
    assert file.read_bytes() == b"new"


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (OSError(28, "No space left on device"), ServerFaultError),
        (PermissionError(13, "Permission denied"), ForbiddenError),
    ],
)
@pytest.mark.parametrize("call", ["fsync", "fdopen"])
def test_a_disk_that_refuses_leaves_the_file_as_it_was(
    file: Path, monkeypatch: pytest.MonkeyPatch, call: str, raised: OSError, expected: type[Exception]
) -> None:
    def refuse(*arguments: object, **named: object) -> object:
        raise raised

    monkeypatch.setattr(os, call, refuse)
    with pytest.raises(expected, match="cannot be written"):
        replace_file(file, b"new")
    monkeypatch.undo()
    assert file.read_bytes() == b"old"
    assert list(file.parent.iterdir()) == [file]
