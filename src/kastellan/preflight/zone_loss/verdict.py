"""One verdict over the loss of each zone."""

from collections.abc import Sequence

from kastellan.preflight.check import failed, passed, undecided, warned
from kastellan.preflight.finding import Verdict
from kastellan.preflight.outcome import Outcome, worst
from kastellan.preflight.zone_loss.losses import Loss

_REMEDY = "add or free capacity in every zone, so that the others hold what one of them loses"


def verdict(found: Sequence[Loss], *, autoscaled: bool) -> Verdict:
    """The worst zone decides; every zone that has this outcome is named.

    Args:
        found: one loss a zone.
        autoscaled: whether nodes come from an autoscaler, whose capacity is not counted.
    """
    if not found:
        return failed("no node has a zone", "see ZON-1")
    outcome = worst(loss.answer.outcome for loss in found)
    said = "; ".join(f"without {loss.zone}: {loss.answer.reason}" for loss in found if loss.answer.outcome is outcome)
    note = "; what an autoscaler may add is not counted" if autoscaled else ""
    if outcome is Outcome.FAIL:
        return failed(said + note, _REMEDY)
    if outcome is Outcome.UNKNOWN:
        return undecided(said + note, _REMEDY)
    if outcome is Outcome.WARN:
        return warned(said + note, _REMEDY)
    ours, others = max(loss.ours for loss in found), max(loss.others for loss in found)
    return passed(
        f"whichever of {len(found)} zones is lost, all of ours that look for a place (at most {ours}) find one, "
        f"wherever the others go (at most {others})"
    )
