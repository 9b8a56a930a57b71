"""The probes in the cluster, against a fake that runs them: what they see, what they put there, what they leave."""

import copy
import threading
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import yaml

from kastellan.adapters.evidence.collection import collect
from kastellan.adapters.evidence.preflight_run import survey
from kastellan.adapters.postgres.session import DatabaseAccess
from kastellan.adapters.probe.host_probes import ProbeAccess
from kastellan.adapters.probe.zone_probes import GROUPS, is_simulated, site_of, vantages_of, zone_collectors
from kastellan.domain.image import Image
from kastellan.domain.kubernetes_object import ObjectRef
from kastellan.domain.probing import Destination, Probing
from kastellan.manifests.probe_site import kept_namespace, namespace_name
from kastellan.manifests.probes import everything
from kastellan.manifests.release import render
from kastellan.planning.probe_rights import kept_probe_rights, probe_rights
from kastellan.planning.rights import Right
from kastellan.preflight.catalogue import CHECKS
from kastellan.preflight.facts import LEFT_OUT, Facts
from kastellan.preflight.finding import Finding
from kastellan.preflight.gate import Gate
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.probe_facts import NotProbed
from kastellan.preflight.selection import Selection
from kastellan.preflight.time_limits import BREAKING_OFF_SECONDS, GONE_SECONDS
from tests.builders import installation, secrets
from tests.fakes.clock import FakeClock
from tests.fakes.probed_cluster import ZONES, ProbedCluster, real_node
from tests.fakes.progress import FakeProgress
from tests.unit.preflight import platforms
from tests.unit.preflight.platforms import requirement

IMAGE = Image("registry.example/kastellan/probe", "sha256:" + "a" * 64)
PASSWORD = "secret-of-the-role"
DATABASE = DatabaseAccess(host="db", port=5432, name="zitadel", user="zitadel", password=PASSWORD, ca="CA")
PROBING = Probing(image=IMAGE, storage_class="fast", egress=(Destination(host="idp.example", issuer="R11"),))
OF = installation(name="acme")
IMAGES = (OF.images.zitadel, OF.images.login)
NAMESPACE = namespace_name(OF)
LABELS = {"app.kubernetes.io/managed-by": "kastellan", "app.kubernetes.io/name": "kastellan-probe"}
HOME = ObjectRef("v1", "Namespace", "", NAMESPACE)


def _clock(low: int, high: int, *, seen_as: int = 3_600_000) -> dict[str, Any]:
    control = {"lowMs": low + seen_as, "highMs": high + seen_as, "problem": ""}
    return {"lowMs": low, "highMs": high, "problem": "", "control": control}


MEASURED = {
    "problem": "", "refused": False, "clock": _clock(-1, 1), "heldUs": 50_400, "writeProblem": "",
    "reads": {"p50Us": 900, "p95Us": 1400, "p99Us": 3000}, "writes": {"p50Us": 2000, "p95Us": 4100, "p99Us": 9000},
}  # fmt: skip
NOWHERE = {"family": "ip4", "step": "dns", "problem": "no such host", "absent": True, "issuer": "", "status": 0}
CONTROL = {"host": "kastellan-control.invalid", "port": 443, "ways": [NOWHERE]}
WAY = {
    "family": "ip4",
    "step": "http",
    "problem": "",
    "absent": False,
    "issuer": "CN=R11,O=Let's Encrypt",
    "status": 200,
}


def _reached(*ways: dict[str, Any]) -> dict[str, Any]:
    return {"host": "idp.example", "port": 443, "ways": [WAY | way for way in ways or ({},)]}


def _destinations(*ways: dict[str, Any], **change: Any) -> dict[str, Any]:
    return {"destinations": [_reached(*(ways or (change,))), CONTROL]}


CHECKED = {check.id: check for check in CHECKS if set(check.reads) & set(GROUPS)}


@pytest.fixture
def cluster() -> ProbedCluster:
    made = ProbedCluster()
    assert made.answer
    made.answer |= {"database": MEASURED, "destinations": [_reached(), CONTROL]}
    return made


