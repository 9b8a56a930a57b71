"""What is known about a situation: always room, room with luck, no room, or not decided."""

from dataclasses import dataclass, replace

from kastellan.preflight.outcome import Outcome
from kastellan.preflight.zone_loss.bound import impossible
from kastellan.preflight.zone_loss.packing import placement
from kastellan.preflight.zone_loss.proof import doubt
from kastellan.preflight.zone_loss.room import how_many
from kastellan.preflight.zone_loss.situation import Situation


@dataclass(frozen=True, slots=True)
class Answer:
    """An outcome with its reason; PASS has none."""

    outcome: Outcome
    reason: str = ""


def answer(situation: Situation) -> Answer:
    """PASS: always fits, proved; WARN: fits with luck; FAIL: cannot fit, proved; UNKNOWN: none of them."""
    reason = impossible(situation)
    if reason:
        return Answer(Outcome.FAIL, reason)
    reason = doubt(situation)
    if not reason:
        return Answer(Outcome.PASS)
    hardest = _hardest(situation) if situation.any_node_may_go else [""]
    plain = replace(situation, any_node_may_go=False)
    if all(placement(plain, gone=node) is not None for node in hardest):
        return Answer(Outcome.WARN, f"there is room only if ours go first: {reason}")
    if all(placement(plain, gone=node, evicting=True) is not None for node in hardest):
        return Answer(Outcome.WARN, f"there is room only if pods of lower priority are evicted for ours; {reason}")
    return Answer(Outcome.UNKNOWN, f"no placement was found, and none is proved to be impossible: {reason}")


def _hardest(situation: Situation) -> list[str]:
    """In each zone the node whose loss would cost the most room for ours."""
    best: dict[str | None, tuple[int, str]] = {}
    for group in situation.ours:
        for site in situation.open_to(group.kind):
            room = (how_many(site.free, group.need, group.count), site.node.name)
            best[site.node.zone] = max(best.get(site.node.zone, (0, "")), room)
    return sorted({name for _, name in best.values()} | {""})
