"""What a platform brings along, read from an API server in memory: the shapes that real ones have, and their traps."""

import base64
from datetime import UTC, datetime
from typing import Any

import pytest

from kastellan.adapters.kubernetes.cluster_facts import ClusterQuestions, cluster_collectors
from kastellan.adapters.kubernetes.disruption_facts import disruptions
from kastellan.adapters.kubernetes.entrance_facts import entrance
from kastellan.adapters.kubernetes.issuance_facts import issuance
from kastellan.adapters.kubernetes.namespace_facts import namespace_rules
from kastellan.adapters.kubernetes.policy_facts import api_services, policies
from kastellan.adapters.kubernetes.webhook_facts import webhooks
from kastellan.domain.errors import DeadlineExceededError, RejectedError, ServerFaultError, ThrottledError
from kastellan.domain.installation import GoogleLoadBalancer, Routing, RoutingKind
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.planning.rights import Right
from kastellan.preflight.facts import LEFT_OUT, Unknown
from kastellan.preflight.platform_facts import Entrance, EntranceService, Issuance
from kastellan.preflight.probe_facts import NotProbed
from tests.builders import installation
from tests.fakes.platform_cluster import PlatformCluster, ca_bundle
from tests.platforms import cluster, live

__all__ = ["cluster"]


_INGRESS = Routing(kind=RoutingKind.INGRESS, class_name="web", controller_namespace="ingress", tls_secret="tls")


_OURS = {"app.kubernetes.io/instance": "acme", "app.kubernetes.io/managed-by": "kastellan"}


_RIGHTS = (Right("create", "apps", "deployments", "zitadel"),)


class TestEntrance:
    def test_the_named_class_and_the_zones_of_what_lets_requests_in(self, cluster: PlatformCluster) -> None:
        cluster.put("v1", "Service", "internal", namespace="ingress", spec={"type": "ClusterIP"})
        seen = entrance(cluster, _INGRESS, "zitadel")
        assert isinstance(seen, Entrance)
        assert seen.controller == "traefik.io/ingress-controller"
        assert seen.services == (EntranceService(name="entry", zones=("zone-a", "zone-b")),)

    def test_without_a_name_it_is_the_default_class_or_none(self, cluster: PlatformCluster) -> None:
        unnamed = Routing(kind=RoutingKind.INGRESS, controller_namespace="ingress")
        seen = entrance(cluster, unnamed, "zitadel")
        assert isinstance(seen, Entrance)
        assert (seen.name, seen.controller) == ("", "")
        annotations = {"ingressclass.kubernetes.io/is-default-class": "true"}
        live(cluster, "IngressClass", "web")["metadata"]["annotations"] = annotations
        chosen = entrance(cluster, unnamed, "zitadel")
        assert isinstance(chosen, Entrance)
        assert chosen.name == "web"

    @pytest.mark.parametrize(
        ("listed", "features"),
        [(None, None), ([], ()), ([{"name": "B"}, {"name": "A"}], ("A", "B")), (["B", "A"], ("A", "B"))],
    )
    def test_a_gateway_tells_its_class_its_troubles_and_its_features_in_either_form(
        self, cluster: PlatformCluster, listed: Any, features: Any
    ) -> None:
        pending = {"type": "Programmed", "status": "False", "reason": "Pending", "message": "no address"}
        accepted = {"type": "Accepted", "status": "True"}
        api = "gateway.networking.k8s.io/v1"
        cluster.put(
            api, "Gateway", "web", namespace="web", spec={"gatewayClassName": "good"},
            status={"conditions": [accepted, pending]},
        )  # fmt: skip
        status = {"conditions": [accepted], **({} if listed is None else {"supportedFeatures": listed})}
        cluster.put(api, "GatewayClass", "good", spec={"controllerName": "gateway.example/c"}, status=status)
        seen = entrance(cluster, Routing(kind=RoutingKind.GATEWAY, gateway="web", gateway_namespace="web"), "zitadel")
        assert isinstance(seen, Entrance)
        assert (seen.name, seen.controller, seen.features) == ("good", "gateway.example/c", features)
        assert seen.problems == ("Gateway web/web is not programmed: Pending no address",)

    def test_a_gateway_that_is_not_there_is_told_unless_it_is_made_with_the_installation(
        self, cluster: PlatformCluster
    ) -> None:
        foreign = entrance(cluster, Routing(kind=RoutingKind.GATEWAY, gateway="web"), "zitadel")
        assert isinstance(foreign, Entrance)
        assert foreign.problems == ("there is no Gateway zitadel/web",)
        balancer = GoogleLoadBalancer(certificate_map="m", security_policy="s", address="a")
        ours = entrance(cluster, Routing(kind=RoutingKind.GATEWAY, gateway="web", google=balancer), "zitadel")
        assert isinstance(ours, Unknown)
        assert ours.reason.code == LEFT_OUT, "a new cluster has Google's class some minutes later; nothing waits for it"
        cluster.put(
            "gateway.networking.k8s.io/v1", "GatewayClass", "gke-l7-global-external-managed",
            spec={"controllerName": "networking.gke.io/gateway"},
        )  # fmt: skip
        cluster.put(
            "gateway.networking.k8s.io/v1", "Gateway", "web", namespace="zitadel",
            spec={"gatewayClassName": "gke-l7-global-external-managed"},
            status={"conditions": [{"type": "Programmed", "status": "False"}]},
        )  # fmt: skip
        again = entrance(cluster, Routing(kind=RoutingKind.GATEWAY, gateway="web", google=balancer), "zitadel")
        assert isinstance(again, Entrance)
        assert (again.controller, again.namespace) == ("networking.gke.io/gateway", "")
        assert again.problems == (), "an update that would mend it must not be stopped by it"

    @pytest.mark.parametrize("kind", [RoutingKind.NONE, RoutingKind.EDGE])
    def test_without_a_foreign_controller_nothing_is_asked(self, kind: RoutingKind) -> None:
        assert isinstance(entrance(PlatformCluster(), Routing(kind=kind), "zitadel"), NotProbed)


