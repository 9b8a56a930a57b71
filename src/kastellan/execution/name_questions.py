"""What the host names besides the issuer's have to answer: they are the same installation (docs/adr/0006)."""

from collections.abc import Callable
from dataclasses import dataclass

from kastellan.domain.host_names import HostNames
from kastellan.domain.service_sample import Question
from kastellan.execution.pod_questions import DISCOVERY, Asked
from kastellan.ports.cluster import HttpAnswer
from kastellan.ports.entrance import Entrance

_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leading:
    """A name whose root leads to a page of the issuer's.

    Attributes:
        page: where to.
        path: of the request.
        question: what is asked by it.
    """

    page: str
    path: str = "/"
    question: Question = Question.NAMES

    def fault(self, answer: HttpAnswer, issuer: str) -> str:
        """What is wrong with an answer; empty where nothing is."""
        if answer.status not in _REDIRECTS:
            return f"HTTP {answer.status} instead of leading to {issuer}{self.page}"
        to, wanted = answer.headers.get("location", ""), f"{issuer}{self.page}"
        # Load balancers write the port out.
        return "" if to.replace(":443/", "/", 1) == wanted else f"it leads to {to or 'nowhere'} instead of {wanted}"


SERVED = Asked(question=Question.NAMES, path=DISCOVERY.path, flaw=DISCOVERY.flaw)
"""A name by which ZITADEL answers as the issuer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherName:
    """A further name, the way in by it, and what is asked there."""

    name: str
    entrance: Entrance
    asked: Asked | Leading


def further_names(hosts: HostNames, entrance: Callable[[str], Entrance]) -> tuple[FurtherName, ...]:
    """The names besides the issuer's; none where there is one name.

    Args:
        hosts: all names.
        entrance: the way in by a name.
    """
    pages = {name: page for _, name, page in hosts.leading}
    return tuple(
        FurtherName(name=name, entrance=entrance(name), asked=Leading(page=pages[name]) if name in pages else SERVED)
        for _, name in hosts.further
    )
