"""Runs the containers of rendered manifests as local processes: their arguments, environment and files, other paths.

So the stand-in is tested with exactly what a node would start it with; only ports, folders and names are mapped.
"""

import base64
import os
import re
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import urllib3

from kastellan.adapters.system_user_key import make_system_user_key
from kastellan.domain.installation import Database as DatabaseOf
from kastellan.domain.kubernetes_object import Manifest
from kastellan.domain.secrets import Secrets
from kastellan.domain.version import Version
from kastellan.manifests.configuration import LOGIN_PORT, PORT
from kastellan.manifests.release import render
from kastellan.manifests.release_manifests import ReleaseManifests
from lab.control_plane import free_port
from lab.images import releases
from tests.builders import MASTERKEY, installation
from tests.lab.conftest import Database
from tests.waiting import until

DOMAIN = installation().domain
LOGIN_CLIENT = make_system_user_key("login-client")
ADMIN_CLIENT = make_system_user_key("admin-client")


@cache
def program(version: str) -> Path:
    """The stand-in of a release."""
    return releases((version,))[0].program


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """A running container.

    Attributes:
        process: the process.
        log: what it writes to standard error.
        port: where it listens, if it does.
    """

    process: "subprocess.Popen[bytes]"
    log: Path
    port: int

    @property
    def said(self) -> str:
        """Its log so far."""
        return self.log.read_text()

    def get(
        self, path: str, *, host: str = DOMAIN, headers: Mapping[str, str] | None = None
    ) -> urllib3.BaseHTTPResponse:
        """Answer to a GET."""
        return self._request("GET", path, {"Host": host, **(headers or {})})

    def post(self, path: str, form: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        """Answer to a form."""
        return self._request("POST", path, {"Host": DOMAIN}, fields=dict(form), encode_multipart=False)

    def serves(self, path: str) -> bool:
        """Whether it answers with 200; a refused connection is a no."""
        assert self.process.poll() is None, self.said
        try:
            return self.get(path).status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def terminate(self) -> None:
        """Ask it to end, as a kubelet does."""
        self.process.send_signal(signal.SIGTERM)

    def _request(self, method: str, path: str, headers: Mapping[str, str], **rest: Any) -> urllib3.BaseHTTPResponse:
        url = f"http://127.0.0.1:{self.port}{path}"
        with urllib3.PoolManager() as pool:
            return pool.request(method, url, headers=headers, retries=False, redirect=False, timeout=5, **rest)


class StandInPods:
    """The pods of one installation with a database of its own."""

    def __init__(self, folder: Path, database: Database, *, admin_user: str = "", admin_password: str = "") -> None:
        self.database = database
        self.secrets = Secrets(
            masterkey=MASTERKEY,
            database_password=database.password,
            database_admin_password=admin_password,
            login_client=LOGIN_CLIENT,
            admin_client=ADMIN_CLIENT,
        )
        server = database.server
        self._database = DatabaseOf(
            host=server.host, port=server.port, name=database.name, user=database.user, ca=server.ca_pem,
            admin_user=admin_user,
        )  # fmt: skip
        self._folder = folder
        self._started: list[Pod] = []
        self.hosts = installation().hosts
        """Names of the installation."""
        self.roles = ("", "")
        """A role in the configuration, and the one that stands there instead, of pods to come."""

    def rendered(self, version: str) -> ReleaseManifests:
        """The product's objects."""
        of = installation(version=Version.parse(version), database=self._database, hosts=self.hosts)
        return render(of, self.secrets)

    def use_masterkey(self, masterkey: str) -> None:
        """Change the masterkey of all pods to come."""
        self.secrets = replace(self.secrets, masterkey=masterkey)

    def run(self, job: str, version: str, *, code: int = 0) -> str:
        """Run `init_job`, `setup_job` or `cleanup_job` to its end, check the exit code, and return the log."""
        pod = self.begin(job, version)
        assert pod.process.wait(timeout=40) == code, pod.said
        return pod.said

    def begin(self, job: str, version: str) -> Pod:
        """Start a Job's pod."""
        rendered = self.rendered(version)
        return self._start(getattr(rendered, job), rendered, version, {})

    def install(self, version: str) -> None:
        """`init` and `setup`."""
        self.run("init_job", version)
        self.run("setup_job", version)

    def start(self, version: str) -> Pod:
        """Start a pod of the API server."""
        rendered = self.rendered(version)
        return self._start(rendered.workloads[0], rendered, version, {})

    def serve(self, version: str) -> Pod:
        """The same, and wait until it is ready."""
        pod = self.start(version)
        until(lambda: pod.serves("/debug/ready"))
        return pod

    def login(self, version: str, api: Pod) -> Pod:
        """Start a pod of the login application and wait until it lives; the API's Service leads to `api`."""
        rendered = self.rendered(version)
        service = f"zitadel.zitadel.svc:{PORT}"
        pod = self._start(rendered.workloads[1], rendered, version, {service: f"127.0.0.1:{api.port}"})
        until(lambda: pod.serves("/ui/v2/login/healthy"))
        return pod

    def close(self) -> None:
        """End everything."""
        for pod in self._started:
            pod.process.kill()
            pod.process.wait()

    def _start(self, workload: Manifest, rendered: ReleaseManifests, version: str, replaced: Mapping[str, str]) -> Pod:
        name = f"{workload['metadata']['name']}-{len(self._started)}"
        port = free_port()
        spec = workload["spec"]["template"]["spec"]
        (container,) = spec["containers"]
        objects = {(o["kind"], o["metadata"]["name"]): o for o in rendered.foundation}
        mapped = {**replaced, f"Port: {PORT}\n": f"Port: {port}\n"}
        if self.roles[0]:
            mapped[f"- {self.roles[0]}\n"] = f"- {self.roles[1]}\n"
        for mount in container["volumeMounts"]:
            folder = self._folder / name / mount["name"]
            folder.mkdir(parents=True)
            mapped[mount["mountPath"] + "/"] = f"{folder}/"

        def local(text: str) -> str:
            return re.sub("|".join(map(re.escape, mapped)), lambda found: mapped[found[0]], text)

        for volume in spec["volumes"]:
            for file, content in _files(volume, objects).items():
                (self._folder / name / volume["name"] / file).write_text(local(content))
        environment = {"HOSTNAME": name}
        if not container.get("args"):  # the login application listens where PORT says, as Next.js does
            assert container["ports"][0]["containerPort"] == LOGIN_PORT
            environment["PORT"] = str(port)
        for variable in container["env"]:
            environment[variable["name"]] = local(_value(variable, objects))
        arguments = [local(argument) for argument in container.get("args", ["login"])]
        log = self._folder / name / "log"
        with log.open("wb") as out:
            process = subprocess.Popen([program(version), *arguments], env=environment, stderr=out, cwd=os.sep)
        self._started.append(Pod(process=process, log=log, port=port))
        return self._started[-1]


def _files(volume: Manifest, objects: Mapping[tuple[str, str], Manifest]) -> dict[str, str]:
    match volume:
        case {"configMap": {"name": name}}:
            return dict(objects["ConfigMap", name]["data"])
        case {"secret": {"secretName": name}}:
            return {key: _decoded(value) for key, value in objects["Secret", name]["data"].items()}
        case _:
            return {}


def _value(variable: Manifest, objects: Mapping[tuple[str, str], Manifest]) -> str:
    match variable:
        case {"value": str(value)}:
            return value
        case {"valueFrom": {"secretKeyRef": {"name": name, "key": key}}}:
            return _decoded(objects["Secret", name]["data"][key])
        case {"valueFrom": {"fieldRef": _}}:
            return "127.0.0.1"
        case _:
            raise AssertionError(f"no value for {variable}")


def _decoded(value: str) -> str:
    return base64.b64decode(value).decode()
