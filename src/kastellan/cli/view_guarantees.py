"""Which guarantees of the terms and their annex hold for an installation now, and why (DI-5).

What only a look at the platform can tell is unknown here: `kastellan preflight` judges it, with evidence.
"""

from typing import Any

from kastellan.cli.installation_view import View
from kastellan.domain.service_plan import ServicePlan
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.guarantee_state import GuaranteeState, Standing, guarantee_states

_SUSPENDED = (Guarantee.AVAILABILITY, Guarantee.LOAD, Guarantee.ZONE_LOSS)
"""What service level means (MU-6)."""


def guarantees_document(view: View) -> list[dict[str, Any]]:
    """A row a guarantee, with `holds`: yes, no, not given, or unknown."""
    plan, platform = view.plan.contract.plan, view.plan.config.installation.platform
    states = guarantee_states((), view.plan.now, platform=platform, plan=plan)
    platform_rows = [_row(state, view) for state in states if state.guarantee is not Guarantee.MAINTENANCE]
    return [
        {"what": "maintenance at least once a quarter [MU-2]", **_quarterly(view)},
        *_flexibility(plan),
        *platform_rows,
    ]


def _row(state: GuaranteeState, view: View) -> dict[str, Any]:
    what = f"{state.promise.what} [{state.promise.clause}]"
    if state.standing is Standing.NOT_GIVEN:
        return {"what": what, "holds": "not given", "because": state.because}
    if view.standing.suspended and state.guarantee in _SUSPENDED:
        return {"what": what, "holds": "no", "because": "suspended until the blocked maintenance completes [MU-6]"}
    return {"what": what, "holds": "unknown", "because": f"`kastellan preflight {view.plan.stack}` judges it"}


def _flexibility(plan: ServicePlan) -> list[dict[str, Any]]:
    given = {"holds": "yes", "because": f"plan {plan.value}"}
    refused = {"holds": "not given", "because": f"plan {plan.value} has none"}
    return [
        {"what": "windows and frequency of one's own [MU-1]", **(given if plan.update_flexibility else refused)},
        {"what": "backup flexibility [annex]", **given},
    ]


def _quarterly(view: View) -> dict[str, Any]:
    cadence = view.standing.cadence
    if cadence is None:
        return {"holds": "unknown", "because": "not taken over yet; `kastellan tick` does that"}
    if cadence.missed_for:
        return {"holds": "no", "because": f"broken; the cause lies with the {cadence.missed_for.value}"}
    return {"holds": "yes", "because": "kept so far"}
