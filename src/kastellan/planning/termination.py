"""Notice of termination (MU-5): kastellan drafts it and checks that the right exists; a named person gives it."""

from collections.abc import Iterator
from datetime import datetime

from kastellan.domain.contract import Contract
from kastellan.domain.errors import BlockedError
from kastellan.domain.escalation import Escalation
from kastellan.domain.history import TerminationNoticed, TerminationWithdrawn
from kastellan.domain.history_record import draft
from kastellan.domain.local_time import end_of_day
from kastellan.domain.message import Message
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.standing import Standing, State
from kastellan.planning.notice import Notice, message


def notice_given(found: Standing, who: str, at: datetime) -> TerminationNoticed:
    """The fact that a person of the vendor's gave notice.

    Raises:
        BlockedError: there is no right to, or nobody is named; every reason.
    """
    _require("notice of termination cannot be given", (*_unnamed(who), *_no_right(found)))
    return TerminationNoticed(at=at, who=who.strip())


def notice_withdrawn(found: Standing, who: str, reason: str, at: datetime) -> TerminationWithdrawn:
    """The fact that a person of the vendor's took the notice back.

    Raises:
        BlockedError: none was given, the contract has ended, or somebody or something is not named; every reason.
    """
    reasons = [*_unnamed(who)]
    if not reason.strip():
        reasons.append(_reason("no-reason", "the reason is empty", "give it by --reason"))
    if found.state is not State.NOTICE_GIVEN:
        reasons.append(
            _reason("no-notice", f"no notice is running ({found.state.value})", "nothing is to be taken back")
        )
    _require("the notice of termination cannot be withdrawn", reasons)
    return TerminationWithdrawn(at=at, who=who.strip(), reason=reason.strip())


def letters(
    installation: str, contract: Contract, found: Standing, noticed: TerminationNoticed, channels: tuple[str, ...]
) -> tuple[Message, ...]:
    """The letter of a notice, one a channel.

    Args:
        installation: its name.
        contract: of the installation.
        found: the standing in which the right exists.
        noticed: the notice.
        channels: names of the channels that get it.
    """
    one = _ripe(found)[0]
    values = {
        "installation": installation,
        "because": one.because,
        "failed_at": one.failed_at,
        "right_at": one.right_at,
        "at": noticed.at,
        "who": noticed.who,
        "days": contract.terms.termination_days,
        "ends_at": end_of_day(noticed.at, contract.zone, days=contract.terms.termination_days),
    }
    key = draft(noticed).key
    return tuple(message(Notice.TERMINATION, name, key, contract.zone, **values) for name in channels)


def withdrawals(
    installation: str, contract: Contract, withdrawn: TerminationWithdrawn, channels: tuple[str, ...]
) -> tuple[Message, ...]:
    """What is sent when a notice is taken back, one a channel; arguments as of `letters`."""
    values = {"installation": installation, "at": withdrawn.at, "who": withdrawn.who, "reason": withdrawn.reason}
    key = draft(withdrawn).key
    return tuple(message(Notice.TERMINATION_WITHDRAWN, name, key, contract.zone, **values) for name in channels)


def _ripe(found: Standing) -> list[Escalation]:
    """Escalations from which the right to terminate follows."""
    return [one for one in found.escalations if one.right_at is not None and one.completed_at is None]


def _no_right(found: Standing) -> Iterator[Reason]:
    if found.state in (State.NOTICE_GIVEN, State.ENDED):
        yield _reason("already-given", f"notice was given already ({found.state.value})", "nothing is left to give")
    elif not _ripe(found):
        yield _reason(
            "no-right",
            f"no right to terminate exists ({found.state.value})",
            "see `kastellan status` for the clocks that run",
        )


def _unnamed(who: str) -> Iterator[Reason]:
    if not who.strip():
        yield _reason("nobody", "no person is named", "name the person who gives or takes back the notice by --who")


def _require(message: str, reasons: tuple[Reason, ...] | list[Reason]) -> None:
    if reasons:
        raise BlockedError(message, reasons)


def _reason(code: str, message: str, remediation: str) -> Reason:
    return Reason(code=code, message=message, owner=Party.VENDOR, remediation=remediation, clause="MU-5")
