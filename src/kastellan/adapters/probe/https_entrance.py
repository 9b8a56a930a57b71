"""GET by an installation's external name: its chain and name are verified, whichever address is connected to."""

import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from kastellan.adapters.probe.tls import verifying
from kastellan.domain.errors import DeadlineExceededError, ServerFaultError, UnreachableError, UntrustedError
from kastellan.domain.probing import EntryPoint
from kastellan.ports.cluster import HttpAnswer

_LARGEST_BODY = 1 << 20


@dataclass(frozen=True, slots=True)
class HttpsEntrance:
    """Implements `ports.entrance.Entrance`.

    Attributes:
        domain: the external name.
        entry: port, authority, and addresses where this host's name servers do not know the name.
    """

    domain: str
    entry: EntryPoint

    def get(self, path: str, *, headers: Mapping[str, str], timeout_seconds: float) -> HttpAnswer:
        """See the port."""
        doing = f"asking https://{self.domain}{path}"
        port = self.entry.port
        connection = http.client.HTTPConnection(self.domain, port, timeout=timeout_seconds)
        with self._connected(doing, timeout_seconds) as stream:
            try:
                connection.sock = verifying(self.entry.ca).wrap_socket(stream, server_hostname=self.domain)
                host = self.domain if port == http.client.HTTPS_PORT else f"{self.domain}:{port}"
                connection.request("GET", path, headers={"Host": host, **headers})
                answer = connection.getresponse()
                return HttpAnswer(
                    status=answer.status,
                    headers={name.lower(): value for name, value in answer.getheaders()},
                    body=answer.read(_LARGEST_BODY),
                )
            except ssl.SSLCertVerificationError as cause:
                raise UntrustedError(f"{doing}: {cause.verify_message}") from cause
            except TimeoutError as cause:
                raise DeadlineExceededError(f"{doing}: no whole answer within {timeout_seconds:g} s") from cause
            except (OSError, http.client.HTTPException) as cause:
                raise ServerFaultError(f"{doing}: broken off ({' '.join(str(cause).split())[:200]})") from cause
            finally:
                connection.close()

    def _connected(self, doing: str, timeout_seconds: float) -> socket.socket:
        problems = []
        for address in self.entry.addresses or (self.domain,):
            try:
                return socket.create_connection((address, self.entry.port), timeout=timeout_seconds)
            except OSError as cause:
                problems.append(f"{address} port {self.entry.port}: {cause}")
        raise UnreachableError(f"{doing}: {'; '.join(problems)}")
