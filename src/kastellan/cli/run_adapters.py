"""The adapters of one installation's maintenance run: the only file that knows all of them."""

import os
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from kastellan.adapters.evidence.exemptions_file import stack_exemptions
from kastellan.adapters.evidence.preflight_run import judged, patient, survey
from kastellan.adapters.kubernetes.connection import connect
from kastellan.adapters.managed_database import managed_database_of
from kastellan.adapters.probe.https_entrance import HttpsEntrance
from kastellan.adapters.pulumi.command import PulumiCommand
from kastellan.adapters.pulumi.pulumi_provisioner import PulumiProvisioner
from kastellan.adapters.restore_points import restore_points_of
from kastellan.adapters.store.sql_store import SqlStore
from kastellan.adapters.system_clock import SteadyClock
from kastellan.adapters.system_user_key import bearer_token, read_system_user_key
from kastellan.adapters.system_worker import SystemWorker
from kastellan.cli.installation_view import View, read_plan
from kastellan.cli.preflight_target import target_of
from kastellan.config.stack import StackConfig
from kastellan.config.stack_file import find_project
from kastellan.domain.errors import NotFoundError
from kastellan.domain.probing import EntryPoint
from kastellan.domain.secrets import ADMIN_CLIENT, SystemUserKey
from kastellan.domain.version import Version
from kastellan.execution.cluster_probe import ClusterProbe
from kastellan.execution.name_questions import further_names
from kastellan.execution.outside_questions import OutsideQuestions
from kastellan.execution.run_ports import RunPorts, Situation
from kastellan.execution.tick import read_ledger
from kastellan.planning.service_questions import questions_of
from kastellan.planning.service_verdict import ServiceLimits
from kastellan.ports.progress import Progress
from kastellan.ports.service_probe import ServiceProbe
from kastellan.preflight.gate import Gate
from kastellan.preflight.report import Report


def ports_of(
    view: View,
    stack: StackConfig,
    store: SqlStore,
    progress: Progress,
    announce: Callable[[], None],
    *,
    programs: str,
) -> RunPorts:
    """The ports of an installation's run.

    Args:
        view: of the installation.
        stack: its configuration, decrypted.
        store: where journal, leases and ledgers are.
        progress: told what goes on.
        announce: see `RunPorts`.
        programs: folder of `pg_dump` and `pg_restore`; empty for PATH.

    Raises:
        KastellanError: a program is missing.
    """
    project, clock, name = find_project(Path.cwd()), SteadyClock(), view.plan.stack
    target = target_of(stack)
    cluster = connect(target.kubeconfig, context=target.context, timeout_seconds=10.0)

    def preflight() -> Report:
        seen = survey(
            patient(cluster, clock, progress),
            target.database,
            target.installation,
            target.manifests,
            target=target.name,
            gate=Gate.MAINTENANCE,
            plan=target.plan,
            clock=clock,
            progress=progress,
            probes=replace(target.probes, allowed=target.probes.probing.image is not None),
            managed=managed_database_of(target.restore_points, clock),
        )
        return judged(seen, clock, exemptions=stack_exemptions(stack))

    probing = target.probes.probing
    hosts, entry = stack.installation.hosts, probing.entry or EntryPoint()
    asking = OutsideQuestions(
        entrance=HttpsEntrance(hosts.issuer, entry),
        clock=clock,
        domain=hosts.issuer,
        further=further_names(hosts, lambda host: HttpsEntrance(host, entry)),
    )
    outside = asking if probing.external_name else None

    def operator() -> SystemUserKey:
        users = PulumiCommand(project).secret_output(name, "kastellan:index:Release", "systemUsers")
        if not isinstance(users, dict) or ADMIN_CLIENT not in users:
            raise NotFoundError(f"the state of {name} has no key of {ADMIN_CLIENT}", remediation="run `pulumi up` once")
        return read_system_user_key(ADMIN_CLIENT, users[ADMIN_CLIENT]["privateKey"])

    def probe(version: Version) -> ServiceProbe:
        key = cache(operator)  # read once a probe: an `up` before may have made it anew
        return ClusterProbe(
            cluster=cluster,
            clock=clock,
            installation=stack.installation,
            version=version,
            outside=outside,
            sign=lambda: bearer_token(key(), f"https://{stack.installation.domain}", clock.now()),
        )

    def look() -> Situation:
        read = read_plan(name, clock.now().replace(microsecond=0))
        ledger = read_ledger(store, name)
        read.require_current(ledger)
        return Situation(contract=read.contract, catalogue=read.config.catalogue, ledger=ledger)

    return RunPorts(
        journal=store.journal,
        leases=store.leases,
        provisioner=PulumiProvisioner(project, environment=dict(os.environ), clock=clock),
        restore_points=restore_points_of(stack, programs=programs, clock=clock, progress=progress),
        probe=probe,
        preflight=preflight,
        look=look,
        announce=announce,
        limits=ServiceLimits(
            soak=view.plan.contract.runs.soak,
            zones=stack.installation.minimum_zones,
            platform=stack.installation.platform,
            outside=probing.external_name,
            questions=questions_of(stack.installation, outside=probing.external_name),
        ),
        clock=clock,
        progress=progress,
        worker=SystemWorker(),
    )
