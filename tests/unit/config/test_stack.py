"""The stack configuration: all errors at once, secrets never in plain text, the same result offline."""

import copy
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from kastellan.cli.main import run
from kastellan.config.contract_model import BlackoutModel, RecurringModel
from kastellan.config.json_schema import stack_schema
from kastellan.config.stack import parse_stack
from kastellan.config.stack_file import find_project, read_stack_file, stack_names
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.installation import Exposure, OnDrift, RoutingKind
from tests.builders import CA, MASTERKEY

ROOT = Path(__file__).parents[3]
DIGEST = "sha256:" + "a" * 64
EDGE = {"image": f"traefik@{DIGEST}"}
GOOD: dict[str, Any] = {
    "platform": "existing",
    "version": "v4.13.1",
    "domain": "id.customer.example",
    "cluster": {"kubeconfig": "apiVersion: v1"},
    "database": {"host": "db", "password": "secret-of-the-role", "ca": CA},
    "masterkey": MASTERKEY,
    "images": {"zitadel": f"r/z@{DIGEST}", "login": f"r/l@{DIGEST}"},
}


def _with(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(GOOD) | changes


def _errors(values: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(InvalidInputError) as caught:
        parse_stack("acme", values, folder=Path.cwd())
    return {reason.path: reason.message for reason in caught.value.reasons}


def test_a_complete_stack_becomes_an_installation() -> None:
    config = parse_stack("acme", GOOD, folder=Path.cwd())
    assert config.installation.name == "acme"
    assert str(config.installation.version) == "v4.13.1"
    assert config.installation.on_drift is OnDrift.REFUSE
    assert config.installation.routing.kind is RoutingKind.NONE
    assert config.secrets is not None
    assert config.secrets.masterkey == MASTERKEY


def test_a_load_decides_the_replicas_and_the_pods() -> None:
    installation = parse_stack("acme", _with(load={"users": 0, "loginsPerSecond": 20}), folder=Path.cwd()).installation
    assert installation.size.replicas == 12  # 20 x 0.43 + 60 x 0.0087 = 9.1 vCPU; 8 x 2 at 70 % are 11.2
    assert installation.size.api.cpu_limit == 2000


def test_five_errors_are_reported_as_five_errors_with_their_paths() -> None:
    wrong = _with(
        version="latest",
        domain="localhost",
        masterkey="short",
        database={"host": "db", "password": "x", "ca": "no certificate", "prot": 5432},
    )
    found = _errors(wrong)
    assert found == {
        "installation:version": "'latest' is not a version; write it as v4.13.1",
        "installation:domain": "write a fully qualified domain name in lower case, such as id.customer.example",
        "installation:masterkey": "the masterkey must be exactly 32 bytes, but is 5",
        "installation:database.ca": "write the certificate of the authority as PEM (-----BEGIN CERTIFICATE-----)",
        "installation:database.prot": "this key is not known; did you mean port?",
    }


def test_missing_secrets_are_asked_for_with_the_command_that_sets_them() -> None:
    values = _with(database={"host": "db", "ca": CA, "admin": {"user": "postgres"}})
    del values["masterkey"]
    with pytest.raises(InvalidInputError) as caught:
        parse_stack("acme", values, folder=Path.cwd())
    assert [reason.remediation for reason in caught.value.reasons] == [
        "pulumi config set --secret --path installation:masterkey",
        "pulumi config set --secret --path installation:database.password",
        "pulumi config set --secret --path installation:database.admin.password",
    ]


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        ({"version": "v4.99.0"}, "installation:version", "version v4.99.0 is not in the catalogue"),
        ({"images": None}, "installation:images", "the catalogue knows no image digests of v4.13.1"),
        (
            {"images": {"zitadel": "r/z:latest", "login": f"r@{DIGEST}"}},
            "installation:images.zitadel",
            "names no digest",
        ),
        ({"undo": "v4.13.1"}, "installation:", "no newer than version v4.13.1: remove it"),
        ({"rolloutDeadline": "0h"}, "installation:rolloutDeadline", "greater than or equal to 1 minute"),
        ({"minimumZones": 2}, "installation:minimumZones", "greater than or equal to 3"),
        ({"platform": "aks"}, "installation:platform", "write existing, gke or eks"),
        ({"routing": {"kind": "gateway", "controllerNamespace": "x"}}, "installation:routing", "name the Gateway"),
        ({"routing": {"kind": "ingress"}}, "installation:routing", "controllerNamespace"),
        ({"routing": {"kind": "edge", "tlsSecret": "tls"}}, "installation:routing", "name its image in edge.image"),
        ({"routing": {"kind": "edge", "edge": EDGE}}, "installation:routing", "the TLS Secret in tlsSecret"),
        ({"routing": {"kind": "none", "edge": EDGE}}, "installation:routing", "kind is not edge"),
        (
            {"routing": {"kind": "edge", "tlsSecret": "tls", "edge": {**EDGE, "trustedProxies": ["10.0.0.1/8"]}}},
            "installation:routing.edge.trustedProxies[0]",
            "host bits set",
        ),
        (
            {"size": "large", "autoscaling": {"maxReplicas": 6}},
            "installation:autoscaling.maxReplicas",
            "must exceed the 6 replicas",
        ),
        ({"size": "small", "load": {"users": 10}}, "installation:", "size and load are both given"),
        ({"load": {"users": 10**8}}, "installation:load", "more than 96 replicas are not sized"),
        ({"load": {"users": -1}}, "installation:load.users", "greater than or equal to 0"),
        ({"cluster": {}}, "installation:cluster", "no kubeconfig is given"),
        ({"cluster": {"kubeconfigPath": "gone"}}, "installation:cluster.kubeconfigPath", "No such file"),
        ({"cluster": {"kubeconfig": "x", "kubeconfigPath": "y"}}, "installation:cluster", "both given"),
        ({"egress": {"privateRanges": ["10.0.0.1/8"]}}, "installation:egress.privateRanges[0]", "host bits set"),
        ({"catalogue": "gone.yaml"}, "installation:catalogue", "cannot be read"),
    ],
)
def test_a_wrong_value_is_refused_at_its_place(change: dict[str, Any], path: str, message: str) -> None:
    found = _errors(_with(**change))
    assert path in found
    assert message in found[path]


