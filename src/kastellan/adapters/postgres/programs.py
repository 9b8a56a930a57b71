"""PostgreSQL's own `pg_dump` and `pg_restore`: finding them, and running them so that nobody sees a password.

Their version matters: `pg_dump` refuses a server of a newer major release, and an old `pg_restore` cannot read what a
newer `pg_dump` wrote (PostgreSQL manual, pg_dump, Notes).
"""

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from kastellan.adapters.postgres.session import DatabaseAccess
from kastellan.domain.errors import DeadlineExceededError, NotFoundError, ServerFaultError, StepFailedError
from kastellan.ports.clock import Clock

_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
_POLL_SECONDS = 0.2
_EVIDENCE_LINES, _EVIDENCE_WIDTH = 5, 300
Environment = dict[str, str]


class PostgresPrograms:
    """The two programs of one machine.

    Args:
        folder: where they lie; empty for PATH.

    Raises:
        NotFoundError: one of them is not there, or cannot be run.
    """

    def __init__(self, folder: str = "") -> None:
        self.pg_dump, self._dump_release = _found("pg_dump", folder)
        self.pg_restore, self._restore_release = _found("pg_restore", folder)

    def require(self, server_version: int) -> None:
        """Make sure that they suit a server of this `server_version_num`.

        Raises:
            NotFoundError: they are too old for it.
        """
        server = server_version // 10_000
        for name, release in (("pg_dump", self._dump_release), ("pg_restore", self._restore_release)):
            if release < server:
                raise NotFoundError(
                    f"{name} is of PostgreSQL {release}, older than the server, which is {server}",
                    remediation=_install(server),
                )

    def run(
        self,
        arguments: Sequence[str | Path],
        environment: Environment,
        *,
        clock: Clock,
        budget_seconds: float,
        watch: Callable[[float], None],
    ) -> None:
        """Run one of them to its end; whatever happens, it is not running afterwards.

        Args:
            arguments: program and arguments; no secret is among them.
            environment: what `environment_for` gave.
            clock: for the budget.
            budget_seconds: after so long it is ended.
            watch: called again and again with the seconds that have passed.

        Raises:
            DeadlineExceededError: the budget was spent.
            ServerFaultError: a disk is full.
            StepFailedError: it failed; the evidence is what it said, without the rows that it quotes.
        """
        name = Path(arguments[0]).name
        began = clock.monotonic()
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                [str(argument) for argument in arguments],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
            )
            try:
                while process.poll() is None:
                    seconds = clock.monotonic() - began
                    if seconds > budget_seconds:
                        raise DeadlineExceededError(f"{name} was ended: it did not finish within {budget_seconds:g} s")
                    watch(seconds)
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(_POLL_SECONDS)  # and no longer than it runs
            finally:
                if process.poll() is None:
                    process.kill()
                    process.wait()
            if process.returncode != 0:
                said.seek(0)
                raise _failure(name, said.read().decode(errors="replace"), process.returncode)

    def listed(self, dump: Path) -> str | None:
        """The table of contents of a dump, as `pg_restore --list` prints it; None where it cannot read it."""
        done = subprocess.run(
            [self.pg_restore, "--list", str(dump)], capture_output=True, text=True, check=False, env={"PATH": _path()}
        )
        return done.stdout if done.returncode == 0 else None


@contextmanager
def environment_for(access: DatabaseAccess) -> Iterator[Environment]:
    """All that libpq needs to reach a database, and nothing of the user's own environment but PATH.

    The password stands in a file that only we can read, not on a command line and not in the environment. The home
    folder is an empty one, so that no client certificate and no service file of the user's is used.
    """
    with tempfile.TemporaryDirectory(prefix="kastellan-") as folder:
        authority, passwords = Path(folder) / "ca.pem", Path(folder) / "passwords"
        authority.write_text(access.ca)
        passwords.touch(mode=0o600)
        passwords.write_text(f"*:*:*:*:{_escaped(access.password)}\n")
        yield {
            "PATH": _path(),
            "HOME": folder,
            "LC_ALL": "C",
            "PGHOST": access.host,
            "PGPORT": str(access.port),
            "PGUSER": access.user,
            "PGDATABASE": access.name,
            "PGPASSFILE": str(passwords),
            "PGSSLMODE": "verify-full",
            "PGSSLROOTCERT": str(authority),
            "PGGSSENCMODE": "disable",
            "PGCONNECT_TIMEOUT": "10",
            "PGAPPNAME": "kastellan",
        }


def _escaped(password: str) -> str:
    return password.replace("\\", "\\\\").replace(":", "\\:")


def _path() -> str:
    return os.environ.get("PATH", os.defpath)


def _found(name: str, folder: str) -> tuple[str, int]:
    program = shutil.which(name, path=folder or None)
    if program is None:
        place = f"in {folder}" if folder else "on PATH"
        raise NotFoundError(f"there is no {name} {place}", remediation=_install())
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired) as cause:
        raise NotFoundError(f"{program} cannot be run: {type(cause).__name__}", remediation=_install()) from cause
    release = _VERSION.search(told.stdout)
    if release is None:
        raise NotFoundError(f"{program} does not say its version", remediation=_install())
    return program, int(release.group(1))


def _install(release: int | None = None) -> str:
    package = f"postgresql-client-{release}" if release else "postgresql-client"
    return f"install {package} (or later), or name the folder of a newer one by KASTELLAN_POSTGRES_PROGRAMS"


def _failure(name: str, said: str, code: int) -> ServerFaultError | StepFailedError:
    """What it said, without DETAIL and CONTEXT: those quote rows, and rows are personal data."""
    lines = [line.strip() for line in said.splitlines() if f"{name}: " in line or "ERROR:" in line or "FATAL:" in line]
    evidence = "\n".join(line[:_EVIDENCE_WIDTH] for line in lines[:_EVIDENCE_LINES])
    if "No space left on device" in said:
        return ServerFaultError(f"{name}: a disk is full", remediation="make room, and repeat it")
    return StepFailedError(
        f"{name} ended with exit code {code}",
        step="restore-point",
        evidence=evidence,
        remediation="read what it says; a role that may not read a table needs that right",
    )
