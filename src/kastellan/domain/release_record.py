"""What a release procedure brought about: the evidence that is stored in Pulumi's state and in the ledger."""

from dataclasses import dataclass
from datetime import datetime

from kastellan.domain.kubernetes_object import ObjectRef
from kastellan.domain.version import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class BroughtObject:
    """An object as it stands after the procedure; the uid tells a re-created one from the same one."""

    ref: ObjectRef
    uid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTiming:
    """How long a step took.

    Attributes:
        step: stable name of the step.
        seconds: wall time spent in it by this run; 0.0 where it was done already.
        done_already: whether the step found nothing to do.
    """

    step: str
    seconds: float
    done_already: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRecord:
    """One successful run of the procedure.

    Attributes:
        version: the release that serves now.
        started: when the run began, in UTC.
        finished: when it was verified, in UTC.
        objects: every object of the installation.
        zones: zones with a ready API pod, sorted (DI-2).
        timings: one entry a step, in order.
        jobs: names of the init and setup jobs that this release rests on.
    """

    version: Version
    started: datetime
    finished: datetime
    objects: tuple[BroughtObject, ...]
    zones: tuple[str, ...]
    timings: tuple[StepTiming, ...]
    jobs: tuple[str, ...]