class TestDisruptions:
    @pytest.mark.parametrize(
        ("spec", "never"),
        [
            ({"maxUnavailable": 0}, True),
            ({"maxUnavailable": "0%"}, True),
            ({"minAvailable": "100%"}, True),
            ({"minAvailable": 3}, True),
            ({"minAvailable": 2}, False),
            ({"maxUnavailable": 1}, False),
            ({"minAvailable": "50%"}, False),
        ],
    )
    def test_a_budget_that_allows_none_says_whether_it_ever_will(
        self, cluster: PlatformCluster, spec: dict[str, Any], never: bool
    ) -> None:
        budget = cluster.objects[ObjectRef("policy/v1", "PodDisruptionBudget", "other", "budget")]
        budget |= {"spec": spec, "status": {"expectedPods": 3, "disruptionsAllowed": 0}}
        (found,) = disruptions(cluster, "zitadel", _OURS).blocking
        assert (found.name, found.ours, found.beside, found.never) == ("other/budget", False, False, never)

    def test_a_budget_without_pods_blocks_nothing(self, cluster: PlatformCluster) -> None:
        budget = cluster.objects[ObjectRef("policy/v1", "PodDisruptionBudget", "other", "budget")]
        budget["status"] = {"expectedPods": 0, "disruptionsAllowed": 0}
        assert disruptions(cluster, "zitadel", _OURS).blocking == ()

    def test_a_foreign_budget_in_our_namespace_stands_beside_ours_and_no_eviction_is_tried(
        self, cluster: PlatformCluster
    ) -> None:
        cluster.put(
            "policy/v1", "PodDisruptionBudget", "own", namespace="zitadel", spec={"maxUnavailable": 1},
            status={"expectedPods": 3, "disruptionsAllowed": 1},
        )  # fmt: skip
        seen = disruptions(cluster, "zitadel", _OURS)
        assert [(one.name, one.beside) for one in seen.blocking] == [("zitadel/own", True)]
        assert seen.evictions == ()

    def test_one_pod_of_each_component_is_tried_and_never_one_of_a_job(self, cluster: PlatformCluster) -> None:
        for name, component, owner in (("zitadel-1", "zitadel", "ReplicaSet"), ("zitadel-setup", "setup", "Job")):
            cluster.put(
                "v1", "Pod", name, namespace="zitadel", spec={}, status={"phase": "Running"},
                metadata={"labels": {**_OURS, "app.kubernetes.io/name": component},
                          "ownerReferences": [{"kind": owner}]},
            )  # fmt: skip
        tried = disruptions(cluster, "zitadel", _OURS).evictions
        assert [one.subject for one in tried] == ["eviction of pod zitadel/zitadel-0"]

    @pytest.mark.parametrize(
        "error",
        [
            ThrottledError("creating Eviction: would violate the pod's disruption budget"),
            RejectedError("creating Eviction: denied by policy"),
        ],
    )
    def test_a_refusal_is_an_answer(
        self, cluster: PlatformCluster, monkeypatch: pytest.MonkeyPatch, error: Exception
    ) -> None:
        _refuse(monkeypatch, error)
        (tried,) = disruptions(cluster, "zitadel", _OURS).evictions
        assert tried.accepted is False

    def test_a_busy_api_server_is_no_answer(self, cluster: PlatformCluster, monkeypatch: pytest.MonkeyPatch) -> None:
        _refuse(monkeypatch, ThrottledError("creating Eviction: too many requests"))
        with pytest.raises(ThrottledError):
            disruptions(cluster, "zitadel", _OURS)


