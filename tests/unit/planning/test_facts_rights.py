"""Every group of facts names the rights that it takes."""

from kastellan.manifests.release import render
from kastellan.planning.facts_rights import facts_rights
from kastellan.preflight.facts import Facts
from tests.builders import installation, secrets


def test_every_group_of_facts_names_its_rights() -> None:
    described = installation()
    assert facts_rights(described, render(described, secrets())).keys() == Facts.__dataclass_fields__.keys()


def test_no_fact_takes_a_dangerous_right() -> None:
    described = installation()
    for rights in facts_rights(described, render(described, secrets())).values():
        for right in rights:
            assert right.namespace or right.resource != "secrets", right
            assert right.verb in ("get", "list", "create", "patch"), right
