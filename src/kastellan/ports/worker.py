"""The process that works on runs, as others know it."""

from typing import Protocol


class Worker(Protocol):
    """This process, and what can be told about others."""

    @property
    def name(self) -> str:
        """Unique among all processes that ever were, and readable, such as `host/1234/…`; no secrets."""
        ...

    def is_dead(self, name: str) -> bool:
        """Whether the worker of that name certainly runs no more; False where that cannot be told from here."""
        ...
