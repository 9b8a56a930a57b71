"""Translates what Pulumi's command line and engine say into errors and reasons with an owner; no raw text goes on.

The texts are those of Pulumi 3.259 (`pkg/backend/diy/lock.go`, `pkg/secrets/passphrase`, `pkg/backend/httpstate`); each
is provoked by a test on the real engine.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from kastellan.adapters.pulumi.stack_locks import locked_reason, seen_lock
from kastellan.domain.errors import BlockedError, InvalidInputError, KastellanError, UnreachableError
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.reason_text import reasons_in
from kastellan.ports.provisioner import StackLock, UpEnd

_LOCK = re.compile(r"created by (?P<user>.+)@(?P<host>\S+) \(pid (?P<pid>\d+)\) at (?P<since>\S+)")
_CREDENTIALS = re.compile(r"://[^/\s@]+@")
_PROVIDER_DIED = re.compile(r"exited prematurely|code = Unavailable|transport is closing|connection refused: .*plugin")


def refusal(stack: str, said: str) -> KastellanError | None:
    """The error that an operation met before anything was begun; None where the text is none of those.

    Args:
        stack: which.
        said: what the command wrote to standard error.
    """
    if "the stack is currently locked by" in said:
        reasons = [locked_reason(stack, lock) for lock in _locks(said)]
        return BlockedError(f"stack {stack} is locked", reasons)
    if "Another update is currently in progress" in said:
        return BlockedError(f"stack {stack} is locked", [_in_progress(stack)])
    if re.search(r"no stack named .* found", said):
        return InvalidInputError(
            f"there is no stack {stack} in Pulumi's backend",
            remediation="make it by `kastellan new`, or log in to its backend",
        )
    if "incorrect passphrase" in said:
        return InvalidInputError(
            f"the passphrase does not fit the secrets of stack {stack}",
            remediation="give the stack's own in PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE",
        )
    if "passphrase must be set" in said:
        return InvalidInputError(
            f"no passphrase is given for the secrets of stack {stack}",
            remediation="give it in PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE",
        )
    if "PULUMI_ACCESS_TOKEN must be set" in said:
        return InvalidInputError(
            "Pulumi is logged in to no backend", remediation="run `pulumi login`, or give PULUMI_BACKEND_URL"
        )
    if re.search(r"unable to open (state|bucket)|dial tcp|read \"\.pulumi", said):
        return UnreachableError(
            f"Pulumi's backend does not answer for stack {stack}: {_shown(said)}",
            remediation="see whether the backend is up and may be reached from here, then try again",
        )
    return None


def provider_died(errors: Sequence[str]) -> bool:
    """Whether an operation failed because the process of a provider ended, and not because of what it was to do."""
    return any(_PROVIDER_DIED.search(text) for text in errors)


def reasons_of(stack: str, errors: Sequence[str], said: str) -> tuple[Reason, ...]:
    """Why an operation that was begun failed.

    Args:
        stack: which.
        errors: texts that the engine reported as errors.
        said: what the command wrote to standard error.
    """
    own = tuple(reason for text in errors for reason in reasons_in(text, code="up-failed"))
    if own:
        return own
    text = next(iter(errors), "") or _shown(said)
    return (
        Reason(
            code="up-failed",
            message=f"Pulumi failed on stack {stack}: {' '.join(_masked(text).split())}",
            owner=Party.VENDOR,
            remediation="look at the step's diagnostics; where the cause is gone, run it again",
        ),
    )


def end_reason(stack: str, end: UpEnd, because: str) -> Reason:
    """Why an operation did not come to its own end."""
    remediation = {
        UpEnd.STOPPED: "run it again when there is time for it; it goes on where it stood",
        UpEnd.KILLED: "call for recovery, then run it again; it goes on where it stood",
    }
    return Reason(
        code=f"up-{end.value}",
        message=f"the update of stack {stack} was {end.value}: {because}",
        owner=Party.VENDOR,
        remediation=remediation[end],
    )


def _locks(said: str) -> Iterator[StackLock]:
    for found in _LOCK.finditer(said):
        since = datetime.fromisoformat(found["since"]).astimezone(UTC)
        yield seen_lock(user=found["user"], host=found["host"], process=int(found["pid"]), since=since)


def _in_progress(stack: str) -> Reason:
    return Reason(
        code="stack-locked",
        message=f"stack {stack} is being updated by somebody else, as Pulumi Cloud says",
        owner=Party.VENDOR,
        remediation="wait until it has ended; the stack's page in Pulumi Cloud says who runs it and since when",
    )


def _shown(said: str) -> str:
    """The command's own error, on one line and without credentials."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    return _masked((errors or lines or ["it said nothing"])[0])


def _masked(text: str) -> str:
    return _CREDENTIALS.sub("://***@", text)
