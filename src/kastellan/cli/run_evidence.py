"""What is handed out of a run: the page for the customer, and the signed statement; and how the latter is verified."""

import json
from collections.abc import Sequence
from pathlib import Path

from kastellan.cli.files import write_whole
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.ledger import LedgerEntry
from kastellan.domain.run import RunRecord


def write_page(run: RunRecord, entries: Sequence[LedgerEntry], path: Path) -> str:
    """Write the page; returns a line that says so."""
    from kastellan.adapters.evidence.run_bundle import run_statement, statement_digest
    from kastellan.cli.run_page import run_page

    digest = statement_digest(run_statement(run, entries)) if run.closed else ""
    write_whole(path, run_page(run, entries, _zone(run.plan.installation), digest=digest))
    return f"{path}: the page of run {run.plan.id}"


def write_bundle(run: RunRecord, entries: Sequence[LedgerEntry], path: Path, key: Path) -> str:
    """Write the signed statement; returns a line that says how to verify it.

    Raises:
        InvalidInputError: the run is not over, or the key cannot be used.
    """
    from kastellan.adapters.evidence.run_bundle import run_bundle, run_statement
    from kastellan.adapters.store.signing import load_signer

    statement = run_statement(run, entries)
    signer = load_signer(key)
    write_whole(path, json.dumps(run_bundle(statement, signer), indent=1, ensure_ascii=False) + "\n")
    return f"{path}: verify it with: kastellan runs verify {path} --key-id {signer.key_id}"


def write_evidence(run: RunRecord, entries: Sequence[LedgerEntry], folder: Path, key: Path) -> tuple[str, str]:
    """Write both under the run's name into a folder; returns a line each."""
    page, bundle = folder / f"{run.plan.id}.html", folder / f"{run.plan.id}.json"
    return write_page(run, entries, page), write_bundle(run, entries, bundle, key)


def flaws_of(path: Path, key_id: str) -> list[str]:
    """Everything that is wrong with a bundle; empty where it is valid."""
    from kastellan.adapters.store import verify_ledger

    try:
        bundle = json.loads(path.read_text(encoding="utf-8"))
        if bundle["kind"] != "RunBundle":
            return ["this is no bundle of a run; `kastellan ledger verify` is for ledgers"]
        return list(verify_ledger.flaws(bundle, key_id, []))
    except OSError as cause:
        raise InvalidInputError(f"{path} cannot be read: {cause.strerror}") from cause
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        return [f"this is no bundle, or a damaged one: {type(problem).__name__}"]


def _zone(stack: str) -> str:
    """The contract's zone, where the stack's file is at hand; else UTC."""
    from kastellan.config.stack_file import find_project, read_stack_file

    try:
        contract = read_stack_file(stack, project=find_project(Path.cwd())).parse().contract
    except InvalidInputError:
        return "UTC"
    return contract.zone if contract else "UTC"
