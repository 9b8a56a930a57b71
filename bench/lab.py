"""How long the lab takes to be there."""

import time

from bench.measure import Row, seconds
from lab.real import RealCluster, why_not
from lab.simulated import SimulatedCluster


def measure() -> list[Row]:
    """Up, and up and down, with simulated and with real nodes."""

    def simulated() -> None:
        SimulatedCluster().close()

    began = time.perf_counter()
    cluster = SimulatedCluster()
    up = time.perf_counter() - began
    cluster.close()
    rows = [
        ("lab, simulated nodes: up", f"{up:.2f} s (one run)", "`python -m lab up`"),
        ("lab, simulated nodes: up and down", str(seconds(simulated, runs=3)), "`python -m lab up`, Ctrl-C"),
    ]
    if (reason := why_not()) is not None:
        return [*rows, ("lab, three real nodes", f"not measured: {reason}", "`python -m lab up --nodes real`")]
    began = time.perf_counter()
    with RealCluster():
        up = time.perf_counter() - began
    return [*rows, ("lab, three real nodes: up", f"{up:.2f} s (one run)", "`python -m lab up --nodes real`")]
