"""What a probe's dialogue comes to, before anything that only its own check knows."""

from collections.abc import Mapping

from kastellan.preflight.check import broken
from kastellan.preflight.dialogue import Dialogue
from kastellan.preflight.finding import Verdict
from kastellan.preflight.outcome import Outcome


def problem(dialogue: Dialogue, remediations: Mapping[str, str], *, steps: tuple[str, ...]) -> Verdict | None:
    """What keeps a probe from passing; None where every step held and every control was refused.

    Args:
        dialogue: the probe.
        remediations: what to do about a step that does not hold, by its name.
        steps: names of the steps that there must be, so that a probe that ended early never passes.
    """
    accepted = [control for control in dialogue.controls if control.refused is False]
    if accepted:
        what = "; ".join(f"{control.name} was accepted{_said(control.said)}" for control in accepted)
        return broken(
            f"{dialogue.told}: {what}, so the probe proves nothing",
            "find out why it is accepted; if nothing on the platform explains it, report it as a defect",
            subject=dialogue.subject,
        )
    by_name = {step.name: step for step in dialogue.steps}
    for step in dialogue.steps:
        if step.held:
            continue
        done = ", ".join(name for name, other in by_name.items() if other.held)
        return Verdict(
            outcome=Outcome.FAIL if step.held is False else Outcome.UNKNOWN,
            observed=f"{dialogue.told}: {step.name}: {step.said}" + (f" (before it held: {done})" if done else ""),
            remediation=remediations.get(step.name, "open the way from here, and try again"),
            subject=dialogue.subject,
        )
    missing = [name for name in steps if name not in by_name]
    untried = [control.name for control in dialogue.controls if control.refused is None]
    if missing or untried or not dialogue.controls:
        lacking = ", ".join([*missing, *untried]) or "its control"
        return Verdict(
            outcome=Outcome.UNKNOWN,
            observed=f"{dialogue.told}: not tried to the end: {lacking}",
            remediation="run the preflight again",
            subject=dialogue.subject,
        )
    return None


def _said(text: str) -> str:
    return f" ({text})" if text else ""
