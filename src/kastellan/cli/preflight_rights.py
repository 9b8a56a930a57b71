"""`kastellan preflight checks` and `rbac`: what is checked, and with which rights at least."""

import json
from pathlib import Path

import click

from kastellan.cli.exit_code import ExitCode


@click.command()
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
def checks(*, as_json: bool) -> int:
    """List every check with its gate, owner, clause and the guarantees that rest on it."""
    from kastellan.preflight.catalogue import CHECKS

    if as_json:
        rows = [
            {
                "id": check.id,
                "checkVersion": check.version,
                "title": check.title,
                "gates": sorted(check.gates),
                "owner": check.owner.value,
                "clause": check.clause,
                "vantage": check.vantage,
                "guarantees": sorted(check.guarantees),
                "reads": list(check.reads),
            }
            for check in CHECKS
        ]
        document = {"schemaVersion": 1, "kind": "PreflightChecks", "checks": rows}
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return ExitCode.DONE
    for check in CHECKS:
        gates = ", ".join(sorted(check.gates)) or "warns only"
        click.echo(f"{check.id:<7} {check.title}")
        click.echo(f"        gate: {gates}; {check.owner.value} acts [{check.clause}]; docs/checks/{check.id}.md")
    return ExitCode.DONE


@click.command()
@click.argument("stack", required=False)
@click.option("--namespace", default="zitadel", help="Without a stack: namespace of the installation.")
@click.option("--only", metavar="ID", multiple=True, help="Only for this check; can be repeated.")
@click.option("--skip", metavar="ID", multiple=True, help="Not for this check; can be repeated.")
@click.option("--user", default="", help="Bind the roles to this user; without one they are bound to nobody.")
@click.option("--probes", is_flag=True, help="Also what --probes needs: a namespace for them, and rights in it.")
@click.option("--name", default="kastellan-preflight", show_default=True, help="Name of the roles.")
def rbac(
    stack: str | None,
    namespace: str,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    user: str,
    name: str,
    *,
    probes: bool,
) -> int:
    """Print the smallest Role and ClusterRole with which the selected checks can see what they judge, as YAML.

    Pipe it to `kubectl apply -f -`. These are the rights of a read-only preflight, with --probes also of one that puts
    pods into a namespace of their own, which is then printed too: it has to be there for a role to be in it, so the
    probes empty it and let it stay; and where the stack names an issuer, to ask it for a certificate by a fixed name.
    What an installation needs, RBAC-1 asks for, is in docs/checks/RBAC-1.md.
    """
    import yaml

    from kastellan.cli.preflight_target import bare_target, target_of
    from kastellan.config.stack_file import find_project, read_stack_file
    from kastellan.manifests.probe_site import kept_namespace
    from kastellan.planning.facts_rights import facts_rights, survey_rights
    from kastellan.planning.issuance_rights import issuance_rights
    from kastellan.planning.probe_rights import kept_probe_rights
    from kastellan.planning.role import roles
    from kastellan.preflight.catalogue import CHECKS
    from kastellan.preflight.selection import selection

    if stack:
        target = target_of(read_stack_file(stack, project=find_project(Path.cwd())).parse())
    else:
        target = bare_target("", "", None, size="small", namespace=namespace)
    chosen = selection(only, skip, [check.id for check in CHECKS])
    groups = {group for check in CHECKS if not chosen.left_out(check.id) for group in check.reads}
    of, probing = target.installation, target.probes.probing
    by_group = facts_rights(of, target.manifests, storage_class=probing.storage_class)
    rights = survey_rights(by_group, groups)
    found = roles(rights, name, user=user)
    if probes:
        asking = probing.issuer if "issued" in groups and of.routing.own_certificate else None
        more = {*rights, *kept_probe_rights(of), *(issuance_rights(of, asking) if asking else ())}
        found = [kept_namespace(of), *roles(more, name, user=user)]
    click.echo(yaml.safe_dump_all(found, sort_keys=False, default_flow_style=None), nl=False)
    return ExitCode.DONE
