"""Who holds a stack: its lock files, with what this host knows about their processes."""

import json
import socket
from dataclasses import dataclass
from datetime import UTC, datetime

from kastellan.adapters.pulumi.operation import OWNER_VARIABLE
from kastellan.adapters.pulumi.processes import birth, environment, is_alive, is_engine
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.ports.provisioner import Holder, StackLock


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLock:
    """A lock and where it lies."""

    key: str
    lock: StackLock


def read_lock(key: str, content: bytes) -> FoundLock:
    """Parse a lock file as Pulumi writes it.

    Raises:
        ValueError: it is none.
    """
    try:
        fields = json.loads(content)
        host, process = str(fields["hostname"]), int(fields["pid"])
        since = datetime.fromisoformat(fields["timestamp"]).astimezone(UTC)
        user = str(fields["username"])
    except (KeyError, TypeError) as cause:
        raise ValueError(f"{key} is no lock file of Pulumi") from cause
    return FoundLock(key=key, lock=seen_lock(user=user, host=host, process=process, since=since))


def seen_lock(*, user: str, host: str, process: int, since: datetime) -> StackLock:
    """A lock, with what can be told about its process from here.

    Hosts are told apart by their names alone, as Pulumi does: containers that share a state need names of their own.
    """
    here = Holder.ALIVE if is_engine(process) else Holder.DEAD
    holder = here if host == socket.gethostname() else Holder.ELSEWHERE
    ours = holder is Holder.ALIVE and OWNER_VARIABLE in environment(process)
    return StackLock(user=user, host=host, pid=process, since=since, holder=holder, ours=ours)


def is_orphan(lock: StackLock) -> bool:
    """Whether a living engine of ours has lost the process that called for it."""
    owner = environment(lock.pid).get(OWNER_VARIABLE, "") if lock.ours else ""
    process, _, born = owner.partition(":")
    if not process.isdigit():
        return False
    return not is_alive(int(process)) or birth(int(process)) != born


def locked_reason(stack: str, lock: StackLock) -> Reason:
    """Why nothing can be done while somebody holds the stack."""
    remediation = {
        Holder.ALIVE: "wait until it has ended, or ask who runs it to stop it with Ctrl-C",
        Holder.ELSEWHERE: f"see on {lock.host} whether it still runs; where it does not, run `pulumi cancel` there",
        Holder.DEAD: "call for recovery: the process is gone, and the lock is removed by it",
    }
    return Reason(
        code="recovery-needed" if lock.holder is Holder.DEAD else "stack-locked",
        message=f"stack {stack} is locked by {'another run of kastellan, ' if lock.ours else ''}{lock}",
        owner=Party.VENDOR,
        remediation=remediation[lock.holder],
    )
