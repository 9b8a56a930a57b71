"""IMG-1: the nodes of every zone can pull the images."""

from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, broken, failed, folded, passed, tried
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import API, Part, Verdict, in_zone
from kastellan.preflight.gate import BOTH
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.halves import Half, both
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.registries import covered
from kastellan.preflight.requirement import Requirement
from kastellan.preflight.zone_facts import Pull

_OUTCOMES = {True: Outcome.PASS, False: Outcome.FAIL, None: Outcome.UNKNOWN}


def _images(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    return both(
        Half(vantage=API, judge=lambda: _credential(facts)),
        Half(vantage="pods in every zone", judge=lambda: _pulled(facts, requirement)),
    )


def _credential(facts: Facts) -> Verdict:
    seen = tried(facts.pull_secret)
    if seen.problem:
        return failed(
            f"pull secret {seen.name}: {seen.problem}",
            "make it before: kubectl create secret docker-registry, in the installation's namespace",
        )
    missing = sorted(image for image in seen.images if not covered(image, seen.registries))
    if missing:
        return failed(
            f"pull secret {seen.name} has no credential for {', '.join(missing)} "
            f"(it has: {', '.join(seen.registries) or 'none'})",
            "add one for this registry, or name no pull secret where none is needed",
        )
    return passed(f"pull secret {seen.name} has credentials for {', '.join(seen.registries)}")


def _pulled(facts: Facts, requirement: Requirement) -> Verdict:
    seen = tried(facts.pulls)
    if seen.control.pulled:
        return broken(
            f"{seen.control.zone} says that it pulled {seen.control.image}, which cannot exist",
            "report it as a defect, with the node's container runtime and its registry mirrors",
        )
    parts = [_part(pull) for pull in seen.pulls]
    if seen.control.pulled is None:
        said = "its control, an image that cannot exist, was not refused in time"
        parts.append(Part(vantage=in_zone(seen.control.zone), outcome=Outcome.UNKNOWN, observed=said))
    if len({pull.zone for pull in seen.pulls}) < requirement.zones:
        said = f"seen from {len({pull.zone for pull in seen.pulls})} of {requirement.zones} zones only"
        parts.append(Part(vantage=API, outcome=Outcome.UNKNOWN, observed=said))
    return folded(
        parts,
        "let the nodes reach the registry or a mirror, with a pull secret where it asks for one (imagePullSecret)",
    )


def _part(pull: Pull) -> Part:
    name = pull.image.rpartition("/")[2].replace("@sha256:", "@")[:40]
    said = f"{name} {pull.said}" if pull.pulled else f"{pull.image}: {pull.said}"
    return Part(vantage=in_zone(pull.zone), outcome=_OUTCOMES[pull.pulled], observed=said)


IMG_1 = Check(
    id="IMG-1",
    title="every zone can pull the images",
    owner=Party.CUSTOMER,
    expected=lambda _: (
        "the pull secret covers the registry; a node of every zone pulls each image, and is refused one that cannot be"
    ),
    judge=_images,
    reads=("pulls", "pull_secret"),
    vantage="pods in every zone",
    gates=BOTH,
    guarantees=frozenset({Guarantee.ZONE_LOSS, Guarantee.MAINTENANCE}),
    version=2,
)