def _facts(cluster: ProbedCluster, **access: Any) -> Facts:
    allowed = ProbeAccess(**{"probing": PROBING, "allowed": True, "images": IMAGES, **access})
    clock = FakeClock(datetime(2026, 11, 24, tzinfo=UTC))
    collectors = zone_collectors(cluster, OF, allowed, DATABASE, clock, FakeProgress())
    found = collect(collectors, clock, FakeProgress()).facts
    return replace(
        platforms.facts(), **{name: getattr(found, name) for name in GROUPS}
    )  # the rest is as on a good platform


def _finding(check: str, facts: Facts) -> Finding:
    return CHECKED[check].run(facts, requirement(), date(2026, 11, 24))


def _outcomes(facts: Facts) -> dict[str, Outcome]:
    return {name: _finding(name, facts).outcome for name in CHECKED}


def test_a_good_cluster_passes_every_probe_from_every_zone_and_nothing_is_left(cluster: ProbedCluster) -> None:
    facts = _facts(cluster)
    assert _outcomes(facts) == dict.fromkeys(("NET-3", "NET-4", "PG-6", "CLK-1", "IMG-1", "STO-1"), Outcome.PASS)
    assert _finding("PG-6", facts).vantage == "pod@zone-a, pod@zone-b, pod@zone-c"
    assert [ref for ref in cluster.objects if ref.namespace == NAMESPACE or ref == HOME] == []


def test_a_whole_survey_lets_probes_see_what_changes_while_they_wait(cluster: ProbedCluster) -> None:
    """The survey remembers what it read; probes act and wait, so they must not be given what was read before."""
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": LABELS}})
    seen = survey(
        cluster, None, OF, render(OF, secrets()), target="here", clock=FakeClock(), progress=FakeProgress(),
        gate=Gate.INSTALL, plan=None, selection=Selection(only=frozenset({"NET-3", "CLK-1"})),
        probes=ProbeAccess(probing=PROBING, allowed=True, images=IMAGES),
    )  # fmt: skip
    assert {name: _finding(name, seen.facts).outcome for name in ("NET-3", "CLK-1")} == {
        "NET-3": Outcome.PASS, "CLK-1": Outcome.PASS,
    }  # fmt: skip


def test_policies_that_nobody_enforces_fail(cluster: ProbedCluster) -> None:
    cluster.enforced = set()
    finding = _finding("NET-3", _facts(cluster))
    assert finding.outcome is Outcome.FAIL
    assert "ingress denied: the server is still reached from zone-a, zone-b, zone-c" in finding.observed


def test_policies_of_one_direction_alone_fail(cluster: ProbedCluster) -> None:
    cluster.enforced = {"Ingress"}
    finding = _finding("NET-3", _facts(cluster))
    assert finding.outcome is Outcome.FAIL
    assert "egress denied" in finding.observed


def test_without_a_baseline_blocking_proves_nothing(cluster: ProbedCluster) -> None:
    cluster.closed = True
    assert _finding("NET-3", _facts(cluster)).outcome is Outcome.ERROR


def _simulate(cluster: ProbedCluster, *zones: str) -> None:
    for zone in zones:
        metadata = cluster.objects[ObjectRef("v1", "Node", "", f"node-{zone}")]["metadata"]
        metadata["annotations"] = {"kwok.x-k8s.io/node": "fake"}


def test_simulated_nodes_are_refused_as_vantage_and_nothing_is_put_there(cluster: ProbedCluster) -> None:
    _simulate(cluster, *ZONES)
    outcomes = _outcomes(_facts(cluster))
    assert set(outcomes.values()) == {Outcome.UNKNOWN}
    assert not cluster.applied


def test_a_zone_of_simulated_nodes_keeps_the_whole_from_passing(cluster: ProbedCluster) -> None:
    _simulate(cluster, "zone-c")
    assert set(_outcomes(_facts(cluster)).values()) == {Outcome.UNKNOWN}


def test_a_node_is_real_only_by_its_runtime_and_without_the_mark() -> None:
    assert not is_simulated(real_node("a"))
    unmarked = real_node("a")
    unmarked["status"]["nodeInfo"]["containerRuntimeVersion"] = "kwok"
    assert is_simulated(unmarked)


