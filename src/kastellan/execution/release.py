"""Bringing an installation to a release: one ordered, resumable procedure for `pulumi up` by hand and for the runner.

The procedure holds no state of its own. Every step looks at the cluster before it acts, so that a run that was killed
at any point is finished by the next one.
"""

from kastellan.domain.installation import Installation
from kastellan.domain.release_record import ReleaseRecord
from kastellan.execution.budgets import Budgets
from kastellan.planning.desired_release import DesiredRelease
from kastellan.planning.drift import Drift
from kastellan.planning.object_change import ObjectChange
from kastellan.ports.clock import Clock
from kastellan.ports.cluster import Cluster
from kastellan.ports.progress import Progress


class ReleaseProcedure:
    """Brings, previews, compares and removes one installation on one cluster.

    Args:
        cluster: wrap it in the retry decorator: the procedure itself repeats nothing.
        clock: time and waiting.
        progress: told at least every `budgets.report` seconds while the procedure waits.
        budgets: how long to wait before calling a person.
    """

    def __init__(self, cluster: Cluster, clock: Clock, progress: Progress, *, budgets: Budgets | None = None) -> None:
        self._cluster = cluster
        self._clock = clock
        self._progress = progress
        self._budgets = budgets or Budgets()

    def preview(self, desired: DesiredRelease) -> tuple[ObjectChange, ...]:
        """What `bring` would do, object by object, by the API server's own dry run; changes nothing.

        Objects of a namespace that does not exist yet are shown as created. An object that the server would refuse has
        the reasons in `rejections`: nothing is raised for it, so that all are seen at once.

        Raises:
            TemporaryError, UnauthenticatedError, ForbiddenError, UntrustedError: the cluster cannot be asked.
        """
        raise NotImplementedError

    def bring(self, desired: DesiredRelease) -> ReleaseRecord:
        """Bring the installation to the desired release, or finish what an earlier run began. Idempotent.

        Raises:
            BlockedError: refused before anything was changed; carries every reason.
            StepFailedError: a step ended in failure; the message says what still serves and who has to act.
            StuckError: a step neither ends nor fails within its budget; it was left as it is.
            KastellanError: whatever the port raises, after the retry decorator's budget.
        """
        raise NotImplementedError

    def drift(self, desired: DesiredRelease) -> tuple[Drift, ...]:
        """What somebody else changed since `desired` was brought, with who and when; empty where nothing differs.

        Raises:
            KastellanError: the cluster cannot be asked; an empty answer always means that it was.
        """
        raise NotImplementedError

    def remove(self, installation: Installation) -> None:
        """Remove every object of the installation in order, the namespace last; the database is kept. Idempotent.

        Raises:
            StuckError: an object does not go away; the message names it and its finalizers.
        """
        raise NotImplementedError
