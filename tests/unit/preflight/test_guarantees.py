"""Which guarantees a report backs: nothing unknown, waived or old backs one."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kastellan.domain.service_plan import Platform, ServicePlan
from kastellan.preflight.catalogue import CHECKS
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.guarantee_state import PROMISES, GuaranteeState, Row, Standing, guarantee_states
from kastellan.preflight.outcome import Outcome
from tests.unit.preflight.platforms import NOW

_MONTH = timedelta(days=31)


def _state(
    *outcomes: Outcome,
    age: timedelta = timedelta(),
    guarantee: Guarantee = Guarantee.ZONE_LOSS,
    platform: Platform | None = Platform.GKE,
    without: tuple[str, ...] = (),
    absent: tuple[str, ...] = (),
) -> GuaranteeState:
    rows = [
        Row(check=f"X-{number}", outcome=outcome, guarantees=frozenset({guarantee}), seen=NOW - age)
        for number, outcome in enumerate(outcomes)
    ]
    rows += [
        Row(
            check=check,
            outcome=Outcome.NOT_APPLICABLE if check in absent else Outcome.PASS,
            guarantees=frozenset({guarantee}),
            seen=NOW,
        )
        for check in PROMISES[guarantee].needs
        if rows and check not in without
    ]
    states = guarantee_states(rows, NOW, platform=platform, plan=ServicePlan.ADVANCED)
    return next(state for state in states if state.guarantee is guarantee)


@pytest.mark.parametrize(
    ("outcomes", "standing"),
    [
        ((Outcome.PASS, Outcome.WARN, Outcome.NOT_APPLICABLE), Standing.BACKED),
        ((Outcome.PASS, Outcome.ATTESTED), Standing.BACKED),
        ((Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN), Standing.VOID),
        ((Outcome.PASS, Outcome.WAIVED), Standing.VOID),
        ((Outcome.PASS, Outcome.UNKNOWN), Standing.UNKNOWN),
        ((Outcome.PASS, Outcome.ERROR), Standing.UNKNOWN),
        ((), Standing.UNKNOWN),
    ],
)
def test_a_guarantee_stands_as_the_checks_under_it(outcomes: tuple[Outcome, ...], standing: Standing) -> None:
    assert _state(*outcomes).standing is standing


def test_a_guarantee_is_unknown_where_a_check_that_it_needs_has_no_row() -> None:
    state = _state(Outcome.PASS, guarantee=Guarantee.RECOVERY, without=("PG-5",))
    assert state.standing is Standing.UNKNOWN
    assert "no row of PG-5" in state.because


def test_strict_tls_is_not_backed_by_a_way_in_that_nobody_looked_at() -> None:
    state = _state(Outcome.PASS, guarantee=Guarantee.STRICT_TLS, absent=("TLS-1",))
    assert state.standing is Standing.UNKNOWN
    assert state.because == "nobody looked, because it does not arise here: TLS-1"


def test_what_does_not_arise_is_not_told_as_met() -> None:
    state = _state(Outcome.PASS, Outcome.NOT_APPLICABLE, guarantee=Guarantee.RECOVERY, absent=("OBJ-1",))
    assert state.standing is Standing.BACKED
    assert state.because == "met: X-0, PG-5; does not arise: X-1, OBJ-1"


def test_evidence_backs_a_guarantee_until_the_instant_at_which_it_is_too_old() -> None:
    young = _state(Outcome.PASS, age=_MONTH - timedelta(seconds=1))
    assert young.standing is Standing.BACKED
    assert young.backed_until == NOW + timedelta(seconds=1)
    assert _state(Outcome.PASS, age=_MONTH).standing is Standing.UNKNOWN


def test_the_annex_gives_no_availability_on_infrastructure_that_the_customer_brings() -> None:
    for platform in (Platform.EXISTING, None):
        state = _state(Outcome.PASS, guarantee=Guarantee.AVAILABILITY, platform=platform)
        assert (state.standing, state.backed_until) == (Standing.NOT_GIVEN, None)
    given = _state(Outcome.PASS, guarantee=Guarantee.AVAILABILITY)
    assert given.standing is Standing.BACKED
    assert "99.9 %" in given.because


@given(st.lists(st.sampled_from(Outcome), min_size=1), st.integers(0, 60))
def test_a_backed_guarantee_never_rests_on_what_is_not_met(outcomes: list[Outcome], days: int) -> None:
    state = _state(*outcomes, age=timedelta(days=days))
    if state.standing is Standing.BACKED:
        assert not {Outcome.FAIL, Outcome.UNKNOWN, Outcome.ERROR, Outcome.WAIVED} & set(outcomes)
        assert days < _MONTH.days


def test_every_guarantee_has_its_promise_and_every_name_in_a_check_is_one() -> None:
    assert PROMISES.keys() == set(Guarantee)
    assert {guarantee for check in CHECKS for guarantee in check.guarantees} <= PROMISES.keys()
