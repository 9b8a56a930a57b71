"""Whatever goes wrong at whatever question to PostgreSQL: the run goes on, and nothing that was not seen passes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from kastellan.adapters.evidence.preflight_run import judged, survey
from kastellan.adapters.postgres.session import DatabaseAccess
from kastellan.cli.exit_code import ExitCode
from kastellan.cli.preflight_options import exit_code
from kastellan.manifests.release import render
from kastellan.preflight.catalogue import CHECKS
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import Finding
from kastellan.preflight.gate import Gate
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.report import Report
from kastellan.preflight.selection import Selection
from tests.builders import installation, secrets
from tests.fakes.clock import FakeClock
from tests.fakes.faulty_postgres import CONTROL, FAULTS, FaultyPostgres
from tests.fakes.platform_cluster import PlatformCluster
from tests.fakes.postgres import AUTHORITY, PRIMARY, STANDBY, FakePostgres
from tests.fakes.progress import FakeProgress
from tests.unit.preflight import platforms

_OF = installation()
_MANIFESTS = render(_OF, secrets())
_GROUPS = {"database", "replication", "archiving"}
_ASKED = _GROUPS | {"made_database", "managed"}
"""Groups that these checks read; all others are as on a good platform."""
_PLATFORM = platforms.facts()
_GOOD = {name: getattr(_PLATFORM, name) for name in Facts.__dataclass_fields__.keys() - _ASKED}
_CHECKED = [check for check in CHECKS if set(check.reads) & _GROUPS]
_SELECTION = Selection(only=frozenset(check.id for check in _CHECKED))
_PLAIN = DatabaseAccess(host="db", port=5432, name="zitadel", user="zitadel", password="of-the-role", ca=AUTHORITY)
_WITH_ADMIN = replace(_PLAIN, admin_user="admin", admin_password="of-the-admin")
_DEED = "create schema kastellan_preflight"
"""Nobody reads an answer to it."""


class _Cluster(PlatformCluster):
    """Primary and standby are pods of two zones."""

    def request(self, path: str, *, query: Mapping[str, str] | None = None) -> Any:
        if path == "/api/v1/pods":
            address = (query or {})["fieldSelector"].partition("=")[2].partition(",")[0]
            return {"items": [{"spec": {"nodeName": {PRIMARY: "node-0", STANDBY: "node-1"}[address]}}]}
        return super().request(path, query=query)


def _report(server: FaultyPostgres, access: DatabaseAccess) -> Report:
    clock = FakeClock()
    seen = survey(
        _Cluster(), replace(access, connects=server.connects), _OF, _MANIFESTS, target="a server in memory",
        gate=Gate.INSTALL, selection=_SELECTION, clock=clock, progress=FakeProgress(),
    )  # fmt: skip
    whole = replace(seen, facts=replace(seen.facts, **_GOOD), requirement=platforms.requirement())
    return judged(whole, clock, exemptions=[platforms.RESTORED])


def _rows(found: Report) -> dict[str, Finding]:
    return {one.check: one for one in found.findings if one.check in _SELECTION.only}


def _seen(access: DatabaseAccess) -> tuple[dict[str, Finding], list[str]]:
    server = FaultyPostgres(FakePostgres().connects)
    return _rows(_report(server, access)), sorted(server.calls)


CLEAN = {access: _seen(access) for access in (_PLAIN, _WITH_ADMIN)}
CASES = [(access, call) for access, (_, calls) in CLEAN.items() for call in calls]


@pytest.mark.parametrize("access", CLEAN, ids=["the role", "an administrator"])
def test_the_server_in_memory_passes_what_asks_a_database(access: DatabaseAccess) -> None:
    rows, calls = CLEAN[access]
    assert {check: one.outcome for check, one in rows.items()} == {
        **dict.fromkeys(("PG-1", "PG-2", "PG-3", "PG-4", "PG-7"), Outcome.PASS), "PG-5": Outcome.ATTESTED,
    }, rows  # fmt: skip
    assert len(calls) > 15
    assert exit_code(_report(FaultyPostgres(FakePostgres().connects), access), "unknown") is ExitCode.DONE


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("access", "call"), CASES, ids=[f"{a.admin_user or 'role'}-{c[:60]}" for a, c in CASES])
def test_a_fault_at_any_question_passes_nothing_that_was_not_seen(
    access: DatabaseAccess, call: str, fault: str
) -> None:
    clean, _ = CLEAN[access]
    found = _report(FaultyPostgres(FakePostgres().connects, FAULTS[fault], at=call), access)
    rows = _rows(found)
    assert rows.keys() == clean.keys()
    unread = call.startswith(("set ", _DEED, CONTROL)) and fault in ("cut in the middle", "malformed", "narrow")
    changed = [check for check, row in rows.items() if _digests(row) != _digests(clean[check])]
    assert bool(changed) is not unread, "who asks nothing reads no answer"
    for check in changed:
        row = rows[check]
        before = row.judged or row.outcome
        assert before in (Outcome.UNKNOWN, Outcome.ERROR), (check, row)
        assert row.remediation, check
        assert row.observed, check
    stopped = [row for row in rows.values() if not row.outcome.met and Gate.INSTALL in row.gates]
    assert exit_code(found, "unknown") is (
        ExitCode.DONE if not stopped
        else ExitCode.FAILED if Outcome.FAIL in {row.outcome for row in stopped}
        else ExitCode.INCOMPLETE
    )  # fmt: skip


def _digests(row: Finding) -> list[str]:
    return [one.sha256 for one in row.evidence]
