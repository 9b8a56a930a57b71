"""What the customer says while a run is planned or goes on."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.commands import Said, go_to, read, told
from tests.maintaining import DENIAL, NEW, OLD, Outside, decided, outside

__all__ = ["go_to", "outside"]


class TestObjections:
    """The customer objects while the window lasts (MU-3)."""

    def test_before_the_run_is_begun(self, outside: Outside, capsys: Said) -> None:
        said = decided(*DENIAL)
        assert "2026-12 counts as denied (1 in a row)" in said, "November was offered late, so it never counts"
        assert "Ada Example denied it" in told(capsys, "maintain", "acme", code=5)
        assert outside.provisioner.brought["acme"] == OLD
        assert "run-started" not in told(capsys, "ledger", "show", "acme")

    def test_between_planning_and_the_first_mutation_nothing_is_changed(
        self, outside: Outside, capsys: Said, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        said = []
        inner = outside.restore_points.make

        def make(*arguments: Any, **named: Any) -> Any:
            said.append(decided(*DENIAL))
            return inner(*arguments, **named)

        monkeypatch.setattr(outside.restore_points, "make", make)
        (found,) = read(capsys, "maintain", "acme", code=5)["installations"]
        assert "the run that is under way stops, and changes nothing" in said[0]
        assert (found["run"]["verdict"], found["run"]["attribution"]) == ("blocked", "customer")
        assert (outside.provisioner.brought["acme"], outside.provisioner.configured["acme"]) == (OLD, OLD)

    def test_it_may_be_taken_back(self, outside: Outside, capsys: Said, go_to: Any) -> None:
        decided(*DENIAL)
        go_to("2026-11-10T22:01")
        decided("permit", "regular/2026-11", "--who", "Ada Example", "--channel", "mail")
        told(capsys, "maintain", "acme")
        assert outside.provisioner.brought["acme"] == NEW

    @pytest.mark.parametrize(("on_withdrawal", "effect", "code"), [
        ("finish", "the run finishes, as the contract says", 0),
        ("undo", "the update is undone, as the contract says", 3),
    ])  # fmt: skip
    def test_after_the_first_mutation_the_contract_says_what_becomes_of_the_run(
        self, outside: Outside, capsys: Said, tmp_path: Path, on_withdrawal: str, effect: str, code: int
    ) -> None:
        path = tmp_path / "stacks" / "Pulumi.acme.yaml"
        document = yaml.safe_load(path.read_text())
        document["config"]["installation:contract"]["runs"] = {"onWithdrawal": on_withdrawal}
        path.write_text(yaml.safe_dump(document))
        said = []
        inner = outside.provisioner.up

        def up(*arguments: Any, **named: Any) -> Any:
            said.append(said or decided(*DENIAL))
            return inner(*arguments, **named)

        outside.provisioner.up = up
        told(capsys, "maintain", "acme", code=code)
        assert effect in said[0]
        assert "If this is denied" not in said[0], "the month is no denied one: the run ran"
        assert outside.provisioner.brought["acme"].version == (NEW if code == 0 else OLD).version
        assert "decided" in told(capsys, "ledger", "show", "acme")
