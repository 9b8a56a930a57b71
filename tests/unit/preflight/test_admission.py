"""RBAC-1, POD-1, QUO-1, ADM-1."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kastellan.preflight.checks.adm_1 import ADM_1
from kastellan.preflight.checks.pod_1 import POD_1
from kastellan.preflight.checks.quo_1 import QUO_1
from kastellan.preflight.checks.rbac_1 import RBAC_1
from kastellan.preflight.checks.ver_3 import VER_3
from kastellan.preflight.dry_run import DryRun
from kastellan.preflight.facts import AccessAnswer, NamespaceRules
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.platform_facts import AdmissionPolicy, ApiService
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
    ("check", "group"),
    [
        (RBAC_1, "access"),
        (POD_1, "pod_admission"),
        (QUO_1, "namespace"),
        (ADM_1, "webhooks"),
        (ADM_1, "policies"),
        (ADM_1, "api_services"),
    ],
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
    ("of", "bounds", "outcome", "says"),
    [
        ("Pod", {"most": {"memory": str(2**30)}}, Outcome.PASS, ""),
        ("Pod", {"most": {"memory": str(2**30 - 1)}}, Outcome.FAIL, "limit range sizes allows pods less memory"),
        ("Pod", {"least": {"cpu": "0.501"}}, Outcome.FAIL, "allows pods no less cpu than 0.501, more than zitadel"),
        ("Container", {"ratio": {"cpu": "2"}}, Outcome.PASS, ""),
        (
            "Container",
            {"ratio": {"cpu": "1.9"}},
            Outcome.FAIL,
            "cpu limits of 1.9 times the request, less than zitadel",
        ),
        ("Pod", {"ratio": {"memory": "1"}}, Outcome.FAIL, "allows pods memory limits of 1 times the request"),
    ],
)
def test_limit_ranges_of_pods_and_ratios_bind_as_well(
    of: Any, bounds: dict[str, Any], outcome: Outcome, says: str
) -> None:
    (limits,) = rules(**bounds).limits
    finding = judged(QUO_1, namespace=NamespaceRules(exists=True, limits=(replace(limits, of=of),)))
    assert finding.outcome is outcome
    assert says in finding.observed


@pytest.mark.parametrize(
    ("accepted", "of_pods", "of_objects"),
    [
        (True, Outcome.WARN, Outcome.PASS),
        (False, Outcome.UNKNOWN, Outcome.UNKNOWN),
        (None, Outcome.UNKNOWN, Outcome.UNKNOWN),
    ],
)
def test_what_another_namespace_says_neither_passes_pods_nor_fails_anything(
    accepted: bool | None, of_pods: Outcome, of_objects: Outcome
) -> None:
    tried = (DryRun(subject="Pod zitadel/setup", accepted=accepted, message="not in default", elsewhere="default"),)
    pods, objects = judged(POD_1, pod_admission=tried), judged(VER_3, objects=tried)
    assert (pods.outcome, objects.outcome) == (of_pods, of_objects)
    assert "default" in pods.observed
    assert pods.remediation


def test_an_authority_that_cannot_be_read_is_unknown_and_none_at_all_a_warning() -> None:
    unreadable = judged(ADM_1, webhooks=(webhook(authority_ends=None),))
    assert unreadable.outcome is Outcome.UNKNOWN
    assert "policy.example: caBundle holds no certificate" in unreadable.observed
    missing = judged(ADM_1, webhooks=(webhook(authority_ends=None, authority_given=False),))
    assert missing.outcome is Outcome.WARN
    assert "names no authority" in missing.observed
    dead = judged(ADM_1, webhooks=(webhook(authority_ends=None), webhook(zones=())))
    assert dead.outcome is Outcome.FAIL, "what is certainly wrong comes before what is not known"


def test_a_policy_with_mistakes_and_an_api_that_is_gone_are_warnings() -> None:
    sound = judged(ADM_1, policies=(AdmissionPolicy(name="owners"),))
    assert sound.outcome is Outcome.PASS
    assert "1 admission policies see them too" in sound.observed
    mistaken = judged(ADM_1, policies=(AdmissionPolicy(name="owners", warnings=("undefined field 'x'",)),))
    assert mistaken.outcome is Outcome.WARN
    assert "policy owners: undefined field 'x'" in mistaken.observed
    gone = judged(ADM_1, api_services=(ApiService(name="v1.old.example", said="MissingEndpoints"),))
    assert gone.outcome is Outcome.WARN
    assert "v1.old.example is not available, and no namespace can end meanwhile: MissingEndpoints" in gone.observed


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
