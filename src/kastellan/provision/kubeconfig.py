"""The kubeconfig of a cluster that a cloud made: it holds no credential, but names the program that gets one."""

from collections.abc import Sequence


def kubeconfig_text(name: str, server: str, authority: str, plugin: Sequence[str]) -> str:
    """A kubeconfig whose user asks a cloud's program for a token.

    Args:
        name: of cluster, user and context.
        server: URL of the control plane.
        authority: PEM of its authority in base64.
        plugin: lines of YAML that say how the program is run (kubernetes.io, "client-go credential plugins").
    """
    lines = "\n".join(f"        {line}" for line in plugin)
    return f"""\
apiVersion: v1
kind: Config
current-context: {name}
clusters:
  - name: {name}
    cluster: {{server: "{server}", certificate-authority-data: {authority}}}
contexts:
  - name: {name}
    context: {{cluster: {name}, user: {name}}}
users:
  - name: {name}
    user:
      exec:
        apiVersion: client.authentication.k8s.io/v1beta1
{lines}
"""