@pytest.mark.parametrize(
    "broken",
    [
        {"spec": {"unschedulable": True}},
        {"spec": {"taints": [{"key": "own", "effect": "NoSchedule"}]}},
        {"status": {"conditions": [], "nodeInfo": {"containerRuntimeVersion": "containerd://1.7.2"}}},
    ],
    ids=["cordoned", "tainted", "not ready"],
)
def test_only_nodes_that_take_pods_are_a_vantage(broken: dict[str, Any]) -> None:
    assert vantages_of([real_node("a", **broken)]) == ((), ("a",))


def test_a_job_that_succeeds_without_our_answer_is_no_pass(cluster: ProbedCluster) -> None:
    cluster.answer = None
    outcomes = _outcomes(_facts(cluster))
    assert {outcomes[name] for name in ("NET-4", "PG-6", "CLK-1")} == {Outcome.UNKNOWN}


def test_answers_of_another_run_are_no_answers(cluster: ProbedCluster) -> None:
    cluster.run_of_answers = "another"
    outcomes = _outcomes(_facts(cluster))
    assert outcomes.pop("IMG-1") is Outcome.PASS
    assert Outcome.PASS not in outcomes.values()


def test_what_an_earlier_run_left_is_taken_away_first(cluster: ProbedCluster) -> None:
    left = ObjectRef("batch/v1", "Job", NAMESPACE, "ask-0")
    site = site_of(
        OF, ProbeAccess(probing=PROBING, images=IMAGES), IMAGE, DATABASE, vantages_of(_nodes(cluster))[0], run="earlier"
    )
    for manifest in everything(site)[:3]:
        cluster.apply(copy.deepcopy(manifest))
    assert left in cluster.objects
    assert set(_outcomes(_facts(cluster)).values()) == {Outcome.PASS}
    assert cluster.job_runs.count("ask-0") == 2


def _nodes(cluster: ProbedCluster) -> list[dict[str, Any]]:
    return [live for ref, live in cluster.objects.items() if ref.kind == "Node"]


def test_a_namespace_of_somebody_elses_is_left_alone(cluster: ProbedCluster) -> None:
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": {"team": "x"}}})
    outcomes = _outcomes(_facts(cluster))
    assert set(outcomes.values()) == {Outcome.UNKNOWN}
    assert HOME in cluster.objects


def test_a_run_that_breaks_cleans_up_and_passes_nothing(cluster: ProbedCluster) -> None:
    cluster.refused = {"Service": "quota"}
    assert set(_outcomes(_facts(cluster)).values()) == {Outcome.UNKNOWN}
    assert HOME not in cluster.objects


def test_a_namespace_that_does_not_go_away_is_told_and_nothing_passes(
    cluster: ProbedCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ProbedCluster, "delete", lambda self, ref, uid="": True)
    facts = _facts(cluster)
    assert set(_outcomes(facts).values()) == {Outcome.UNKNOWN}
    assert "is not gone" in _finding("NET-3", facts).observed


def test_probes_that_take_too_long_altogether_are_broken_off_taken_away_and_fail_nothing(
    cluster: ProbedCluster,
) -> None:
    cluster.enforced = set()  # would fail NET-3, had it been waited for to the end
    clock, access = FakeClock(), ProbeAccess(probing=PROBING, allowed=True, images=IMAGES)
    ends = GONE_SECONDS + BREAKING_OFF_SECONDS + 10.0  # ten seconds for the probes
    collectors = zone_collectors(cluster, OF, access, DATABASE, clock, FakeProgress(), ends=ends)
    found = collect(collectors, clock, FakeProgress(), ends=ends).facts
    facts = replace(platforms.facts(), **{name: getattr(found, name) for name in GROUPS})
    assert set(_outcomes(facts).values()) == {Outcome.UNKNOWN}
    assert "were broken off" in _finding("NET-3", facts).observed
    assert HOME not in cluster.objects
    assert clock.slept < ends


