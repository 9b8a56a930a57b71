"""Rules over labels, as selectors and affinities of Kubernetes use them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LabelRule:
    """One requirement on a label.

    Source: kubernetes.io, "Labels and Selectors" and "Assigning Pods to Nodes".

    Attributes:
        key: of the label.
        operator: `In`, `NotIn`, `Exists`, `DoesNotExist`, `Gt` or `Lt`.
        values: what it is compared with.
    """

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether labels meet it; an operator that is not known is not met."""
        value = labels.get(self.key)
        match self.operator:
            case "In":
                return value is not None and value in self.values
            case "NotIn":
                return value is None or value not in self.values
            case "Exists":
                return value is not None
            case "DoesNotExist":
                return value is None
            case "Gt" | "Lt":
                return value is not None and self._compares(value)
            case _:
                return False

    def _compares(self, value: str) -> bool:
        try:
            number, bound = int(value), int(self.values[0])
        except (ValueError, IndexError):
            return False
        return number > bound if self.operator == "Gt" else number < bound


def all_hold(rules: tuple[LabelRule, ...], labels: Mapping[str, str]) -> bool:
    """Whether labels meet every rule; without any rule they do."""
    return all(rule.holds(labels) for rule in rules)
