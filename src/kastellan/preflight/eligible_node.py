"""Which nodes take pods of ours."""

from kastellan.preflight.node_facts import Node
from kastellan.preflight.requirement import Requirement


def eligible(node: Node, requirement: Requirement) -> str:
    """Why a node takes no pod of ours; empty where it does. Our pods tolerate no taints."""
    if not node.ready:
        return "not ready"
    if node.cordoned:
        return "cordoned"
    if node.taints:
        return f"tainted {', '.join(map(str, node.taints))}"
    if node.architecture not in requirement.architectures:
        return f"architecture {node.architecture}"
    return "" if node.zone else "without the label topology.kubernetes.io/zone"
