"""The secrets that a stack gives, and those that it still has to give."""

from dataclasses import dataclass, field

from kastellan.config.stack_model import AwsStackModel, ClusterModel, GoogleStackModel
from kastellan.config.stack_problem import PREFIX, reason_at
from kastellan.domain.reason import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class StackSecrets:
    """The secrets that a stack gives; the system users' keys are not among them, the provider makes those."""

    masterkey: str = field(repr=False)
    database_password: str = field(repr=False)
    database_admin_password: str = field(repr=False)
    mail_password: str = field(repr=False, default="")
    object_store_secret: str = field(repr=False, default="")
    scratch_password: str = field(repr=False, default="")


def missing_secrets(model: ClusterModel | GoogleStackModel | AwsStackModel) -> list[Reason]:
    """A reason for each secret that the stack needs and does not give."""
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
        reason_at(path, "this secret is required", f"pulumi config set --secret --path {PREFIX}{path}")
        for path, value in given.items()
        if not value
    ]


def stack_secrets(model: ClusterModel) -> StackSecrets:
    """The secrets of a stack that is not sealed."""
    admin, mail, store = model.database.admin, model.probes.mail, model.probes.object_store
    scratch = model.restore_points.scratch if model.restore_points else None
    return StackSecrets(
        masterkey=model.masterkey or "",
        database_password=model.database.password or "",
        database_admin_password=(admin.password or "") if admin else "",
        mail_password=(mail.password or "") if mail else "",
        object_store_secret=(store.secret_access_key or "") if store else "",
        scratch_password=(scratch.password or "") if scratch else "",
    )
