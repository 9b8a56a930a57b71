"""The Gateway API's resource definitions, from the Go module that its makers publish."""

import json
import subprocess
from pathlib import Path

from lab.control_plane import ControlPlane
from lab.errors import LabError
from lab.go import go_command

VERSION = "v1.5.0"
_MODULE = "sigs.k8s.io/gateway-api"


def install_gateway_api(cluster: ControlPlane) -> None:
    """Let a cluster serve the standard channel of the Gateway API; nothing routes by it.

    Raises:
        LabError: the module cannot be had.
    """
    done = subprocess.run(
        [go_command(), "mod", "download", "-json", f"{_MODULE}@{VERSION}"],
        cwd="/", capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise LabError(f"{_MODULE}@{VERSION} cannot be downloaded: {done.stderr or done.stdout}")
    definitions = sorted((Path(json.loads(done.stdout)["Dir"]) / "config" / "crd" / "standard").glob("*_*.yaml"))
    for file in definitions:
        cluster.kubectl("apply", "--server-side", "-f", str(file))
    cluster.kubectl("wait", "--for=condition=Established", "crd/httproutes.gateway.networking.k8s.io", "--timeout=30s")
