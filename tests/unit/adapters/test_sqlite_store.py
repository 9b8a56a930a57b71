"""The store in a file."""

import sqlite3
import stat
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event

from kastellan.adapters.store import opening
from kastellan.adapters.store.opening import open_store
from kastellan.domain.errors import InvalidInputError, ServerFaultError, StuckError, UnreachableError
from tests.contracts.fleet import FleetContract
from tests.contracts.lease import JournalContract, LeaseContract
from tests.contracts.store import MESSAGE, NOW, StoreContract, fact


class TestSqliteStore(StoreContract):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'new' / 'store.sqlite'}"

    def test_a_store_of_the_newest_schema_is_opened_without_looking_for_migrations(
        self, url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with open_store(url) as store, store._transactions._engine.connect() as connection:
            found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all()
        assert found == [opening.HEAD], "which is the newest migration's"
        monkeypatch.setitem(sys.modules, "alembic.config", None)
        with open_store(url):
            pass

    def test_only_its_owner_may_read_it(self, url: str, tmp_path: Path) -> None:
        with open_store(url):
            pass
        assert stat.S_IMODE((tmp_path / "new" / "store.sqlite").stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700

    def test_a_store_that_another_process_locks_is_told_as_such(
        self, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(opening, "LOCK_SECONDS", 0.05)
        with open_store(url) as store, closing(sqlite3.connect(tmp_path / "new" / "store.sqlite")) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(UnreachableError, match="locked by another process; nothing was recorded"):
                store.append("acme", [fact("a")], seen=0, noticed_at=NOW)

    def test_every_commit_is_on_the_disk_and_readers_do_not_block_writers(self, url: str) -> None:
        with open_store(url) as store, store._transactions._engine.connect() as connection:
            found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
        assert found == ["wal", 2], "2 is FULL"

    def test_a_full_disk_is_told_and_nothing_is_half_recorded(self, url: str) -> None:
        with open_store(url) as store:
            store.append("acme", [fact("a")], seen=0, noticed_at=NOW)

            def fill(connection: sqlite3.Connection, *_: object) -> None:
                connection.execute(f"PRAGMA max_page_count = {connection.execute('PRAGMA page_count').fetchone()[0]}")

            event.listen(store._transactions._engine, "checkout", fill)
            large = [fact("b", text="x" * 100_000)]
            with pytest.raises(ServerFaultError, match=r"takes no writes .*; nothing was recorded"):
                store.append("acme", large, seen=1, noticed_at=NOW, messages=[MESSAGE])
            event.remove(store._transactions._engine, "checkout", fill)
            assert len(store.entries("acme")) == 1
            assert store.deliveries("acme") == ()
            assert store.head("acme")[0] == 1

    def test_a_file_that_may_not_be_written_is_told(self, url: str, tmp_path: Path) -> None:
        with open_store(url) as store:
            store._transactions._engine.dispose()
            event.listen(
                store._transactions._engine,
                "connect",
                lambda connection, _: connection.execute("PRAGMA query_only = ON"),
            )
            with pytest.raises(ServerFaultError, match="nothing was recorded"):
                store.append("acme", [fact("a")], seen=0, noticed_at=NOW)

    def test_a_file_that_is_no_database_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "text").write_text("no database at all, only text that goes on for a while\n" * 50)
        with (
            pytest.raises(StuckError, match="check that --store names a store"),
            open_store(f"sqlite:///{tmp_path / 'text'}"),
        ):
            pass


class TestSqliteJournal(LeaseContract, JournalContract, FleetContract):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'store.sqlite'}"


@pytest.mark.parametrize("url", ["", "mysql://a:geheim@b/c", "nonsense", "sqlite://", "sqlite:////proc/nowhere/x"])
def test_a_url_that_names_no_store_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(InvalidInputError) as refused, open_store(url):
        pass
    assert "geheim" not in str(refused.value)
