"""The role on the page of RBAC-1 is enough for every kind of installation, and gives nothing dangerous."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from kastellan.domain.installation import Autoscaling, Routing, RoutingKind
from kastellan.manifests.release import render
from kastellan.planning.facts_rights import facts_rights, survey_rights
from kastellan.planning.rights import Right, rights_of
from tests.builders import installation, secrets

_PAGE = Path(__file__).parents[3] / "docs" / "checks" / "RBAC-1.md"
_NAMESPACE = "zitadel"
_NAME = "preflight"
"""The installation that the page takes as its example."""


def _granted() -> set[Right]:
    block = _PAGE.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    roles: list[dict[str, Any]] = [role for role in yaml.safe_load_all(block) if role["kind"].endswith("Role")]
    return {
        Right(verb, group, resource.partition("/")[0], role["metadata"].get("namespace", ""), name,
              resource.partition("/")[2])
        for role in roles
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
        for name in rule.get("resourceNames", [""])
    }  # fmt: skip


def _used() -> set[Right]:
    """What the release procedure uses and what a preflight reads, but for a controller's namespace, which differs."""
    used: set[Right] = set()
    for kind in RoutingKind:
        routing = Routing(kind=kind, class_name="web", gateway="web", gateway_namespace="web", tls_secret="tls")
        for autoscaling in (None, Autoscaling(max_replicas=6)):
            described = installation(name=_NAME, routing=routing, autoscaling=autoscaling, image_pull_secret="registry")
            manifests = render(described, secrets())
            used |= {*rights_of(described, manifests)}
            by_group = facts_rights(described, manifests, storage_class="fast")
            used |= {*survey_rights(by_group, by_group)}
    return used


def _covers(grant: Right, right: Right) -> bool:
    """Without a namespace a grant holds in all of them, without a name for all objects."""
    return (
        (grant.verb, grant.group, grant.resource, grant.subresource)
        == (right.verb, right.group, right.resource, right.subresource)
        and grant.namespace in ("", right.namespace)
        and grant.name in ("", right.name)
    )


def test_the_role_grants_every_right_that_any_routing_and_scaling_uses() -> None:
    granted = _granted()
    used = _used()
    assert len(used) > 60
    assert [str(right) for right in sorted(used) if not any(_covers(grant, right) for grant in granted)] == []


@pytest.mark.parametrize("resource", ["secrets", "pods/exec", "nodes/proxy", "clusterroles", "roles"])
def test_the_role_gives_no_dangerous_right_for_the_whole_cluster(resource: str) -> None:
    whole, _, part = resource.partition("/")
    assert not {
        right for right in _granted() if not right.namespace and (right.resource, right.subresource) == (whole, part)
    }
    assert not any("*" in (right.verb, right.group, right.resource) for right in _granted())
