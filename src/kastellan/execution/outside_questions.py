"""Asks an installation by its external name, as its users do (SL-1)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from kastellan.domain.errors import (
    DeadlineExceededError,
    KastellanError,
    ServerFaultError,
    UnreachableError,
    UntrustedError,
)
from kastellan.domain.service_sample import OUTSIDE, Question, Sample, Seen
from kastellan.execution.name_questions import FurtherName, Leading
from kastellan.execution.pod_questions import DISCOVERY, KEYS, LOGIN_PAGE, SYSTEM_USER, Asked, sample
from kastellan.ports.clock import Clock
from kastellan.ports.cluster import HttpAnswer
from kastellan.ports.entrance import Entrance

_ANSWERS = (UntrustedError, ServerFaultError, DeadlineExceededError)
"""What says something about the installation or its way in: somebody took the connection."""


@dataclass(slots=True, kw_only=True)
class OutsideQuestions:
    """Asks the way in of one installation.

    Until a connection came about once, that none does is `UNKNOWN`: it may as well be this host that is cut off, or
    whose name servers do not know the name. After that it is a failure like any other.

    Attributes:
        entrance: the way in.
        clock: time.
        domain: the external name, which is the issuer.
        further: ways in by other names.
        request_seconds: longest wait for one answer.
        reached: whether a connection came about before.
    """

    entrance: Entrance
    clock: Clock
    domain: str
    further: tuple[FurtherName, ...] = ()
    request_seconds: float = 5.0
    reached: bool = False

    def ask(self, token: str | KastellanError) -> Iterator[Sample]:
        """What the installation answers; raises no error of kastellan.

        Args:
            token: a system user's bearer token, or why there is none.
        """
        for asked in (DISCOVERY, KEYS, LOGIN_PAGE):
            yield self._sample(self.entrance, asked, {})
        for other in self.further:
            found = self._sample(other.entrance, other.asked, {})
            yield replace(found, detail=f"{other.name}: {found.detail}") if found.detail else found
        if isinstance(token, str):
            yield self._sample(self.entrance, SYSTEM_USER, {"Authorization": f"Bearer {token}"})
        else:
            yield untold(OUTSIDE, token)

    def _sample(self, entrance: Entrance, asked: Asked | Leading, headers: Mapping[str, str]) -> Sample:
        def send() -> HttpAnswer:
            return entrance.get(asked.path, headers=headers, timeout_seconds=self.request_seconds)

        bad = (*_ANSWERS, UnreachableError) if self.reached else _ANSWERS
        found = sample(self.clock, OUTSIDE, asked, f"https://{self.domain}", send, nothing=bad)
        self.reached = self.reached or found.seen is not Seen.UNKNOWN
        return found


def untold(place: str, problem: KastellanError) -> Sample:
    """That the system user could not be asked about at a place, because its key could not be had."""
    return Sample(place=place, question=Question.SYSTEM_USER, seen=Seen.UNKNOWN, seconds=0.0, detail=problem.message)
