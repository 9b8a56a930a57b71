"""What the lab runs besides our own code, each in one pinned release; `lab.tools` builds it."""

from dataclasses import dataclass

KUBERNETES = "1.35.4"
"""Control plane and nodes are of one release: the newest whose kubelet still runs on Debian 12's containerd 1.6."""
PULUMI = "3.259.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One executable.

    Attributes:
        name: file name, and name on `PATH`.
        module: folder below `lab/tools`.
        package: Go package of its `main`; `.` where the module itself is the program.
        version: pinned release, as it appears in the output of `version_arguments`.
        version_arguments: how to ask a copy on `PATH` for its version; empty where it cannot be asked.
        ldflags: linker flags that stamp the version in.
    """

    name: str
    module: str
    package: str
    version: str
    version_arguments: tuple[str, ...] = ()
    ldflags: str = "-s -w"


def _kubernetes(name: str) -> Tool:
    major, minor, _ = KUBERNETES.split(".")
    stamp = "k8s.io/component-base/version"
    return Tool(
        name=name,
        module="kubernetes",
        package=f"k8s.io/kubernetes/cmd/{name}",
        version=f"v{KUBERNETES}",
        version_arguments=("--version",),
        ldflags=f"-s -w -X {stamp}.gitVersion=v{KUBERNETES} -X {stamp}.gitMajor={major} -X {stamp}.gitMinor={minor}",
    )


_TOOLS = (
    Tool(
        name="etcd",
        module="etcd",
        package=".",
        version="etcd Version: 3.7.3",
        version_arguments=("--version",),
    ),
    _kubernetes("kube-apiserver"),
    _kubernetes("kube-controller-manager"),
    _kubernetes("kube-scheduler"),
    _kubernetes("kubelet"),
    _kubernetes("kube-proxy"),
    Tool(
        name="coredns",
        module="coredns",
        package=".",
        version="CoreDNS-1.15.0",
        version_arguments=("-version",),
    ),
    Tool(
        name="kwok",
        module="kwok",
        package="sigs.k8s.io/kwok/cmd/kwok",
        version="v0.8.0",
        version_arguments=("--version",),
        ldflags="-s -w -X sigs.k8s.io/kwok/pkg/consts.Version=v0.8.0",
    ),
    Tool(
        name="cert-manager",
        module="cert-manager",
        package=".",
        version="v1.21.2",
    ),
    Tool(
        name="pulumi",
        module="pulumi",
        package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        version=f"v{PULUMI}",
        version_arguments=("version",),
        ldflags=f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version={PULUMI}",
    ),
    Tool(
        name="pulumi-language-python",
        module="pulumi-language-python",
        package="github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python",
        version="3.79.0",
    ),
)
TOOLS = {tool.name: tool for tool in _TOOLS}
"""Every tool of the lab by name."""
COMPARED = Tool(
    name="preflight",
    module="troubleshoot",
    package="github.com/replicatedhq/troubleshoot/cmd/preflight",
    version="v0.133.0",
)
"""What `make bench` measures our preflight beside; nothing else needs it, so `make tools` does not build it."""
KNOWN = {**TOOLS, COMPARED.name: COMPARED}

SIMULATED = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok")
NODES = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "coredns")
ENGINE = ("pulumi", "pulumi-language-python")
