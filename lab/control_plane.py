"""A real Kubernetes control plane: etcd, API server, controller manager, scheduler; free ports, verified TLS."""

import base64
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import urllib3
import yaml
from cryptography.hazmat.primitives.asymmetric import ec

from lab.errors import LabError
from lab.pki import Authority, private_pem
from lab.supervisor import Supervisor
from lab.tools import ensure

_READY_SECONDS = 60.0


def free_port(address: str = "127.0.0.1") -> int:
    """A port that is free on this address at this moment."""
    with socket.socket() as probe:
        probe.bind((address, 0))
        port: int = probe.getsockname()[1]
        return port


class ControlPlane:
    """A control plane without nodes, and the ways to talk to it.

    Attributes:
        server: URL of the API server.
        authority: signs the cluster's certificates; node and user credentials come from it.
        folder: where its files lie.
        kubeconfig: administrator's kubeconfig.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        *,
        address: str = "127.0.0.1",
        service_range: str = "10.96.0.0/16",
        apiserver_flags: Sequence[str] = (),
        controller_manager_flags: Sequence[str] = (),
        scheduler_flags: Sequence[str] = (),
    ) -> None:
        """Start it and wait until it serves.

        Args:
            supervisor: ends it.
            address: where the API server listens; nodes must reach it.
            service_range: addresses of Services.
            apiserver_flags: added to the API server's.
            controller_manager_flags: added to the controller manager's.
            scheduler_flags: added to the scheduler's.

        Raises:
            LabError: a component ends, or the API server does not serve within a minute.
        """
        self.supervisor = supervisor
        self.folder = supervisor.folder / "control-plane"
        self.folder.mkdir()
        self.address = address
        self.port = free_port(address)
        self.server = f"https://{address}:{self.port}"
        self.authority = Authority("kastellan lab cluster")
        self._tools = ensure(("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"))
        self.ca_file = self.folder / "ca.crt"
        self.ca_file.write_text(self.authority.certificate)
        self.kubeconfig = self.write_kubeconfig("admin", groups=("system:masters",))
        etcd = self._start_etcd()
        self._start_apiserver(etcd, service_range, apiserver_flags)
        self._wait_for("/readyz")
        for name, flags in (
            ("kube-controller-manager", controller_manager_flags),
            ("kube-scheduler", scheduler_flags),
        ):
            self._start_controller(name, flags)
        self._wait_for("/api/v1/namespaces/default/serviceaccounts/default")

    @property
    def kubeconfig_text(self) -> str:
        """The administrator's kubeconfig as text."""
        return self.kubeconfig.read_text()

    def user_kubeconfig(self, user: str, groups: Sequence[str] = ()) -> str:
        """A kubeconfig for a user that has only the rights that somebody binds to it."""
        return self._kubeconfig(user, groups)

    def write_kubeconfig(self, user: str, groups: Sequence[str] = ()) -> Path:
        """Write a user's kubeconfig into the lab's folder, readable by the owner only."""
        path = self.folder / f"{user.replace(':', '-')}.kubeconfig"
        path.touch(mode=0o600)
        path.write_text(self._kubeconfig(user, groups))
        return path

    def kubectl(self, *arguments: str, stdin: str | None = None, check: bool = True) -> str:
        """Run kubectl as administrator and return what it prints.

        Raises:
            LabError: kubectl fails; the message holds what it said.
        """
        beside = Path(sys.executable).with_name("kubectl")
        command = str(beside) if beside.exists() else shutil.which("kubectl")
        if command is None:
            raise LabError("kubectl is missing; `make install` brings it")
        done = subprocess.run(
            [command, "--kubeconfig", str(self.kubeconfig), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        if check and done.returncode != 0:
            raise LabError(f"kubectl {' '.join(arguments)} failed: {done.stderr.strip()}")
        return done.stdout

    def apply(self, *objects: Mapping[str, object]) -> None:
        """Create or change objects as administrator."""
        self.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=yaml.safe_dump_all(list(objects)))

    def request(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, strategic_merge: bool = False
    ) -> dict[str, Any]:
        """Call the API as administrator and return the JSON that it answers.

        Raises:
            LabError: the answer is no success; the message holds what the server said.
            urllib3.exceptions.HTTPError: no answer.
        """
        content_type = "application/strategic-merge-patch+json" if strategic_merge else "application/json"
        answer = self._connections.request(
            method, path, body=json.dumps(body) if body is not None else None, headers={"Content-Type": content_type}
        )
        if answer.status >= 300:
            raise LabError(f"{method} {path} was answered with {answer.status}: {answer.data.decode()[:300]}")
        parsed: dict[str, Any] = json.loads(answer.data) if answer.data.startswith(b"{") else {}
        return parsed

    @cached_property
    def _connections(self) -> urllib3.HTTPSConnectionPool:
        return urllib3.HTTPSConnectionPool(
            self.address,
            self.port,
            maxsize=16,
            retries=False,
            timeout=30,
            ca_certs=str(self.ca_file),
            cert_file=str(self.folder / "admin.crt"),
            key_file=str(self.folder / "admin.key"),
        )

    def _kubeconfig(self, user: str, groups: Sequence[str]) -> str:
        credential = self.authority.client(user, groups)
        if user == "admin":
            credential.write(self.folder, "admin")

        def encoded(text: str) -> str:
            return base64.b64encode(text.encode()).decode()

        cluster = {"server": self.server, "certificate-authority-data": encoded(self.authority.certificate)}
        identity = {
            "client-certificate-data": encoded(credential.certificate),
            "client-key-data": encoded(credential.private_key),
        }
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "lab", "cluster": cluster}],
            "users": [{"name": user, "user": identity}],
            "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": user}}],
            "current-context": "lab",
        }
        return yaml.safe_dump(config, sort_keys=False)

    def _start_etcd(self) -> str:
        client, peer = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        self.supervisor.start(
            "etcd",
            [
                self._tools["etcd"],
                f"--data-dir={self.folder / 'etcd'}",
                f"--listen-client-urls={client}",
                f"--advertise-client-urls={client}",
                f"--listen-peer-urls={peer}",
                f"--initial-advertise-peer-urls={peer}",
                f"--initial-cluster=default={peer}",
                "--unsafe-no-fsync",  # a lab's data need not survive a power cut, and fsync costs most of the start
                "--log-level=warn",
            ],
        )
        return client

    def _start_apiserver(self, etcd: str, service_range: str, flags: Sequence[str]) -> None:
        first_service_address = service_range.partition("/")[0].rpartition(".")[0] + ".1"
        names = [self.address, "localhost", "kubernetes", "kubernetes.default.svc", first_service_address]
        certificate, key = self.authority.server(names).write(self.folder, "apiserver")
        tokens = self.folder / "service-accounts.key"
        tokens.touch(mode=0o600)
        tokens.write_text(private_pem(ec.generate_private_key(ec.SECP256R1())))
        self.supervisor.start(
            "kube-apiserver",
            [
                self._tools["kube-apiserver"],
                f"--etcd-servers={etcd}",
                f"--bind-address={self.address}",
                f"--advertise-address={self.address}",
                f"--secure-port={self.port}",
                f"--client-ca-file={self.ca_file}",
                f"--tls-cert-file={certificate}",
                f"--tls-private-key-file={key}",
                f"--service-account-key-file={tokens}",
                f"--service-account-signing-key-file={tokens}",
                "--service-account-issuer=https://kubernetes.default.svc",
                f"--service-cluster-ip-range={service_range}",
                "--authorization-mode=Node,RBAC",
                "--enable-admission-plugins=NodeRestriction",
                "--allow-privileged=true",
                *flags,
            ],
        )

    def _start_controller(self, name: str, flags: Sequence[str]) -> None:
        config = self.write_kubeconfig(f"system:{name}", groups=("system:masters",))
        command: list[str | Path] = [
            self._tools[name],
            f"--kubeconfig={config}",
            f"--authentication-kubeconfig={config}",
            f"--authorization-kubeconfig={config}",
            "--leader-elect=false",
            "--secure-port=0",
        ]
        if name == "kube-controller-manager":
            command += [
                f"--service-account-private-key-file={self.folder / 'service-accounts.key'}",
                f"--root-ca-file={self.ca_file}",
                "--kube-api-qps=200",  # its default of 20 makes the first seconds of a cluster slow
                "--kube-api-burst=400",
                "--concurrent-gc-syncs=20",
            ]
        self.supervisor.start(name, [*command, *flags])

    def _wait_for(self, path: str) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while True:
            try:
                self.request("GET", path)
                return
            except (LabError, urllib3.exceptions.HTTPError) as problem:
                self.supervisor.check()
                if time.monotonic() > deadline:
                    tail = self.supervisor.log_tail("kube-apiserver")
                    raise LabError(f"the API server does not answer {path}: {problem}\n{tail}") from problem
                time.sleep(0.05)
