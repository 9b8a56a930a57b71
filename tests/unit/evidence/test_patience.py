"""What fails again and again is a verdict within the time of a run, and not an answer that never came."""

import pytest

from kastellan.adapters.evidence.preflight_run import judged, patient, survey
from kastellan.domain.errors import DeadlineExceededError, ServerFaultError
from kastellan.domain.installation import Routing, RoutingKind
from kastellan.domain.kubernetes_object import Manifest
from kastellan.domain.party import Party
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


class SilentWebhook(PlatformCluster):
    """Its webhook takes connections and says nothing, for longer than a call may take (30 s, as the chart sets it)."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    def create(self, path: str, body: Manifest, *, dry_run: bool = False) -> Manifest:
        if body.get("kind") == "Certificate":
            self._clock.sleep(ANSWER_SECONDS)
            raise DeadlineExceededError(f"creating Certificate: no answer within {ANSWER_SECONDS:g} s")
        return super().create(path, body, dry_run=dry_run)


def test_a_webhook_that_is_silent_is_named_in_time_and_leaves_it_unknown() -> None:
    clock = FakeClock()
    only = Selection(only=frozenset({"TLS-2"}))
    seen = survey(
        patient(SilentWebhook(clock), clock, FakeProgress()), None, _OF, render(_OF, secrets()),
        target="here", selection=only, clock=clock, progress=FakeProgress(),
    )  # fmt: skip
    found = judged(seen, clock, selection=only)
    row = next(row for row in found.findings if row.check == "TLS-2")
    assert (row.outcome, row.owner) == (Outcome.UNKNOWN, Party.CUSTOMER)
    assert "an admission webhook that is silent: as a rule cert-manager's own" in row.observed
    assert "see why the webhook is silent" in row.remediation
    assert row.executed, "it was looked at, so it stops an installation"
    assert clock.slept < READING_SECONDS
