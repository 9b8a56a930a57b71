"""The probe program against a real PostgreSQL server: its controls are seen as what they are."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from kastellan.adapters.probe.zone_answers import _database
from kastellan.preflight.checks.clk_1 import CLK_1
from kastellan.preflight.checks.pg_6 import PG_6
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.zone_facts import HELD_MS, SET_BACK_MS, ZoneAnswer
from lab.probe_image import probe_image
from tests.lab.conftest import Database
from tests.unit.preflight.platforms import judged
from tests.unit.preflight.probed import skew


def _asked(database: Database, folder: Path, **questions: Any) -> dict[str, Any]:
    server = database.server
    file = folder / "questions.json"
    where = {"host": server.host, "port": server.port, "name": database.name, "user": database.user}
    file.write_text(json.dumps({"destinations": [], "database": where | {"ca": server.ca_pem}, **questions}))
    done = subprocess.run(
        [probe_image().path.with_name("kastellan-probe"), "ask", file],
        env={**os.environ, "KASTELLAN_PROBE_RUN": "this", "KASTELLAN_DATABASE_PASSWORD": database.password},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_a_real_servers_clock_and_pace_are_measured_with_their_controls(database: Database, tmp_path: Path) -> None:
    seen = _database(_asked(database, tmp_path)["database"])
    assert seen.held is not None
    assert seen.held >= (HELD_MS - 1) * 1000
    assert seen.clock is not None
    assert seen.clock.control is not None
    low, high = seen.clock.control
    assert low <= SET_BACK_MS <= high + 1
    answer = ZoneAnswer(zone="a", node="here", api=skew(0, 0), database=seen)
    assert judged(CLK_1, zones=(answer,)).outcome is Outcome.PASS
    assert judged(PG_6, zones=(answer,)).outcome in (Outcome.PASS, Outcome.WARN, Outcome.FAIL)  # by how busy it is


def test_a_destination_is_tried_by_every_family_that_this_machine_has(database: Database, tmp_path: Path) -> None:
    bare = {"host": database.server.host, "port": database.server.port, "tls": False, "http": False, "ca": ""}
    answer = _asked(database, tmp_path, destinations=[bare, {**bare, "http": True}])
    families = answer["families"]
    for reached in answer["destinations"]:
        assert [way["family"] for way in reached["ways"]] == families
    if "ip4" in families:
        plain, spoken = ({way["family"]: way for way in one["ways"]}["ip4"] for one in answer["destinations"])
        assert (plain["step"], plain["problem"]) == ("tcp", "")
        assert (spoken["step"], bool(spoken["problem"])) == ("http", True), "PostgreSQL speaks no HTTP"
