"""`kastellan preflight` and its subcommands as a person and a pipeline see them, on a cluster in memory."""

import json
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from kastellan.adapters.evidence.report_model import report_schema
from kastellan.adapters.kubernetes import connection
from kastellan.cli import preflight_options
from kastellan.cli.main import run
from kastellan.cli.preflight_probes import shown
from kastellan.cli.preflight_target import target_of
from kastellan.config.stack_file import read_stack_file
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.kubernetes_object import ObjectRef
from kastellan.domain.probing import Probing
from kastellan.preflight.catalogue import CHECKS
from tests.builders import CA
from tests.fakes.platform_cluster import PlatformCluster

Said = pytest.CaptureFixture[str]
_SECRET = "S3cret-of-somebody"


class _Served(PlatformCluster):
    server = "https://cluster.customer.example"


@pytest.fixture(autouse=True)
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _Served:
    """Every command finds this cluster; secrets lie where a careless collector would pick them up."""
    served = _Served()
    for ref, live in served.objects.items():
        live["metadata"]["annotations"] = {"last-applied": _SECRET}
        if ref.kind == "Pod":
            live["spec"]["containers"][0]["env"] = [{"name": "PASSWORD", "value": _SECRET}]
    secret = ObjectRef("v1", "Secret", "zitadel", "masterkey")
    served.objects[secret] = {"kind": "Secret", "metadata": {"name": "masterkey"}, "data": {"key": _SECRET}}
    monkeypatch.setattr(connection, "connect", lambda *_, **__: served)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kubeconfig").write_text(f"token: {_SECRET}\n")
    return served


def _run(*arguments: str, code: int) -> None:
    assert run(["preflight", *arguments]) == code


def _report(capsys: Said, *arguments: str, code: int) -> Any:
    capsys.readouterr()
    _run("--kubeconfig", "kubeconfig", "-o", "json", *arguments, code=code)
    document = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator(report_schema()).validate(document)
    return document


def test_a_database_that_nobody_named_leaves_the_run_incomplete(capsys: Said) -> None:
    document = _report(capsys, code=5)
    rows = {row["id"]: row["outcome"] for row in document["findings"]}
    assert rows["ZON-1"] == "pass"
    assert rows["PG-1"] == "unknown"
    assert document["identity"] == "sre@vendor.example"
    assert document["cluster"]["uid"] == "6b1f0ad2"


@pytest.mark.parametrize(("fail_on", "code"), [("warn", 5), ("unknown", 5), ("fail", 0)])
def test_a_policy_says_which_outcome_ends_with_an_exit_code(capsys: Said, fail_on: str, code: int) -> None:
    _report(capsys, "--fail-on", fail_on, code=code)


def test_a_failure_ends_with_3_whatever_the_format_and_the_policy(capsys: Said, cluster: _Served) -> None:
    cluster.objects.pop(ObjectRef("v1", "Node", "", "node-0"))
    for form in ("text", "markdown", "junit", "html"):
        _run("--kubeconfig", "kubeconfig", "-o", form, "--fail-on", "fail", code=3)
        assert "ZON-1" in capsys.readouterr().out


def test_selected_checks_run_alone_and_the_others_keep_their_rows(capsys: Said) -> None:
    document = _report(capsys, "--only", "ZON-1", code=5)
    assert document["checksExecuted"] == 1
    assert len(document["findings"]) == document["checksExpected"] == len(CHECKS)


def test_a_folder_gets_the_report_in_every_format_and_nothing_else(capsys: Said, tmp_path: Path) -> None:
    document = _report(capsys, "--output-dir", "out", code=5)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"report.txt", "report.json", "report.md", "report.junit.xml", "report.html"}
    assert json.loads((tmp_path / "out" / "report.json").read_text()) == document


def test_a_bundle_holds_no_secret_and_gives_the_same_report_elsewhere(capsys: Said, tmp_path: Path) -> None:
    _run("collect", "--kubeconfig", "kubeconfig", "-o", "bundle.json", code=5)
    said = capsys.readouterr()
    bundle = (tmp_path / "bundle.json").read_text()
    assert _SECRET not in bundle + said.out + said.err
    _run("judge", "bundle.json", "-o", "json", code=5)
    first = json.loads(capsys.readouterr().out)
    _run("judge", "bundle.json", "-o", "json", code=5)
    second = json.loads(capsys.readouterr().out)
    assert {**first, "judgedAt": ""} == {**second, "judgedAt": ""}
    assert {row["id"]: row["outcome"] for row in first["findings"]}["ZON-1"] == "pass"


