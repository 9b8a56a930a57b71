"""`kastellan new`: a stack for a new installation, with a masterkey that nobody has seen."""

import secrets
import string
from pathlib import Path

import click
import yaml

from kastellan.adapters.pulumi.command import PulumiCommand
from kastellan.config.catalogue_file import packaged_catalogue
from kastellan.config.new_stack import new_stack_text
from kastellan.config.stack_file import find_project, stack_folder
from kastellan.config.stack_model import StackModel
from kastellan.config.stack_problem import PREFIX
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.host_names import Layout
from kastellan.domain.version import Version

_MASTERKEY_LENGTH = 32
"""ZITADEL refuses any other length."""
_PASSWORD_LENGTH = 32
"""Letters and digits: 190 bits."""


@click.command()
@click.argument("name")
@click.option(
    "--domain", required=True, help="ExternalDomain, such as id.customer.example, or what the four names lie below."
)
@click.option(
    "--host-names",
    type=click.Choice([layout.value for layout in Layout]),
    default=Layout.SINGLE_DOMAIN.value,
    show_default=True,
    help="The domain itself; or issuer., api., accounts. and console. below it.",
)
@click.option("--version", "release", default="", help="Release to install; the newest of the catalogue by default.")
@click.option(
    "--platform",
    type=click.Choice(["existing", "gke", "eks"]),
    default="existing",
    show_default=True,
    help="The customer's cluster; or Google Cloud or AWS, where cluster and database are made.",
)
@click.option("--project", default="", help="On gke: id of the Google Cloud project.")
@click.option("--account", default="", help="On eks: number of the AWS account.")
@click.option("--region", default="", help="On gke and eks: the region, such as europe-west6 or eu-central-2.")
@click.option("--database-host", default="", help="Host of PostgreSQL, as in its certificate.")
@click.option(
    "--database-ca",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="PEM file of the authority that signed the database's certificate.",
)
def new(
    name: str,
    domain: str,
    host_names: str,
    release: str,
    platform: str,
    project: str,
    account: str,
    region: str,
    database_host: str,
    database_ca: Path | None,
) -> None:
    """Make the Pulumi stack NAME and its file, with a fresh masterkey as a secret.

    Nothing is installed. May be repeated after an interruption: what is there already is kept.
    """
    folder = find_project(Path.cwd())
    _refuse_wrong_options(platform, project, account, region, database_host, database_ca)
    values = {"domain": domain, **({"version": release} if release else {})}
    _refuse_bad_values(name, values)
    known = packaged_catalogue()
    version = Version.parse(release) if release else known.newest.version if known.newest else None
    if version is None:
        raise InvalidInputError("the release catalogue is empty; name the release by --version")
    entry = known.find(version)
    pulumi = PulumiCommand(folder)
    path = stack_folder(folder) / f"Pulumi.{name}.yaml"
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
            layout=Layout(host_names),
            version=str(version),
            digests_known=bool(entry and entry.images),
            database_host=database_host,
            database_ca=ca,
            google_project=project,
            google_region=region if project else "",
            aws_account=account,
            aws_region=region if account else "",
        )
        path.write_text(text, encoding="utf-8")
        click.echo(f"wrote {path}")
    if platform != "existing":
        _make_database_password(pulumi, name, path, "password", "the database's role")
    if platform == "eks":
        _make_database_password(pulumi, name, path, "admin.password", "the database's master user")
    if "masterkey" in path.read_text(encoding="utf-8"):
        click.echo("it has a masterkey already; a masterkey is never changed")
    else:
        pulumi.set_secret(name, f"{PREFIX}masterkey", _random_text(_MASTERKEY_LENGTH))
        click.echo("made a masterkey and encrypted it into the file; losing it means losing all encrypted data")
    if platform != "existing":
        click.echo(
            "\nNext:\n"
            f"  edit {path}: everything that says REPLACE-ME, load, DNS\n"
            f"  kastellan size {name}\n"
            f"  pulumi preview --stack {name}\n"
            f"  pulumi up --stack {name}"
        )
        return
    click.echo(
        "\nNext:\n"
        f"  edit {path}: everything that says REPLACE-ME or is empty, size, routing\n"
        f"  put the cluster's kubeconfig at {folder / name}.kubeconfig\n"
        f"  pulumi config set --secret --path {PREFIX}database.password --stack {name}\n"
        f"  kastellan preflight {name}\n"
        f"  pulumi up --stack {name}"
    )


def _random_text(length: int) -> str:
    alphabet = string.ascii_letters + string.digits
    return "".join(secrets.choice(alphabet) for _ in range(length))


def _make_database_password(pulumi: PulumiCommand, name: str, path: Path, key: str, whose: str) -> None:
    """Once: a changed password would have to be changed in the database as well."""
    found = yaml.safe_load(path.read_text(encoding="utf-8"))["config"].get(f"{PREFIX}database")
    for part in key.split("."):
        found = (found or {}).get(part)
    if not found:
        pulumi.set_secret(name, f"{PREFIX}database.{key}", _random_text(_PASSWORD_LENGTH))
        click.echo(f"made a password of {whose} and encrypted it into the file")


def _refuse_wrong_options(
    platform: str, project: str, account: str, region: str, database_host: str, database_ca: Path | None
) -> None:
    place = {"gke": ("--project", project), "eks": ("--account", account)}
    for cloud, (option, value) in place.items():
        if platform == cloud and not (value and region):
            raise InvalidInputError(f"--platform {cloud} needs {option} and --region")
        if platform != cloud and value:
            raise InvalidInputError(f"{option} goes with --platform {cloud}")
    if platform == "existing" and region:
        raise InvalidInputError("--region goes with --platform gke or eks")
    if platform != "existing" and database_host:
        raise InvalidInputError(f"on {platform} the database is made; leave --database-host out")
    if platform == "gke" and database_ca:
        raise InvalidInputError("on gke the database's authority is Google's; leave --database-ca out")


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
