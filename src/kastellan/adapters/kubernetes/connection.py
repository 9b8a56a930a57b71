"""From the text of a kubeconfig to a cluster that can be asked."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from shutil import which
from typing import TYPE_CHECKING, Any

import yaml

from kastellan.domain.errors import InvalidInputError
from kastellan.domain.party import Party

if TYPE_CHECKING:
    from kubernetes.client import ApiClient

    from kastellan.adapters.kubernetes.api_cluster import ApiCluster


def connect(kubeconfig: str, *, context: str = "", timeout_seconds: float = 15.0) -> "ApiCluster":
    """Connect by a kubeconfig; nothing is sent yet.

    Args:
        kubeconfig: content of the file, with a credential inside or an `exec` plugin.
        context: which context of it; empty for the current one.
        timeout_seconds: longest wait for one answer.

    Raises:
        InvalidInputError: it is no kubeconfig, or the context is missing, or its credential cannot be made.
    """
    from kastellan.adapters.kubernetes.api_cluster import ApiCluster

    return ApiCluster(_client(kubeconfig, context), timeout_seconds=timeout_seconds)


def _client(kubeconfig: str, context: str) -> "ApiClient":
    # The official client takes most of a second to import, so commands that never connect must not wait for it.
    from kubernetes import config

    parsed = _parse(kubeconfig)
    names = [entry.get("name") for entry in parsed.get("contexts") or () if isinstance(entry, dict)]
    chosen = context or parsed.get("current-context")
    if chosen not in names:
        known = ", ".join(map(str, names)) or "none"
        raise _refused(
            f"the kubeconfig has no context {chosen!r} (it has: {known})"
            if chosen
            else "the kubeconfig names no current context",
            "name one of its contexts by --context or installation:cluster.context, or correct the file",
        )
    try:
        with _silent():
            client: ApiClient = config.new_client_from_config_dict(parsed, context=chosen, persist_config=False)
    except (config.ConfigException, KeyError, TypeError, ValueError) as cause:
        # The cause's text may quote the credential, so only its kind is shown.
        raise _refused(
            f"context {chosen!r} of the kubeconfig cannot be used ({type(cause).__name__})",
            "check its cluster and user entries with `kubectl --kubeconfig FILE get --raw /version`",
        ) from None
    client.configuration.retries = False
    _expect_credential(client, parsed, str(chosen))
    return client


@contextmanager
def _silent() -> Iterator[None]:
    """The client logs what goes wrong with a credential plugin and goes on without; it is told below instead."""
    nowhere, root = logging.NullHandler(), logging.getLogger()
    root.addHandler(nowhere)
    try:
        yield
    finally:
        root.removeHandler(nowhere)


def _expect_credential(client: "ApiClient", parsed: dict[str, Any], context: str) -> None:
    """Without one the API server takes whoever asks for `system:anonymous`, who is refused nearly everything."""
    made = client.configuration
    if made.api_key or made.cert_file or made.username or made.host.startswith("http://"):
        return
    user = next(entry["context"].get("user") for entry in parsed["contexts"] if entry["name"] == context)
    settings = next((entry.get("user") or {} for entry in parsed["users"] if entry["name"] == user), {})
    plugin = (settings.get("exec") or {}).get("command")
    if plugin is None:
        raise _refused(f"user {user!r} of the kubeconfig has no credential", "give one that has a credential")
    told = f"the credential plugin {plugin!r} of the kubeconfig"
    if which(plugin) is None:
        raise _refused(f"{told} is not installed", "install it, and put it on PATH")
    raise _refused(f"{told} gave no credential", "see what it says when it is called by hand, and log in anew")


def _parse(kubeconfig: str) -> dict[str, Any]:
    try:
        parsed = yaml.safe_load(kubeconfig)
    except yaml.YAMLError as cause:
        line = getattr(getattr(cause, "problem_mark", None), "line", None)
        where = f" (line {line + 1})" if line is not None else ""
        raise _refused(f"the kubeconfig is no YAML{where}", "give the whole content of the file") from None
    if not isinstance(parsed, dict) or not {"clusters", "contexts", "users"} <= parsed.keys():
        raise _refused(
            "this is no kubeconfig: clusters, contexts and users are not all there",
            "give the content of a kubeconfig file, such as `kubectl config view --raw --minify` prints",
        )
    return parsed


def _refused(message: str, remediation: str) -> InvalidInputError:
    refusal = InvalidInputError(message, owner=Party.CUSTOMER)
    refusal.remediation = remediation
    return refusal
