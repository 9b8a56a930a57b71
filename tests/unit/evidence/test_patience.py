"""What fails again and again is a verdict within the time of a run, and not an answer that never came."""

import pytest

from kastellan.adapters.evidence.preflight_run import judged, patient, survey
from kastellan.domain.errors import ServerFaultError
from kastellan.domain.installation import Routing, RoutingKind
from kastellan.domain.kubernetes_object import Manifest
from kastellan.manifests.release import render
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.selection import Selection
from kastellan.preflight.time_limits import ANSWER_SECONDS, READING_SECONDS
from tests.builders import installation, secrets
from tests.fakes.clock import FakeClock
from tests.fakes.platform_cluster import PlatformCluster
from tests.fakes.progress import FakeProgress

_OF = installation(routing=Routing(kind=RoutingKind.INGRESS, class_name="web", tls_secret="tls"))
DEAD = 'failed calling webhook "webhook.cert-manager.io": connect: connection refused'


class WithoutWebhook(PlatformCluster):
    """Its cert-manager is there, and its webhook is not; the API server says so after a while."""

    def __init__(self, clock: FakeClock, says_after: float) -> None:
        super().__init__()
        self._clock, self._says_after = clock, says_after

    def create(self, path: str, body: Manifest, *, dry_run: bool = False) -> Manifest:
        if body.get("kind") == "Certificate":
            self._clock.sleep(self._says_after)
            raise ServerFaultError(DEAD)
        return super().create(path, body, dry_run=dry_run)


@pytest.mark.parametrize("says_after", [0.0, 1.0, ANSWER_SECONDS])
def test_a_webhook_that_stays_away_fails_in_time_however_late_the_server_says_so(says_after: float) -> None:
    clock = FakeClock()
    only = Selection(only=frozenset({"TLS-2"}))
    seen = survey(
        patient(WithoutWebhook(clock, says_after), clock, FakeProgress()), None, _OF, render(_OF, secrets()),
        target="here", selection=only, clock=clock, progress=FakeProgress(),
    )  # fmt: skip
    row = next(row for row in judged(seen, clock, selection=only).findings if row.check == "TLS-2")
    assert row.outcome is Outcome.FAIL, row.observed
    assert DEAD in row.observed
    assert clock.slept < READING_SECONDS
