"""What has to be known about a run besides its facts, so that somebody else can tell what was judged, and by what."""

from dataclasses import dataclass
from datetime import datetime

from kastellan.domain.service_plan import Platform, ServicePlan
from kastellan.preflight.gate import Gate


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """One collection.

    Attributes:
        target: what was looked at, for people: stack or kubeconfig, cluster and database.
        gate: for which it was looked at; checks that are no gate there only warn.
        started: when facts began to be collected (UTC).
        collected: when the last of them was there (UTC); checks judge as of this day.
        spec: SHA-256 of what shall run there: the objects without secrets, in hexadecimal.
        identity: the API server's name for who asked; empty where it did not say.
        cluster: UID of the namespace `kube-system`, which stays for the life of a cluster; empty where it is not known.
        namespaces: in which something was tried, in dry runs or by probes.
        read_only: whether probes were left out.
        platform: where the installation runs; None where there is no stack.
        plan: of the contract; None where there is none.
    """

    target: str
    gate: Gate
    started: datetime
    collected: datetime
    spec: str = ""
    identity: str = ""
    cluster: str = ""
    namespaces: tuple[str, ...] = ()
    read_only: bool = True
    platform: Platform | None = None
    plan: ServicePlan | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """What judged.

    Attributes:
        version: of kastellan.
        sha256: digest of its source, in hexadecimal.
    """

    version: str
    sha256: str
