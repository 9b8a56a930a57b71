"""A connection pooler before a PostgreSQL server: Debian's PgBouncer, with TLS on both sides."""

import os
import pwd
import shutil
from types import TracebackType

from lab.control_plane import free_port
from lab.errors import LabError
from lab.folders import SHARED
from lab.pki import Authority
from lab.postgres import Postgres
from lab.supervisor import Supervisor


def why_no_pooler() -> str | None:
    """Why there can be none on this machine; None where there can."""
    return None if _program() else "PgBouncer is missing: apt-get install pgbouncer"


def _program() -> str | None:
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


class PgBouncer:
    """A pooler of its own on a free port; a context manager that ends it.

    Attributes:
        host: address that it listens on, also in its certificate.
        port: TCP port.
        ca_pem: authority that signed its certificate.
    """

    def __init__(self, server: Postgres, mode: str, *, user: str, password: str) -> None:
        """Start it; who connects before it listens is refused.

        Args:
            server: the server behind it.
            mode: `session` or `transaction`.
            user: the role that may connect.
            password: of that role.

        Raises:
            LabError: the program is missing.
        """
        program = _program()
        if program is None:
            raise LabError(str(why_no_pooler()))
        self.host, self.port = "127.0.0.1", free_port()
        authority = Authority("kastellan lab pooler")
        self.ca_pem = authority.certificate
        self._supervisor = Supervisor("pgbouncer")
        # It refuses to run as root, and a home directory of root's is closed to others.
        account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        folder = SHARED / f"kastellan-lab-pgbouncer-{self.port}-{os.getpid()}"
        self._supervisor.undo_at_end(["rm", "-rf", str(folder)])
        folder.mkdir(mode=0o700)
        authority.server([self.host]).write(folder, "server")
        (folder / "server-ca.crt").write_text(server.ca_pem)
        (folder / "users").write_text(f'"{user}" "{password}"\n')
        (folder / "pgbouncer.ini").write_text(
            f"""\
[databases]
* = host={server.host} port={server.port}
[pgbouncer]
listen_addr = {self.host}
listen_port = {self.port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder / "users"}
pool_mode = {mode}
default_pool_size = 5
client_tls_sslmode = require
client_tls_key_file = {folder / "server.key"}
client_tls_cert_file = {folder / "server.crt"}
server_tls_sslmode = verify-full
server_tls_ca_file = {folder / "server-ca.crt"}
"""
        )
        if account:
            for path in (folder, *folder.iterdir()):
                shutil.chown(path, account.pw_uid, account.pw_gid)
        self._supervisor.start(
            "pgbouncer",
            [program, folder / "pgbouncer.ini"],
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            cwd=folder,
        )

    def __enter__(self) -> "PgBouncer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._supervisor.close()
