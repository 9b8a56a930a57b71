"""An empty list proves nothing: no check passes on it."""

import pytest

from kastellan.domain.party import Party
from kastellan.preflight.check import Check
from kastellan.preflight.checks.adm_1 import ADM_1
from kastellan.preflight.checks.pod_1 import POD_1
from kastellan.preflight.checks.rbac_1 import RBAC_1
from kastellan.preflight.checks.ver_1 import VER_1
from kastellan.preflight.checks.ver_2 import VER_2
from kastellan.preflight.checks.ver_3 import VER_3
from kastellan.preflight.outcome import Outcome
from tests.unit.preflight.platforms import judged, webhook


@pytest.mark.parametrize(
    ("check", "group"), [(RBAC_1, "access"), (VER_3, "objects"), (POD_1, "pod_admission"), (VER_2, "nodes")]
)
def test_an_empty_group_of_facts_is_no_pass(check: Check, group: str) -> None:
    assert judged(check, **{group: ()}).outcome in (Outcome.UNKNOWN, Outcome.FAIL)


def test_a_webhook_that_is_called_by_url_is_a_warning() -> None:
    finding = judged(ADM_1, webhooks=(webhook(service="", zones=()),))
    assert finding.outcome is Outcome.WARN
    assert "called by URL" in finding.observed


def test_a_cluster_that_is_newer_than_the_matrix_is_the_vendors_turn() -> None:
    finding = judged(VER_1, server_version="v1.99.0")
    assert (finding.outcome, finding.owner) == (Outcome.FAIL, Party.VENDOR)
