"""The store in a real PostgreSQL, over TLS."""

import pytest

from kastellan.adapters.store.opening import open_store
from kastellan.domain.errors import UnreachableError
from tests.contracts.store import StoreContract
from tests.lab.conftest import Database


class TestPostgresStore(StoreContract):
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
