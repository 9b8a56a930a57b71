"""Asks a running installation, from inside every zone and by its external name, whether it serves (SL-1, DI-2)."""

from typing import Protocol

from kastellan.domain.service_sample import Look


class ServiceProbe(Protocol):
    """Asks one installation."""

    def look(self) -> Look:
        """Ask every question once at every place, and find out which pods are old.

        Takes as long as the slowest answer or its timeout, times the number of questions. Nothing is repeated: how
        often an answer is bad is what one wants to know. Never raises an error of kastellan: no answer is an answer,
        and what cannot be found out is said to be unknown.
        """
        ...
