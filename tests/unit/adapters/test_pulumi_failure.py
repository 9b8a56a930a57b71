"""What Pulumi says, translated: the type of the error, who acts, and nothing that must not be told.

The texts are those that Pulumi 3.259 was seen to write; tests/lab/test_provisioner.py provokes them again.
"""

import os
import socket

import pytest

from kastellan.adapters.pulumi.failure import end_reason, provider_died, reasons_of, refusal
from kastellan.domain.errors import BlockedError, InvalidInputError, UnreachableError
from kastellan.domain.party import Party
from kastellan.ports.provisioner import UpEnd

CONFIG = "error: getting stack configuration: get stack secrets manager: "
SAID = [
    (CONFIG + "incorrect passphrase", InvalidInputError, "the passphrase does not fit"),
    (CONFIG + "passphrase must be set with PULUMI_CONFIG_PASSPHRASE or …_FILE", InvalidInputError, "no passphrase"),
    ("error: no stack named 'acme' found", InvalidInputError, "there is no stack acme in Pulumi's backend"),
    (
        "error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions",
        InvalidInputError,
        "login",
    ),
    ('error: unable to open state directory "file:///x": stat /x: no such file or directory', UnreachableError, "/x"),
    (
        'error: unable to open state database "postgres://me:geheim@10.0.0.1/x": failed to ping PostgreSQL: dial tcp',
        UnreachableError,
        r"postgres://\*\*\*@10\.0\.0\.1",
    ),
    ('error: read ".pulumi/meta.yaml": blob (code=Unknown): operation error S3: GetObject', UnreachableError, "S3"),
    ("error: [409] Conflict: Another update is currently in progress.", BlockedError, "as Pulumi Cloud says"),
]


@pytest.mark.parametrize(("said", "expected", "says"), SAID)
def test_a_refusal_before_anything_was_begun_has_a_type_an_owner_and_a_remedy(
    said: str, expected: type[Exception], says: str
) -> None:
    found = refusal("acme", f"warning: using pulumi-language-python from $PATH\n{said}")
    assert type(found) is expected
    with pytest.raises(expected, match=says):
        raise found
    assert "vendor acts: " in str(found)
    assert "geheim" not in str(found)


def test_every_holder_of_a_stack_is_named_with_what_is_known_of_it() -> None:
    host = socket.gethostname()
    lock = "\n  file:///s/.pulumi/locks/{}.json: created by {} (pid {}) at 2026-11-24T07:00:00+01:00"
    said = "error: the stack is currently locked by 2 lock(s)." + "".join(
        lock.format(*one) for one in ((1, "zoe@elsewhere", 7), (2, f"ali@{host}", os.getpid()))
    )
    found = refusal("acme", said)
    assert isinstance(found, BlockedError)
    there, here = found.reasons
    assert there.code == "stack-locked"
    assert "zoe@elsewhere (pid 7) since 2026-11-24T06:00:00Z" in there.message
    assert here.code == "recovery-needed", "a process of that id runs here, but it is no engine"


def test_anything_else_is_no_refusal() -> None:
    assert refusal("acme", "error: update failed") is None
    assert refusal("acme", "") is None


def test_our_own_reasons_keep_their_owner_on_the_way_through_the_engine() -> None:
    text = "the preflight of stack acme failed\n  - PG-3: fail: few connections [DI-4]. customer acts: raise the limit"
    (reason,) = reasons_of("acme", [text, "update failed"], "")
    assert (reason.owner, reason.clause, reason.remediation) == (Party.CUSTOMER, "DI-4", "raise the limit")


def test_a_failure_that_nobody_explains_is_the_vendors_and_shows_no_credentials() -> None:
    (reason,) = reasons_of("acme", ["cannot reach\nhttps://me:geheim@host"], "")
    assert reason.owner is Party.VENDOR
    assert "cannot reach https://***@host" in reason.message
    (silent,) = reasons_of("acme", [], "")
    assert "it said nothing" in silent.message


def test_a_provider_that_died_is_told_apart_from_one_that_failed() -> None:
    assert provider_died(["rpc error: code = Unavailable desc = error reading from server: EOF", "update failed"])
    assert not provider_died(["setup failed after 3 s", "update failed"])


@pytest.mark.parametrize("end", [UpEnd.STOPPED, UpEnd.KILLED])
def test_an_end_before_its_time_says_what_comes_next(end: UpEnd) -> None:
    reason = end_reason("acme", end, "it was late")
    assert reason.code == f"up-{end.value}"
    assert "it goes on where it stood" in reason.remediation
