"""The provider's resources as the program uses them."""

from typing import Any

import pulumi


class Prerequisites(pulumi.CustomResource):
    """Runs the preflight (DI-4); a gate that fails stops the update.

    Attributes:
        outcome: `passed` or `warnings`.
        report: the report as JSON.
        checked: when, in UTC.
    """

    outcome: pulumi.Output[str]
    report: pulumi.Output[str]
    checked: pulumi.Output[str]

    def __init__(self, name: str, configuration: dict[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        inputs = {"name": name, "configuration": configuration, "outcome": None, "report": None, "checked": None}
        super().__init__("kastellan:index:Prerequisites", name, inputs, opts)


class Release(pulumi.CustomResource):
    """An installation at a version.

    Attributes:
        version: the version that was verified.
        zones: zones from which it answers (DI-2).
        finished: when it was verified, in UTC.
    """

    version: pulumi.Output[str]
    zones: pulumi.Output[list[str]]
    finished: pulumi.Output[str]

    def __init__(self, name: str, configuration: dict[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        inputs = {"name": name, "configuration": configuration, "version": None, "zones": None, "finished": None}
        super().__init__("kastellan:index:Release", name, inputs, opts)
