"""The way in that an installation's users take, asked from where kastellan runs."""

from collections.abc import Mapping
from typing import Protocol

from kastellan.ports.cluster import HttpAnswer


class Entrance(Protocol):
    """Asks one installation by its external name."""

    def get(self, path: str, *, headers: Mapping[str, str], timeout_seconds: float) -> HttpAnswer:
        """GET a path over TLS, on a connection of its own; redirects are not followed. Nothing is repeated.

        Raises:
            UnreachableError: no connection came about: the name is not known here, or nobody takes the connection.
            UntrustedError: the certificate does not verify, or is of another name.
            ServerFaultError: connected, and then broken off, or no HTTP.
            DeadlineExceededError: connected, and no whole answer within the timeout.
        """
        ...
