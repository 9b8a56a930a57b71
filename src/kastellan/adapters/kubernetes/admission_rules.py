"""Which rules of webhooks and admission policies match what we write, and what controllers write for us."""

from collections.abc import Iterable, Sequence

from kastellan.domain.kubernetes_object import Manifest
from kastellan.planning.rights import Right

_OPERATIONS = {"create": "CREATE", "patch": "UPDATE", "update": "UPDATE", "delete": "DELETE"}
"""Verbs of ours as rules name them."""

Written = frozenset[tuple[str, str, str]]
"""API group, resource and operation."""


def written_by(rights: Iterable[Right]) -> Written:
    """Everything that these rights write, and pods, which the controllers make for us."""
    ours = {(right.group, right.resource, _OPERATIONS[right.verb]) for right in rights if right.verb in _OPERATIONS}
    return frozenset(ours | {("", "pods", operation) for operation in _OPERATIONS.values()})


def any_matches(rules: Iterable[Manifest], written: Written) -> bool:
    """Whether a rule sees something of it; selectors are ignored, which errs on the safe side."""
    return any(
        _matches(rule["apiGroups"], group)
        and _matches([resource.partition("/")[0] for resource in rule["resources"]], plural)
        and _matches(rule["operations"], operation)
        for rule in rules
        for group, plural, operation in written
    )


def _matches(patterns: Sequence[str], value: str) -> bool:
    return "*" in patterns or value in patterns
