"""`kastellan new`: a stack for a new installation, with a masterkey that nobody has seen."""

import secrets
import string
from pathlib import Path

import click
import yaml

from kastellan.adapters.pulumi.command import PulumiCommand
from kastellan.config.catalogue_file import packaged_catalogue
from kastellan.config.new_stack import new_stack_text
from kastellan.config.stack import PREFIX
from kastellan.config.stack_file import find_project, stack_folder
from kastellan.config.stack_model import StackModel
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.version import Version

_MASTERKEY_LENGTH = 32
"""ZITADEL refuses any other length."""


@click.command()
@click.argument("name")
@click.option("--domain", required=True, help="ExternalDomain of the installation, such as id.customer.example.")
@click.option("--version", "release", default="", help="Release to install; the newest of the catalogue by default.")
@click.option("--database-host", default="", help="Host of PostgreSQL, as in its certificate.")
@click.option(
    "--database-ca",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="PEM file of the authority that signed the database's certificate.",
)
def new(name: str, domain: str, release: str, database_host: str, database_ca: Path | None) -> None:
    """Make the Pulumi stack NAME and its file, with a fresh masterkey as a secret.

    Nothing is installed. May be repeated after an interruption: what is there already is kept.
    """
    project = find_project(Path.cwd())
    values = {"domain": domain, **({"version": release} if release else {})}
    _refuse_bad_values(name, values)
    known = packaged_catalogue()
    version = Version.parse(release) if release else known.newest.version if known.newest else None
    if version is None:
        raise InvalidInputError("the release catalogue is empty; name the release by --version")
    entry = known.find(version)
    pulumi = PulumiCommand(project)
    path = stack_folder(project) / f"Pulumi.{name}.yaml"
    if _has_config(path):
        click.echo(f"{path} has a configuration already; it is kept")
    else:
        pulumi.make_stack(name)
        existing = path.read_text(encoding="utf-8") if path.exists() else ""
        ca = database_ca.read_text(encoding="utf-8") if database_ca else None
        text = new_stack_text(
            existing,
            name,
            domain=domain,
            version=str(version),
            digests_known=bool(entry and entry.images),
            database_host=database_host,
            database_ca=ca,
        )
        path.write_text(text, encoding="utf-8")
        click.echo(f"wrote {path}")
    if "masterkey" in path.read_text(encoding="utf-8"):
        click.echo("it has a masterkey already; a masterkey is never changed")
    else:
        alphabet = string.ascii_letters + string.digits
        masterkey = "".join(secrets.choice(alphabet) for _ in range(_MASTERKEY_LENGTH))
        pulumi.set_secret(name, f"{PREFIX}masterkey", masterkey)
        click.echo("made a masterkey and encrypted it into the file; losing it means losing all encrypted data")
    click.echo(
        "\nNext:\n"
        f"  edit {path}: everything that says REPLACE-ME or is empty, size, routing\n"
        f"  put the cluster's kubeconfig at {project / name}.kubeconfig\n"
        f"  pulumi config set --secret --path {PREFIX}database.password --stack {name}\n"
        f"  kastellan preflight {name}\n"
        f"  pulumi up --stack {name}"
    )


def _has_config(path: Path) -> bool:
    return path.exists() and "config" in (yaml.safe_load(path.read_text(encoding="utf-8")) or {})


def _refuse_bad_values(name: str, values: dict[str, str]) -> None:
    """Judge the arguments by the rules of the configuration, before anything is made."""
    from pydantic import TypeAdapter, ValidationError

    from kastellan.config.fields import DnsLabel

    problems = []
    fields = {"name": (DnsLabel, name)} | {
        key: (StackModel.model_fields[key].rebuild_annotation(), value) for key, value in values.items()
    }
    for key, (kind, value) in fields.items():
        try:
            TypeAdapter(kind).validate_python(value)
        except ValidationError as problem:
            problems.append(f"{key}: {problem.errors()[0]['msg'].removeprefix('Value error, ')}")
    if problems:
        raise InvalidInputError("; ".join(problems))
