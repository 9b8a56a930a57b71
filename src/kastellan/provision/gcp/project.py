"""The project, which is the installation's own (DI-1), and the APIs that it uses."""

from dataclasses import dataclass

import pulumi
from pulumi_gcp.organizations import Project as GoogleProject
from pulumi_gcp.projects import Service

from kastellan.domain.google_base import GoogleBase

APIS = (
    "certificatemanager",
    "cloudkms",
    "cloudresourcemanager",
    "compute",
    "container",
    "dns",
    "iam",
    "logging",
    "monitoring",
    "secretmanager",
    "servicenetworking",
    "sqladmin",
    "storage",
)
_FOR_BUDGETS = "billingbudgets"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectArgs:
    """Of the whole base."""

    base: GoogleBase


class Project(pulumi.ComponentResource):
    """The project with its APIs enabled; they stay enabled when the installation goes, because others may use them.

    Attributes:
        project_id: known once the APIs are enabled, so whatever uses it waits for them.
        number: of the project; empty where it was there before and the stack does not tell it.
    """

    project_id: pulumi.Output[str]
    number: pulumi.Output[str]

    def __init__(self, name: str, args: ProjectArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kastellan:gcp:Project", name, None, opts)
        base, new = args.base, args.base.new_project
        inside = pulumi.ResourceOptions(parent=self)
        project_id: pulumi.Input[str] = base.project
        number: pulumi.Input[str] = base.budget.project_number if base.budget else ""
        if new:
            made = GoogleProject(
                "project",
                project_id=base.project,
                name=base.project,
                billing_account=new.billing_account,
                folder_id=new.folder or None,
                org_id=new.organization or None,
                auto_create_network=False,
                labels=base.all_labels,
                deletion_policy="PREVENT" if base.protect else "DELETE",
                opts=pulumi.ResourceOptions(parent=self, protect=base.protect),
            )
            project_id, number = made.project_id, made.number
        enabled = [
            Service(
                f"api-{api}", project=project_id, service=f"{api}.googleapis.com", disable_on_destroy=False, opts=inside
            )
            for api in (*APIS, *([_FOR_BUDGETS] if base.budget else []))
        ]
        # Through what the services say, so that nothing is asked of an API that is not enabled yet.
        self.project_id = pulumi.Output.all(project_id, *[service.id for service in enabled]).apply(
            lambda all_: all_[0]
        )
        self.number = pulumi.Output.from_input(number)
        self.register_outputs({"project_id": self.project_id})
