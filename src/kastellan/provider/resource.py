"""What both resources share: inputs, how they are parsed, and how a cluster is reached."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from pulumi.provider.experimental.provider import CheckFailure

from kastellan.adapters.kubernetes.connection import connect
from kastellan.adapters.kubernetes.retrying import RetryingCluster
from kastellan.config.stack import StackConfig, parse_stack
from kastellan.config.stack_file import find_project
from kastellan.config.stack_model import SECRET_PATHS
from kastellan.domain.errors import InvalidInputError
from kastellan.ports.clock import Clock
from kastellan.ports.cluster import Cluster
from kastellan.preflight.time_limits import ANSWER_SECONDS
from kastellan.provider.engine_log import EngineLog
from kastellan.provider.values import Properties, wrapped_items

SECRET_INPUTS = tuple(f"configuration.{path}" for path in SECRET_PATHS)
"""Secret parts of the inputs, which are the installation's name and the whole configuration of its stack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a resource's operation may use.

    Attributes:
        clock: time; stops waiting when Pulumi is interrupted.
        log: tells the engine.
        folder: paths in the configuration are relative to the project's folder, found from here.
    """

    clock: Clock
    log: EngineLog
    folder: Path = field(default_factory=Path.cwd)

    def parse(self, inputs: Mapping[str, Any]) -> StackConfig:
        """Parse a resource's inputs.

        Raises:
            InvalidInputError: carries every reason.
        """
        return parse_stack(inputs["name"], inputs["configuration"], folder=find_project(self.folder), made=True)

    def connection(self, stack: StackConfig) -> Cluster:
        """The stack's cluster; an error is an error."""
        return connect(stack.kubeconfig, context=stack.context, timeout_seconds=ANSWER_SECONDS)

    def cluster(self, stack: StackConfig) -> Cluster:
        """The stack's cluster; temporary errors are repeated for a minute."""
        return RetryingCluster(
            connect(stack.kubeconfig, context=stack.context), self.clock, progress=self.log, patience_seconds=60.0
        )

    def failures(self, inputs: Mapping[str, Any]) -> list[CheckFailure]:
        """What is wrong with the inputs."""
        try:
            self.parse(inputs)
        except InvalidInputError as problem:
            # Without a property the engine shows the reason alone, which names its path.
            return [CheckFailure("", str(reason)) for reason in problem.reasons or (problem,)]
        return []


class Resource(Protocol):
    """One kind of resource; inputs and states are plain data, secrets unmarked."""

    def check(self, context: Context, old: Mapping[str, Any], new: dict[str, Any]) -> list[CheckFailure]:
        """What is wrong with known inputs; may add computed inputs to `new`."""
        ...

    def differences(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
        """Names of the inputs that differ from the state, or that make an update necessary."""
        ...

    def preview(self, context: Context, old: Mapping[str, Any], inputs: Mapping[str, Any]) -> None:
        """Tell what an update would do; changes nothing."""
        ...

    def bring(self, context: Context, old: Mapping[str, Any], inputs: Mapping[str, Any]) -> Properties:
        """Create or update; returns the outputs besides the inputs. Must bear repeating after a kill at any point."""
        ...

    def read(self, context: Context, state: Mapping[str, Any]) -> dict[str, Any]:
        """Look at the world; returns inputs that show what differs."""
        ...

    def delete(self, context: Context, state: Mapping[str, Any]) -> None:
        """Remove; must bear repeating."""
        ...

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs besides the inputs."""
        ...


def sealed_inputs(inputs: Mapping[str, Any]) -> Properties:
    """Inputs as properties, with their secrets marked."""
    return wrapped_items(inputs, secret_paths=SECRET_INPUTS)
