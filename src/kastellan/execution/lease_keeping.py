"""Gets the lease of an installation and keeps it while a run goes on.

Whoever holds it is believed to live as long as it is renewed. A holder who is known to be dead is followed at once; of
any other the lease is taken when it was not renewed for `TAKEOVER_SECONDS` of our own steady clock, so that no step of
anybody's clock makes two workers of one.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from kastellan.domain.errors import BlockedError, KastellanError, LeaseLostError
from kastellan.domain.ledger import utc_text
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.ports.clock import Clock
from kastellan.ports.lease import Lease, Leases, LeaseState
from kastellan.ports.progress import Progress
from kastellan.ports.worker import Worker

TAKEOVER_SECONDS = 90.0
"""A lease that was not renewed for so long is taken over: six renewals, so that a busy machine loses none."""
RENEWAL_SECONDS = 15.0
_LOOK_SECONDS = 3.0


class KeptLease:
    """A lease that is renewed in the background until it is given back.

    Attributes:
        lease: for the fence.
    """

    def __init__(self, leases: Leases, lease: Lease, *, renewal_seconds: float) -> None:
        self.lease = lease
        self._leases = leases
        self._seconds = renewal_seconds
        self._ended = threading.Event()
        self._lost = threading.Event()

    @property
    def lost(self) -> bool:
        """Whether somebody else has it: a hint to stop early; what really stops a worker is the fence."""
        return self._lost.is_set()

    def keep(self) -> None:
        """Renew until `end`; a store that gives no answer is asked again."""
        while not self._ended.wait(self._seconds):
            try:
                self._leases.renew(self.lease)
            except LeaseLostError:
                self._lost.set()
                return
            except KastellanError:
                continue

    def end(self) -> None:
        """Stop renewing."""
        self._ended.set()


@contextmanager
def kept_lease(
    leases: Leases,
    installation: str,
    worker: Worker,
    clock: Clock,
    progress: Progress,
    *,
    renewal_seconds: float = RENEWAL_SECONDS,
) -> Iterator[KeptLease]:
    """The lease of an installation, for as long as the block lasts.

    Raises:
        BlockedError: somebody else is at work; the reason (`run-in-progress`) says who, since when.
    """
    lease = _taken(leases, installation, worker, clock, progress)
    kept = KeptLease(leases, lease, renewal_seconds=renewal_seconds)
    thread = threading.Thread(target=kept.keep, name=f"lease of {installation}", daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        kept.end()
        thread.join()
        _give_back(leases, lease, progress)


def _give_back(leases: Leases, lease: Lease, progress: Progress) -> None:
    """A courtesy to whoever comes next: what was done under the lease is on record, and stays so without it."""
    try:
        leases.release(lease)
    except KastellanError as problem:
        progress.report("lease", f"not given back, so that others wait for {TAKEOVER_SECONDS:.0f} s: {problem.message}")


def _taken(leases: Leases, installation: str, worker: Worker, clock: Clock, progress: Progress) -> Lease:
    watched: LeaseState | None = None
    began = clock.monotonic()
    while True:
        seen = leases.look(installation)
        if seen is None or not seen.holder or worker.is_dead(seen.holder) or _is_stale(seen, watched, clock, began):
            lease = leases.take(installation, worker.name, seen=seen, now=clock.now())
            if lease is not None:
                return lease
            watched, began = None, clock.monotonic()
            continue
        if watched is not None and seen != watched:
            raise BlockedError(f"{installation} is being worked on", [_in_progress(seen)])
        watched = seen
        left = TAKEOVER_SECONDS - (clock.monotonic() - began)
        progress.report("lease", f"held by {seen.holder}; taken over in {left:.0f} s unless it is renewed")
        clock.sleep(_LOOK_SECONDS)


def _is_stale(seen: LeaseState, watched: LeaseState | None, clock: Clock, began: float) -> bool:
    return seen == watched and clock.monotonic() - began >= TAKEOVER_SECONDS


def _in_progress(seen: LeaseState) -> Reason:
    return Reason(
        code="run-in-progress",
        message=f"{seen.holder} has been at work on {seen.installation} since {utc_text(seen.taken_at)}",
        owner=Party.VENDOR,
        remediation="wait until it has ended; `kastellan runs` shows how far it is",
    )
