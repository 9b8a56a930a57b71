"""One authority for all tests of this folder: keys take time."""

import pytest

from tests.servers.secured import Pki


@pytest.fixture(scope="session")
def pki() -> Pki:
    return Pki.fresh()
