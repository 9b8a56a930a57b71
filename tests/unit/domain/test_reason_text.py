"""Reasons survive as text."""

from hypothesis import given
from hypothesis import strategies as st

from kastellan.domain.errors import BlockedError, StepFailedError
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.reason_text import reasons_in

WORDS = st.from_regex(r"[A-Za-z0-9äé:,;()'`/=@-]+( [A-Za-z0-9äé:,;()'`/=@-]+){0,6}", fullmatch=True)
REASONS = st.builds(
    Reason,
    code=st.just("blocked"),
    message=WORDS,
    owner=st.sampled_from(Party),
    remediation=WORDS,
    clause=st.sampled_from(["", "DI-4", "MU-2", "IN-2"]),
)


@given(st.lists(REASONS, max_size=5), WORDS)
def test_every_reason_of_a_refusal_is_read_back(reasons: list[Reason], message: str) -> None:
    assert reasons_in(str(BlockedError(message, reasons)), code="blocked") == tuple(reasons)


def test_an_error_with_a_remediation_is_a_reason_and_its_evidence_is_none() -> None:
    failed = StepFailedError(
        "setup failed after 3 s", step="setup", evidence="line 1\nline 2", owner=Party.CUSTOMER, remediation="free disk"
    )
    assert reasons_in(f"error: {failed}", code="up-failed") == (
        Reason(
            code="up-failed", message="error: setup failed after 3 s", owner=Party.CUSTOMER, remediation="free disk"
        ),
    )


def test_a_path_stays_in_the_message() -> None:
    reason = Reason(
        code="c", message="too old", owner=Party.CUSTOMER, remediation="update", path="VER-1", clause="DI-4"
    )
    (read,) = reasons_in(str(reason), code="c")
    assert (read.message, read.clause) == ("VER-1: too old", "DI-4")


def test_other_text_holds_no_reason() -> None:
    assert reasons_in("update failed\nsomebody acts: nothing\nvendor acts: \n", code="c") == ()
