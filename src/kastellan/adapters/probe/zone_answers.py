"""CLK-1, NET-4, PG-6: one pod in every zone is asked, all at the same time."""

from typing import Any

from kastellan.adapters.probe.zone_run import ZoneRun
from kastellan.domain.probing import Destination, Probing
from kastellan.manifests import probes
from kastellan.preflight.time_limits import JOB_SECONDS
from kastellan.preflight.zone_facts import DatabaseSeen, Percentiles, Reached, Skew, Way, ZoneAnswer

_FAMILIES = {"ip4": "IPv4", "ip6": "IPv6"}


def zone_answers(run: ZoneRun, probing: Probing) -> tuple[ZoneAnswer, ...]:
    """Ask from every vantage."""
    run.cluster.apply(probes.questions(run.site))
    return tuple(run.together(*(lambda n=number: _answer(run, n, probing) for number in range(len(run.site.vantages)))))


def _answer(run: ZoneRun, number: int, probing: Probing) -> ZoneAnswer:
    vantage, name = run.site.vantages[number], f"ask-{number}"
    with_password = bool(run.site.questions.get("database"))
    job = run.cluster.apply(probes.ask_job(run.site, number, suspended=with_password))
    if with_password:
        run.cluster.apply(probes.password_secret(run.site, job, run.password))
        run.cluster.apply(probes.ask_job(run.site, number, suspended=False))
    ended = run.until(JOB_SECONDS, lambda: run.ended(name), doing=f"asking from {vantage.zone}")
    found = run.answers(name)
    if not found:
        return ZoneAnswer(zone=vantage.zone, node=vantage.node, problem=_why(run, name, ended))
    said = found[-1]
    asked = (*probing.destinations, *probing.controls)
    reached = [_reached(to, seen) for to, seen in zip(asked, said["destinations"], strict=True)]
    wanted = len(probing.destinations)
    return ZoneAnswer(
        zone=vantage.zone,
        node=str(said.get("node") or vantage.node),
        api=_skew(said.get("api")),
        database=_database(said["database"]) if said.get("database") else None,
        destinations=tuple(reached[:wanted]),
        controls=tuple(reached[wanted:]),
    )


def _reached(to: Destination, seen: dict[str, Any]) -> Reached:
    ways = tuple(
        Way(
            family=_FAMILIES[way["family"]],
            step=way["step"],
            problem=way["problem"],
            absent=way["absent"],
            issuer=way["issuer"],
            status=way["status"],
        )
        for way in seen["ways"]
    )
    return Reached(destination=str(to), expected_issuer=to.issuer, ways=ways)


def _why(run: ZoneRun, name: str, ended: bool | None) -> str:
    if ended is None:
        pod = run.pod_of(name)
        event = run.event(pod["metadata"]["name"] if pod else name)
        return f"no answer within {JOB_SECONDS:g} s{f': {event}' if event else ''}"
    return f"its Job {'succeeded' if ended else 'failed'} without an answer of this run"


def _skew(said: dict[str, Any] | None) -> Skew | None:
    if said is None:
        return None
    if said.get("problem"):
        return Skew(problem=said["problem"])
    control = said.get("control") or {"problem": "none"}
    told = None if control.get("problem") else (control["lowMs"], control["highMs"])
    return Skew(low=said["lowMs"], high=said["highMs"], control=told)


def _database(said: dict[str, Any]) -> DatabaseSeen:
    return DatabaseSeen(
        problem=said["problem"],
        refused=said["refused"],
        clock=_skew(said.get("clock")),
        held=said.get("heldUs"),
        reads=_percentiles(said.get("reads")),
        writes=_percentiles(said.get("writes")),
    )


def _percentiles(said: dict[str, int] | None) -> Percentiles | None:
    return Percentiles(p50=said["p50Us"], p95=said["p95Us"], p99=said["p99Us"]) if said else None
