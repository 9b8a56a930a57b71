"""The zone-loss model against the real scheduler: what it proves, the scheduler must not refute.

`KASTELLAN_ORACLE_CLUSTERS` and `KASTELLAN_ORACLE_SEED` make a larger or another run (CONTRIBUTING.md).
"""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from lab.simulated import SimulatedCluster
from tests.lab.zone_loss_oracle import PRIORITIES, Crew, Machine, Oracle, Ruling, Small

_CLUSTERS = int(os.environ.get("KASTELLAN_ORACLE_CLUSTERS", "250"))
_SEED = os.environ.get("KASTELLAN_ORACLE_SEED")
_BATCH = 125
"""Side by side in one control plane; every batch waits twice for the scheduler to come to rest."""

_MACHINES = st.builds(
    Machine, st.integers(0, 2), st.integers(2, 10), st.integers(3, 8), st.sampled_from((False, False, False, True))
)
_CREWS = st.builds(
    Crew,
    st.integers(1, 5),
    st.integers(1, 4),
    st.sampled_from(sorted(PRIORITIES)),
    st.booleans(),
    st.sampled_from((None, None, None, 0, 1, 2)),
)


@st.composite
def _clusters(draw: st.DrawFn) -> Small:
    of_each_zone = [Machine(zone, draw(st.integers(3, 10)), draw(st.integers(3, 8))) for zone in range(3)]
    return Small(
        machines=(*of_each_zone, *draw(st.lists(_MACHINES, max_size=4))),
        crews=tuple(draw(st.lists(_CREWS, max_size=4))),
        replicas=draw(st.integers(1, 4)),
        quarters=draw(st.integers(1, 4)),
        honor=draw(st.booleans()),
        lost=draw(st.integers(0, 2)),
        deleted=draw(st.booleans()),
    )


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    with SimulatedCluster() as cluster:
        yield Oracle(cluster)


def _random_clusters() -> list[Small]:
    """So many clusters, no two of them alike."""
    found: dict[Small, None] = {}

    @settings(
        max_examples=2 * _CLUSTERS,
        deadline=None,
        derandomize=_SEED is None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(_clusters())
    def drawn(cluster: Small) -> None:
        found[cluster] = None

    (drawn if _SEED is None else seed(int(_SEED))(drawn))()
    return list(found)[:_CLUSTERS]


def test_the_scheduler_refutes_no_proof_of_the_model(oracle: Oracle, record_property: Callable[..., None]) -> None:
    clusters = _random_clusters()
    assert len(clusters) == _CLUSTERS
    tally: Counter[str] = Counter()
    for begin in range(0, _CLUSTERS, _BATCH):
        for ruling in oracle.rule(clusters[begin : begin + _BATCH]):
            if ruling.refuted:
                pytest.fail(f"the scheduler refutes the model on\n{_minimal(oracle, ruling)}", pytrace=False)
            said = ruling.said.outcome if ruling.said else "ours did not stand before"
            tally[f"{said}, {'ours stand' if ruling.stood else 'ours do not all stand'}"] += 1
    record_property("tally", dict(tally))
    sys.stdout.write("\n" + "\n".join(f"{count:5} {what}" for what, count in sorted(tally.items())) + "\n")
    judged = sum(count for what, count in tally.items() if not what.startswith("ours"))
    unknown = sum(count for what, count in tally.items() if what.startswith("unknown"))
    assert judged >= _CLUSTERS * 0.8
    assert unknown <= judged * 0.05, tally
    assert {what.partition(",")[0] for what in tally} >= {"pass", "fail"}


def _minimal(oracle: Oracle, ruling: Ruling) -> Ruling:
    """The same disagreement in a cluster from which nothing can be taken; all smaller ones are tried side by side."""
    while worse := [one for one in oracle.rule(ruling.cluster.smaller()) if one.refuted]:
        ruling = worse[0]
    return ruling