def test_whoever_asked_may_be_gone_and_the_interpreter_still_waits_until_the_probes_are_taken_away(
    cluster: ProbedCluster,
) -> None:
    begun, going = threading.Event(), threading.Event()

    class Slow(FakeProgress):
        def report(self, step: str, text: str, *, done: int = 0, total: int = 0) -> None:
            begun.set()
            going.wait(10)

    access = ProbeAccess(probing=PROBING, allowed=True, images=IMAGES)
    collectors = zone_collectors(cluster, OF, access, DATABASE, FakeClock(), Slow())
    asking = threading.Thread(target=collectors["isolation"], daemon=True)
    asking.start()
    try:
        assert begun.wait(10)
        (probing,) = [one for one in threading.enumerate() if one.name == "probes in the cluster"]
        assert not probing.daemon
    finally:
        going.set()
    probing.join(30)
    assert HOME not in cluster.objects


def test_an_image_that_is_not_there_fails_with_the_nodes_words(cluster: ProbedCluster) -> None:
    cluster.registry = {str(OF.images.zitadel)}
    finding = _finding("IMG-1", _facts(cluster))
    assert finding.outcome is Outcome.FAIL
    assert f"{OF.images.login}: ErrImagePull not found" in finding.observed


def test_a_node_that_has_even_what_cannot_exist_proves_nothing(cluster: ProbedCluster) -> None:
    cluster.registry = "anything"
    assert _finding("IMG-1", _facts(cluster)).outcome is Outcome.ERROR


def test_a_cluster_that_binds_even_what_nobody_can_serve_proves_nothing(cluster: ProbedCluster) -> None:
    cluster.binds_anything = True
    assert _finding("STO-1", _facts(cluster)).outcome is Outcome.ERROR


