import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.load_report import LATE, LoadReport, Request, parse


def request(at: float, seconds: float = 0.01, outcome: str = "ok", **more: object) -> Request:
    return Request(at=at, seconds=seconds, lane="api", outcome=outcome, pod="pod-a", **more)


def test_lines_are_read_in_the_order_in_which_requests_left() -> None:
    lines = ["2000000\t1500\tapi\tok\tpod-a\t0\n", "1000000\t900\tlogin\trefused\t\t1\n"]
    first, second = parse(lines)
    assert (first.at, first.lane, first.outcome, first.pod, first.resent) == (1.0, "login", "refused", "", 1)
    assert (second.at, second.seconds, second.pod) == (2.0, 0.0015, "pod-a")


def test_a_line_that_is_still_being_written_is_left_out() -> None:
    assert parse(["1000000\t900\tapi\tok\tpod-a\t0\n", "2000000\t9"]) == (request(1.0, 0.0009),)


def test_a_wrong_line_is_an_error_and_no_good_request() -> None:
    with pytest.raises(ValueError, match="not enough values"):
        parse(["nonsense\n"])


def test_a_late_answer_counts_as_failed_and_a_request_sent_again_does_not() -> None:
    report = LoadReport((request(1), request(2, LATE + 0.1), request(3, resent=1), request(4, outcome="reset")))
    assert [one.at for one in report.failed] == [2, 4]
    assert [one.at for one in report.unanswered] == [4]
    assert report.resent == 1
    assert report.failed_seconds == 2


def test_the_summary_counts_each_way_of_failing_with_its_first_instant() -> None:
    report = LoadReport((request(10), request(11, outcome="refused"), request(12, 2.0), request(13, outcome="refused")))
    assert report.summary().splitlines() == [
        "3 of 4 requests failed; 0 were sent again",
        "  api: 1 late, the first after 2.00 s",
        "  api: 2 refused, the first after 1.00 s",
    ]


def test_a_percentile_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="no request was answered"):
        LoadReport((request(1, outcome="reset"),)).percentile(0.95)


@given(st.lists(st.floats(0, 5), min_size=1), st.floats(0.01, 1))
def test_a_percentile_has_at_least_its_share_of_the_answers_within_it(took: list[float], share: float) -> None:
    found = LoadReport(tuple(request(i, seconds) for i, seconds in enumerate(took))).percentile(share)
    assert sum(seconds <= found for seconds in took) >= share * len(took)
    assert sum(seconds < found for seconds in took) < share * len(took)


@given(st.lists(st.integers(0, 50)), st.integers(0, 50), st.integers(0, 20))
def test_every_request_is_either_during_a_span_or_outside_of_it(instants: list[int], since: int, length: int) -> None:
    report = LoadReport(tuple(request(at) for at in sorted(instants)))
    span = (since, since + length)
    assert len(report.during(span).requests) + len(report.outside(span).requests) == len(instants)
    assert all(since <= one.at < since + length for one in report.during(span).requests)


def test_the_rate_is_that_of_the_requests_that_really_left() -> None:
    assert LoadReport(tuple(request(i / 50) for i in range(101))).rate == pytest.approx(50)
    assert LoadReport((request(1),)).rate == 0
