"""QUO-1: quotas and limit ranges leave room."""

from datetime import date
from decimal import Decimal

from kastellan.domain.party import Party
from kastellan.preflight.amounts import Amounts
from kastellan.preflight.check import Check, failed, known, not_applicable, passed, warned
from kastellan.preflight.facts import Facts, NamespaceRules
from kastellan.preflight.finding import Verdict
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.requirement import Requirement


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
    for limits in rules.limits:
        for need in requirement.pods:
            for resource, wanted in (("cpu", need.limits.cpu), ("memory", need.limits.memory)):
                if resource in limits.most and wanted > limits.most[resource]:
                    short.append(f"limit range {limits.name} allows containers less {resource} than {need.component}")
            for resource, wanted in (("cpu", need.requests.cpu), ("memory", need.requests.memory)):
                if resource in limits.least and wanted < limits.least[resource]:
                    short.append(f"limit range {limits.name} asks containers for more {resource} than {need.component}")
    if short:
        return failed("; ".join(dict.fromkeys(short)), "raise the quota or the limit range of the namespace")
    scoped = [quota.name for quota in rules.quotas if quota.scoped]
    if scoped:
        return warned(
            f"quotas with scopes were not judged: {', '.join(scoped)}", "see that they leave room for the installation"
        )
    return passed(f"{len(rules.quotas)} quotas and {len(rules.limits)} limit ranges leave room")


QUO_1 = Check(
    id="QUO-1",
    title="quotas leave room",
    owner=Party.CUSTOMER,
    expected=lambda requirement: f"room for {sum(need.count for need in requirement.pods)} pods with their resources",
    judge=_quota,
    reads=("namespace",),
    guarantees=frozenset({Guarantee.LOAD, Guarantee.MAINTENANCE}),
)
