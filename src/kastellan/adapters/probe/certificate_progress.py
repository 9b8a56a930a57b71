"""How far cert-manager has come with a Certificate, by what it wrote into the objects of the issuance; pure.

Sources: cert-manager.io, API reference (`CertificateStatus`, `CertificateRequestStatus`, `OrderStatus`,
`ChallengeStatus`), and "Troubleshooting": each object is owned by the one before it, and the last one knows why.
"""

from collections.abc import Collection, Sequence
from typing import Any

from kastellan.domain.kubernetes_object import Manifest
from kastellan.preflight.dialogue import Step

_ENDED = ("invalid", "errored", "expired")
"""States in which an order or a challenge stays (`acme.cert-manager.io`, `State`)."""
_LONGEST = 400


def owned(objects: Sequence[Manifest], owners: Collection[str]) -> list[Manifest]:
    """Those that belong to one of these names."""
    return [
        one for one in objects if {owner["name"] for owner in one["metadata"].get("ownerReferences", ())} & {*owners}
    ]


def progress_of(
    certificate: Manifest, requests: Sequence[Manifest], orders: Sequence[Manifest], challenges: Sequence[Manifest]
) -> Step:
    """The step that it stands at: `issue` held where it is ready, another one or none where it never will be.

    Only a `Ready` that was said of this very generation counts. `held` is None while it is under way; then `said` is
    what cert-manager wrote last, or nothing.

    Args:
        certificate: as it is.
        requests: its CertificateRequests.
        orders: of these; only an ACME issuer has any.
        challenges: of these.
    """
    ready = _condition(certificate, "Ready")
    if ready.get("status") == "True" and ready.get("observedGeneration") == certificate["metadata"]["generation"]:
        return Step(name="issue", held=True, said=_words(ready))
    ended = _ended(certificate, requests, orders, challenges)
    if ended is not None:
        return ended
    return Step(name="issue", held=None, said=_last_words(certificate, requests, orders, challenges))


def turned_down(request: Manifest) -> bool:
    """Whether a CertificateRequest was looked at and not granted; that it was approved says nothing of it."""
    return _condition(request, "Ready").get("status") == "False"


def _ended(
    certificate: Manifest, requests: Sequence[Manifest], orders: Sequence[Manifest], challenges: Sequence[Manifest]
) -> Step | None:
    """Why it never will be ready; the object that is furthest from the Certificate knows best."""
    for step, objects in (("challenge", challenges), ("order", orders)):
        for one in objects:
            if one.get("status", {}).get("state") in _ENDED:
                return Step(name=step, held=False, said=_stated(one))
    for one in requests:
        for step, kind in (("approval", "Denied"), ("request", "InvalidRequest")):
            if (refusal := _condition(one, kind)).get("status") == "True":
                return Step(name=step, held=False, said=_told(one, _words(refusal)))
        if _failed(ready := _condition(one, "Ready")):
            return Step(name="issue", held=False, said=_told(one, _words(ready)))
    if _failed(issuing := _condition(certificate, "Issuing")):
        return Step(name="issue", held=False, said=_told(certificate, _words(issuing)))
    return None


def _last_words(
    certificate: Manifest, requests: Sequence[Manifest], orders: Sequence[Manifest], challenges: Sequence[Manifest]
) -> str:
    stated = [_stated(one) for one in (*challenges, *orders) if one.get("status", {}).get("state")]
    asked = [_told(one, words) for one in requests if (words := _words(_condition(one, "Ready")))]
    whole = [
        _told(certificate, words) for kind in ("Issuing", "Ready") if (words := _words(_condition(certificate, kind)))
    ]
    return next(iter([*stated, *asked, *whole]), "")


def _failed(condition: Manifest) -> bool:
    return condition.get("status") == "False" and condition.get("reason") == "Failed"


def _condition(live: Manifest, kind: str) -> Manifest:
    conditions = live.get("status", {}).get("conditions") or ()
    return next((one for one in conditions if one["type"] == kind), {})


def _stated(one: Manifest) -> str:
    status: dict[str, Any] = one["status"]
    words = f"{status['state']} {status.get('reason', '')}"
    return _told(one, f"{one['spec']['type']} {words}" if one["kind"] == "Challenge" else words)


def _words(condition: Manifest) -> str:
    return f"{condition.get('reason', '')} {condition.get('message', '')}".strip()[:_LONGEST]


def _told(one: Manifest, words: str) -> str:
    return " ".join(f"{one['kind']} {one['metadata']['name']}: {words}".split())[:_LONGEST]
