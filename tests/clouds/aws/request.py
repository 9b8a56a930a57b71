"""What the mappings are written with."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol


class Send(Protocol):
    """Sends one request and gives the answer; or only judges it, and gives an answer that has everything."""

    def __call__(self, service: str, operation: str, /, **parameters: Any) -> Any:
        """One request; parameters that are None are not sent."""


Made = tuple[Any, dict[str, Any]]
"""Id and computed properties."""
Kind = Callable[["Inputs", Send], Made]


class Inputs(Mapping[str, Any]):
    """Inputs of a resource that remember which of them were asked for: one that nobody asks for is not judged."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values, self.used = values, {"tags", "region", *(key for key in values if key.startswith("__"))}

    def __getitem__(self, key: str) -> Any:
        self.used.add(key)
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __getattr__(self, key: str) -> Any:
        """An input by its public name; None where it is not given."""
        self.used.add(key)
        return self._values.get(key)

    @property
    def unused(self) -> set[str]:
        """Inputs that no request carries."""
        return {key for key, value in self._values.items() if value is not None} - self.used

    @property
    def tags(self) -> list[dict[str, Any]]:
        """As most APIs write them."""
        return [{"Key": key, "Value": value} for key, value in (self._values.get("tags") or {}).items()]


class Anything:
    """An answer that has whatever is asked of it; stands for what only the cloud knows."""

    def __getitem__(self, key: Any) -> "Anything":
        return self

    def get(self, key: str, default: Any = None) -> "Anything":
        """As of a mapping."""
        return self


ANYTHING = Anything()


def pascal(value: Any, renamed: Mapping[str, str] = {}) -> Any:
    """Pulumi's names as the APIs write them, all the way down: a capital first."""
    if isinstance(value, Mapping):
        return {
            renamed.get(key, key[:1].upper() + key[1:]): pascal(one, renamed)
            for key, one in value.items()
            if not key.startswith("__") and one is not None
        }
    return [pascal(one, renamed) for one in value] if isinstance(value, list) else value
