"""VER-1: the version of Kubernetes is tested and supported."""

from datetime import date, timedelta

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, failed, known, passed, warned
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import Measure, Verdict
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.requirement import Requirement
from kastellan.preflight.support_matrix import AS_OF, KUBERNETES, NOTICE_DAYS
from kastellan.preflight.version_number import minor_of


def _matrix(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    version = known(facts.server_version)
    ends = KUBERNETES.get(minor_of(version))
    supported = ", ".join(f"{major}.{minor}" for major, minor in KUBERNETES)
    if ends is None and minor_of(version) > max(KUBERNETES):
        return failed(
            f"{version} is newer than every tested version (matrix of {AS_OF})",
            "test kastellan with this version and add it to the matrix",
            owner=Party.VENDOR,
        )
    if ends is None:
        return failed(f"{version} is not among the tested versions", f"bring the cluster to one of {supported}")
    left = Measure(value=(ends - today).days, unit="days of support", limit=0)
    if ends < today:
        upgrade = f"upgrade the cluster to one of {supported}"
        return failed(f"support of {version} ended on {ends}", upgrade, measure=left)
    if ends < today + timedelta(days=NOTICE_DAYS):
        return warned(f"support of {version} ends on {ends}", "plan the cluster's upgrade before that day", left)
    return passed(f"{version}, supported until {ends}", left)


VER_1 = Check(
    id="VER-1",
    title="Kubernetes version is tested and supported",
    owner=Party.CUSTOMER,
    expected=lambda _: "one of " + ", ".join(f"{major}.{minor}" for major, minor in KUBERNETES),
    judge=_matrix,
    reads=("server_version",),
    guarantees=frozenset({Guarantee.MAINTENANCE}),
)
