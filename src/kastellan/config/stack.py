"""From a stack's configuration to an installation, its secrets and its cluster; every error at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kastellan.config.aws_model import AwsModel
from kastellan.config.catalogue_file import packaged_catalogue, read_catalogue
from kastellan.config.cloud_stack import cloud_problems, placed_later
from kastellan.config.google_model import GoogleModel
from kastellan.config.problem import reasons_of
from kastellan.config.stack_model import (
    AwsStackModel,
    ClusterModel,
    GoogleStackModel,
    InstallationModel,
    Placed,
    stack_shape,
)
from kastellan.domain.catalogue import Catalogue
from kastellan.domain.contract import Contract
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.image import ImageSet
from kastellan.domain.installation import (
    Autoscaling,
    Database,
    Edge,
    Egress,
    GoogleLoadBalancer,
    Installation,
    NodePool,
    NodePorts,
    Routing,
)
from kastellan.domain.party import Party
from kastellan.domain.probing import Probing
from kastellan.domain.reason import Reason
from kastellan.domain.restore_storage import RestorePointSettings
from kastellan.domain.service_plan import ServicePlan
from kastellan.domain.sizing import Sizing, size_for, sizing_of

PREFIX = "installation:"


@dataclass(frozen=True, slots=True, kw_only=True)
class StackSecrets:
    """The secrets that a stack gives; the system users' keys are not among them, the provider makes those."""

    masterkey: str = field(repr=False)
    database_password: str = field(repr=False)
    database_admin_password: str = field(repr=False)
    mail_password: str = field(repr=False, default="")
    object_store_secret: str = field(repr=False, default="")
    scratch_password: str = field(repr=False, default="")


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
        raise InvalidInputError(
            f"the configuration of stack {name} is not valid", reasons_of(cause, shape, prefix=PREFIX)
        ) from cause
    reasons: list[Reason] = []
    if not sealed:
        reasons += _missing_secrets(model)
    catalogue, images = Catalogue(releases=()), None
    try:
        catalogue = _catalogue(model, folder)
    except InvalidInputError as problem:
        if not any(reason.code.startswith("catalogue-") for reason in problem.reasons):
            reasons.append(_reason("catalogue", problem.message, "correct the file or the path"))
        reasons += problem.reasons
    else:
        images = _images(model, catalogue, reasons)
    sizing = _sizing(model, reasons)
    on_cloud = model if isinstance(model, GoogleStackModel | AwsStackModel) else None
    if on_cloud and sizing:
        reasons += [_reason(*problem) for problem in cloud_problems(name, on_cloud, sizing)]
    kubeconfig = _kubeconfig(model, folder, reasons, sealed=sealed) if isinstance(model, ClusterModel) else ""
    if reasons or images is None or sizing is None:
        raise InvalidInputError(f"the configuration of stack {name} is not valid", reasons)
    placed = model if isinstance(model, ClusterModel) else placed_later(name, values)
    return StackConfig(
        installation=_installation(name, placed, images, sizing),
        catalogue=catalogue,
        kubeconfig=kubeconfig,
        context=placed.cluster.context,
        secrets=None if sealed else _secrets(placed),
        contract=model.contract.contract() if model.contract else None,
        sizing=sizing,
        probing=model.probes.probing(),
        exemptions=folder / model.exemptions if model.exemptions else None,
        restore_points=model.restore_points.settings(folder) if model.restore_points else None,
        google=model.google if isinstance(model, GoogleStackModel) else None,
        aws=model.aws if isinstance(model, AwsStackModel) else None,
    )


def _catalogue(model: InstallationModel, folder: Path) -> Catalogue:
    if model.catalogue:
        return read_catalogue(folder / model.catalogue, signers=model.catalogue_signers)
    if not model.catalogue_signers:
        return packaged_catalogue()
    reason = _reason(
        "catalogueSigners",
        "the packaged catalogue is signed by none of these keys",
        "name a catalogue that one of them has signed in installation:catalogue (kastellan catalogue sign FILE)",
    )
    raise InvalidInputError(
        "the release catalogue is refused for its signature", [replace(reason, code="catalogue-unsigned")]
    )


def _reason(path: str, message: str, remediation: str) -> Reason:
    return Reason(
        code="configuration", message=message, owner=Party.VENDOR, remediation=remediation, path=PREFIX + path
    )


