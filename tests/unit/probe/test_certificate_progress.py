"""What the objects of an issuance come to: ready is only what was said of this very Certificate."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kastellan.adapters.probe.certificate_progress import owned, progress_of, turned_down

_WORDS = st.text("abc ", max_size=8)
_CONDITION = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["Ready", "Issuing", "Denied", "Approved", "InvalidRequest"]),
        "status": st.sampled_from(["True", "False", "Unknown"]),
        "reason": st.sampled_from(["Ready", "Issued", "Pending", "Failed", "DoesNotExist", ""]),
        "message": _WORDS,
    },
    optional={"observedGeneration": st.integers(0, 3)},
)
_STATE = st.sampled_from(["", "pending", "processing", "ready", "valid", "invalid", "errored", "expired"])


def _of_kind(kind: str, status: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    metadata = st.fixed_dictionaries({"name": st.just("one"), "generation": st.integers(1, 3)})
    return st.fixed_dictionaries(
        {"kind": st.just(kind), "metadata": metadata, "spec": st.just({"type": "DNS-01"})}, optional={"status": status}
    )


_TOLD = st.fixed_dictionaries({}, optional={"conditions": st.lists(_CONDITION, max_size=4)})
_STATED = st.fixed_dictionaries({}, optional={"state": _STATE, "reason": _WORDS})
_CERTIFICATES = _of_kind("Certificate", _TOLD)
_REQUESTS = st.lists(_of_kind("CertificateRequest", _TOLD), max_size=2)
_ORDERS = st.lists(_of_kind("Order", _STATED), max_size=2)
_CHALLENGES = st.lists(_of_kind("Challenge", _STATED), max_size=2)


def _conditions(live: dict[str, Any]) -> list[dict[str, Any]]:
    return list(live.get("status", {}).get("conditions", []))


@given(_CERTIFICATES, _REQUESTS, _ORDERS, _CHALLENGES)
def test_it_holds_exactly_where_the_certificate_says_ready_of_its_present_generation(
    certificate: Any, requests: Any, orders: Any, challenges: Any
) -> None:
    first = next((one for one in _conditions(certificate) if one["type"] == "Ready"), {})
    is_ready = (
        first.get("status") == "True" and first.get("observedGeneration") == certificate["metadata"]["generation"]
    )
    seen = progress_of(certificate, requests, orders, challenges)
    assert (seen.held is True) == is_ready
    assert not is_ready or seen.name == "issue"


@given(_CERTIFICATES, _REQUESTS, _ORDERS, _CHALLENGES)
def test_it_is_given_up_only_where_an_object_says_that_it_will_never_come_and_in_its_words(
    certificate: Any, requests: Any, orders: Any, challenges: Any
) -> None:
    seen = progress_of(certificate, requests, orders, challenges)
    states = {one.get("status", {}).get("state") for one in (*orders, *challenges)}
    refused = [
        one
        for live in (certificate, *requests)
        for one in _conditions(live)
        if (one["type"] in ("Denied", "InvalidRequest") and one["status"] == "True")
        or (one["status"] == "False" and one["reason"] == "Failed")
    ]
    if seen.held is False:
        assert states & {"invalid", "errored", "expired"} or refused
        assert "one: " in seen.said
    if states & {"invalid", "errored", "expired"}:
        assert seen.held is not None


@given(_CERTIFICATES, _REQUESTS, _ORDERS, _CHALLENGES)
def test_what_is_said_is_short(certificate: Any, requests: Any, orders: Any, challenges: Any) -> None:
    for live in (certificate, *requests):
        for one in _conditions(live):
            one["message"] = "long " * 1_000
    seen = progress_of(certificate, requests, orders, challenges)
    assert seen.held is True or len(seen.said) <= 400


def test_only_what_belongs_to_it_counts() -> None:
    mine, other = ({"metadata": {"ownerReferences": [{"name": name}]}} for name in ("mine", "other"))
    assert owned([mine, other, {"metadata": {}}], {"mine"}) == [mine]


def _request(*conditions: dict[str, str]) -> Any:
    return {"kind": "CertificateRequest", "metadata": {"name": "one"}, "status": {"conditions": [*conditions]}}


def test_a_request_that_was_approved_or_granted_or_not_looked_at_is_not_turned_down() -> None:
    approved = {"type": "Approved", "status": "True", "reason": "cert-manager.io"}
    assert not turned_down(_request())
    assert not turned_down(_request(approved))
    assert not turned_down(_request(approved, {"type": "Ready", "status": "True", "reason": "Issued"}))
    assert turned_down(_request(approved, {"type": "Ready", "status": "False", "reason": "Pending"}))