def _refuse(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def create(self: PlatformCluster, path: str, body: Manifest, *, dry_run: bool = False) -> Manifest:
        assert dry_run
        raise error

    monkeypatch.setattr(PlatformCluster, "create", create)


class TestIssuance:
    _OF = installation(routing=_INGRESS)

    def test_a_valid_certificate_and_an_invalid_one_are_tried(self, cluster: PlatformCluster) -> None:
        seen = issuance(cluster, self._OF)
        assert isinstance(seen, Issuance)
        assert (seen.valid.accepted, seen.invalid.accepted, seen.troubles) == (True, False, ())

    def test_a_webhook_that_is_gone_refuses_and_any_other_fault_says_nothing(
        self, cluster: PlatformCluster, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _refuse(monkeypatch, ServerFaultError('failed calling webhook "webhook.cert-manager.io": no endpoints'))
        seen = issuance(cluster, self._OF)
        assert isinstance(seen, Issuance)
        assert seen.valid.accepted is False
        _refuse(monkeypatch, ServerFaultError("etcd has no leader"))
        with pytest.raises(ServerFaultError):
            issuance(cluster, self._OF)

    def test_a_webhook_that_is_silent_is_named_and_says_nothing_about_the_certificate(
        self, cluster: PlatformCluster, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _refuse(monkeypatch, DeadlineExceededError("creating Certificate: the server did not answer in time"))
        seen = issuance(cluster, self._OF)
        assert isinstance(seen, Issuance)
        assert (seen.valid.accepted, seen.invalid.accepted) == (None, None)
        assert "did not answer in time: other calls are answered" in seen.valid.message
        assert "an admission webhook that is silent: as a rule cert-manager's own" in seen.valid.message

    def test_a_certificate_for_our_secret_that_is_not_ready_is_told(self, cluster: PlatformCluster) -> None:
        failing = {"type": "Ready", "status": "False", "reason": "Failed", "message": "order is invalid"}
        live(cluster, "Certificate", "entry")["status"] = {"conditions": [failing]}
        seen = issuance(cluster, self._OF)
        assert isinstance(seen, Issuance)
        assert seen.troubles == ("Certificate zitadel/entry: Failed order is invalid",)
        live(cluster, "Certificate", "entry")["spec"]["secretName"] = "another"
        again = issuance(cluster, self._OF)
        assert isinstance(again, Issuance)
        assert again.troubles == ()

    def test_it_does_not_arise_without_a_secret_or_without_cert_manager(
        self, cluster: PlatformCluster, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert isinstance(issuance(cluster, installation()), NotProbed)
        monkeypatch.delattr(PlatformCluster, "request")
        assert isinstance(issuance(cluster, self._OF), NotProbed)

    def test_before_the_namespace_is_there_it_is_left_out(self, cluster: PlatformCluster) -> None:
        del cluster.objects[ObjectRef("v1", "Namespace", "", "zitadel")]
        seen = issuance(cluster, self._OF)
        assert isinstance(seen, Unknown)
        assert seen.reason.code == LEFT_OUT


class TestAdmission:
    def test_policies_count_when_they_are_bound_to_deny_something_of_ours(self, cluster: PlatformCluster) -> None:
        assert [one.name for one in policies(cluster, _RIGHTS)] == ["owners"]
        warning = {"fieldRef": "spec.validations[0]", "warning": "undefined field\n 'x'"}
        status = {"typeChecking": {"expressionWarnings": [warning]}}
        live(cluster, "ValidatingAdmissionPolicy", "owners")["status"] = status
        (warned,) = policies(cluster, _RIGHTS)
        assert warned.warnings == ("spec.validations[0]: undefined field 'x'",)
        live(cluster, "ValidatingAdmissionPolicyBinding", "owners")["spec"]["validationActions"] = ["Audit"]
        assert policies(cluster, _RIGHTS) == ()

    def test_only_aggregated_apis_that_are_not_available_are_told(self, cluster: PlatformCluster) -> None:
        assert api_services(cluster) == ()
        gone = {
            "conditions": [{"type": "Available", "status": "False", "reason": "MissingEndpoints", "message": "none"}]
        }
        cluster.put("apiregistration.k8s.io/v1", "APIService", "local", spec={}, status=gone)
        cluster.put("apiregistration.k8s.io/v1", "APIService", "old", spec={"service": {"name": "s"}}, status=gone)
        assert [(one.name, one.said) for one in api_services(cluster)] == [("old", "MissingEndpoints none")]

    @pytest.mark.parametrize(
        ("bundle", "given", "ends"),
        [
            ("", False, None),
            (base64.b64encode(b"no certificate").decode(), True, None),
            ("%%%", True, None),
            (ca_bundle(datetime(2030, 1, 1, tzinfo=UTC)), True, datetime(2030, 1, 1, tzinfo=UTC)),
        ],
        ids=["none", "no certificate", "no base64", "a certificate"],
    )
    def test_an_authority_that_cannot_be_read_is_no_authority_that_is_not_given(
        self, cluster: PlatformCluster, bundle: str, given: bool, ends: datetime | None
    ) -> None:
        hook = live(cluster, "ValidatingWebhookConfiguration", "policy")["webhooks"][0]
        hook["clientConfig"]["caBundle"] = bundle
        (seen,) = webhooks(cluster, _RIGHTS)
        assert (seen.authority_given, seen.authority_ends) == (given, ends)


def test_limit_ranges_of_pods_and_ratios_are_read(cluster: PlatformCluster) -> None:
    items = [
        {"type": "Container", "maxLimitRequestRatio": {"cpu": "2"}},
        {"type": "Pod", "max": {"memory": "1Gi"}},
        {"type": "PersistentVolumeClaim", "max": {"storage": "1Gi"}},
    ]
    live(cluster, "LimitRange", "sizes")["spec"]["limits"] = items
    seen = namespace_rules(cluster, "zitadel", _OURS).limits
    assert [(one.of, dict(one.most), dict(one.ratio)) for one in seen] == [
        ("Container", {}, {"cpu": 2}),
        ("Pod", {"memory": 2**30}, {}),
    ]


def test_without_a_namespace_pods_and_objects_are_tried_elsewhere_and_say_so(cluster: PlatformCluster) -> None:
    del cluster.objects[ObjectRef("v1", "Namespace", "", "zitadel")]
    cluster.put("v1", "Namespace", "default")
    metadata = {"name": "c", "namespace": "zitadel"}
    questions = ClusterQuestions(
        installation=installation(),
        instance_labels=_OURS,
        rights=(),
        objects=({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata},),
        pods=({"kind": "Pod", "metadata": {"generateName": "p-", "namespace": "zitadel"}},),
    )
    collectors = cluster_collectors(cluster, questions)
    tried = [*collectors["objects"](), *collectors["pod_admission"]()]
    assert [(one.accepted, one.elsewhere) for one in tried] == [(True, "default"), (True, "default")]
