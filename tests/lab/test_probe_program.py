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
from lab.pki import Authority
from lab.probe_image import probe_image
from tests.lab.conftest import Database
from tests.unit.preflight.platforms import judged
from tests.unit.preflight.probed import skew


def _asked(database: Database, folder: Path, *, ca: str = "", password: str = "", **questions: Any) -> dict[str, Any]:
    server, password = database.server, password or database.password
    file = folder / "questions.json"
    where = {"host": server.host, "port": server.port, "name": database.name, "user": database.user}
    file.write_text(json.dumps({"destinations": [], "database": where | {"ca": ca or server.ca_pem}, **questions}))
    done = subprocess.run(
        [probe_image().path.with_name("kastellan-probe"), "ask", file],
        env={**os.environ, "KASTELLAN_PROBE_RUN": "this", "KASTELLAN_DATABASE_PASSWORD": password},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert password not in done.stdout + done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    assert answer["run"] == "this"
    return answer


def test_postgresql_is_measured_and_what_does_not_verify_is_refused(database: Database, tmp_path: Path) -> None:
    good = _asked(database, tmp_path)["database"]
    assert good["problem"] == good["writeProblem"] == "", good
    assert 0 < good["reads"]["p50Us"] <= good["reads"]["p95Us"] <= good["reads"]["p99Us"]
    assert good["writes"]["p50Us"] > 0
    assert abs(good["clock"]["lowMs"]) < 1000 > abs(good["clock"]["highMs"])
    foreign = _asked(database, tmp_path, ca=Authority("foreign").certificate)["database"]
    assert "unknown authority" in foreign["problem"]
    assert foreign["reads"] is None
    locked = _asked(database, tmp_path, password="not-this-one")["database"]
    assert "password authentication failed" in locked["problem"]
    assert locked["refused"] is True


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