WRONG: dict[str, tuple[str, dict[str, Any], Outcome]] = {
    "a clock is 3 s ahead": ("CLK-1", {"api": _clock(2500, 3500)}, Outcome.FAIL),
    "a clock may be 2.4 s ahead": ("CLK-1", {"api": _clock(1400, 2400)}, Outcome.UNKNOWN),
    "the database's clock is behind": (
        "CLK-1",
        {"database": MEASURED | {"clock": _clock(-5001, -5000)}},
        Outcome.FAIL,
    ),
    "no clock": ("CLK-1", {"api": {"problem": "refused"}, "database": None}, Outcome.UNKNOWN),
    "a database whose clock is not read": ("CLK-1", {"database": MEASURED | {"clock": None}}, Outcome.UNKNOWN),
    "a comparison that does not see an hour": ("CLK-1", {"api": _clock(0, 1000, seen_as=0)}, Outcome.ERROR),
    "a comparison whose control was not tried": (
        "CLK-1", {"api": {"lowMs": 0, "highMs": 1, "problem": ""}}, Outcome.UNKNOWN,
    ),
    "a far database": (
        "PG-6", {"database": MEASURED | {"reads": {"p50Us": 1, "p95Us": 10_001, "p99Us": 2}}}, Outcome.FAIL,
    ),
    "a database not so near": (
        "PG-6", {"database": MEASURED | {"reads": {"p50Us": 1, "p95Us": 5_001, "p99Us": 2}}}, Outcome.WARN,
    ),
    "a stopwatch that does not see 50 ms": ("PG-6", {"database": MEASURED | {"heldUs": 900}}, Outcome.ERROR),
    "a stopwatch whose control was not tried": ("PG-6", {"database": MEASURED | {"heldUs": None}}, Outcome.UNKNOWN),
    "a database that refuses": ("PG-6", {"database": MEASURED | {"problem": "no", "refused": True}}, Outcome.FAIL),
    "a database that is silent": ("PG-6", {"database": MEASURED | {"problem": "no"}}, Outcome.UNKNOWN),
    "no database": ("PG-6", {"database": None}, Outcome.UNKNOWN),
    "an interception": (
        "NET-4", _destinations(step="tls", issuer="CN=Proxy", problem="unknown authority"), Outcome.FAIL,
    ),
    "a trusted interception": ("NET-4", _destinations(issuer="CN=Proxy"), Outcome.FAIL),
    "no way": ("NET-4", _destinations(step="tcp", problem="late", issuer=""), Outcome.FAIL),
    "no address of any family": ("NET-4", _destinations(NOWHERE, NOWHERE | {"family": "ip6"}), Outcome.FAIL),
    "a pod without any address": ("NET-4", {"destinations": [_reached() | {"ways": []}, CONTROL]}, Outcome.FAIL),
    "an answer that only a proxy gives": (
        "NET-4", _destinations(problem="answered with 407, which only a proxy does", status=407), Outcome.FAIL,
    ),
    "a family that does not work beside one that does": (
        "NET-4", _destinations({}, {"family": "ip6", "step": "tcp", "problem": "late", "issuer": ""}), Outcome.WARN,
    ),
    "an interception of one family alone": (
        "NET-4", _destinations({}, {"family": "ip6", "issuer": "CN=Proxy"}), Outcome.FAIL,
    ),
    "a name that nobody can have is reached": (
        "NET-4", {"destinations": [_reached(), CONTROL | {"ways": [WAY]}]}, Outcome.ERROR,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("check", "change", "outcome"), WRONG.values(), ids=WRONG.keys())
def test_what_a_pod_saw_comes_to_its_outcome(
    cluster: ProbedCluster, check: str, change: dict[str, Any], outcome: Outcome
) -> None:
    assert cluster.answer
    cluster.answer |= change
    finding = _finding(check, _facts(cluster))
    assert finding.outcome is outcome
    assert finding.remediation


def test_a_read_only_run_puts_nothing_there_and_says_what_it_left_out(cluster: ProbedCluster) -> None:
    for access in ({"allowed": False}, {"probing": Probing()}):
        facts = _facts(cluster, **access)
        left_out = [name for name in GROUPS if name != "volumes" or access != {"probing": Probing()}]
        assert {getattr(facts, name).reason.code for name in left_out} == {LEFT_OUT}
        assert {_finding(name, facts).executed for name in CHECKED if name != "STO-1"} == {False}
    assert not cluster.applied


def test_without_destinations_class_and_images_their_checks_do_not_arise(cluster: ProbedCluster) -> None:
    assert cluster.answer
    cluster.answer |= {"destinations": []}
    nothing = NotProbed(why="nothing is named")
    seen = _facts(cluster, probing=Probing(image=IMAGE), images=())
    outcomes = _outcomes(replace(seen, storage=nothing, pull_secret=nothing))
    assert {outcomes[name] for name in ("NET-4", "STO-1", "IMG-1")} == {Outcome.NOT_APPLICABLE}


def test_everything_that_is_put_there_was_shown_before(cluster: ProbedCluster) -> None:
    site = site_of(
        OF, ProbeAccess(probing=PROBING, images=IMAGES), IMAGE, DATABASE, vantages_of(_nodes(cluster))[0], run="r"
    )
    shown = {str(ObjectRef.of(manifest)) for manifest in everything(site)}
    _facts(cluster)
    with_secrets = {name for name in cluster.applied if name.startswith("Secret ")}
    assert set(cluster.applied) - with_secrets == shown
    assert len(with_secrets) == len(ZONES)


def test_the_password_is_in_a_secret_that_its_job_owns_and_nowhere_else(cluster: ProbedCluster) -> None:
    written: list[dict[str, Any]] = []
    apply = cluster.apply

    def noted(manifest: dict[str, Any], **options: Any) -> dict[str, Any]:
        written.append(manifest)
        return apply(manifest, **options)

    cluster.apply = noted
    facts = _facts(cluster)
    with_password = [manifest for manifest in written if PASSWORD in str(manifest)]
    assert {manifest["kind"] for manifest in with_password} == {"Secret"}
    assert all(manifest["metadata"]["ownerReferences"][0]["kind"] == "Job" for manifest in with_password)
    assert PASSWORD not in str(facts)


def test_every_pod_is_restricted_bounded_and_named_by_digest(cluster: ProbedCluster) -> None:
    site = site_of(
        OF, ProbeAccess(probing=PROBING, images=IMAGES), IMAGE, DATABASE, vantages_of(_nodes(cluster))[0], run="r"
    )
    shown = list(yaml.safe_load_all(yaml.safe_dump_all(everything(site))))
    pods = [
        m["spec"]["template"]["spec"] if m["kind"] == "Job" else m["spec"] for m in shown if m["kind"] in ("Job", "Pod")
    ]
    assert len(pods) == 3 + 1 + 3 + 7 + 3
    for pod in pods:
        (container,) = pod["containers"]
        assert "@sha256:" in container["image"]
        assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["seccompProfile"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
        }  # fmt: skip
        assert container["resources"]["requests"] and container["resources"]["limits"]
        assert pod["automountServiceAccountToken"] is False
    for job in (m for m in shown if m["kind"] == "Job"):
        assert job["spec"]["activeDeadlineSeconds"] and job["spec"]["ttlSecondsAfterFinished"]
    assert shown[0]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_the_pull_secret_is_copied_for_the_run_and_every_pod_names_it(cluster: ProbedCluster) -> None:
    of = installation(name="acme", image_pull_secret="registry")
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "registry", "namespace": "zitadel"}}
    cluster.objects[ObjectRef("v1", "Secret", "zitadel", "registry")] = {**secret, "type": "T", "data": {"k": "dg=="}}
    clock = FakeClock()
    access = ProbeAccess(probing=PROBING, allowed=True, images=IMAGES)
    zone_collectors(cluster, of, access, None, clock, FakeProgress())["pulls"]()
    assert f"Secret {NAMESPACE}/registry" in cluster.applied
    site = site_of(of, access, IMAGE, None, vantages_of(_nodes(cluster))[0], run="r")
    pods = [m["spec"]["template"]["spec"] for m in everything(site) if m["kind"] == "Job"]
    assert all(pod["imagePullSecrets"] == [{"name": "registry"}] for pod in pods)


