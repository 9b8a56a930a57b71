"""Configuration files of a node's parts, as text."""

import json
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import yaml

from lab.node_wait import run

_UNUSED = (
    "io.containerd.snapshotter.v1.aufs",
    "io.containerd.snapshotter.v1.btrfs",
    "io.containerd.snapshotter.v1.devmapper",
    "io.containerd.snapshotter.v1.zfs",
)


def containerd(folder: Path, pause: str, cni_folder: str) -> str:
    """Configuration of containerd 1.6 and newer (format 2).

    Args:
        folder: the node's disk.
        pause: image that holds a pod's namespaces.
        cni_folder: where the network plugins are.
    """
    # Overlays cannot be stacked: where the lab itself lies in a container's file system, layers are copied.
    stacked = run(["stat", "--file-system", "--format=%T", str(folder)]).strip() == "overlayfs"
    cri = 'plugins."io.containerd.grpc.v1.cri"'
    return f"""version = 2
root = "{folder / "containerd"}"
disabled_plugins = {json.dumps(_UNUSED)}
[{cri}]
  sandbox_image = "{pause}"
  restrict_oom_score_adj = true  # without CAP_SYS_RESOURCE no container may be protected better than its parent is
  disable_apparmor = true  # its profile would be loaded into the machine's kernel and stay there
[{cri}.cni]
  bin_dir = "{cni_folder}"
  conf_dir = "{folder / "cni"}"
[{cri}.containerd]
  snapshotter = "{"native" if stacked else "overlayfs"}"
[{cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[{cri}.containerd.runtimes.runc.options]
  SystemdCgroup = false
"""


def cni(pods: IPv4Network) -> str:
    """Network of the pods of a node: a bridge with these addresses; leases are forgotten with the power."""
    leases = {
        "type": "host-local",
        "dataDir": "/run/cni-leases",
        "ranges": [[{"subnet": str(pods)}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    bridge = {"type": "bridge", "bridge": "cni0", "isGateway": True, "ipMasq": False, "hairpinMode": True}
    ports = {"type": "portmap", "capabilities": {"portMappings": True}}
    return json.dumps({"cniVersion": "1.0.0", "name": "lab", "plugins": [{**bridge, "ipam": leases}, ports]})


def kubelet(folder: Path, *, authority: Path, serving: tuple[Path, Path], cgroup: str, dns: IPv4Address) -> str:
    """Configuration of a kubelet; fields: https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/.

    Args:
        folder: the node's disk.
        authority: certificate of whoever may call it.
        serving: its own certificate and key.
        cgroup: name of the node's control group.
        dns: DNS server of its pods.
    """
    config = {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {"anonymous": {"enabled": False}, "x509": {"clientCAFile": str(authority)}},
        "tlsCertFile": str(serving[0]),
        "tlsPrivateKeyFile": str(serving[1]),
        "containerRuntimeEndpoint": "unix:///run/containerd/containerd.sock",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{cgroup}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "evictionHard": {},  # the machine's disk is not the node's
        "imageGCHighThresholdPercent": 100,
        "resolvConf": str(folder / "resolv.conf"),
        "clusterDNS": [str(dns)],
        "clusterDomain": "cluster.local",
        "nodeStatusUpdateFrequency": "4s",
        "nodeLeaseDurationSeconds": 12,
        "maxPods": 60,
    }
    return yaml.safe_dump(config, sort_keys=False)


def kube_proxy(kubeconfig: Path, node: str, pods: IPv4Network) -> str:
    """Configuration of a kube-proxy that leaves limits of connection tracking alone: they belong to the machine."""
    config = {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "iptables",
        "clientConnection": {"kubeconfig": str(kubeconfig)},
        "clusterCIDR": str(pods),
        "hostnameOverride": node,
        "metricsBindAddress": "127.0.0.1:10249",
        "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
    }
    return yaml.safe_dump(config, sort_keys=False)
