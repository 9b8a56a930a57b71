"""Reads reasons back from text: what crosses a process boundary as an error message keeps its owner and its clause.

`Reason` and `KastellanError` are written for people, and Pulumi's engine passes on text alone. One form for both
keeps who has to act (IN-2) from being lost on the way.
"""

import re
from collections.abc import Iterator

from kastellan.domain.party import Party
from kastellan.domain.reason import Reason

_LINE = re.compile(
    r"^(?:\s*- )?(?P<message>.*?)(?: \[(?P<clause>[A-Z]{2}-\d+)\])?\. "
    rf"(?P<owner>{'|'.join(party.value for party in Party)}) acts: (?P<remediation>.+)$"
)


def reasons_in(text: str, *, code: str) -> tuple[Reason, ...]:
    """The reasons that stand in a text, a line each; other lines are passed over.

    Args:
        text: an error message, such as `str` of a `BlockedError`.
        code: given to each, because text does not carry it. A path, too, is left in the message.
    """
    return tuple(_reasons(text, code))


def _reasons(text: str, code: str) -> Iterator[Reason]:
    for line in text.splitlines():
        if found := _LINE.match(line):
            yield Reason(
                code=code,
                message=found["message"].strip(),
                owner=Party(found["owner"]),
                remediation=found["remediation"].strip(),
                clause=found["clause"] or "",
            )
