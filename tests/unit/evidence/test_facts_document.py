"""Facts are written down and read back without loss; their canonical bytes are those of RFC 8785."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from kastellan.adapters.evidence.facts_document import facts_of, group_document, value_document, value_of
from kastellan.domain.canonical import canonical
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.preflight.facts import Facts, Refused
from kastellan.preflight.pod_facts import Pods
from kastellan.preflight.requirement import Requirement
from tests.unit.preflight.platforms import NOW, UNKNOWN, facts, kind, requirement, rules, standing, webhook

_REFUSED = Refused(reason=Reason(code="password", message="refused", owner=Party.CUSTOMER, remediation="set it"))


def _written(found: Facts) -> dict[str, Any]:
    text = canonical({name: group_document(name, getattr(found, name)) for name in Facts.__dataclass_fields__})
    document: dict[str, Any] = json.loads(text)
    return document


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"pods": standing((kind(cpu="0.25"), "node-a")), "webhooks": (webhook(authority_ends=NOW),)},
        {"namespace": rules(quota={"pods": "3"}, most={"cpu": "1"})},
        {"database": _REFUSED},
        {"database": UNKNOWN},
        {name: UNKNOWN for name in Facts.__dataclass_fields__},
    ],
)
def test_facts_come_back_as_they_were(change: dict[str, Any]) -> None:
    found = replace(facts(), **change)
    assert facts_of(_written(found)) == found


def test_a_requirement_comes_back_as_it_was() -> None:
    needs = requirement()
    document = json.loads(canonical(value_document(needs)))
    assert value_of(Requirement, document, "requirement") == needs


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"nodes": 7}, "nodes"),
        ({"weather": "fine"}, "weather is not known here"),
        ({"server_version": 7}, "server_version"),
        ({"pods": {"kinds": [], "pods": [{"node": 7, "kind": 0}]}}, "node"),
        ({"namespace": {"exists": True, "quotas": [], "limits": [], "more": 1}}, "more than this version"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_path(change: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInputError, match=says):
        facts_of(_written(facts()) | change)


_NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
_JSON = st.recursive(
    st.none() | st.booleans() | _NUMBERS | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)  # fmt: skip


@given(_JSON)
def test_canonical_bytes_are_those_of_the_standard(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


def test_amounts_are_exact() -> None:
    found = facts(pods=standing((kind(cpu="0.1"), "node-a")))
    back = facts_of(_written(found)).pods
    assert isinstance(back, Pods)
    assert back.kinds[0].requests.cpu == Decimal("0.1")