def test_a_report_is_signed_countersigned_verified_and_any_change_is_found(capsys: Said, tmp_path: Path) -> None:
    _run("--kubeconfig", "kubeconfig", "--output-dir", "out", code=5)
    _run("sign", "out/report.json", "--key", "vendor.pem", code=0)
    _run("sign", "out/report.signed.json", "--key", "customer.pem", code=0)
    capsys.readouterr()
    _run("verify", "out/report.signed.json", "--verifier", "tools", code=0)
    said = capsys.readouterr().out
    assert said.count("valid: signed with key") == 2
    assert "strict TLS everywhere" in said
    _run("show", "out/report.signed.json", "-o", "markdown", code=0)
    verifier = [sys.executable, "-E", "-S", "tools/verify_report.py", "out/report.signed.json"]
    assert subprocess.run(verifier, capture_output=True, check=False).returncode == 0
    path = tmp_path / "out" / "report.signed.json"
    path.write_text(path.read_text().replace('"payload": "ey', '"payload": "fy'))
    _run("verify", "out/report.signed.json", code=6)
    assert subprocess.run(verifier, capture_output=True, check=False).returncode == 6
    _run("verify", "out/report.json", code=6)


def test_a_comparison_tells_what_changed(capsys: Said, cluster: _Served) -> None:
    _run("--kubeconfig", "kubeconfig", "--output-file", "before.json", code=5)
    cluster.objects.pop(ObjectRef("v1", "Node", "", "node-0"))
    document = _report(capsys, "--baseline", "before.json", code=3)
    changes = {row["id"]: row["change"] for row in document["delta"]["rows"]}
    assert changes["ZON-1"] == "regressed"
    assert changes["VER-3"] == "same"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--only", "ZON-99"], "there is no check ZON-99"),
        (["--waivers", "waivers.yaml"], "ZON-99: there is no such check"),
        (["--baseline", "waivers.yaml"], "cannot be read as JSON"),
        (["--output-dir", "kubeconfig/out"], "cannot be written"),
        (["--output-file", "kubeconfig/report.json"], "cannot be written"),
        (["--namespace", "../kube-system"], "is no name of a namespace"),
        (["--kubeconfig", "noise"], "the kubeconfig noise is no text"),
        (["--kubeconfig", "nothing"], "the kubeconfig nothing is empty"),
        (["--database", "postgresql://a@b/c", "--database-ca", "noise"], "certificate noise is no text"),
    ],
)
def test_bad_input_is_told_on_standard_error_and_standard_output_stays_empty(
    capsys: Said, tmp_path: Path, arguments: list[str], says: str
) -> None:
    (tmp_path / "waivers.yaml").write_text("waivers: [{id: ZON-99, reason: r, approver: a, expires: 2027-01-01}]")
    (tmp_path / "noise").write_bytes(bytes(range(128, 256)))
    (tmp_path / "nothing").write_text("\n")
    _run("--kubeconfig", "kubeconfig", *arguments, code=2)
    said = capsys.readouterr()
    assert says in said.err
    assert said.out == ""


def test_where_the_report_cannot_be_written_nothing_is_asked(capsys: Said, cluster: _Served) -> None:
    asked: list[str] = []
    cluster.request = lambda path, **_: asked.append(path)  # type: ignore[method-assign]  # whoever asks is noted
    _run("--kubeconfig", "kubeconfig", "--output-dir", "kubeconfig/out", code=2)
    assert asked == []


def test_a_folder_that_cannot_be_written_any_more_costs_neither_the_report_nor_the_reason(
    capsys: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflight_options, "write_whole", _refuse)
    _run("--kubeconfig", "kubeconfig", "-o", "json", "--output-dir", "out", code=2)
    said = capsys.readouterr()
    assert json.loads(said.out)["findings"]
    assert "it is full" in said.err


def _refuse(path: Path, content: str) -> None:
    raise InvalidInputError(f"{path} cannot be written: it is full")


def test_whoever_reads_only_the_beginning_changes_neither_exit_code_nor_says_anything(tmp_path: Path) -> None:
    report = Path(__file__).parents[1] / "preflight" / "golden" / "full.json"
    show = shlex.join(
        [str(Path(sys.executable).with_name("kastellan")), "preflight", "show", str(report), "-o", "html"]
    )
    for command, code, said in (
        (f"{show} | true; exit ${{PIPESTATUS[0]}}", 0, ""),
        (f"{show} > /dev/full", 1, "error: there is no space left where this is written to\n"),
    ):
        done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (code, said), command


def test_an_expired_waiver_ends_with_6_where_nothing_else_is_wrong(capsys: Said, tmp_path: Path) -> None:
    others = [
        f"{{id: {check.id}, reason: r, approver: a, expires: 2099-01-01}}" for check in CHECKS if check.id != "ZON-1"
    ]
    old = "{id: ZON-1, reason: r, approver: a, expires: 2020-01-01}"
    (tmp_path / "waivers.yaml").write_text("waivers:\n" + "".join(f"  - {one}\n" for one in [old, *others]))
    _report(capsys, "--waivers", "waivers.yaml", code=6)


