"""QUO-1: quotas and limit ranges leave room."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from kastellan.domain.party import Party
from kastellan.preflight.amounts import Amounts
from kastellan.preflight.check import Check, failed, known, not_applicable, passed, warned
from kastellan.preflight.facts import Facts, Limits, NamespaceRules
from kastellan.preflight.finding import Verdict
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.requirement import PodNeed, Requirement


def _needs(requirement: Requirement) -> dict[str, Decimal]:
    requests, limits, pods = Amounts(), Amounts(), 0
    for need in requirement.pods:
        for _ in range(need.count):
            requests, limits = requests.plus(need.requests), limits.plus(need.limits)
        pods += need.count
    return {
        "cpu": requests.cpu,
        "requests.cpu": requests.cpu,
        "memory": requests.memory,
        "requests.memory": requests.memory,
        "limits.cpu": limits.cpu,
        "limits.memory": limits.memory,
        "requests.ephemeral-storage": requests.storage,
        "limits.ephemeral-storage": limits.storage,
        "pods": Decimal(pods),
        "count/pods": Decimal(pods),
        **{name: Decimal(count) for name, count in requirement.objects.items()},
        **{f"count/{name}": Decimal(count) for name, count in requirement.objects.items()},
    }


def _quota(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    rules: NamespaceRules = known(facts.namespace)
    if not rules.exists:
        return not_applicable("the namespace does not exist yet, so nothing limits it")
    needs = _needs(requirement)
    short = [
        f"quota {quota.name} leaves {left.normalize():f} {resource}, needed are {needs[resource].normalize():f}"
        for quota in rules.quotas
        if not quota.scoped
        for resource, left in sorted(quota.left.items())
        if resource in needs and left < needs[resource]
    ]
    short += [problem for limits in rules.limits for need in requirement.pods for problem in _beyond(limits, need)]
    if short:
        return failed("; ".join(dict.fromkeys(short)), "raise the quota or the limit range of the namespace")
    scoped = [quota.name for quota in rules.quotas if quota.scoped]
    if scoped:
        return warned(
            f"quotas with scopes were not judged: {', '.join(scoped)}", "see that they leave room for the installation"
        )
    return passed(f"{len(rules.quotas)} quotas and {len(rules.limits)} limit ranges leave room")


def _beyond(limits: Limits, need: PodNeed) -> Iterator[str]:
    """Where a pod of ours breaks a limit range. Each has one container, so what binds a pod binds it all the same."""
    whom = f"limit range {limits.name} allows {limits.of.lower()}s"
    requests, most = _by_name(need.requests), _by_name(need.limits)
    for resource, wanted in most.items():
        if resource in limits.most and wanted > limits.most[resource]:
            yield f"{whom} less {resource} than {need.component}"
        if resource in limits.least and requests[resource] < limits.least[resource]:
            yield f"{whom} no less {resource} than {limits.least[resource].normalize():f}, more than {need.component}"
        if resource in limits.ratio and wanted > limits.ratio[resource] * requests[resource]:
            yield (
                f"{whom} {resource} limits of {limits.ratio[resource].normalize():f} times the request, less than "
                + (need.component)
            )


def _by_name(amounts: Amounts) -> dict[str, Decimal]:
    return {"cpu": amounts.cpu, "memory": amounts.memory, "ephemeral-storage": amounts.storage}


QUO_1 = Check(
    id="QUO-1",
    title="quotas leave room",
    owner=Party.CUSTOMER,
    expected=lambda requirement: f"room for {sum(need.count for need in requirement.pods)} pods with their resources",
    judge=_quota,
    reads=("namespace",),
    guarantees=frozenset({Guarantee.LOAD, Guarantee.MAINTENANCE}),
    version=2,
)
