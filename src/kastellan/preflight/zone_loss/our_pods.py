"""Pods of ours that have to find a place besides those that run: not yet there, an autoscaler's, or an update's."""

from collections.abc import Callable
from dataclasses import replace

from kastellan.preflight.label_rule import LabelRule
from kastellan.preflight.pod_facts import PodKind
from kastellan.preflight.requirement import PodNeed, Requirement
from kastellan.preflight.zone_loss.cluster_model import ClusterModel
from kastellan.preflight.zone_loss.situation import Group

_REVISION = "pod-template-hash"
"""Label by which a Deployment tells its revisions apart; a spread with `matchLabelKeys` counts each by itself."""


def missing(model: ClusterModel, requirement: Requirement) -> list[Group]:
    """Pods that should always run and do not yet."""
    return _besides_running(model, requirement, lambda need: need.steady)


def grown(model: ClusterModel, requirement: Requirement) -> list[Group]:
    """Pods that are there when the autoscaler has gone as far as it may, and are not yet."""
    return _besides_running(model, requirement, lambda need: need.steady + need.growth)


def of_update(requirement: Requirement, *, at_least: int = 0) -> list[Group]:
    """Pods of a new revision that stand besides the old ones, and jobs; spread ones at least so many."""
    return [
        Group(_revision(need.kind, "next"), max(need.surge, at_least if need.surge and need.kind.spreads else 0))
        for need in requirement.pods
    ]


def _besides_running(model: ClusterModel, requirement: Requirement, wanted: Callable[[PodNeed], int]) -> list[Group]:
    return [
        Group(model.kind_of(need.component) or _revision(need.kind, "first"), lacking)
        for need in requirement.pods
        if (lacking := wanted(need) - model.running(need.component)) > 0
    ]


def _revision(kind: PodKind, name: str) -> PodKind:
    if not kind.spreads:
        return kind
    rule = LabelRule(_REVISION, "In", (name,))
    return replace(
        kind,
        labels={**kind.labels, _REVISION: name},
        spreads=tuple(replace(spread, rules=(*spread.rules, rule)) for spread in kind.spreads),
    )
