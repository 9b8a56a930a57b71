"""The gate inside `pulumi up`: what is wrong stops it with its own reason, however long the cluster takes to say so."""

from pathlib import Path

import pytest

from kastellan.domain.errors import BlockedError
from kastellan.preflight.time_limits import READING_SECONDS
from kastellan.provider import resource
from kastellan.provider.engine_log import EngineLog
from kastellan.provider.prerequisites_resource import PrerequisitesResource
from kastellan.provider.resource import Context
from tests.fakes.clock import FakeClock
from tests.unit.evidence.test_patience import DEAD, WithoutWebhook
from tests.unit.provider.test_provider import configuration


def test_a_dead_webhook_of_cert_manager_stops_the_update_as_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: installation\n")
    clock = FakeClock()
    monkeypatch.setattr(resource, "connect", lambda *_, **__: WithoutWebhook(clock, says_after=1.0))
    context = Context(clock=clock, log=EngineLog("", "urn", clock), folder=tmp_path)
    asked = configuration(
        routing={"kind": "ingress", "className": "web", "controllerNamespace": "ingress", "tlsSecret": "tls"}
    )
    asked["database"] |= {"host": "127.0.0.1", "port": 1}
    with pytest.raises(BlockedError) as refused:
        PrerequisitesResource().bring(context, {}, {"name": "acme", "configuration": asked})
    reasons = {reason.path: reason for reason in refused.value.reasons}
    assert reasons["TLS-2"].code == "preflight-fail", reasons["TLS-2"]
    assert DEAD in reasons["TLS-2"].message
    assert clock.slept < READING_SECONDS, "a slower clock would have ended the run before"
