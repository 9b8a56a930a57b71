"""How far a release has come in a fleet, from the journal of runs alone; and what may begin of it next."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kastellan.domain.fleet import Fleet
from kastellan.domain.history import Verdict
from kastellan.domain.ledger import utc_text
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.run_brief import RunBrief
from kastellan.domain.version import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Why nothing more begins yet, and until when; the instant is None where it hangs on something else."""

    reason: Reason
    until: datetime | None = None


class Rollout:
    """One release in one fleet.

    Attributes:
        version: the release.
        reached: who took a place in a wave, in order: whose run was begun, and did not end before it changed anything.
        ends: how many are reached at the end of each wave.
    """

    def __init__(
        self,
        fleet: Fleet,
        version: Version,
        *,
        members: Collection[str],
        runs: Sequence[RunBrief],
        installed: Mapping[str, Version],
        looked_at: datetime | None,
    ) -> None:
        """Read the journal.

        Args:
            fleet: its rules.
            version: the release.
            members: names of all installations of the fleet.
            runs: of the fleet, in any order.
            installed: versions that the canaries are known to run.
            looked_at: an instant up to which a person has looked at every failure (UTC); None for nobody did.
        """
        self._fleet = fleet
        self._installed = installed
        self.version = version
        self._canary = fleet.canary  # also those whose file is broken: they hold everybody up until it is mended
        ours = sorted((run for run in runs if run.version == version), key=lambda run: (run.planned_at, run.id))
        brought = [run for run in ours if run.migrates]
        self._last = {run.installation: run for run in brought}
        others = [run for run in brought if run.installation not in self._canary and not run.blocked]
        self.reached = list(dict.fromkeys(run.installation for run in others))
        self.ends = fleet.ends_of_waves(len(set(members).difference(self._canary)))
        latest = {run.installation: run for run in ours}
        self._failures = [run for run in latest.values() if self._counts(run, looked_at)]

    def is_canary(self, installation: str) -> bool:
        """Whether the release reaches it before anybody else."""
        return installation in self._canary

    def last(self, installation: str) -> RunBrief | None:
        """The last run that was to bring the release to an installation."""
        return self._last.get(installation)

    def wave_of(self, place: int) -> int:
        """The wave of the installation that is reached at a place, both counted from 0."""
        return next((wave for wave, end in enumerate(self.ends) if place < end), len(self.ends) - 1)

    def wave_names(self, index: int) -> tuple[str, ...]:
        """Who took a place in a wave."""
        return tuple(name for place, name in enumerate(self.reached) if self.wave_of(place) == index)

    def take(self, installation: str) -> None:
        """Take the next place, for one that begins now."""
        if installation not in self.reached and not self.is_canary(installation):
            self.reached.append(installation)

    def stopped(self) -> Gate | None:
        """Why nothing of the release begins any more; None while it goes on."""
        if len(self._failures) < self._fleet.stop_after:
            return None
        told = "; ".join(f"{run.id}: {run.closed.reason}" for run in self._failures if run.closed)
        return Gate(
            reason=_reason(
                "fleet-stopped",
                f"the rollout of {self.version} has stopped after {told}",
                "find out why; then run it again with --again, or name the run in the fleet file under `explained`",
            )
        )

    def before_wave(self, index: int, now: datetime, *, emergency: bool) -> Gate | None:
        """What has to end, or to soak, before a wave begins; None where it may."""
        if index == 0:
            return self._canary_gate(now, emergency=emergency)
        before = [self._last[name] for name in self.wave_names(index - 1) if name in self._last]
        running = [run.installation for run in before if run.closed is None]
        if running or len(before) < len(self.wave_names(index - 1)):
            return Gate(
                reason=_reason(
                    "wave-not-ended",
                    f"wave {index} of {self.version} has not ended: {', '.join(running) or 'it begins just now'}",
                    "wait; `kastellan runs` shows how far they are",
                )
            )
        return self._soaking(f"wave {index}", before, index - 1, now, emergency=emergency)

    def _canary_gate(self, now: datetime, *, emergency: bool) -> Gate | None:
        if not self._canary:
            return None
        waiting = [name for name in self._canary if not self._is_settled(name)]
        proven = [name for name in self._canary if self._has_proven(name)]
        if waiting or not proven:
            what = f"waits for {', '.join(waiting)}" if waiting else "has been passed by none of its installations"
            return Gate(
                reason=_reason(
                    "canary-first",
                    f"the canary of {self.version} {what}",
                    "`kastellan plan` says of each what it waits for; the fleet file names the canary",
                )
            )
        runs = [self._last[name] for name in self._canary if name in self._last]
        return self._soaking("the canary", runs, None, now, emergency=emergency)

    def _soaking(
        self, who: str, runs: Sequence[RunBrief], index: int | None, now: datetime, *, emergency: bool
    ) -> Gate | None:
        ended = max((run.closed.at for run in runs if run.closed and not run.blocked), default=None)
        if ended is None:
            return None
        until = ended + self._fleet.soak_after(index, emergency=emergency)
        if now >= until:
            return None
        message = f"{who} has run {self.version} since {utc_text(ended)}, and soaks until {utc_text(until)}"
        return Gate(reason=_reason("soaking", message, "wait"), until=until)

    def _has_proven(self, name: str) -> bool:
        last, installed = self._last.get(name), self._installed.get(name)
        return (last is not None and last.passed) or (installed is not None and installed >= self.version)

    def _is_settled(self, name: str) -> bool:
        """Whether nothing is to be expected of a canary any more."""
        if self._has_proven(name):
            return True
        closed = self._last[name].closed if name in self._last else None
        if closed is None:
            return False
        return closed.verdict is not Verdict.BLOCKED or closed.attribution is Party.CUSTOMER

    def _counts(self, run: RunBrief, looked_at: datetime | None) -> bool:
        if not run.unexplained or run.id in self._fleet.explained or run.closed is None:
            return False
        return looked_at is None or run.closed.at > looked_at


def _reason(code: str, message: str, remediation: str) -> Reason:
    return Reason(code=code, message=message, owner=Party.VENDOR, remediation=remediation, clause="MU-2")
