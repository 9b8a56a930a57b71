"""A JSON object that is kept as the text it was stored as, and parsed when somebody looks into it.

A ledger is verified whole whenever it is read, but most of its entries are of kinds that no decision looks into. Their
hashes are over the very text that is stored, so that no entry has to be parsed and written again to be verified.
"""

import json
from collections.abc import ItemsView, Iterator, Mapping
from typing import Any


class JsonText(Mapping[str, Any]):
    """A read-only mapping.

    Attributes:
        text: as it was stored.

    Raises:
        ValueError: when somebody looks into it, and it is no JSON object.
    """

    __slots__ = ("_found", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._found: dict[str, Any] | None = None

    @property
    def _members(self) -> dict[str, Any]:
        if self._found is None:
            found = json.loads(self.text)
            if not isinstance(found, dict):
                raise ValueError("it is no JSON object")
            self._found = found
        return self._found

    def __getitem__(self, name: str) -> Any:
        """A member."""
        return self._members[name]

    def __iter__(self) -> Iterator[str]:
        """The names, in the order of the text."""
        return iter(self._members)

    def __len__(self) -> int:
        """How many members there are."""
        return len(self._members)

    def items(self) -> ItemsView[str, Any]:
        """Names and members; the inherited view would look every name up again."""
        return self._members.items()

    def __repr__(self) -> str:
        """As a reader of a failed test wants it."""
        return f"JsonText({self.text!r})"