def test_what_is_no_subcommand_is_a_stack(capsys: Said) -> None:
    _run("nobody", code=2)
    assert "no Pulumi.yaml" in capsys.readouterr().err


def test_roles_are_printed_for_the_selected_checks_only(capsys: Said) -> None:
    capsys.readouterr()
    _run("rbac", "--only", "ZON-1", "--user", "sre", code=0)
    role, binding = yaml.safe_load_all(capsys.readouterr().out)
    assert (role["kind"], binding["kind"]) == ("ClusterRole", "ClusterRoleBinding")
    assert {resource for rule in role["rules"] for resource in rule["resources"]} == {"nodes", "namespaces"}


def test_roles_for_probes_come_with_their_namespace_and_give_nothing_beyond_it(capsys: Said) -> None:
    capsys.readouterr()
    _run("rbac", "--only", "NET-3", "--probes", "--user", "sre", code=0)
    namespace, *roles = yaml.safe_load_all(capsys.readouterr().out)
    assert namespace["kind"] == "Namespace"
    whole = [role for role in roles if role["kind"] == "ClusterRole"]
    assert {resource for rule in whole[0]["rules"] for resource in rule["resources"]} == {"nodes", "namespaces"}
    (inside,) = [role for role in roles if role["kind"] == "Role"]
    assert inside["metadata"]["namespace"] == namespace["metadata"]["name"]
    assert {"jobs", "pods", "secrets"} <= {resource for rule in inside["rules"] for resource in rule["resources"]}


def test_the_list_of_checks_has_every_check(capsys: Said) -> None:
    capsys.readouterr()
    _run("checks", "--json", code=0)
    listed = json.loads(capsys.readouterr().out)["checks"]
    assert [row["id"] for row in listed] == [check.id for check in CHECKS]


def _stack_with_an_issuer(folder: Path, **probes: Any) -> None:
    """A sealed stack whose certificate at the way in cert-manager writes."""
    digest = "sha256:" + "a" * 64
    settings = {
        "platform": "existing", "version": "v4.13.1", "domain": "id.customer.example",
        "cluster": {"kubeconfigPath": "kubeconfig"},
        "database": {"host": "db", "password": {"secure": "v1:x"}, "ca": CA},
        "masterkey": {"secure": "v1:x"},
        "images": {"zitadel": f"r/z@{digest}", "login": f"r/l@{digest}"},
        "routing": {"kind": "ingress", "className": "web", "controllerNamespace": "ingress", "tlsSecret": "tls"},
        "probes": {"issuer": {"name": "staging", "kind": "ClusterIssuer"}, **probes},
    }  # fmt: skip
    config = {f"installation:{name}": value for name, value in settings.items()}
    (folder / "Pulumi.yaml").write_text("name: installation\nruntime: python\n")
    (folder / "Pulumi.acme.yaml").write_text(yaml.safe_dump({"config": config}))


def test_roles_for_probes_let_the_named_issuer_be_asked_and_name_the_only_secrets_that_they_read(
    capsys: Said, tmp_path: Path
) -> None:
    _stack_with_an_issuer(tmp_path)
    capsys.readouterr()
    _run("rbac", "acme", "--only", "TLS-2", "--probes", code=0)
    _, *roles = yaml.safe_load_all(capsys.readouterr().out)
    rules = {role["metadata"].get("namespace", ""): role["rules"] for role in roles}
    (issuers,) = [rule for rule in rules[""] if rule["resources"] == ["clusterissuers"]]
    assert (issuers["resourceNames"], issuers["verbs"]) == (["staging"], ["get"])
    secrets = [rule for rule in rules["zitadel"] if "secrets" in rule["resources"]]
    assert {name for rule in secrets for name in rule["resourceNames"]} == {
        "kastellan-probe",
        "kastellan-probe-control",
    }
    _run("rbac", "acme", "--only", "TLS-2", code=0)
    assert "issuers" not in capsys.readouterr().out, "a read-only run asks for no certificate"


def test_what_probes_would_ask_of_cert_manager_is_shown_beforehand(tmp_path: Path) -> None:
    _stack_with_an_issuer(tmp_path)
    target = target_of(read_stack_file("acme", project=tmp_path).parse())
    asked, control = yaml.safe_load_all(shown(target))
    assert (asked["kind"], asked["spec"]["issuerRef"]["name"]) == ("Certificate", "staging")
    assert asked["spec"]["dnsNames"] == control["spec"]["dnsNames"] == ["id.customer.example"]
    bare = replace(target, probes=replace(target.probes, probing=Probing()))
    with pytest.raises(InvalidInputError, match="nothing would be put there"):
        shown(bare)
