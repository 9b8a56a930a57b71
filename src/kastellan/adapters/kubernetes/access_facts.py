"""Whether our identity has rights, by the API server's own word (SelfSubjectAccessReview)."""

from collections.abc import Sequence

from kastellan.adapters.kubernetes.at_once import at_once
from kastellan.planning.rights import Right
from kastellan.ports.cluster import Cluster
from kastellan.preflight.facts import AccessAnswer


def access(cluster: Cluster, rights: Sequence[Right]) -> tuple[AccessAnswer, ...]:
    """One answer a right, in their order."""

    def ask(right: Right) -> AccessAnswer:
        attributes = {
            "verb": right.verb,
            "group": right.group,
            "resource": right.resource,
            "subresource": right.subresource,
            "namespace": right.namespace,
            "name": right.name,
        }
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {key: value for key, value in attributes.items() if value}},
        }
        answer = cluster.create("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review)
        return AccessAnswer(right=str(right), allowed=answer["status"].get("allowed") is True)

    return at_once(ask, rights)
