"""A PostgreSQL server that fails where a test says: a decorator of the driver, so that every question can be hit."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import errors

Fault = Callable[[Callable[[], Any], Any], Any]
"""Gets what asks, and the session it asks in (None before there is one); raises, or gives an answer."""


def refused(ask: Callable[[], Any], session: Any) -> Any:
    raise psycopg.OperationalError("connection refused")


def late(ask: Callable[[], Any], session: Any) -> Any:
    raise errors.QueryCanceled("canceling statement due to statement timeout")


def crowded(ask: Callable[[], Any], session: Any) -> Any:
    raise errors.TooManyConnections("sorry, too many clients already")


def forbidden(ask: Callable[[], Any], session: Any) -> Any:
    raise errors.InsufficientPrivilege("permission denied for function or view")


def cut(ask: Callable[[], Any], session: Any) -> Any:
    """The answer begins, and ends in the middle."""
    ask()
    return _Answer(psycopg.OperationalError("server closed the connection unexpectedly"))


def malformed(ask: Callable[[], Any], session: Any) -> Any:
    """As many columns as before, and nothing in them that anybody asked for."""
    ask()
    return _Answer([(object(),) * 6])


def narrow(ask: Callable[[], Any], session: Any) -> Any:
    """A row without columns."""
    ask()
    return _Answer([()])


FAULTS: Mapping[str, Fault] = {
    "refused": refused, "timeout": late, "too many connections": crowded, "permission denied": forbidden,
    "cut in the middle": cut, "malformed": malformed, "narrow": narrow,
}  # fmt: skip


CONTROL = "connect with another authority"
"""The call that has to fail."""


class FaultyPostgres:
    """Wraps whatever begins sessions; its `connects` stands in for `psycopg.connect`.

    Attributes:
        calls: every distinct call that was made, such as `connect to zitadel`, or the text of a query.
    """

    def __init__(self, connects: Callable[..., Any], fault: Fault | None = None, *, at: str = "") -> None:
        self._connects = connects
        self._fault = fault
        self._at = at
        self._authority = ""
        self.calls: set[str] = set()

    def connects(self, **options: Any) -> Any:
        authority = Path(options["sslrootcert"]).read_text()
        self._authority = self._authority or authority
        call = f"connect to {options['dbname']}" if authority == self._authority else CONTROL
        session = self.answer(call, lambda: self._connects(**options), None)
        return _Session(session, self)

    def answer(self, call: str, ask: Callable[[], Any], session: Any) -> Any:
        """The answer, or the fault in its place."""
        self.calls.add(call)
        return self._fault(ask, session) if self._fault and call == self._at else ask()


class _Session:
    def __init__(self, session: Any, server: FaultyPostgres) -> None:
        self._session = session
        self._server = server

    def execute(self, query: Any, parameters: Any = None) -> Any:
        text = query if isinstance(query, str) else query.as_string(None)
        return self._server.answer(
            " ".join(text.split()), lambda: self._session.execute(query, parameters), self._session
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


class _Answer:
    def __init__(self, rows: Any) -> None:
        self._rows = rows

    def fetchone(self) -> Any:
        return self.fetchall()[0]

    def fetchall(self) -> Any:
        if isinstance(self._rows, Exception):
            raise self._rows
        return self._rows
