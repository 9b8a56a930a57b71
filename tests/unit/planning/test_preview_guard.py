"""The preview guard: what is not on the list does not pass, whatever it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kastellan.domain.party import Party
from kastellan.planning.planned_step import Operation, PlannedStep
from kastellan.planning.preview_guard import RELEASE_UPDATE, TOUCHES_NOTHING, Allowance, guard

RELEASE = "kastellan:index:Release"
PREREQUISITES = "kastellan:index:Prerequisites"


def step(
    kind: str = RELEASE,
    operation: Operation = Operation.UPDATE,
    changed: tuple[str, ...] = ("configuration.version", "manifests"),
) -> PlannedStep:
    urn = f"urn:pulumi:acme::installation::{kind}::acme"
    return PlannedStep(urn=urn, type=kind, name="acme", operation=operation, changed=changed)


TYPES = st.sampled_from([RELEASE, PREREQUISITES, "gcp:sql/databaseInstance:DatabaseInstance", "pulumi:pulumi:Stack"])
PATHS = st.sampled_from(
    [
        "configuration.version", "configuration.images.zitadel", "configuration.images", "manifests", "drift", "name",
        "configuration", "configuration.versions", "configuration.database.password", "configuration.domain", "id",
    ]
)  # fmt: skip
STEPS = st.builds(
    step, TYPES, st.sampled_from(Operation), st.lists(PATHS, unique=True, max_size=4).map(lambda found: tuple(found))
)
ALLOWED_PATHS = {"configuration.version", "configuration.images.zitadel", "configuration.images", "manifests"}


def may_pass(found: PlannedStep) -> bool:
    """The rule once more, written the slow way."""
    if found.operation in (Operation.SAME, Operation.READ, Operation.REFRESH):
        return True
    return (
        found.operation is Operation.UPDATE
        and found.type in (RELEASE, PREREQUISITES)
        and found.changed != ()
        and set(found.changed) <= ALLOWED_PATHS
    )


def test_an_update_of_the_release_and_its_prerequisites_passes() -> None:
    steps = [
        step("pulumi:pulumi:Stack", Operation.SAME, ()),
        step("pulumi:providers:kastellan", Operation.SAME, ()),
        step(PREREQUISITES),
        step(changed=("configuration.images.login", "configuration.images.zitadel", "configuration.version")),
    ]
    assert guard(steps, RELEASE_UPDATE) == ()


@given(st.lists(STEPS, max_size=6))
def test_exactly_the_steps_outside_the_list_are_named(steps: list[PlannedStep]) -> None:
    reasons = guard(steps, RELEASE_UPDATE)
    assert [reason.path for reason in reasons] == [found.urn for found in steps if not may_pass(found)]


@given(st.lists(STEPS, max_size=6), st.dictionaries(st.text(), st.frozensets(st.text())))
def test_a_step_that_makes_replaces_or_deletes_never_passes_whatever_is_allowed(
    steps: list[PlannedStep], updates: dict[str, frozenset[str]]
) -> None:
    everything = {found.type: frozenset(found.changed) for found in steps}
    reasons = guard(steps, Allowance(updates=everything | updates))
    refused = {reason.path for reason in reasons}
    for found in steps:
        if found.operation not in TOUCHES_NOTHING | {Operation.UPDATE}:
            assert found.urn in refused


@given(STEPS)
def test_one_step_more_never_lets_another_pass(extra: PlannedStep) -> None:
    bad = step("aws:rds/instance:Instance", Operation.DELETE, ())
    assert any(reason.path == bad.urn for reason in guard([bad, extra], RELEASE_UPDATE))


@pytest.mark.parametrize("changed", [(), ("configuration",), ("drift",), ("configuration.versionX",)])
def test_a_release_that_changes_for_an_unnamed_or_another_reason_is_refused(changed: tuple[str, ...]) -> None:
    (reason,) = guard([step(changed=changed)], RELEASE_UPDATE)
    assert (reason.code, reason.clause, reason.owner) == ("unexpected-step", "DI-6", Party.VENDOR)
    assert "would update kastellan:index:Release acme" in reason.message
    for path in changed:
        assert path in reason.message


def test_a_word_that_the_engine_did_not_have_yet_is_not_read_as_harmless() -> None:
    assert Operation.parse("update") is Operation.UPDATE
    assert Operation.parse("obliterate") is Operation.UNKNOWN
    assert guard([step(operation=Operation.UNKNOWN)], RELEASE_UPDATE)
