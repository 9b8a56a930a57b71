"""What dry runs come to."""

from kastellan.preflight.check import failed, passed, undecided
from kastellan.preflight.dry_run import DryRun
from kastellan.preflight.finding import Verdict


def judge_dry_runs(tried: tuple[DryRun, ...], remediation: str) -> Verdict:
    """A refusal fails; an answer that says nothing leaves it undecided; only acceptance passes.

    Another namespace's refusal says nothing about ours: many clusters let nothing run in `default`.
    """
    refused = [attempt for attempt in tried if attempt.accepted is False and not attempt.elsewhere]
    unclear = [attempt for attempt in tried if attempt.accepted is None]
    foreign = [attempt for attempt in tried if attempt.accepted is False and attempt.elsewhere]
    if not tried:
        return undecided("nothing was tried", "report this as a defect of kastellan")
    if refused:
        return failed("; ".join(f"{attempt.subject}: {attempt.message}" for attempt in refused[:5]), remediation)
    if unclear:
        return undecided(
            "; ".join(f"{attempt.subject}: {attempt.message}" for attempt in unclear[:5]),
            "let the webhooks that are named support dry runs (sideEffects: None), or allow this identity to ask",
        )
    if foreign:
        return undecided(
            f"the namespace is not there yet, and another one, {foreign[0].elsewhere}, refuses: "
            + "; ".join(f"{attempt.subject}: {attempt.message}" for attempt in foreign[:5]),
            "make the namespace of the installation, so that its own rules are asked: kubectl create namespace",
        )
    return passed(f"all {len(tried)} were accepted in a dry run")
