"""The whole way on Google Cloud: base, prerequisites, release, under the real engine; only the cloud is simulated.

Cluster and database are real. The stack is made once; each test leaves it as it found it, but for the last, which
destroys it.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.lab.cloud_lab import GUARDED
from tests.lab.google_stack import GoogleLab, google_lab


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """A stack that came about with an accident on the way, and what was said at each step."""

    lab: GoogleLab
    cut_off: str
    adopted: str
    brought: str


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grown]:
    with google_lab(tmp_path_factory.mktemp("google")) as lab:
        lab.cloud.fail("Project", "project", "die-after")  # nothing else is under way beside it
        code, cut_off = lab.run("up", *GUARDED)
        assert code != 0
        adopted = lab.kastellan("adopt", lab.stack.name, "project")
        brought = lab.up(*GUARDED)
        yield Grown(lab=lab, cut_off=cut_off, adopted=adopted, brought=brought)


def _outputs(lab: GoogleLab) -> dict[str, object]:
    told: dict[str, object] = json.loads(lab.stack.pulumi.run("stack", "output", "--json", "--stack", "acme").stdout)
    return told


def test_a_create_that_was_cut_off_is_adopted_and_nothing_exists_twice(grown: Grown) -> None:
    assert "exited prematurely" in grown.cut_off
    assert "adopted Project project (customer-zitadel)" in grown.adopted
    made = Counter(call for call in grown.lab.cloud.calls if call.startswith("create"))
    assert {call: count for call, count in made.items() if count > 1} == {}
    assert len(made) > 55


def test_the_base_is_made_the_prerequisites_pass_and_the_release_runs_in_three_zones(grown: Grown) -> None:
    told = _outputs(grown.lab)
    assert told["version"] == "v4.13.1"
    assert told["zones"] == ["europe-west6-a", "europe-west6-b", "europe-west6-c"]
    assert told["prerequisites"] == "incomplete"  # the way in cannot be judged before the first installation
    assert told["address"] == "192.0.2.20"
    kinds = grown.lab.cluster.kubectl(
        "-n", "zitadel", "get", "gateway,gcpbackendpolicy,healthcheckpolicy", "-o", "name"
    )
    assert len(kinds.split()) == 5
    rows = grown.lab.postgres.execute("select rolname from pg_roles where rolname = 'zitadel'")
    assert rows == [("zitadel",)]


def test_a_second_update_changes_nothing(grown: Grown) -> None:
    before = grown.lab.cloud.calls
    grown.lab.up("--expect-no-changes")
    assert grown.lab.cloud.calls == before


def test_what_somebody_changes_in_the_cloud_is_found_and_put_back(grown: Grown) -> None:
    lab = grown.lab
    lab.cloud.change("NodePool", "zitadel", nodeCount=1)
    code, said = lab.run("refresh", "--preview-only", "--expect-no-changes")
    assert code != 0
    assert "zitadel" in said
    lab.up("--refresh")
    assert lab.cloud.objects[_key(lab, "NodePool", "zitadel")]["inputs"]["nodeCount"] == 2


def test_another_machine_type_changes_one_pool_and_nothing_of_the_installation(grown: Grown) -> None:
    lab = grown.lab
    before = lab.cloud.calls
    lab.stack.change(google={**lab.base("google"), "machineType": "n2-standard-8"})
    lab.up(*GUARDED)
    assert lab.cloud.calls[len(before) :] == [f"update {_key(lab, 'NodePool', 'zitadel')}"]


def test_nothing_secret_is_in_the_state_or_in_what_was_said(grown: Grown) -> None:
    state = grown.lab.stack.pulumi.run("stack", "export", "--stack", "acme").stdout
    for text in (state, grown.cut_off, grown.adopted, grown.brought):
        assert "of-the-role" not in text
        assert "a-masterkey-of-the-lab" not in text
        assert "PRIVATE KEY" not in text


def test_destroying_is_refused_and_then_done_on_purpose(grown: Grown) -> None:
    lab = grown.lab
    gone = {call.split("/")[1] for call in lab.destroy_is_refused()}
    serving = {"databaseInstance", "cluster", "nodePool", "bucket", "securityPolicy", "certificateMap", "recordSet",
               "routerNat"}  # fmt: skip
    assert gone & serving == set()
    assert _key(lab, "DatabaseInstance", "acme-db")
    assert lab.leave("google") == set()


def _key(lab: GoogleLab, kind: str, name: str) -> str:
    (found,) = [
        key
        for key, one in lab.cloud.objects.items()
        if one["token"].endswith(f":{kind}") and one["inputs"].get("name") == name
    ]
    return found
