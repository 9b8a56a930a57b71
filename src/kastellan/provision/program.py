"""The Pulumi program of every installation: reads the stack's configuration and declares what it describes."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime.config import get_config, is_config_secret

from kastellan.adapters.contract_windows import window_plan
from kastellan.adapters.system_clock import SystemClock
from kastellan.config.stack import parse_stack
from kastellan.config.stack_file import find_project
from kastellan.config.stack_model import SECRET_PATHS, StackModel
from kastellan.config.stack_problem import PREFIX
from kastellan.domain.contract import Contract
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.quarterly_promise import broken_promises
from kastellan.provision.amazon import make_aws
from kastellan.provision.google import make_google
from kastellan.provision.resources import Prerequisites, Release


def run() -> None:
    """Declare the installation of the current stack.

    Raises:
        pulumi.RunError: the configuration is not valid; every error is named.
    """
    name = pulumi.get_stack()
    values = configuration()
    try:
        stack = parse_stack(name, values, folder=find_project(Path.cwd()))
    except InvalidInputError as problem:
        raise pulumi.RunError(str(problem)) from None
    _require_promise(stack.contract)
    sealed = seal(values)
    if stack.google:
        sealed = make_google(name, stack, stack.google, sealed, SystemClock().now())
    if stack.aws:
        sealed = make_aws(name, stack, stack.aws, sealed)
    prerequisites = Prerequisites(name, sealed)
    base = stack.google or stack.aws
    # With its base, so that a destroy of everything that skips its preview does not begin with what serves.
    protect = base is not None and base.protect
    release = Release(name, sealed, pulumi.ResourceOptions(depends_on=[prerequisites], protect=protect))
    hosts = stack.installation.hosts
    pulumi.export("url", f"https://{hosts.issuer}")
    if hosts.further:
        pulumi.export("hostNames", [*hosts.every])
    pulumi.export("version", release.version)
    pulumi.export("zones", release.zones)
    pulumi.export("prerequisites", prerequisites.outcome)


def _require_promise(contract: Contract | None) -> None:
    """Refuse windows with which maintenance could not be as regular as promised (MU-2)."""
    if contract is None:
        return
    now = SystemClock().now()
    try:
        broken = broken_promises(window_plan(contract, now, folder=find_project(Path.cwd())), now)
    except InvalidInputError as problem:
        raise pulumi.RunError(str(problem)) from None
    if broken:
        raise pulumi.RunError(str(InvalidInputError("the contract's windows break the promise of MU-2", broken)))


def configuration() -> dict[str, Any]:
    """All values of the stack under our prefix, decrypted; keys that we do not know are among them, to be refused."""
    from pulumi.runtime.config import CONFIG

    known = {field.alias or name for name, field in StackModel.model_fields.items()}
    given = {key.removeprefix(PREFIX) for key in CONFIG.get() if key.startswith(PREFIX)}
    values = {}
    for key in sorted(known | given):
        text = get_config(PREFIX + key)
        if text is not None:
            values[key] = _parsed(text)
    return values


def seal(values: Mapping[str, Any]) -> dict[str, Any]:
    """Mark what is secret; of a structured key only the secret leaves, so that previews show the rest."""
    tops = {path.partition(".")[0] for path in SECRET_PATHS}
    return {
        key: pulumi.Output.secret(value)
        if is_config_secret(PREFIX + key) and key not in tops
        else _sealed_leaves(value, key)
        for key, value in values.items()
    }


def _sealed_leaves(value: Any, path: str) -> Any:
    if path in SECRET_PATHS:
        return pulumi.Output.secret(value)
    if isinstance(value, dict):
        return {key: _sealed_leaves(inner, f"{path}.{key}") for key, inner in value.items()}
    return value


def _parsed(text: str) -> Any:
    """Pulumi hands structured values over as JSON text and simple ones as they are."""
    if text[:1] not in ("{", "["):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
