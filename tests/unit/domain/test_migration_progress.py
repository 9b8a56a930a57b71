"""What a database records of its migrations, as a line for who waits."""

from datetime import UTC, datetime, timedelta

from kastellan.domain.migration_progress import MigrationEvent, told

BEGIN = datetime(2026, 11, 24, 12, tzinfo=UTC)


def setup(begin: float, *steps: tuple[str, float], open_step: str = "") -> list[MigrationEvent]:
    """Events of one setup: each step begins when the one before has ended and takes its seconds."""
    events, at = [], BEGIN + timedelta(seconds=begin)
    for name, seconds in steps:
        events.append(MigrationEvent(step=name, began=True, at=at))
        at += timedelta(seconds=seconds)
        events.append(MigrationEvent(step=name, began=False, at=at))
    if open_step:
        events.append(MigrationEvent(step=open_step, began=True, at=at))
    return events


def after(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


def test_elapsed_and_expected_are_told_by_the_databases_own_records() -> None:
    events = [*setup(0, ("01", 4), ("02", 130)), *setup(3600, ("60", 3), ("61", 9), open_step="62")]
    assert told(events, after(3600 + 12 + 25)) == (
        "step 62 for 20 s, 2 steps ended in 30 s, the setup before took 130 s"
    )


def test_the_first_setup_has_nothing_to_be_compared_with() -> None:
    assert told(setup(0, ("01", 4), open_step="02"), after(5)) == (
        "step 02 for less than 10 s, 1 step ended in less than 10 s"
    )


def test_a_long_step_does_not_split_a_setup() -> None:
    assert told(setup(0, ("01", 900), open_step="02"), after(910)) == "step 02 for 10 s, 1 step ended in 910 s"


def test_what_a_killed_setup_left_open_is_not_taken_for_the_one_that_follows() -> None:
    killed = setup(0, ("01", 20), open_step="02")
    assert told([*killed, *setup(60, ("03", 5), open_step="02")], after(75)) == (
        "step 02 for 10 s, 1 step ended in 10 s, the setup before took 20 s"
    )


def test_nothing_recorded_is_nothing_told() -> None:
    assert told([], BEGIN) == ""
