"""RBAC-1, POD-1, QUO-1, ADM-1."""

from datetime import timedelta
from typing import Any

import pytest

from kastellan.preflight.checks.adm_1 import ADM_1
from kastellan.preflight.checks.pod_1 import POD_1
from kastellan.preflight.checks.quo_1 import QUO_1
from kastellan.preflight.checks.rbac_1 import RBAC_1
from kastellan.preflight.facts import AccessAnswer, DryRun, NamespaceRules
from kastellan.preflight.outcome import Outcome
from tests.unit.preflight.platforms import NOW, UNKNOWN, judged, rules, webhook


def test_one_missing_right_fails_and_is_named() -> None:
    answers = (AccessAnswer(right="list pods", allowed=True), AccessAnswer(right="create jobs.batch", allowed=False))
    finding = judged(RBAC_1, access=answers)
    assert finding.outcome is Outcome.FAIL
    assert finding.observed == "1 of 2 rights are missing: create jobs.batch"


def test_pods_that_admission_refuses_fail_pod_1_in_the_servers_words() -> None:
    refused = DryRun(subject="Pod zitadel/setup", accepted=False, message='violates PodSecurity "restricted:latest"')
    finding = judged(POD_1, pod_admission=(refused,))
    assert finding.outcome is Outcome.FAIL
    assert 'violates PodSecurity "restricted:latest"' in finding.observed


@pytest.mark.parametrize(
    ("check", "group"), [(RBAC_1, "access"), (POD_1, "pod_admission"), (QUO_1, "namespace"), (ADM_1, "webhooks")]
)
def test_what_could_not_be_read_is_unknown_and_never_a_pass(check: Any, group: str) -> None:
    unread: dict[str, Any] = {group: UNKNOWN}
    assert judged(check, **unread).outcome is Outcome.UNKNOWN


def test_without_a_namespace_no_quota_applies() -> None:
    assert judged(QUO_1, namespace=NamespaceRules(exists=False)).outcome is Outcome.NOT_APPLICABLE


# Four pods and a job of half a core and 512 MiB (limits: one core, 1 GiB); four secrets.
@pytest.mark.parametrize(
    ("key", "enough", "short"),
    [
        ("pods", "5", "4"),
        ("count/pods", "5", "4"),
        ("cpu", "2.5", "2.499"),
        ("requests.cpu", "2.5", "2.499"),
        ("limits.cpu", "5", "4.999"),
        ("requests.memory", str(5 * 2**29), str(5 * 2**29 - 1)),
        ("limits.memory", str(5 * 2**30), str(5 * 2**30 - 1)),
        ("secrets", "4", "3"),
        ("count/secrets", "4", "3"),
        ("count/deployments.apps", "2", "1"),
    ],
)
def test_a_quota_passes_with_exactly_what_is_needed_and_fails_with_less(key: str, enough: str, short: str) -> None:
    assert judged(QUO_1, namespace=rules(quota={key: enough})).outcome is Outcome.PASS
    finding = judged(QUO_1, namespace=rules(quota={key: short}))
    assert finding.outcome is Outcome.FAIL
    assert f"quota team leaves {short} {key}" in finding.observed


def test_a_quota_on_what_we_do_not_use_does_not_matter() -> None:
    assert judged(QUO_1, namespace=rules(quota={"requests.nvidia.com/gpu": "0"})).outcome is Outcome.PASS


def test_a_scoped_quota_is_told_and_not_judged() -> None:
    assert judged(QUO_1, namespace=rules(quota={"pods": "0"}, scoped=True)).outcome is Outcome.WARN


@pytest.mark.parametrize(
    ("bounds", "outcome"),
    [
        ({"most": {"cpu": "1"}}, Outcome.PASS),
        ({"most": {"cpu": "0.9"}}, Outcome.FAIL),
        ({"least": {"memory": str(2**29)}}, Outcome.PASS),
        ({"least": {"memory": str(2**29 + 1)}}, Outcome.FAIL),
    ],
)
def test_limit_ranges_bound_limits_from_above_and_requests_from_below(bounds: dict[str, Any], outcome: Outcome) -> None:
    assert judged(QUO_1, namespace=rules(**bounds)).outcome is outcome


@pytest.mark.parametrize(
    ("change", "outcome", "words"),
    [
        ({}, Outcome.PASS, ""),
        ({"zones": ()}, Outcome.FAIL, "no ready endpoint"),
        ({"authority_ends": NOW - timedelta(days=1)}, Outcome.FAIL, "its authority ended on 2026-11-22"),
        ({"authority_ends": NOW + timedelta(days=10)}, Outcome.WARN, "its authority ends on 2026-12-03"),
        ({"authority_ends": NOW + timedelta(days=40)}, Outcome.PASS, ""),
        ({"zones": ("a", "a")}, Outcome.WARN, "fewer than two zones"),
        ({"zones": ("", "")}, Outcome.WARN, "fewer than two zones"),
        ({"timeout_seconds": 15}, Outcome.PASS, ""),
        ({"timeout_seconds": 16}, Outcome.WARN, "it may take 16 s"),
    ],
)
def test_a_fail_closed_webhook_has_to_live_in_two_zones_and_answer_soon(
    change: dict[str, Any], outcome: Outcome, words: str
) -> None:
    finding = judged(ADM_1, webhooks=(webhook(), webhook(name="checked.example", **change)))
    assert finding.outcome is outcome
    assert words in finding.observed
    assert ("checked.example" in finding.observed) is bool(words)
