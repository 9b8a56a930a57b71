"""`pg_dump` and `pg_restore` that are missing, too old, or broken are said to be so."""

from pathlib import Path

import pytest

from kastellan.adapters.postgres.programs import PostgresPrograms
from kastellan.domain.errors import NotFoundError


def programs(folder: Path, dump: str, restore: str) -> str:
    for name, said in (("pg_dump", dump), ("pg_restore", restore)):
        path = folder / name
        path.write_text(f"#!/bin/sh\necho '{said}'\n")
        path.chmod(0o755)
    return str(folder)


def test_missing_programs_are_named_with_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"there is no pg_dump in .*install postgresql-client"):
        PostgresPrograms(str(tmp_path))


def test_a_program_older_than_the_server_is_refused(tmp_path: Path) -> None:
    folder = programs(tmp_path, "pg_dump (PostgreSQL) 17.2", "pg_restore (PostgreSQL) 15.18 (Debian 15.18-0)")
    found = PostgresPrograms(folder)
    found.require(150018)
    with pytest.raises(NotFoundError, match="pg_restore is of PostgreSQL 15, older than the server, which is 17"):
        found.require(170010)


def test_a_program_that_is_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="does not say its version"):
        PostgresPrograms(programs(tmp_path, "hello", "hello"))
