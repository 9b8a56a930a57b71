"""A restore drill: takes the newest restore point, or makes one, and tries whether everything comes back (DI-7)."""

from datetime import datetime

from kastellan.domain.errors import StepFailedError
from kastellan.domain.restore_point import Drill, RestorePoint
from kastellan.domain.version import Version
from kastellan.ports.clock import Clock
from kastellan.ports.restore_points import RestorePoints


def drill(points: RestorePoints, clock: Clock, *, fresh: bool = False, version: Version | None = None) -> Drill:
    """Run a drill; a restore that fails is a result, and no error.

    Args:
        points: of the installation.
        clock: for the instant of the drill.
        fresh: whether to make a new restore point, though there is one.
        version: release of ZITADEL that a new one belongs to.

    Raises:
        KastellanError: nothing can be said, because a server or a storage gives no answer, or something is missing.
    """
    began = clock.now().replace(microsecond=0)
    found = points.list()
    point = found[0] if found and not fresh else _made(points, began, version)
    age = began - found[0].at if found else None
    try:
        restored = points.drill(point)
    except StepFailedError as failure:
        evidence = f" ({failure.evidence.splitlines()[0]})" if failure.evidence else ""
        return Drill(began=began, point=point, problem=failure.message + evidence, age=age)
    return Drill(began=began, point=point, restored=restored, age=age)


def _made(points: RestorePoints, began: datetime, version: Version | None) -> RestorePoint:
    return points.make(f"drill-{began:%Y%m%dT%H%M%SZ}", began, version=version)
