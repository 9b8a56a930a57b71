"""What the clouds have in common: the installation that stands on a base, before and after the base is made."""

from collections.abc import Mapping
from typing import Any

from kastellan.config.aws_model import AwsModel
from kastellan.config.aws_stack import MASTER, aws_name_problems, aws_problems
from kastellan.config.aws_stack import chosen_of as chosen_on_aws
from kastellan.config.aws_stack import routing_values as aws_routing
from kastellan.config.chosen_size import ChosenSize
from kastellan.config.google_stack import chosen_of as chosen_on_google
from kastellan.config.google_stack import google_name_problems, google_problems
from kastellan.config.google_stack import routing_values as google_routing
from kastellan.config.host_names import hosts_of
from kastellan.config.stack_model import AwsStackModel, GoogleStackModel, MadeStackModel
from kastellan.domain.dedicated_pool import POOL, POOL_LABEL
from kastellan.domain.reason import Reason
from kastellan.domain.service_plan import Platform
from kastellan.domain.sizing import Sizing

_NOT_MADE_YET = "made-by-pulumi-up.invalid"
"""Stands for the database's host while nothing is made; the top-level domain never resolves (RFC 2606)."""
_NO_CERTIFICATE = "-----BEGIN CERTIFICATE-----\nbWFkZSBieSBwdWx1bWkgdXA=\n-----END CERTIFICATE-----\n"
_DEFAULT_ZONES = 3


def cloud_problems(name: str, model: GoogleStackModel | AwsStackModel, sizing: Sizing) -> list[Reason]:
    """What does not go with the installation."""
    if isinstance(model, GoogleStackModel):
        return google_problems(name, hosts_of(model), model.google, sizing)
    return aws_problems(name, hosts_of(model), model.aws, sizing)


def made_size(model: GoogleStackModel | AwsStackModel, sizing: Sizing) -> ChosenSize:
    """The machines and the database that are made."""
    if isinstance(model, GoogleStackModel):
        return chosen_on_google(model.google, sizing)
    return chosen_on_aws(model.aws, sizing)


def name_problems(name: str, values: Mapping[str, Any]) -> list[Reason]:
    """What the stack's cloud has against its name, whatever the other keys are."""
    judges = {Platform.GKE.value: google_name_problems, Platform.EKS.value: aws_name_problems}
    judge = judges.get(str(values.get("platform")))
    return judge(name) if judge else []


def placed_later(name: str, values: Mapping[str, Any]) -> MadeStackModel:
    """The installation on a base that is not made yet; what only the cloud knows is a placeholder."""
    authority = {} if "aws" in values else {"ca": _NO_CERTIFICATE}
    return MadeStackModel.model_validate(
        made_values(name, values, cluster={}, database={"host": _NOT_MADE_YET} | authority)
    )


def made_values(
    name: str, values: Mapping[str, Any], *, cluster: Mapping[str, Any], database: Mapping[str, Any]
) -> dict[str, Any]:
    """The configuration of an installation whose base is made: what `Prerequisites` and `Release` get.

    Args:
        name: of the installation.
        values: keys of the stack.
        cluster: `installation:cluster` of the cluster that was made.
        database: host and port of the database that was made, and its authority where the cloud tells it.
    """
    kept = {key: value for key, value in values.items() if key not in ("google", "aws")}
    placed = {**values.get("database", {}), **database}
    if "aws" in values:
        routing = aws_routing(AwsModel.model_validate(values["aws"]), int(values.get("minimumZones", _DEFAULT_ZONES)))
        placed["admin"] = {"user": MASTER, **placed.get("admin", {})}
    else:
        routing = google_routing(name)
    return kept | {
        "cluster": dict(cluster),
        "database": placed,
        "routing": routing,
        "nodePool": {"label": POOL_LABEL, "value": POOL},
    }
