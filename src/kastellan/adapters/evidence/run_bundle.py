"""A finished run as a signed statement (in-toto Statement v1 in a DSSE envelope) that anybody can verify offline.

in-toto has no predicate for maintenance (spec/predicates), so the type is our own. Subjects are the images that were
brought, by digest, and the installation, whose digest is that of the run's plan.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from kastellan.adapters.store.signing import Signer
from kastellan.domain.canonical import canonical, digest
from kastellan.domain.dsse import STATEMENT_TYPE
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.history import Verdict
from kastellan.domain.ledger import Json, LedgerEntry, utc_text
from kastellan.domain.run import RunRecord
from kastellan.domain.run_document import outcome_document, plan_document
from kastellan.domain.run_step import StepAttempt, StepName

PREDICATE_TYPE = "https://kastellan.dev/maintenance-run/v1"


def run_statement(run: RunRecord, entries: Sequence[LedgerEntry]) -> dict[str, Any]:
    """The statement about a run.

    Args:
        run: a finished one.
        entries: the installation's ledger; what it says about the run's item up to the run's end is quoted.

    Raises:
        InvalidInputError: the run is not over.
    """
    plan, closed = run.plan, run.closed
    if closed is None:
        raise InvalidInputError(f"run {plan.id} is not over, so there is nothing to state about it yet")
    preflight = run.step(StepName.PREFLIGHT).outcome
    return {
        "_type": STATEMENT_TYPE,
        "subject": [*map(_image, plan.images), {"name": plan.installation, "digest": {"sha256": _plan_digest(run)}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "run": plan.id,
            "installation": plan.installation,
            "plan": plan_document(plan),
            "startedAt": utc_text(run.started_at) if run.started_at else None,
            "endedAt": utc_text(closed.at),
            "decisions": [
                {"kind": entry.kind, "at": utc_text(entry.at), "body": dict(entry.body), "ledgerEntry": entry.hash}
                for entry in entries
                if entry.body.get("item") == str(plan.item) and entry.at <= closed.at
            ],
            "preflight": dict(preflight.evidence) if preflight else None,
            "steps": [
                {"name": step.name.value, "attempts": [_attempt(attempt) for attempt in step.attempts]}
                for step in run.steps
            ],
            "verdict": closed.verdict.value,
            "responsible": None if closed.verdict is Verdict.PASSED else closed.attribution.value,
            "reason": closed.reason,
            "versionAfter": str(closed.version),
        },
    }


def run_bundle(statement: Mapping[str, Any], signer: Signer) -> dict[str, Any]:
    """A statement with its signature and the public key."""
    predicate = statement["predicate"]
    return {
        "schemaVersion": 1,
        "kind": "RunBundle",
        "installation": predicate["installation"],
        "run": predicate["run"],
        "publicKey": base64.b64encode(signer.public_key).decode(),
        "keyId": signer.key_id,
        "statement": signer.envelope(canonical(dict(statement))),
    }


def statement_digest(statement: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical statement in hexadecimal: what the page shows, so that both are seen to be about one."""
    return hashlib.sha256(canonical(dict(statement))).hexdigest()


def _plan_digest(run: RunRecord) -> str:
    return digest(plan_document(run.plan))


def _image(reference: str) -> dict[str, Any]:
    repository, _, found = reference.partition("@sha256:")
    return {"name": repository, "digest": {"sha256": found}}


def _attempt(attempt: StepAttempt) -> dict[str, Json]:
    return {
        "number": attempt.number,
        "worker": attempt.worker,
        "token": attempt.token,
        "startedAt": utc_text(attempt.started_at),
        "endedAt": utc_text(attempt.ended_at) if attempt.ended_at else None,
        "milliseconds": attempt.milliseconds,
        "outcome": outcome_document(attempt.outcome) if attempt.outcome else None,
    }
