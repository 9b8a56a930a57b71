"""The store in a real PostgreSQL, over TLS; and what takes too long for a unit test on SQLite."""

from pathlib import Path

import pytest

from kastellan.adapters.store.opening import open_store
from kastellan.domain.errors import UnreachableError
from tests.contracts.lease import JournalContract, LeaseContract
from tests.contracts.store import KilledWriterContract, StoreContract
from tests.lab.conftest import Database


class TestPostgresStore(StoreContract, KilledWriterContract, LeaseContract, JournalContract):
    @pytest.fixture
    def url(self, database: Database) -> str:
        return database.url

    def test_a_wrong_password_is_told_without_it(self, database: Database) -> None:
        with (
            pytest.raises(UnreachableError, match="the store cannot be reached") as refused,
            open_store(database.url.replace(database.password, "falsch-geheim")),
        ):
            pass
        assert "geheim" not in str(refused.value)


class TestSqliteStore(KilledWriterContract):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'store.sqlite'}"