_RESOURCES = {
    "Namespace": "namespaces", "ConfigMap": "configmaps", "Secret": "secrets", "Service": "services", "Pod": "pods",
    "PersistentVolumeClaim": "persistentvolumeclaims", "Job": "jobs", "NetworkPolicy": "networkpolicies",
    "Node": "nodes", "Event": "events", "Pod/log": "pods",
}  # fmt: skip


def _used(cluster: ProbedCluster) -> set[tuple[str, str, str]]:
    return {(verb, _RESOURCES[kind], namespace) for verb, kind, namespace in cluster.calls}


def _granted(rights: tuple[Right, ...]) -> set[tuple[str, str, str]]:
    return {(right.verb, right.resource, right.namespace) for right in rights}


def test_the_rights_of_the_probes_are_all_that_they_use(cluster: ProbedCluster) -> None:
    cluster.registry = set()  # so that events are read, too
    _facts(cluster)
    assert _used(cluster) - _granted(probe_rights(OF)) == set()
    assert not any(right.resource == "secrets" and not right.namespace for right in probe_rights(OF))


def test_a_namespace_that_was_made_for_the_probes_is_emptied_and_stays_and_takes_no_rights_elsewhere(
    cluster: ProbedCluster,
) -> None:
    cluster.objects[HOME] = {**kept_namespace(OF), "metadata": {**kept_namespace(OF)["metadata"], "managedFields": []}}
    authority = ObjectRef("v1", "ConfigMap", NAMESPACE, "kube-root-ca.crt")
    cluster.objects[authority] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": authority.name}}
    cluster.registry = set()
    outcomes = _outcomes(_facts(cluster))
    assert (outcomes["NET-3"], outcomes["STO-1"]) == (Outcome.PASS, Outcome.PASS)
    assert {ref for ref in cluster.objects if ref.namespace == NAMESPACE or ref == HOME} == {HOME, authority}
    assert _used(cluster) - _granted(kept_probe_rights(OF)) == set()
    for right in kept_probe_rights(OF):
        assert right.namespace == NAMESPACE or (right.verb, right.resource) in (
            ("get", "namespaces"), ("list", "nodes"),
        ), right  # fmt: skip


def test_what_does_not_leave_a_namespace_that_stays_is_told(
    cluster: ProbedCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.objects[HOME] = {**kept_namespace(OF), "metadata": {**kept_namespace(OF)["metadata"], "managedFields": []}}
    monkeypatch.setattr(ProbedCluster, "delete", lambda self, ref, uid="": True)
    facts = _facts(cluster)
    assert set(_outcomes(facts).values()) == {Outcome.UNKNOWN}
    assert "is not empty" in _finding("NET-3", facts).observed
