"""The guard rails as an executable policy pack: `pulumi up --policy-pack .venv/bin/kastellan-guard-rails`.

The engine (3.255 and newer) starts it with its address and reads a port from its first line; the SDK does not flush
that line, so it is done here.
"""

import functools
import io
import sys

from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)

from kastellan.provision.guard_rail import Declared, GuardRail
from kastellan.provision.guard_rails import GUARD_RAILS

PACK = "kastellan"


def _validate(rail: GuardRail, args: ResourceValidationArgs, report: ReportViolation) -> None:
    declared = Declared(kind=args.resource_type, inputs=args.props, protect=bool(args.opts.protect))
    if rail.broken(declared):
        report(f"{rail.description} [{rail.clause}]", None)


def main() -> None:
    """Serve until the engine ends it."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # as it is started; the engine waits for the line with the port
        sys.stdout.reconfigure(line_buffering=True)
    PolicyPack(
        name=PACK,
        enforcement_level=EnforcementLevel.MANDATORY,
        policies=[
            ResourceValidationPolicy(
                name=rail.name, description=rail.description, validate=functools.partial(_validate, rail)
            )
            for rail in GUARD_RAILS
        ],
    )


if __name__ == "__main__":
    main()
