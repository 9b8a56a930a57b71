"""ADM-1: what guards admission is reachable, also when a zone is lost.

Webhooks are called over the network and may be gone; admission policies run in the API server, so that only their own
mistakes can stand in the way (whether they take our objects, VER-3 and POD-1 try). An aggregated API that is gone
refuses nothing, but keeps every namespace from ending.
"""

from datetime import UTC, date, datetime, timedelta

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, failed, known, passed, undecided, warned
from kastellan.preflight.facts import Facts, Webhook
from kastellan.preflight.finding import Verdict
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.requirement import Requirement

_SLOW_SECONDS = 15
"""A webhook that may take longer holds up rollouts (design: ADM-1)."""
_AUTHORITY_DAYS = 30
_SHOWN = 8
_SPREAD = "spread the webhook's pods over zones, shorten its timeout, renew its authority"
_CORRECT = "correct the expressions of the policy"
_BRING_BACK = "bring back the service of the API, or remove its APIService"


def _webhooks(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    hooks = known(facts.webhooks)
    policies, services = known(facts.policies), known(facts.api_services)
    now = datetime(today.year, today.month, today.day, tzinfo=UTC)
    dead = [problem for hook in hooks if (problem := _dead(hook, now))]
    weak = [problem for hook in hooks if (problem := _weak(hook, now))]
    if dead:
        return failed(
            "; ".join(dead), "bring the webhook's service back, or remove the webhook; it refuses our objects"
        )
    unreadable = [hook.name for hook in hooks if hook.authority_given and hook.authority_ends is None]
    if unreadable:
        return undecided(
            f"{', '.join(unreadable)}: caBundle holds no certificate that can be read, so until when it is valid is "
            "not known",
            "write the authority's certificate as PEM into caBundle",
        )
    mistaken = [f"policy {one.name}: {'; '.join(one.warnings)}" for one in policies if one.warnings]
    gone = [f"API {one.name} is not available, and no namespace can end meanwhile: {one.said}" for one in services]
    if problems := [*weak, *mistaken, *gone]:
        more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        remedies = [remedy for found, remedy in ((weak, _SPREAD), (mistaken, _CORRECT), (gone, _BRING_BACK)) if found]
        return warned("; ".join(problems[:_SHOWN]) + more, "; ".join(remedies))
    bound = f"; {len(policies)} admission policies see them too, inside the API server" if policies else ""
    if not hooks:
        return passed(f"no fail-closed webhook sees our objects{bound}")
    return passed(f"{len(hooks)} fail-closed webhooks see our objects, and each is reachable from several zones{bound}")


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
    if hook.service and not hook.authority_given:
        problems.append("it names no authority (caBundle), so the API server's own roots have to know it")
    if hook.timeout_seconds > _SLOW_SECONDS:
        problems.append(f"it may take {hook.timeout_seconds} s")
    if hook.authority_ends and now < hook.authority_ends <= now + timedelta(days=_AUTHORITY_DAYS):
        problems.append(f"its authority ends on {hook.authority_ends:%Y-%m-%d}")
    return f"{hook.name}: {', '.join(problems)}" if problems else ""


ADM_1 = Check(
    id="ADM-1",
    title="what guards admission is reachable",
    owner=Party.CUSTOMER,
    expected=lambda _: f"ready endpoints in two zones, at most {_SLOW_SECONDS} s, a valid authority",
    judge=_webhooks,
    reads=("webhooks", "policies", "api_services"),
    guarantees=frozenset({Guarantee.ZONE_LOSS, Guarantee.AVAILABILITY, Guarantee.MAINTENANCE}),
    clause="DI-2",
    version=2,
)
