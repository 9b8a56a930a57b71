"""Every group of facts names the rights that it takes."""

from kastellan.domain.installation import Autoscaling, Routing, RoutingKind
from kastellan.manifests.release import render
from kastellan.planning.dangerous_rights import DANGEROUS
from kastellan.planning.facts_rights import facts_rights, survey_rights
from kastellan.planning.rights import rights_of
from kastellan.preflight.facts import Facts
from tests.builders import installation, secrets


def test_every_group_of_facts_names_its_rights() -> None:
    described = installation()
    assert facts_rights(described, render(described, secrets())).keys() == Facts.__dataclass_fields__.keys()


def test_neither_a_fact_nor_a_release_takes_a_dangerous_right() -> None:
    described = installation(
        routing=Routing(kind=RoutingKind.INGRESS, controller_namespace="web", tls_secret="tls"),
        autoscaling=Autoscaling(max_replicas=6),
        image_pull_secret="registry",
    )
    manifests = render(described, secrets())
    by_group = facts_rights(described, manifests, storage_class="fast")
    assert all(by_group[name] for name in ("entrance", "issuance", "metrics", "storage", "pull_secret"))
    for right in (*survey_rights(by_group, by_group), *rights_of(described, manifests)):
        assert right not in DANGEROUS, right
        assert right.namespace or right.resource != "secrets", right
        assert right.verb in ("get", "list", "create", "patch", "update", "delete"), right
