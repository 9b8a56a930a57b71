"""Admission policies that see objects of ours, and aggregated APIs that do not answer."""

from collections.abc import Sequence

from kastellan.adapters.kubernetes.admission_rules import any_matches, written_by
from kastellan.planning.rights import Right
from kastellan.ports.cluster import Cluster
from kastellan.preflight.platform_facts import AdmissionPolicy, ApiService

_API = "admissionregistration.k8s.io/v1"


def policies(cluster: Cluster, rights: Sequence[Right]) -> tuple[AdmissionPolicy, ...]:
    """ValidatingAdmissionPolicies that are bound to deny and whose rules match a kind of ours."""
    denying = {
        binding["spec"]["policyName"]
        for binding in cluster.list(_API, "ValidatingAdmissionPolicyBinding")
        if "Deny" in binding["spec"].get("validationActions", ())
    }
    written = written_by(rights)
    return tuple(
        AdmissionPolicy(
            name=policy["metadata"]["name"],
            warnings=tuple(
                f"{one['fieldRef']}: {' '.join(one['warning'].split())}"[:200]
                for one in policy.get("status", {}).get("typeChecking", {}).get("expressionWarnings") or ()
            ),
        )
        for policy in cluster.list(_API, "ValidatingAdmissionPolicy")
        if policy["metadata"]["name"] in denying
        and any_matches((policy["spec"].get("matchConstraints") or {}).get("resourceRules") or (), written)
    )


def api_services(cluster: Cluster) -> tuple[ApiService, ...]:
    """Aggregated APIs that the API server says are not available."""
    return tuple(
        ApiService(name=live["metadata"]["name"], said=f"{state.get('reason', '')} {state.get('message', '')}".strip())
        for live in cluster.list("apiregistration.k8s.io/v1", "APIService")
        if live["spec"].get("service")
        for state in live.get("status", {}).get("conditions", ())
        if state["type"] == "Available" and state["status"] != "True"
    )