def test_no_error_repeats_a_secret() -> None:
    values = _with(masterkey="too-short-but-secret", database={"host": "", "password": "hunter2", "ca": "x"})
    with pytest.raises(InvalidInputError) as caught:
        parse_stack("acme", values, folder=Path.cwd())
    assert "too-short-but-secret" not in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_the_parsed_stack_shows_no_secret() -> None:
    shown = repr(parse_stack("acme", GOOD, folder=Path.cwd()))
    assert MASTERKEY not in shown
    assert "secret-of-the-role" not in shown
    assert "apiVersion" not in shown


def _project(tmp_path: Path, config: dict[str, Any]) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: installation\nstackConfigDir: stacks\nruntime: python\n")
    (tmp_path / "stacks").mkdir()
    document = {"config": {f"installation:{key}": value for key, value in config.items()}}
    (tmp_path / "stacks" / "Pulumi.acme.yaml").write_text(yaml.safe_dump(document))
    return tmp_path


def test_a_stack_file_is_read_offline_with_its_secrets_sealed(tmp_path: Path) -> None:
    sealed = _with(masterkey={"secure": "v1:x"}, database={"host": "db", "password": {"secure": "v1:y"}, "ca": CA})
    sealed["cluster"] = {"kubeconfig": {"secure": "v1:z"}}
    config = read_stack_file("acme", project=_project(tmp_path, sealed)).parse()
    assert config.secrets is None
    assert config.installation.domain == "id.customer.example"


