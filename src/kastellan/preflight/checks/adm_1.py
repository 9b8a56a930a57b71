"""ADM-1: what guards admission is reachable, also when a zone is lost."""

from datetime import UTC, date, datetime, timedelta

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, failed, known, passed, warned
from kastellan.preflight.facts import Facts, Webhook
from kastellan.preflight.finding import Verdict
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.requirement import Requirement

_SLOW_SECONDS = 15
"""A webhook that may take longer holds up rollouts (design: ADM-1)."""
_AUTHORITY_DAYS = 30


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
