"""RBAC-1, POD-1, QUO-1, ADM-1: what the cluster lets us do."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, failed, known, not_applicable, passed, undecided, warned
from kastellan.preflight.checks.versions import judge_dry_runs
from kastellan.preflight.facts import Amounts, Facts, NamespaceRules, Webhook
from kastellan.preflight.finding import Verdict
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.requirement import Requirement

_SLOW_SECONDS = 15
"""A webhook that may take longer holds up rollouts (design: ADM-1)."""
_AUTHORITY_DAYS = 30


def _rights(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    answers = known(facts.access)
    if not answers:
        return undecided("no right was asked for", "report this as a defect of kastellan")
    missing = [answer.right for answer in answers if not answer.allowed]
    if missing:
        return failed(
            f"{len(missing)} of {len(answers)} rights are missing: {'; '.join(missing[:8])}"
            + (" …" if len(missing) > 8 else ""),
            "bind a role with these rights to kastellan's identity; docs/checks/RBAC-1.md has one to apply",
        )
    return passed(f"all {len(answers)} rights are there")


def _pod_security(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    return judge_dry_runs(
        known(facts.pod_admission), "let the namespace's policies admit pods of the level `restricted`"
    )


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


def _webhooks(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    hooks = known(facts.webhooks)
    now = datetime(today.year, today.month, today.day, tzinfo=UTC)
    dead = [problem for hook in hooks if (problem := _dead(hook, now))]
    weak = [problem for hook in hooks if (problem := _weak(hook, now))]
    if dead:
        return failed(
            "; ".join(dead), "bring the webhook's service back, or remove the webhook; it refuses our objects"
        )
    if weak:
        return warned("; ".join(weak), "spread the webhook's pods over zones, shorten its timeout, renew its authority")
    if not hooks:
        return passed("no fail-closed webhook sees our objects")
    return passed(f"{len(hooks)} fail-closed webhooks see our objects, and each is reachable from several zones")


def _dead(hook: Webhook, now: datetime) -> str:
    if hook.authority_ends and hook.authority_ends <= now:
        return f"{hook.name}: its authority ended on {hook.authority_ends:%Y-%m-%d}"
    return f"{hook.name}: service {hook.service} has no ready endpoint" if hook.service and not hook.zones else ""


def _weak(hook: Webhook, now: datetime) -> str:
    problems = []
    if hook.service and len({zone for zone in hook.zones if zone}) < 2:
        problems.append("its endpoints stand in fewer than two zones, so a lost zone blocks rescheduling")
    if not hook.service:
        problems.append("it is called by URL, so whether it survives a lost zone cannot be seen")
    if hook.timeout_seconds > _SLOW_SECONDS:
        problems.append(f"it may take {hook.timeout_seconds} s")
    if hook.authority_ends and now < hook.authority_ends <= now + timedelta(days=_AUTHORITY_DAYS):
        problems.append(f"its authority ends on {hook.authority_ends:%Y-%m-%d}")
    return f"{hook.name}: {', '.join(problems)}" if problems else ""


RBAC_1 = Check(
    id="RBAC-1",
    title="kastellan has the rights that it uses",
    owner=Party.CUSTOMER,
    expected=lambda _: "every right that the release procedure uses",
    judge=_rights,
    reads=("access",),
    guarantees=frozenset({Guarantee.MAINTENANCE}),
)
POD_1 = Check(
    id="POD-1",
    title="pods are admitted",
    owner=Party.CUSTOMER,
    expected=lambda _: "every pod of ours is admitted in a dry run",
    judge=_pod_security,
    reads=("pod_admission",),
    guarantees=frozenset({Guarantee.MAINTENANCE}),
)
QUO_1 = Check(
    id="QUO-1",
    title="quotas leave room",
    owner=Party.CUSTOMER,
    expected=lambda requirement: f"room for {sum(need.count for need in requirement.pods)} pods with their resources",
    judge=_quota,
    reads=("namespace",),
    guarantees=frozenset({Guarantee.LOAD, Guarantee.MAINTENANCE}),
)
ADM_1 = Check(
    id="ADM-1",
    title="fail-closed webhooks are reachable",
    owner=Party.CUSTOMER,
    expected=lambda _: f"ready endpoints in two zones, at most {_SLOW_SECONDS} s, a valid authority",
    judge=_webhooks,
    reads=("webhooks",),
    guarantees=frozenset({Guarantee.ZONE_LOSS, Guarantee.AVAILABILITY, Guarantee.MAINTENANCE}),
    clause="DI-2",
)
