"""VER-1, VER-2, VER-3 and the support matrix."""

from datetime import date

import pytest

from kastellan.preflight.checks.ver_1 import VER_1
from kastellan.preflight.checks.ver_2 import VER_2
from kastellan.preflight.checks.ver_3 import VER_3
from kastellan.preflight.dry_run import DryRun
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.support_matrix import KUBERNETES, NOTICE_DAYS, POSTGRESQL
from tests.unit.preflight.platforms import UNKNOWN, facts, judged, node, nodes, requirement


@pytest.mark.parametrize("version", ["v1.35.0", "v1.36.2", "v1.37.1-gke.100", "v1.36.2-eks-1a2b3c4", "v1.35.3+k3s1"])
def test_tested_minors_of_any_provider_pass_ver_1(version: str) -> None:
    assert judged(VER_1, server_version=version).outcome is Outcome.PASS


@pytest.mark.parametrize("version", ["v1.34.9", "v1.38.0", "v2.36.0"])
def test_untested_minors_fail_ver_1_older_and_newer_alike(version: str) -> None:
    assert judged(VER_1, server_version=version).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("day", "outcome"),
    [
        (date(2026, 11, 28), Outcome.PASS),
        (date(2026, 11, 29), Outcome.WARN),
        (date(2027, 2, 28), Outcome.WARN),
        (date(2027, 3, 1), Outcome.FAIL),
    ],
)
def test_support_of_1_35_ends_with_its_last_day_and_is_announced_a_quarter_before(day: date, outcome: Outcome) -> None:
    assert VER_1.run(facts(server_version="v1.35.4"), requirement(), day).outcome is outcome


def test_a_server_version_that_is_none_is_a_defect_of_ours_and_no_pass() -> None:
    assert judged(VER_1, server_version="unreadable").outcome is Outcome.ERROR


def test_the_matrix_says_what_its_sources_say() -> None:
    assert dict(KUBERNETES) == {(1, 35): date(2027, 2, 28), (1, 36): date(2027, 6, 28), (1, 37): date(2027, 10, 28)}
    assert set(POSTGRESQL) == {14, 15, 16, 17, 18}
    assert NOTICE_DAYS == 92


@pytest.mark.parametrize(
    ("kubelet", "outcome"),
    [
        ("v1.36.9", Outcome.PASS),
        ("v1.33.0", Outcome.PASS),
        ("v1.32.14", Outcome.FAIL),
        ("v1.37.0", Outcome.FAIL),
        ("v2.36.0", Outcome.FAIL),
    ],
)
def test_kubelets_may_be_three_minors_older_and_never_newer(kubelet: str, outcome: Outcome) -> None:
    finding = judged(VER_2, nodes=(*nodes(), node("odd", "a", kubelet=kubelet)))
    assert finding.outcome is outcome
    assert ("odd" in finding.observed) is (outcome is Outcome.FAIL)


def test_skew_needs_both_versions() -> None:
    assert judged(VER_2, nodes=UNKNOWN).outcome is Outcome.UNKNOWN
    assert judged(VER_2, server_version=UNKNOWN).outcome is Outcome.UNKNOWN
    assert judged(VER_1, server_version=UNKNOWN).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ((True, True), Outcome.PASS),
        ((True, None), Outcome.UNKNOWN),
        ((True, False), Outcome.FAIL),
        ((None, False), Outcome.FAIL),
    ],
)
def test_one_refusal_fails_ver_3_and_one_answer_that_says_nothing_leaves_it_unknown(
    answers: tuple[bool | None, ...], outcome: Outcome
) -> None:
    tried = tuple(
        DryRun(subject=f"Secret zitadel/s{number}", accepted=accepted, message="because")
        for number, accepted in enumerate(answers)
    )
    finding = judged(VER_3, objects=tried)
    assert finding.outcome is outcome
    assert all((f"s{number}: because" in finding.observed) for number, said in enumerate(answers) if said is False)


def test_unasked_objects_leave_ver_3_unknown() -> None:
    assert judged(VER_3, objects=UNKNOWN).outcome is Outcome.UNKNOWN
