"""What a machine must have to run real nodes, looked at before anything is started."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from lab import node_cgroup

_PACKAGES = {
    "containerd": "containerd",
    "ctr": "containerd",
    "runc": "runc",
    "ip": "iproute2",
    "iptables": "iptables",
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "mount": "mount",
    "bash": "bash",
}
"""Programs that a node needs, and the packages of Debian and Ubuntu that hold them."""
_CNI_FOLDERS = (Path("/usr/lib/cni"), Path("/opt/cni/bin"))
_CNI_PLUGINS = ("bridge", "host-local", "loopback", "portmap")
_MODULES = ("br_netfilter", "overlay", "nf_conntrack")
_PROBE = """ip link add probe type bridge && mount -t tmpfs tmpfs /run || exit
test -e /proc/sys/net/bridge || { echo 'the module br_netfilter is not there' >&2; exit 1; }"""


def why_not() -> str | None:
    """Why real nodes cannot run on this machine and what to do about it, or None where they can."""
    if sys.platform != "linux":
        return f"real nodes need Linux; this is {platform.system()}"
    if os.geteuid() != 0:
        return "real nodes need root: run it again as root"
    packages = {package for program, package in _PACKAGES.items() if shutil.which(program) is None}
    if cni_folder() is None:
        packages.add("containernetworking-plugins")
    if packages:
        return f"programs are missing; install them: apt-get install --yes {' '.join(sorted(packages))}"
    problem = node_cgroup.why_not() or _refused_namespaces()
    return f"{problem}; whatever this machine runs in has to allow it" if problem else None


def cni_folder() -> Path | None:
    """Where the machine has the network plugins that a node needs, or None."""
    return next((f for f in _CNI_FOLDERS if all((f / plugin).exists() for plugin in _CNI_PLUGINS)), None)


def _refused_namespaces() -> str | None:
    """Try in earnest what a node's start does, in namespaces that end with the trial."""
    if (modprobe := shutil.which("modprobe")) is not None:
        for module in _MODULES:  # built in or loaded as a rule; whether it is there is seen below
            subprocess.run([modprobe, "--quiet", module], capture_output=True, check=False, timeout=30)
    namespaces = ["unshare", "--net", "--mount", "--uts", "--ipc", "--pid", "--fork", "--mount-proc"]
    tried = subprocess.run([*namespaces, "sh", "-c", _PROBE], capture_output=True, text=True, check=False, timeout=30)
    return None if tried.returncode == 0 else f"the kernel refuses a node's namespaces ({tried.stderr.strip()})"
