"""Every wait of a preflight ends so long before the run does that what it found is still heard."""

from kastellan.adapters.probe import entry_facts
from kastellan.adapters.probe.host_probes import ProbeAccess
from kastellan.manifests.probes import DEADLINE_SECONDS
from kastellan.preflight import time_limits as limits


def test_what_is_given_up_twice_in_a_row_is_given_up_well_before_the_run_that_only_reads_ends() -> None:
    assert 2 * (limits.PATIENCE_SECONDS + limits.ANSWER_SECONDS) <= limits.READING_SECONDS * 2 / 3


def test_a_probe_from_here_is_told_as_late_before_the_run_ends_and_not_with_it() -> None:
    assert limits.HOST_PROBE_SECONDS < limits.READING_SECONDS


def test_a_way_in_that_cuts_idle_streams_or_long_headers_is_seen_to_do_so_in_time() -> None:
    last_two_answers = 2 * entry_facts.ANSWER_SECONDS
    assert entry_facts.IDLE_SECONDS + last_two_answers < limits.HOST_PROBE_SECONDS


def test_probes_in_the_cluster_are_taken_away_before_and_after_and_seen_to_their_end_within_a_run() -> None:
    policies = 4
    isolation = 2 * limits.JOB_SECONDS + policies * ProbeAccess().settle_seconds
    longest = max(isolation, limits.NODE_SECONDS, limits.JOB_SECONDS)
    taken_away = 2 * limits.GONE_SECONDS + limits.BREAKING_OFF_SECONDS
    assert longest + taken_away < limits.PROBING_SECONDS


def test_breaking_off_leaves_time_for_the_call_under_way_and_for_the_one_that_takes_away() -> None:
    assert limits.BREAKING_OFF_SECONDS >= 2 * (limits.PATIENCE_SECONDS + limits.ANSWER_SECONDS)


def test_a_job_is_not_ended_by_its_own_deadline_while_it_is_waited_for() -> None:
    assert max(limits.NODE_SECONDS, limits.JOB_SECONDS) < DEADLINE_SECONDS


def test_a_certificate_is_asked_for_and_taken_away_before_and_after_within_a_run() -> None:
    longest = limits.ISSUANCE_SECONDS + limits.JOB_SECONDS  # the certificate, then its control
    assert longest + 2 * limits.GONE_SECONDS + limits.BREAKING_OFF_SECONDS < limits.PROBING_SECONDS
