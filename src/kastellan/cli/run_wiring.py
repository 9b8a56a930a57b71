"""Puts the outside of one installation's maintenance run together, in the least time.

Pulumi decrypts the stack's secrets while everything that a run needs is imported here, and its SDK elsewhere.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

from kastellan.adapters.pulumi.worker_source import SOURCE
from kastellan.adapters.store.sql_store import SqlStore
from kastellan.cli.installation_view import View
from kastellan.cli.unsealed_stack import unsealed_stack
from kastellan.execution.run_ports import RunPorts
from kastellan.ports.progress import Progress


def run_ports(
    view: View, store: SqlStore, progress: Progress, announce: Callable[[], None], *, programs: str
) -> RunPorts:
    """The ports of an installation's run; its secrets are decrypted by `pulumi`.

    Args:
        view: of the installation.
        store: where journal, leases and ledgers are.
        progress: told what goes on.
        announce: see `RunPorts`.
        programs: folder of `pg_dump` and `pg_restore`; empty for PATH.

    Raises:
        KastellanError: the stack cannot be read, or a program is missing.
    """
    SOURCE.warm()
    with ThreadPoolExecutor(1) as aside:
        reading = aside.submit(unsealed_stack, view.plan.stack)
        from kastellan.cli.run_adapters import ports_of

        import_module("kastellan.cli.maintenance_results")  # with which the end is told
        return ports_of(view, reading.result(), store, progress, announce, programs=programs)
