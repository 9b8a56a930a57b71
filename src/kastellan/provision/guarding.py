"""Holds the program itself to the guard rails, so that no `pulumi up` can forget them.

The policy pack asks for a flag; this does not. Each resource is judged by the engine's callback before it is
registered, with its inputs as they go to the provider.
"""

import pulumi
from pulumi.runtime import register_resource_transform

from kastellan.provision.guard_rail import Declared
from kastellan.provision.guard_rails import violations

_WHEN_PROTECTED = frozenset({"protected", "deletion-protection"})


def hold_to_guard_rails(cloud: str, *, protect: bool) -> None:
    """Refuse every resource of this program that breaks a rule.

    Args:
        cloud: key of the stack under which its base is described.
        protect: `protect` of that base. False is the way out, which somebody wrote down and committed: then the
            two rules that would forbid leaving are told as a warning, and all others hold.
    """
    if not protect:
        pulumi.log.warn(f"installation:{cloud}.protect is false: what holds data can be deleted now [DI-7]")
    let_go = frozenset() if protect else _WHEN_PROTECTED

    def judge(args: pulumi.ResourceTransformArgs) -> None:
        declared = Declared(kind=args.type_, inputs=args.props, protect=bool(args.opts.protect))
        broken = [rail for rail in violations(declared) if rail.name not in let_go]
        if broken:
            rules = "; ".join(f"{rail.name}: {rail.description} [{rail.clause}]" for rail in broken)
            raise pulumi.RunError(f"{args.name} breaks a guard rail: {rules}")

    register_resource_transform(judge)
