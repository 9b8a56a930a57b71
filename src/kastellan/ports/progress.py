"""What a long procedure tells while it runs: a person who sees nothing for a minute starts to kill things."""

from typing import Protocol


class Progress(Protocol):
    """Takes lines of progress; never raises and never waits, because a procedure must not fail by being watched."""

    def report(self, step: str, text: str, *, done: int = 0, total: int = 0) -> None:
        """Tell where a step stands.

        Args:
            step: the step's stable name, such as `setup`.
            text: one line without a full stop, such as `12 s, pod Running, step 03_default_instance`; no secrets.
            done: how much of `total` is done, where the step is countable.
            total: 0 where the step is not countable.
        """
        ...
