"""Makes database and role on the real local PostgreSQL: on a simulated cloud the database is real."""

from collections.abc import Mapping
from typing import Any


def make_for_real(token: str, inputs: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
    """Where the test gave an administrator's URL, role and database come about; repeating changes nothing."""
    url = facts.get("databaseAdmin")
    if not url or token != "gcp:sql/user:User":
        return
    import psycopg
    from psycopg import sql

    with psycopg.connect(url, autocommit=True) as connection:
        role, database = sql.Identifier(inputs["name"]), sql.Identifier(facts["databaseName"])
        if not connection.execute("select from pg_roles where rolname = %s", [inputs["name"]]).fetchone():
            connection.execute(
                sql.SQL("create role {} login password {}").format(role, sql.Literal(inputs["password"]))
            )
        if not connection.execute("select from pg_database where datname = %s", [facts["databaseName"]]).fetchone():
            connection.execute(sql.SQL("create database {} owner {}").format(database, role))
