"""What others changed in an installation (DI-6), and how it is removed."""

import pytest

from kastellan.domain.errors import BlockedError, StuckError
from kastellan.domain.installation import OnDrift
from kastellan.domain.kubernetes_object import ObjectRef
from kastellan.domain.party import Party
from tests.unit.execution.conftest import API, LOGIN, Scene, desired


class TestDrift:
    """What somebody else changed (DI-6)."""

    @pytest.fixture(autouse=True)
    def installed(self, scene: Scene) -> None:
        scene.procedure.bring(desired())

    def test_an_untouched_installation_has_none(self, scene: Scene) -> None:
        assert scene.procedure.drift(desired()) == ()

    def test_a_changed_field_names_its_author(self, scene: Scene) -> None:
        scene.cluster.edit(API, ("spec", "replicas"), 1)
        (drift,) = scene.procedure.drift(desired())
        assert str(drift) == (
            "Deployment zitadel/zitadel: spec.replicas is 1, desired 3 (kubectl-edit (Update at 2026-11-23T12:00:00Z))"
        )

    def test_an_added_field_is_found(self, scene: Scene) -> None:
        scene.cluster.edit(API, ("spec", "paused"), value=True)
        (drift,) = scene.procedure.drift(desired())
        assert (drift.kind, drift.field and drift.field.path) == ("added", "spec.paused")

    def test_a_removed_field_is_found(self, scene: Scene) -> None:
        scene.cluster.edit(API, ("spec", "revisionHistoryLimit"), None)
        assert [d.field.path for d in scene.procedure.drift(desired()) if d.field and d.kind == "changed"] == [
            "spec.revisionHistoryLimit"
        ]

    def test_a_deleted_object_is_found(self, scene: Scene) -> None:
        scene.cluster.delete(LOGIN)
        assert [str(drift) for drift in scene.procedure.drift(desired())] == [
            "Deployment zitadel/zitadel-login is missing (an unknown author)"
        ]

    def test_an_object_under_our_labels_that_we_did_not_make_is_found(self, scene: Scene) -> None:
        ours = scene.cluster.objects[API]["metadata"]["labels"]
        ref = ObjectRef("v1", "ConfigMap", "zitadel", "theirs")
        metadata = {"name": "theirs", "namespace": "zitadel", "labels": ours, "uid": "u", "generation": 1}
        managed = [{"manager": "kubectl-create", "operation": "Update", "fieldsV1": {}}]
        scene.cluster.objects[ref] = {
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata | {"managedFields": managed},
        }  # fmt: skip
        (drift,) = scene.procedure.drift(desired())
        assert str(drift) == "ConfigMap zitadel/theirs is unexpected (kubectl-create (Update))"
        scene.procedure.bring(desired())
        assert ref in scene.cluster.objects, "what somebody else made is not ours to delete"

    def test_an_update_is_refused_over_a_foreign_change(self, scene: Scene) -> None:
        scene.cluster.edit(API, ("spec", "replicas"), 1)
        with pytest.raises(BlockedError) as refused:
            scene.procedure.bring(desired("v4.14.0"))
        (reason,) = refused.value.reasons
        assert (reason.code, reason.owner, reason.clause) == ("foreign-change", Party.CUSTOMER, "DI-6")

    def test_an_update_takes_foreign_changes_back_only_where_that_was_decided(self, scene: Scene) -> None:
        scene.cluster.edit(API, ("spec", "replicas"), 1)
        scene.cluster.edit(API, ("spec", "paused"), value=True)
        scene.procedure.bring(desired(on_drift=OnDrift.REVERT))
        spec = scene.cluster.objects[API]["spec"]
        assert spec["replicas"] == 3
        assert "paused" not in spec
        assert scene.procedure.drift(desired()) == ()
        assert any("taking back" in line and "spec.paused" in line for line in scene.progress.lines)


class TestRemoval:
    def test_everything_of_the_installation_goes_and_the_rest_stays(self, scene: Scene) -> None:
        scene.cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "elsewhere"}})
        scene.procedure.bring(desired())
        scene.procedure.remove(desired().installation)
        assert [str(ref) for ref in scene.cluster.objects if ref.kind not in ("Node", "Pod")] == ["Namespace elsewhere"]

    def test_removing_twice_is_the_same_as_once(self, scene: Scene) -> None:
        scene.procedure.bring(desired())
        scene.procedure.remove(desired().installation)
        scene.procedure.remove(desired().installation)

    def test_a_running_setup_is_not_killed(self, scene: Scene) -> None:
        scene.cluster.endless_jobs = ("zitadel-setup",)
        with pytest.raises(StuckError):
            scene.procedure.bring(desired())
        with pytest.raises(StuckError, match="is still running"):
            scene.procedure.remove(desired().installation)
        assert any(ref.kind == "Job" for ref in scene.cluster.objects)
