#!/bin/bash
# PID 1 of a node, in namespaces of its own (network, mount, UTS, IPC, PID). Killing it is a power cut: the kernel ends
# every process of the node and, with them, its mounts, its network and its containers. `lab/node.py` sets the variables.
set -eu
trap 'exit 0' TERM

for group in $NODE_GROUPS; do echo 0 >"$group/cgroup.procs"; done
echo "$NODE_NAME" >/proc/sys/kernel/hostname

mount --make-rshared /    # volumes mounted by the kubelet have to reach containers; nothing of it leaves this node
mount -t tmpfs tmpfs /run # shim sockets, pods' namespaces, iptables' lock, CNI's leases: as on a machine, gone with it
mkdir -p /run/netns /run/lock /var/lib/kubelet /var/lib/cni
mount --bind "$NODE_FOLDER/kubelet" /var/lib/kubelet
mount --bind "$NODE_FOLDER/cni-cache" /var/lib/cni
mount --bind "$NODE_FOLDER/log" /var/log

# The kubelet sets these for a whole machine. It finds them set, in files that only this node sees.
for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
  kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
  name=${setting%%=*}
  [ -e "/proc/sys/$name" ] || continue
  mkdir -p "/run/sysctl/${name%/*}"
  echo "${setting#*=}" >"/run/sysctl/$name"
  mount --bind "/run/sysctl/$name" "/proc/sys/$name"
done

until ip link show eth0 >/dev/null 2>&1; do sleep 0.05; done # the cable is plugged in from outside
ip link set lo up
ip addr add "$NODE_ADDRESS/24" dev eth0
ip link set eth0 up
ip route add default via "$NODE_GATEWAY"
for route in $NODE_ROUTES; do ip route add "${route%=*}" via "${route#*=}"; done
for setting in $NODE_SYSCTLS; do echo "${setting#*=}" >"/proc/sys/net/${setting%%=*}"; done

containerd --config "$NODE_FOLDER/containerd.toml" >>"$NODE_LOGS/$NODE_NAME-containerd.log" 2>&1 &
containerd=$!
until ctr version >/dev/null 2>&1; do
  kill -0 "$containerd" || { echo "containerd does not start: see $NODE_LOGS/$NODE_NAME-containerd.log"; exit 1; }
  sleep 0.05
done
ctr --namespace k8s.io images import "$NODE_PAUSE_ARCHIVE" >/dev/null

"$NODE_KUBELET" --config="$NODE_FOLDER/kubelet.yaml" --kubeconfig="$NODE_KUBECONFIG" --cert-dir="$NODE_FOLDER/pki" \
  --hostname-override="$NODE_NAME" --node-ip="$NODE_ADDRESS" --node-labels="topology.kubernetes.io/zone=$NODE_ZONE" \
  >>"$NODE_LOGS/$NODE_NAME-kubelet.log" 2>&1 &
kubelet=$!
"$NODE_KUBE_PROXY" --config="$NODE_FOLDER/kube-proxy.yaml" >>"$NODE_LOGS/$NODE_NAME-kube-proxy.log" 2>&1 &
proxy=$!

wait -n "$containerd" "$kubelet" "$proxy" || true
for part in containerd kubelet proxy; do
  kill -0 "${!part}" 2>/dev/null || echo "$part of $NODE_NAME ended: see $NODE_LOGS/$NODE_NAME-*.log"
done
exit 1 # a node with a part missing is no node: better dead and seen than half alive
