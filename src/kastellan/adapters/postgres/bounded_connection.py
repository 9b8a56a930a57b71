"""A connection to PostgreSQL that waits for no answer longer than it was told to.

A server's own limits (`statement_timeout`) and keepalives do not help where something in between keeps the connection
open and passes nothing on, such as a proxy, a pooler or a firewall that forgot it: libpq then waits for ever.
"""

import os
import socket
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen

ANSWER_SECONDS = 40.0
"""For an answer, where nobody says otherwise; longer than any `statement_timeout` of ours, so that a server that is
merely slow says so itself."""

T = TypeVar("T")


class BoundedConnection(psycopg.Connection[tuple[Any, ...]]):
    """A connection that is of no use any more once an answer did not come in time.

    Attributes:
        answer_seconds: how long to wait for each answer.
    """

    answer_seconds: float = ANSWER_SECONDS

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Wait for an answer; see `psycopg.Connection.wait`.

        Raises:
            OperationalError: none came in time, and the connection was ended: its answer might still come.
        """
        try:
            return super().wait(gen, interval, self.answer_seconds if timeout is None else timeout)
        except psycopg.OperationalError as cause:
            # A server that refuses has answered: what it was asked for is not at work any more.
            if timeout is None and self.pgconn.transaction_status == psycopg.pq.TransactionStatus.ACTIVE:
                self.pgconn.finish()
                raise psycopg.OperationalError(f"no answer within {self.answer_seconds:.0f} s") from cause
            raise

    def abandon(self) -> None:
        """End it, also while another thread waits for an answer, which then ends with an error."""
        with socket.socket(fileno=os.dup(self.fileno())) as end:
            end.shutdown(socket.SHUT_RDWR)