def test_a_secret_in_plain_text_is_refused_and_called_burnt(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_stack_file("acme", project=_project(tmp_path, GOOD))
    assert [reason.path for reason in caught.value.reasons] == [
        "installation:masterkey",
        "installation:cluster.kubeconfig",
        "installation:database.password",
    ]
    assert "change the secret, then: pulumi config set --secret" in str(caught.value)


def test_an_unknown_stack_is_answered_with_those_that_exist(tmp_path: Path) -> None:
    project = _project(tmp_path, {})
    assert stack_names(project) == ["acme"]
    with pytest.raises(InvalidInputError, match=r"there is no stack other .* stacks with a file: acme"):
        read_stack_file("other", project=project)


def test_of_many_stacks_those_are_named_that_look_like_the_unknown_one(tmp_path: Path) -> None:
    project = _project(tmp_path, {})
    for number in range(300):
        (project / "stacks" / f"Pulumi.customer-{number:03}.yaml").touch()
    for name, told in (("custmer-042", "301, such as customer-042, "), ("zzz", "301$")):
        with pytest.raises(InvalidInputError, match=f"stacks with a file: {told}"):
            read_stack_file(name, project=project)


def test_the_project_is_found_from_a_folder_below_it(tmp_path: Path) -> None:
    project = _project(tmp_path, {})
    assert find_project(project / "stacks") == project
    with pytest.raises(InvalidInputError, match=r"no Pulumi\.yaml at or above"):
        find_project(Path("/"))


def test_the_example_on_aws_is_valid() -> None:
    config = read_stack_file("example-eks", project=ROOT).parse()
    assert config.aws is not None
    assert config.installation.routing.node_ports is not None


def test_the_example_on_google_cloud_is_valid() -> None:
    config = read_stack_file("example-gke", project=ROOT).parse()
    assert config.google is not None
    assert config.sizing.size.replicas == 6


def test_the_example_of_the_documentation_is_valid() -> None:
    config = read_stack_file("example", project=ROOT).parse()
    assert config.installation.name == "example"


def test_an_issuer_is_read_and_a_wrong_one_is_told() -> None:
    named = {"name": "staging", "kind": "ClusterIssuer"}
    issuer = parse_stack("acme", _with(probes={"issuer": named}), folder=Path.cwd()).probing.issuer
    assert str(issuer) == "ClusterIssuer staging"
    assert _errors(_with(probes={"issuer": {"name": "Let's Encrypt", "kind": "clusterissuer"}})) == {
        "installation:probes.issuer.name": "write the name of a Kubernetes object, such as letsencrypt-staging",
        "installation:probes.issuer.kind": "input should be 'Issuer' or 'ClusterIssuer'",
    }


def test_the_published_schema_is_the_one_of_the_code(capsys: pytest.CaptureFixture[str]) -> None:
    published = (ROOT / "docs" / "stack.schema.json").read_text()
    assert json.loads(published) == stack_schema()
    assert run(["schema"]) == 0
    assert capsys.readouterr().out == published


def test_an_edge_of_our_own_is_read_with_its_image_by_digest() -> None:
    routing = {"kind": "edge", "tlsSecret": "tls", "edge": {**EDGE, "trustedProxies": ["10.0.0.0/8"]}}
    edge = parse_stack("acme", _with(routing=routing), folder=Path.cwd()).installation.routing.edge
    assert edge is not None
    assert str(edge.image) == f"traefik@{DIGEST}"
    assert (edge.exposure, edge.trusted_proxies) == (Exposure.LOAD_BALANCER, ("10.0.0.0/8",))


@pytest.mark.parametrize("first", ["2026-01-01", "2026-01-01 00:00:00 +0000 UTC"])
def test_a_date_without_quotes_is_the_same_by_yaml_and_by_pulumi(first: str) -> None:
    span = {"recurrence": "FREQ=MONTHLY;BYDAY=2TU", "first": first, "start": "22:00", "duration": "6h"}
    assert RecurringModel.model_validate(span).first == date(2026, 1, 1)
    freeze = {"since": "2026-12-20 00:00:00 +0000 UTC", "until": "2027-01-04T00:00"}
    assert BlackoutModel.model_validate(freeze).since == datetime(2026, 12, 20)


@pytest.mark.parametrize("duration", ["99999999999d", "9999999999999999h", "1e3h", "0h"])
def test_a_duration_that_cannot_be_is_refused_with_its_path(duration: str) -> None:
    window = {"recurrence": "FREQ=MONTHLY;BYDAY=2TU", "first": "2026-01-01", "start": "22:00", "duration": duration}
    contract = {"plan": "standard", "zone": "Europe/Zurich", "windows": [window]}
    with pytest.raises(InvalidInputError) as refused:
        parse_stack("acme", _with(contract=contract), folder=Path.cwd())
    (reason,) = refused.value.reasons
    assert reason.path.startswith("installation:contract.windows[0]")
