"""What dry runs come to."""

from kastellan.preflight.check import failed, passed, undecided
from kastellan.preflight.facts import DryRun
from kastellan.preflight.finding import Verdict


def judge_dry_runs(tried: tuple[DryRun, ...], remediation: str) -> Verdict:
    """A refusal fails; an answer that says nothing leaves it undecided; only acceptance passes."""
    refused = [attempt for attempt in tried if attempt.accepted is False]
    unclear = [attempt for attempt in tried if attempt.accepted is None]
    if not tried:
        return undecided("nothing was tried", "report this as a defect of kastellan")
    if refused:
        return failed("; ".join(f"{attempt.subject}: {attempt.message}" for attempt in refused[:5]), remediation)
    if unclear:
        return undecided(
            "; ".join(f"{attempt.subject}: {attempt.message}" for attempt in unclear[:5]),
            "let the webhooks that are named support dry runs (sideEffects: None), or allow this identity to ask",
        )
    return passed(f"all {len(tried)} were accepted in a dry run")
