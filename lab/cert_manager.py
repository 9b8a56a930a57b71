"""cert-manager beside a control plane: the real controllers that issue from an authority of one's own, and their kinds.

No ACME and no webhook: an ACME authority has to reach the cluster, and a webhook runs in a pod.
"""

import base64
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from lab.control_plane import ControlPlane
from lab.pki import Authority
from lab.tools import ensure

CRDS = "crds"
"""Folder beside the program with its CustomResourceDefinitions, of the same release."""
_GROUP = "cert-manager.io/v1"


class CertManager:
    """The controllers, which end with the control plane's lab."""

    def __init__(self, cluster: ControlPlane) -> None:
        """Make the kinds, and start the controllers.

        Raises:
            LabError: it cannot be built or started.
        """
        program = ensure(("cert-manager",))["cert-manager"]
        cluster.kubectl("apply", "--server-side", "-f", str(program.parent / CRDS))
        cluster.kubectl("wait", "--for=condition=Established", "-f", str(program.parent / CRDS), "--timeout=60s")
        self._process = cluster.supervisor.start("cert-manager", [program, f"--kubeconfig={cluster.kubeconfig}"])

    @contextmanager
    def held_up(self) -> Iterator[None]:
        """Meanwhile it does nothing, as one that hangs."""
        os.killpg(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self._process.pid, signal.SIGCONT)


def authority_issuer(authority: Authority, name: str, namespace: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The Secret of an authority, and an Issuer that signs with it."""

    def encoded(text: str) -> str:
        return base64.b64encode(text.encode()).decode()

    metadata = {"name": name, "namespace": namespace}
    data = {"tls.crt": encoded(authority.certificate), "tls.key": encoded(authority.private_key)}
    secret = {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": metadata, "data": data}
    spec = {"ca": {"secretName": name}}
    return secret, {"apiVersion": _GROUP, "kind": "Issuer", "metadata": metadata, "spec": spec}
