"""From a kubeconfig to a cluster: what is wrong with its credential is told before anything is asked."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from kastellan.adapters.kubernetes.connection import connect
from kastellan.domain.errors import InvalidInputError


def _kubeconfig(user: dict[str, Any], *, server: str = "https://127.0.0.1:1") -> str:
    return yaml.safe_dump(
        {
            "clusters": [{"name": "c", "cluster": {"server": server}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "users": [{"name": "u", "user": user}],
            "current-context": "x",
        }
    )


def _plugin(command: str) -> dict[str, Any]:
    return {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": command, "interactiveMode": "Never"}}


def _refusal(user: dict[str, Any]) -> str:
    with pytest.raises(InvalidInputError) as refused:
        connect(_kubeconfig(user))
    return f"{refused.value}"


def test_a_plugin_that_is_not_installed_is_named_and_nobody_asks_as_anonymous(
    capfd: pytest.CaptureFixture[str],
) -> None:
    said = _refusal(_plugin("gke-gcloud-auth-plugin-of-nobody"))
    assert "credential plugin 'gke-gcloud-auth-plugin-of-nobody' of the kubeconfig is not installed" in said
    assert "on PATH" in said
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("script", ["exit 1", "echo S3cret", "echo '{}'"])
def test_a_plugin_that_gives_no_credential_is_named_and_not_quoted(
    tmp_path: Path, script: str, capfd: pytest.CaptureFixture[str]
) -> None:
    plugin = tmp_path / "plugin"
    plugin.write_text(f"#!/bin/sh\n{script}\n")
    plugin.chmod(0o700)
    said = _refusal(_plugin(str(plugin)))
    assert "gave no credential" in said
    assert "S3cret" not in said + capfd.readouterr().err


def test_a_user_without_a_credential_is_refused_unless_a_proxy_has_one() -> None:
    assert "user 'u' of the kubeconfig has no credential" in _refusal({})
    assert connect(_kubeconfig({}, server="http://127.0.0.1:8001")).server == "http://127.0.0.1:8001"  # kubectl proxy


@pytest.mark.parametrize("user", [{"token": "t"}, {"username": "u", "password": "p"}])
def test_a_credential_in_the_file_is_taken(user: dict[str, Any]) -> None:
    assert connect(_kubeconfig(user)).server == "https://127.0.0.1:1"
