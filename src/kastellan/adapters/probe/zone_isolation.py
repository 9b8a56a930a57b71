"""NET-3: whether network policies do anything. Objects are accepted and ignored where no CNI enforces them."""

from kastellan.adapters.probe.zone_run import ZoneRun
from kastellan.manifests import probes
from kastellan.preflight.time_limits import JOB_SECONDS
from kastellan.preflight.zone_facts import Isolation, Phase

_SURE = 3
"""Attempts in a row that must agree, so that one lost packet is no policy."""
_LINES = 12
_POLICIES = (
    ("ingress denied", "server", "Ingress", False),
    ("ingress allowed", "server", "Ingress", True),
    ("egress denied", "watch", "Egress", False),
    ("egress allowed", "watch", "Egress", True),
)


def isolation(run: ZoneRun) -> Isolation:
    """Watch a server from every zone while policies deny and allow, up to the first phase that is not right."""
    service, server = (run.cluster.apply(manifest) for manifest in probes.server(run.site))
    address = service["spec"]["clusterIP"]
    run.until(JOB_SECONDS, lambda: _running(run, server["metadata"]["name"]), doing="starting the server")
    for number in range(len(run.site.vantages)):
        run.cluster.apply(probes.watch_job(run.site, number, address))
    phases = [_settled(run, "baseline", reachable=True, seconds=JOB_SECONDS)]
    for name, component, direction, allowed in _POLICIES:
        if phases[-1].others:
            break
        run.cluster.apply(probes.policy(run.site, component, direction, allowed=allowed))
        phases.append(_settled(run, name, reachable=allowed, seconds=run.settle_seconds))
    return Isolation(phases=tuple(phases))


def _running(run: ZoneRun, job: str) -> bool | None:
    pod = run.pod_of(job)
    return True if pod and pod.get("status", {}).get("phase") == "Running" else None


def _settled(run: ZoneRun, name: str, *, reachable: bool, seconds: float) -> Phase:
    since = [_last(run, number) for number in range(len(run.site.vantages))]
    began = run.waiting.clock.monotonic()
    waiting = set(range(len(since)))

    def look() -> bool | None:
        for number in sorted(waiting):
            later = [line for line in run.answers(f"watch-{number}", lines=_LINES) if line["attempt"] > since[number]]
            newest = [line["reachable"] for line in later[-_SURE:]]
            if newest == [reachable] * _SURE:
                waiting.discard(number)
        return None if waiting else True

    run.until(seconds, look, doing=f"{name}: waiting for every zone")
    zones = [vantage.zone for vantage in run.site.vantages]
    return Phase(
        name=name,
        reachable=reachable,
        zones=tuple(zone for number, zone in enumerate(zones) if number not in waiting),
        others=tuple(zone for number, zone in enumerate(zones) if number in waiting),
        milliseconds=round((run.waiting.clock.monotonic() - began) * 1000),
    )


def _last(run: ZoneRun, number: int) -> int:
    return max((int(line["attempt"]) for line in run.answers(f"watch-{number}", lines=1)), default=-1)
