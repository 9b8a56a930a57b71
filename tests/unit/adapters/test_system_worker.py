"""Who is dead, and who only may be."""

import subprocess
import sys

from kastellan.adapters.system_worker import SystemWorker


def another() -> tuple["subprocess.Popen[str]", str]:
    program = (
        "from kastellan.adapters.system_worker import SystemWorker; print(SystemWorker().name, flush=True); input()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def test_a_process_that_ended_is_dead_and_one_that_runs_is_not() -> None:
    worker = SystemWorker()
    assert not worker.is_dead(worker.name)
    process, name = another()
    with process:
        assert name != worker.name
        assert not worker.is_dead(name)
        process.communicate("\n")
    assert worker.is_dead(name)


def test_a_process_id_that_is_used_again_is_somebody_else() -> None:
    worker = SystemWorker()
    place, _, began = worker.name.rpartition("/")
    assert worker.is_dead(f"{place}/{int(began) - 1}")


def test_of_other_machines_boots_and_names_nothing_is_said() -> None:
    worker = SystemWorker()
    host, boot, namespace, _, _ = worker.name.rsplit("/", 4)
    for name in (
        f"other/{boot}/{namespace}/1/1",
        f"{host}/00000000/{namespace}/999999/1",
        f"{host}/{boot}/1/999999/1",
        "",
        "host",
        f"{host}/{boot}/{namespace}/x/1",
    ):
        assert not worker.is_dead(name)