def _missing_secrets(model: ClusterModel | GoogleStackModel | AwsStackModel) -> list[Reason]:
    given = {"masterkey": model.masterkey, "database.password": model.database.password}
    if not isinstance(model, GoogleStackModel) and model.database.admin:
        given["database.admin.password"] = model.database.admin.password
    if model.probes.mail and model.probes.mail.user:
        given["probes.mail.password"] = model.probes.mail.password
    if model.probes.object_store:
        given["probes.objectStore.secretAccessKey"] = model.probes.object_store.secret_access_key
    if model.restore_points and model.restore_points.scratch:
        given["restorePoints.scratch.password"] = model.restore_points.scratch.password
    return [
        _reason(path, "this secret is required", f"pulumi config set --secret --path {PREFIX}{path}")
        for path, value in given.items()
        if not value
    ]


def _images(model: InstallationModel, catalogue: Catalogue, reasons: list[Reason]) -> ImageSet | None:
    reasons += [
        Reason(
            code=reason.code,
            message=reason.message,
            owner=reason.owner,
            remediation=reason.remediation,
            clause=reason.clause,
            path=PREFIX + "version",
        )
        for reason in catalogue.refusals(None, model.version)
    ]
    if model.images:
        return ImageSet(zitadel=model.images.zitadel, login=model.images.login)
    release = catalogue.find(model.version)
    if release and not release.images:
        reasons.append(
            _reason(
                "images",
                f"the catalogue knows no image digests of {model.version}",
                "name both images by digest in installation:images.zitadel and installation:images.login; "
                f"`crane digest ghcr.io/zitadel/zitadel:{model.version}` prints one",
            )
        )
    return release.images if release else None


def _sizing(model: Placed | GoogleStackModel | AwsStackModel, reasons: list[Reason]) -> Sizing | None:
    """The size; without a contract as for the plan that promises least."""
    plan = model.contract.plan if model.contract else ServicePlan.STANDARD
    try:
        if model.load:
            sizing = size_for(model.load.load(), plan=plan, platform=model.platform, zones=model.minimum_zones)
        else:
            sizing = sizing_of(model.size, plan=plan, platform=model.platform, zones=model.minimum_zones)
    except InvalidInputError as problem:
        reasons.append(_reason("load", problem.message, "agree a lower load, or several installations"))
        return None
    least = sizing.size.replicas
    if model.autoscaling and model.autoscaling.max_replicas <= least:
        message = f"it must exceed the {least} replicas of the size"
        reasons.append(_reason("autoscaling.maxReplicas", message, "raise it, or remove autoscaling"))
    return sizing


def _kubeconfig(model: ClusterModel, folder: Path, reasons: list[Reason], *, sealed: bool) -> str:
    cluster = model.cluster
    if cluster.kubeconfig and cluster.kubeconfig_path:
        reasons.append(_reason("cluster", "kubeconfig and kubeconfigPath are both given", "remove one of them"))
        return ""
    if cluster.kubeconfig_path and not sealed:
        path = folder / cluster.kubeconfig_path.expanduser()
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as cause:
            problem = getattr(cause, "strerror", None) or "it is no text"
            reasons.append(_reason("cluster.kubeconfigPath", f"{path} cannot be read: {problem}", "correct the path"))
            return ""
    if not cluster.kubeconfig and not sealed:
        reasons.append(
            _reason(
                "cluster",
                "no kubeconfig is given",
                f"pulumi config set --secret --path {PREFIX}cluster.kubeconfig < FILE, or set cluster.kubeconfigPath",
            )
        )
    return cluster.kubeconfig or ""


def _installation(name: str, model: Placed, images: ImageSet, sizing: Sizing) -> Installation:
    database, routing, scaling = model.database, model.routing, model.autoscaling
    return Installation(
        name=name,
        platform=model.platform,
        namespace=model.namespace,
        version=model.version,
        images=images,
        domain=model.domain,
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
        routing=Routing(
            kind=routing.kind,
            class_name=routing.class_name,
            gateway=routing.gateway,
            gateway_namespace=routing.gateway_namespace,
            tls_secret=routing.tls_secret,
            controller_namespace=routing.controller_namespace,
            edge=Edge(
                image=routing.edge.image,
                exposure=routing.edge.exposure,
                trusted_proxies=routing.edge.trusted_proxies,
            )
            if routing.edge
            else None,
            google=GoogleLoadBalancer(**routing.google.model_dump()) if routing.google else None,
            node_ports=NodePorts(**routing.node_ports.model_dump()) if routing.node_ports else None,
        ),
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


def _secrets(model: ClusterModel) -> StackSecrets:
    admin, mail, store = model.database.admin, model.probes.mail, model.probes.object_store
    admin = model.database.admin
    scratch = model.restore_points.scratch if model.restore_points else None
    return StackSecrets(
        masterkey=model.masterkey or "",
        database_password=model.database.password or "",
        database_admin_password=(admin.password or "") if admin else "",
        mail_password=(mail.password or "") if mail else "",
        object_store_secret=(store.secret_access_key or "") if store else "",
        scratch_password=(scratch.password or "") if scratch else "",
    )
