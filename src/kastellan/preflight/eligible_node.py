"""Which nodes take pods of ours."""

from kastellan.preflight.node_facts import Node
from kastellan.preflight.requirement import Requirement


def eligible(node: Node, requirement: Requirement) -> str:
    """Why a node takes no pod of ours; empty where it does. Our pods tolerate the taint of their own pool only."""
    if not node.ready:
        return "not ready"
    if node.cordoned:
        return "cordoned"
    repelling = [str(taint) for taint in node.taints if str(taint) != requirement.pool_taint]
    if repelling:
        return f"tainted {', '.join(repelling)}"
    if requirement.pool_taint and not node.taints:
        return f"not of the pool {requirement.pool_taint}"
    if node.architecture not in requirement.architectures:
        return f"architecture {node.architecture}"
    return "" if node.zone else "without the label topology.kubernetes.io/zone"
