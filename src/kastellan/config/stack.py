"""From a stack's configuration to an installation, its secrets and its cluster; every error at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kastellan.config.aws_model import AwsModel
from kastellan.config.chosen_size import ChosenSize
from kastellan.config.cloud_stack import cloud_problems, made_size, name_problems, placed_later
from kastellan.config.google_model import GoogleModel
from kastellan.config.host_names import host_name_problems, hosts_of
from kastellan.config.problem import reasons_of
from kastellan.config.stack_model import AwsStackModel, ClusterModel, GoogleStackModel, Placed, stack_shape
from kastellan.config.stack_problem import PREFIX, reason_at
from kastellan.config.stack_release import release_problems, stack_catalogue, stack_images
from kastellan.config.stack_secrets import StackSecrets, missing_secrets, stack_secrets
from kastellan.domain.catalogue import Catalogue
from kastellan.domain.contract import Contract
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.image import ImageSet
from kastellan.domain.installation import Autoscaling, Database, Egress, Installation, NodePool
from kastellan.domain.probing import Probing
from kastellan.domain.reason import Reason
from kastellan.domain.restore_storage import RestorePointSettings
from kastellan.domain.service_plan import ServicePlan
from kastellan.domain.sizing import Sizing, size_for, sizing_of


@dataclass(frozen=True, slots=True, kw_only=True)
class StackConfig:
    """One stack, parsed.

    Attributes:
        installation: the desired state.
        catalogue: the releases that the stack may choose from.
        kubeconfig: content of the kubeconfig, or empty where it is sealed.
        context: context in it, or empty for the current one.
        secrets: the stack's secrets, or None where any is sealed.
        contract: the contract's part; None where the stack has none.
        sizing: what the size or the load comes to, with the reasoning.
        made: machines and database that are made on a cloud, which may be more than is needed; None elsewhere.
        probing: what the preflight tries.
        exemptions: file of waivers and attestations for the preflight; None where the stack names none.
        restore_points: where restore points lie; None where the stack names no place (DI-7).
        google: keys of the base on Google Cloud, which is made before the installation; None elsewhere, and where it is
            made.
        aws: keys of the base on AWS, in the same way.
    """

    installation: Installation
    catalogue: Catalogue
    kubeconfig: str = field(repr=False)
    context: str
    secrets: StackSecrets | None
    contract: Contract | None
    sizing: Sizing
    made: ChosenSize | None = None
    probing: Probing = field(default_factory=Probing)
    exemptions: Path | None = None
    restore_points: RestorePointSettings | None
    google: GoogleModel | None = None
    aws: AwsModel | None = None


def parse_stack(
    name: str, values: Mapping[str, Any], *, folder: Path, sealed: bool = False, made: bool = False
) -> StackConfig:
    """Parse the values of one stack.

    Args:
        name: the stack's name, which is the installation's.
        values: keys without the prefix `installation:`, already decrypted unless `sealed`.
        folder: paths in the configuration are relative to it.
        sealed: whether secrets could not be read; they are then absent instead of missing.
        made: whether a cloud's base is made, so that cluster and database are among the values.

    Raises:
        InvalidInputError: carries every reason, each with its path.
    """
    shape = stack_shape(values, made=made)
    try:
        model = shape.model_validate(dict(values))
    except ValidationError as cause:
        found = [*reasons_of(cause, shape, prefix=PREFIX), *name_problems(name, values)]
        found += release_problems(values, folder)
        raise InvalidInputError(f"the configuration of stack {name} is not valid", found) from cause
    reasons: list[Reason] = []
    if not sealed:
        reasons += missing_secrets(model)
    catalogue, images = Catalogue(releases=()), None
    try:
        catalogue = stack_catalogue(model, folder)
    except InvalidInputError as problem:
        if not any(reason.code.startswith("catalogue-") for reason in problem.reasons):
            reasons.append(reason_at("catalogue", problem.message, "correct the file or the path"))
        reasons += problem.reasons
    else:
        images = stack_images(model, catalogue, reasons)
    reasons += host_name_problems(model)
    sizing = _sizing(model, reasons)
    on_cloud = model if isinstance(model, GoogleStackModel | AwsStackModel) else None
    if on_cloud and sizing:
        reasons += cloud_problems(name, on_cloud, sizing)
    kubeconfig = _kubeconfig(model, folder, reasons, sealed=sealed) if isinstance(model, ClusterModel) else ""
    if reasons or images is None or sizing is None:
        raise InvalidInputError(f"the configuration of stack {name} is not valid", reasons)
    placed = model if isinstance(model, ClusterModel) else placed_later(name, values)
    return StackConfig(
        installation=_installation(name, placed, images, sizing),
        catalogue=catalogue,
        kubeconfig=kubeconfig,
        context=placed.cluster.context,
        secrets=None if sealed else stack_secrets(placed),
        contract=model.contract.contract() if model.contract else None,
        sizing=sizing,
        made=made_size(on_cloud, sizing) if on_cloud else None,
        probing=model.probes.probing(),
        exemptions=folder / model.exemptions if model.exemptions else None,
        restore_points=model.restore_points.settings(folder) if model.restore_points else None,
        google=model.google if isinstance(model, GoogleStackModel) else None,
        aws=model.aws if isinstance(model, AwsStackModel) else None,
    )


def _sizing(model: Placed | GoogleStackModel | AwsStackModel, reasons: list[Reason]) -> Sizing | None:
    """The size; without a contract as for the plan that promises least."""
    plan = model.contract.plan if model.contract else ServicePlan.STANDARD
    try:
        if model.load:
            sizing = size_for(model.load.load(), plan=plan, platform=model.platform, zones=model.minimum_zones)
        else:
            sizing = sizing_of(model.size, plan=plan, platform=model.platform, zones=model.minimum_zones)
    except InvalidInputError as problem:
        reasons.append(reason_at("load", problem.message, "agree a lower load, or several installations"))
        return None
    least = sizing.size.replicas
    if model.autoscaling and model.autoscaling.max_replicas <= least:
        message = f"it must exceed the {least} replicas of the size"
        reasons.append(reason_at("autoscaling.maxReplicas", message, "raise it, or remove autoscaling"))
    return sizing


def _kubeconfig(model: ClusterModel, folder: Path, reasons: list[Reason], *, sealed: bool) -> str:
    cluster = model.cluster
    if cluster.kubeconfig and cluster.kubeconfig_path:
        reasons.append(reason_at("cluster", "kubeconfig and kubeconfigPath are both given", "remove one of them"))
        return ""
    if cluster.kubeconfig_path and not sealed:
        path = folder / cluster.kubeconfig_path.expanduser()
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as cause:
            problem = getattr(cause, "strerror", None) or "it is no text"
            reasons.append(reason_at("cluster.kubeconfigPath", f"{path} cannot be read: {problem}", "correct the path"))
            return ""
    if not cluster.kubeconfig and not sealed:
        reasons.append(
            reason_at(
                "cluster",
                "no kubeconfig is given",
                f"pulumi config set --secret --path {PREFIX}cluster.kubeconfig < FILE, or set cluster.kubeconfigPath",
            )
        )
    return cluster.kubeconfig or ""


def _installation(name: str, model: Placed, images: ImageSet, sizing: Sizing) -> Installation:
    database, scaling = model.database, model.autoscaling
    return Installation(
        name=name,
        platform=model.platform,
        namespace=model.namespace,
        version=model.version,
        images=images,
        hosts=hosts_of(model),
        database=Database(
            host=database.host,
            port=database.port,
            name=database.name,
            user=database.user,
            ca=database.ca,
            admin_user=database.admin.user if database.admin else "",
        ),
        size_name=sizing.size_name,
        replicas=sizing.size.replicas if model.load else 0,
        minimum_zones=model.minimum_zones,
        routing=model.routing.routing(),
        node_pool=NodePool(**model.node_pool.model_dump()) if model.node_pool else None,
        autoscaling=Autoscaling(max_replicas=scaling.max_replicas, target_cpu_percent=scaling.target_cpu_percent)
        if scaling
        else None,
        egress=Egress(internet_ports=model.egress.internet_ports, private_ranges=model.egress.private_ranges),
        on_drift=model.on_drift,
        verification=model.verification,
        undoing=model.undo,
        rollout_deadline=model.rollout_deadline,
        key_generation=model.key_generation,
        image_pull_secret=model.image_pull_secret,
    )
