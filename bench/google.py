"""What the SDK of Google Cloud costs the program before it declares anything."""

import subprocess
import sys

from bench.measure import Row

_IMPORTS = {
    "pulumi alone, for comparison": "import pulumi",
    "the program of a customer's cluster": "import kastellan.provision.program",
    "the program with a base on Google Cloud": "import kastellan.provision.program, kastellan.provision.gcp.base",
}
_TOLD = (
    "; import resource; used = resource.getrusage(resource.RUSAGE_SELF); "
    "print(used.ru_utime + used.ru_stime, used.ru_maxrss)"
)


def measure() -> list[Row]:
    """Processor time and memory of imports, because the wall's clock counts what else the machine does."""
    used = {title: _used(line) for title, line in _IMPORTS.items()}
    bare = next(iter(used.values()))[0]
    return [
        (
            f"importing {title}",
            f"{taken:.2f} s of CPU, {taken / bare:.1f} times pulumi alone; {memory:.0f} MiB",
            f"`python -c '{_IMPORTS[title]}'`",
        )
        for title, (taken, memory) in used.items()
    ]


def _used(line: str) -> tuple[float, float]:
    """Seconds of CPU and MiB; the better of three runs."""
    runs = []
    for _ in range(3):
        told = subprocess.run([sys.executable, "-c", line + _TOLD], capture_output=True, text=True, check=True).stdout
        taken, memory = told.split()
        runs.append((float(taken), int(memory) / 1024))
    return min(runs)
