import errno
import os
from pathlib import Path
from urllib.parse import quote

import pytest

from kastellan.adapters.notify.channels import notifier_for
from kastellan.domain.errors import ForbiddenError, NotFoundError, ServerFaultError
from kastellan.ports.notifier import Notifier
from tests.contracts.notifier import NotifierContract, Received, message


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "a folder" / "outbox"


@pytest.fixture
def notifier(folder: Path) -> Notifier:
    return notifier_for({"operations": f"file://{quote(str(folder))}"})


@pytest.fixture
def received(folder: Path) -> Received:
    def read() -> list[tuple[str, str]]:
        found = []
        for path in sorted(folder.iterdir()):
            head, _, text = path.read_bytes().decode().partition("\n\n")
            found.append((head.partition("\nSubject: ")[2], text.removesuffix("\n")))
        return found

    return read


class TestFileNotifier(NotifierContract):
    def test_a_message_lies_in_a_file_named_by_its_key(self, notifier: Notifier, folder: Path) -> None:
        receipt = notifier.send(message("notice-2026-12/1"))
        assert receipt.reference == "notice-2026-12%2F1.txt"
        assert receipt.confirms_delivery
        assert (folder / receipt.reference).read_text() == (
            "Channel: operations\nSubject: Maintenance on Tuesday\n\nIt begins at 22:00.\n\nBye.\n"
        )

    def test_a_message_that_is_sent_again_makes_no_second_file(self, notifier: Notifier, received: Received) -> None:
        assert notifier.send(message()) == notifier.send(message())
        assert len(received()) == 1

    def test_messages_of_two_installations_with_the_same_key_lie_side_by_side(
        self, notifier: Notifier, received: Received
    ) -> None:
        for _ in range(2):
            notifier.send(message())
            other = notifier.send(message(text="of another installation"))
        assert sorted(text for _, text in received()) == ["It begins at 22:00.\n\nBye.", "of another installation"]
        assert other.reference.endswith(".txt")

    @pytest.mark.parametrize(
        "key", ["../../etc/passwd", "..", ".", "/etc/passwd", "a\x00b", "a\nb", "é" * 300, "\ud800"]
    )
    def test_no_key_leads_out_of_the_folder(self, notifier: Notifier, folder: Path, key: str) -> None:
        receipt = notifier.send(message(key))
        assert [path.name for path in folder.iterdir()] == [receipt.reference]
        assert not receipt.reference.startswith(".")

    def test_long_keys_that_differ_at_their_end_have_different_files(self, notifier: Notifier, folder: Path) -> None:
        for end in "ab":
            notifier.send(message("k" * 400 + end))
        assert len(list(folder.iterdir())) == 2

    def test_a_crash_before_the_end_leaves_no_message(
        self, notifier: Notifier, received: Received, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(descriptor: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(ServerFaultError, match=r"channel operations: .*: No space left on device"):
            notifier.send(message())
        assert list(folder.iterdir()) == []

    def test_a_folder_that_is_a_file_is_permanent(self, notifier: Notifier, folder: Path) -> None:
        folder.parent.mkdir()
        folder.write_text("")
        with pytest.raises(NotFoundError, match="channel operations: the message cannot be written"):
            notifier.send(message())

    def test_a_folder_without_rights_is_permanent(self, notifier: Notifier, monkeypatch: pytest.MonkeyPatch) -> None:
        def refused(*_: object, **__: object) -> None:
            raise PermissionError(errno.EACCES, "Permission denied")

        monkeypatch.setattr(os, "link", refused)
        with pytest.raises(ForbiddenError, match="Permission denied"):
            notifier.send(message())
