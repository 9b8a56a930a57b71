"""Bringing an installation to a release: order, idempotence, refusals, failures."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kastellan.domain.catalogue import Catalogue
from kastellan.domain.errors import BlockedError, StepFailedError, StuckError, UnreachableError
from kastellan.domain.installation import Autoscaling, OnDrift, Verification
from kastellan.domain.migration_progress import MigrationEvent
from kastellan.domain.party import Party
from kastellan.domain.service_plan import Platform
from kastellan.domain.version import Version
from kastellan.execution.budgets import Budgets
from kastellan.execution.release import ReleaseProcedure
from kastellan.planning.object_change import ChangeKind
from tests.builders import MASTERKEY, images
from tests.unit.execution.conftest import API, LOGIN, Scene, desired

IMAGE = ("spec", "template", "spec", "containers", ("name", "zitadel"), "image")


def test_the_database_is_migrated_before_any_pod_of_the_new_release_runs(scene: Scene) -> None:
    scene.procedure.bring(desired())
    order = [name.split("-v4")[0] for name in scene.cluster.applied]
    init, setup = order.index("Job zitadel/zitadel-init"), order.index("Job zitadel/zitadel-setup")
    assert init < setup < min(order.index(str(API)), order.index(str(LOGIN)))
    assert scene.cluster.applied[0] == "Namespace zitadel"


def test_the_record_names_version_zones_jobs_and_every_object(scene: Scene) -> None:
    record = scene.procedure.bring(desired())
    assert str(record.version) == "v4.13.1"
    assert record.zones == ("zone-a", "zone-b", "zone-c")
    assert [job.split("-v4")[0] for job in record.jobs] == ["zitadel-init", "zitadel-setup"]
    assert len(record.objects) == len(desired().manifests.objects)
    assert [timing.step for timing in record.timings] == [
        "objects", "init", "setup", "rollout", "rebalancing", "verification", "routes", "pruning",
    ]  # fmt: skip


def test_a_second_run_writes_nothing_and_runs_no_job_again(scene: Scene) -> None:
    first = scene.procedure.bring(desired())
    written, runs = list(scene.cluster.applied), list(scene.cluster.job_runs)
    second = scene.procedure.bring(desired())
    assert (scene.cluster.applied, scene.cluster.job_runs) == (written, runs)
    assert second.objects == first.objects
    assert all(timing.done_already for timing in second.timings if timing.step != "verification")


def test_an_upgrade_migrates_again_and_removes_what_the_old_release_left(scene: Scene) -> None:
    scene.procedure.bring(desired())
    record = scene.procedure.bring(desired("v4.14.0"))
    assert record.version == Version.parse("v4.14.0")
    jobs = [ref.name for ref in scene.cluster.objects if ref.kind == "Job"]
    assert len(jobs) == 2
    assert all("v4-14-0" in name for name in jobs)


def test_a_preview_changes_nothing_and_shows_every_object(scene: Scene) -> None:
    changes = scene.procedure.preview(desired())
    assert scene.cluster.objects == {}
    assert {change.kind for change in changes} == {ChangeKind.CREATE}
    assert len(changes) == len(desired().manifests.objects)


def test_a_preview_of_what_is_there_shows_no_change(scene: Scene) -> None:
    scene.procedure.bring(desired())
    assert {change.kind for change in scene.procedure.preview(desired())} == {ChangeKind.UNCHANGED}


def test_a_preview_of_an_upgrade_shows_the_image_by_its_path(scene: Scene) -> None:
    scene.procedure.bring(desired())
    changes = {change.ref: change for change in scene.procedure.preview(desired("v4.14.0"))}
    paths = [field.path for field in changes[API].fields]
    assert "spec.template.spec.containers[name=zitadel].image" in paths


@pytest.mark.parametrize(
    ("wanted", "code"), [("v4.12.0", "downgrade"), ("v5.0.0", "forbidden-jump"), ("v4.13.9", "version-unknown")]
)
def test_a_step_that_the_catalogue_forbids_is_refused_before_anything_is_written(
    scene: Scene, wanted: str, code: str
) -> None:
    scene.procedure.bring(desired())
    written = list(scene.cluster.applied)
    with pytest.raises(BlockedError) as refused:
        scene.procedure.bring(desired(wanted))
    assert code in [reason.code for reason in refused.value.reasons]
    assert scene.cluster.applied == written


def test_an_update_is_undone_where_that_is_asked_for_expressly(scene: Scene) -> None:
    scene.procedure.bring(desired())
    scene.procedure.bring(desired("v4.14.0"))
    back = desired(undoing=Version.parse("v4.14.0"))
    assert str(scene.procedure.bring(back).version) == "v4.13.1"
    assert len([run for run in scene.cluster.job_runs if "setup-v4-13-1" in run]) == 1, "nothing is migrated back"
    assert scene.procedure.drift(back) == ()


def test_a_namespace_of_another_installation_is_refused(scene: Scene) -> None:
    scene.procedure.bring(desired())
    with pytest.raises(BlockedError, match="belongs to installation acme"):
        scene.procedure.bring(desired(name="other"))


def test_images_that_are_not_those_of_the_catalogue_are_refused_before_anything_is_written(scene: Scene) -> None:
    wanted = desired()
    known = tuple(
        replace(release, images=images("9")) if release.version == wanted.installation.version else release
        for release in wanted.catalogue.releases
    )
    with pytest.raises(BlockedError) as blocked:
        scene.procedure.bring(replace(wanted, catalogue=Catalogue(releases=known)))
    assert [(one.code, one.path, one.owner) for one in blocked.value.reasons] == [
        ("digest-mismatch", "installation:images.zitadel", Party.VENDOR),
        ("digest-mismatch", "installation:images.login", Party.VENDOR),
    ]
    assert scene.cluster.applied == []


def test_an_object_that_the_server_refuses_blocks_everything(scene: Scene) -> None:
    scene.cluster.refused = {"PodDisruptionBudget": "exceeded quota"}
    scene.cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "zitadel"}})
    with pytest.raises(BlockedError, match="exceeded quota"):
        scene.procedure.bring(desired())
    assert scene.cluster.applied == ["Namespace zitadel"]


@pytest.mark.parametrize(
    ("selector", "hit"),
    [
        ({}, "zitadel, zitadel-login"),
        ({"matchLabels": {"app.kubernetes.io/name": "zitadel"}}, "zitadel"),
        ({"matchExpressions": [{"key": "app.kubernetes.io/part-of", "operator": "Exists"}]}, "zitadel, zitadel-login"),
        ({"matchLabels": {"app.kubernetes.io/name": "shop"}}, ""),
        (None, ""),
    ],
)
def test_a_budget_of_the_customers_that_would_stop_every_eviction_is_refused_before_anything_changes(
    scene: Scene, selector: dict[str, Any] | None, hit: str
) -> None:
    budget = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "all", "namespace": "zitadel"},
        "spec": {"maxUnavailable": 0, **({} if selector is None else {"selector": selector})},
    }
    scene.cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "zitadel"}})
    scene.cluster.apply(budget)
    applied = len(scene.cluster.applied)
    if not hit:
        assert scene.procedure.bring(desired()).zones
        return
    with pytest.raises(BlockedError) as blocked:
        scene.procedure.bring(desired())
    (reason,) = blocked.value.reasons
    assert f"PodDisruptionBudget zitadel/all selects pods of {hit}, which" in reason.message
    assert reason.owner is Party.CUSTOMER
    assert len(scene.cluster.applied) == applied
    # One's own budgets are no hindrance.
    assert blocked.value.reasons[0].code == "foreign-budget"


def test_a_failed_setup_stops_the_release_and_shows_the_log(scene: Scene) -> None:
    scene.procedure.bring(desired())
    scene.cluster.failing_jobs = ("zitadel-setup-v4-14",)
    with pytest.raises(StepFailedError, match="the version before serves on") as failed:
        scene.procedure.bring(desired("v4.14.0"))
    assert failed.value.step == "setup"
    assert "the log of" in failed.value.evidence
    live = scene.cluster.get(API)
    assert live is not None
    assert live["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/version"] == "v4.13.1"


def test_a_setup_that_failed_is_run_again_after_its_mark_was_taken_back(scene: Scene) -> None:
    scene.cluster.failing_jobs = ("zitadel-setup-v4",)
    with pytest.raises(StepFailedError):
        scene.procedure.bring(desired())
    scene.cluster.failing_jobs = ()
    scene.procedure.bring(desired())
    runs = [name.split("-v4")[0] for name in scene.cluster.job_runs]
    assert runs == ["zitadel-init", "zitadel-setup", "zitadel-setup-cleanup", "zitadel-setup"]


def test_the_failed_setup_of_another_release_is_cleaned_up_first(scene: Scene) -> None:
    scene.procedure.bring(desired("v4.12.0"))
    scene.cluster.failing_jobs = ("zitadel-setup-v4-13",)
    with pytest.raises(StepFailedError):
        scene.procedure.bring(desired("v4.13.1", on_drift=OnDrift.REFUSE))
    runs = len(scene.cluster.job_runs)
    scene.procedure.bring(desired("v4.12.0", size_name="medium"))
    assert [name.split("-v4")[0] for name in scene.cluster.job_runs[runs:]][1:] == [
        "zitadel-setup-cleanup", "zitadel-setup",
    ]  # fmt: skip


class FakeMigrations:
    """A database that records one migration, as long as it can be asked."""

    def __init__(self, *, asked: int = 10**6) -> None:
        self.left, self.calls = asked, 0

    def newest(self) -> tuple[list[MigrationEvent], datetime]:
        self.calls += 1
        if self.calls > self.left:
            raise UnreachableError("the database cannot be reached from here")
        begin = datetime(2026, 11, 24, 12, tzinfo=UTC)
        return [MigrationEvent(step="62_sessions", began=True, at=begin)], begin + timedelta(seconds=40)


def test_who_waits_for_a_migration_is_told_what_the_database_records(scene: Scene) -> None:
    scene.cluster.slow_jobs = 4
    migrations = FakeMigrations()
    procedure = ReleaseProcedure(scene.cluster, scene.clock, scene.progress, migrations=migrations)
    assert procedure.bring(desired()).zones
    assert any("step 62_sessions for 40 s" in line for line in scene.progress.lines if line.startswith("setup"))
    assert not any("62_sessions" in line for line in scene.progress.lines if line.startswith("init"))


def test_a_database_that_cannot_be_asked_is_asked_once_and_fails_nothing(scene: Scene) -> None:
    scene.cluster.slow_jobs = 6
    migrations = FakeMigrations(asked=0)
    procedure = ReleaseProcedure(scene.cluster, scene.clock, scene.progress, migrations=migrations)
    assert procedure.bring(desired()).zones
    assert migrations.calls == 1


def test_two_setups_never_run_at_once(scene: Scene) -> None:
    scene.procedure.bring(desired())
    scene.cluster.endless_jobs = ("zitadel-setup-v4-14",)
    with pytest.raises(StuckError):
        scene.procedure.bring(desired("v4.14.0"))
    runs = list(scene.cluster.job_runs)
    with pytest.raises(StuckError, match="is still running"):
        scene.procedure.bring(desired(size_name="medium"))
    assert [name for name in scene.cluster.job_runs if "setup" in name] == [name for name in runs if "setup" in name]


def test_an_image_that_cannot_be_pulled_fails_the_rollout_long_before_its_deadline(scene: Scene) -> None:
    scene.cluster.imageless = "zitadel"
    scene.budgets = Budgets()
    began = scene.clock.monotonic()
    with pytest.raises(
        StepFailedError, match=r"0 of 3 pods became ready .*ImagePullBackOff: manifest unknown"
    ) as failed:
        scene.procedure.bring(desired())
    assert 180 <= scene.clock.monotonic() - began < 200
    assert "old pods go on serving" in failed.value.remediation


def test_a_setup_whose_image_cannot_be_pulled_fails_soon_and_goes_on_by_itself_when_it_can(scene: Scene) -> None:
    scene.cluster.imageless_jobs = ("zitadel-setup",)
    scene.budgets = Budgets()
    began = scene.clock.monotonic()
    with pytest.raises(
        StepFailedError, match=r"Job .*zitadel-setup.* cannot start \(ImagePullBackOff: manifest unknown\)"
    ):
        scene.procedure.bring(desired())
    assert 180 <= scene.clock.monotonic() - began < 200
    assert API not in scene.cluster.objects
    scene.cluster.imageless_jobs = ()
    scene.procedure.bring(desired())
    assert len(scene.cluster.job_runs) == 2, "init and setup, each once"


def test_a_setup_without_a_node_is_the_turn_of_whoever_has_the_nodes(scene: Scene) -> None:
    scene.cluster.homeless_jobs = ("zitadel-setup",)
    scene.budgets = Budgets()
    with pytest.raises(
        StepFailedError, match=r"Job .* cannot start \(not scheduled: 0/3 nodes.*Insufficient cpu\)"
    ) as failed:
        scene.procedure.bring(desired())
    assert failed.value.owner is Party.CUSTOMER
    assert "CAP-1" in failed.value.remediation


def test_a_job_whose_pod_is_refused_is_the_customers_turn_and_goes_on_by_itself(scene: Scene) -> None:
    scene.cluster.podless_jobs = ("zitadel-setup",)
    with pytest.raises(StepFailedError, match="a quota or an admission policy refuses it") as failed:
        scene.procedure.bring(desired())
    assert failed.value.owner is Party.CUSTOMER
    scene.cluster.podless_jobs = ()
    scene.procedure.bring(desired())
    assert len(scene.cluster.job_runs) == 2


def test_a_setup_that_never_began_holds_up_no_other_release_for_hours(scene: Scene) -> None:
    scene.budgets = Budgets()
    scene.procedure.bring(desired("v4.12.0"))
    scene.cluster.imageless_jobs = ("zitadel-setup-v4-13",)
    with pytest.raises(StepFailedError):
        scene.procedure.bring(desired("v4.13.1"))
    began = scene.clock.monotonic()
    with pytest.raises(StepFailedError, match=r"setup-v4-13-1.* cannot start") as failed:
        scene.procedure.bring(desired("v4.12.0", size_name="medium"))
    assert scene.clock.monotonic() - began < 200
    assert "delete the job" in failed.value.remediation


@pytest.mark.parametrize(
    ("platform", "owner"), [(Platform.EXISTING, Party.CUSTOMER), (Platform.GKE, Party.VENDOR)], ids=["existing", "gke"]
)
def test_a_new_pod_without_a_node_is_the_turn_of_whoever_has_the_nodes(
    scene: Scene, platform: Platform, owner: Party
) -> None:
    scene.cluster.homeless = "zitadel"
    with pytest.raises(StepFailedError, match=r"0 of 3 pods .*not scheduled: 0/3 nodes.*Insufficient cpu") as failed:
        scene.procedure.bring(desired(platform=platform))
    assert failed.value.owner is owner
    assert "old pods go on serving" in failed.value.remediation


def test_a_rollout_past_its_deadline_fails_and_says_that_old_pods_serve(scene: Scene) -> None:
    scene.cluster.stuck_rollout = "zitadel"
    with pytest.raises(StepFailedError, match="old pods go on serving"):
        scene.procedure.bring(desired())


def test_pods_in_two_zones_are_not_enough(scene: Scene) -> None:
    scene.cluster.zones = ("zone-a", "zone-b")
    with pytest.raises(StuckError, match=r"2 of 3 zones.*DI-2"):
        scene.procedure.bring(desired())


def test_a_pod_that_answers_wrongly_fails_the_verification(scene: Scene) -> None:
    scene.cluster.answers = {"/debug/ready": 412}
    with pytest.raises(StuckError, match="readiness: HTTP 412"):
        scene.procedure.bring(desired())


def test_verification_by_readiness_sends_no_requests(scene: Scene) -> None:
    scene.cluster.answers = {"/debug/ready": 412}
    assert scene.procedure.bring(desired(verification=Verification.READINESS)).zones


def test_with_an_autoscaler_the_replicas_are_left_open(scene: Scene) -> None:
    scene.procedure.bring(desired(autoscaling=Autoscaling(max_replicas=6)))
    assert "replicas" not in scene.cluster.objects[API]["spec"]


def test_progress_is_told_while_a_job_runs(scene: Scene) -> None:
    scene.cluster.slow_jobs = 8
    scene.procedure.bring(desired())
    assert any(line.startswith("setup: ") and "pod Running" in line for line in scene.progress.lines)


def test_no_secret_is_told(scene: Scene) -> None:
    record = scene.procedure.bring(desired())
    changes = scene.procedure.preview(desired("v4.14.0"))
    told = "\n".join((*scene.progress.lines, str(record), str(changes)))
    assert MASTERKEY not in told
    assert "secret-" not in told
