"""Watching: an uptime check for each core service (SL-1), alerts by mail, also on the database, and one on cost."""

from dataclasses import dataclass

import pulumi
from pulumi_gcp.billing import (
    Budget as GoogleBudget,
)
from pulumi_gcp.billing import (
    BudgetAmountArgs,
    BudgetAmountSpecifiedAmountArgs,
    BudgetBudgetFilterArgs,
    BudgetThresholdRuleArgs,
)
from pulumi_gcp.monitoring import (
    AlertPolicy,
    AlertPolicyConditionArgs,
    AlertPolicyConditionConditionThresholdAggregationArgs,
    AlertPolicyConditionConditionThresholdArgs,
    AlertPolicyConditionConditionThresholdTriggerArgs,
    NotificationChannel,
    UptimeCheckConfig,
    UptimeCheckConfigHttpCheckArgs,
    UptimeCheckConfigMonitoredResourceArgs,
)

from kastellan.domain.core_service_page import CORE_SERVICE_PAGES, host_of
from kastellan.domain.google_base import Budget, GoogleBase

_THRESHOLDS = (0.5, 0.9, 1.0)
_DATABASE = (
    # alert, metric, share, why
    ("database-disk", "disk/utilization", 0.9, "the disk is nearly full, though it grows"),
    ("database-cpu", "cpu/utilization", 0.85, "the database has been busy for a quarter of an hour"),
)
"""Metrics of cloudsql.googleapis.com/database: cloud.google.com/monitoring/api/metrics_gcp_c."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringArgs:
    """The base, and the project once its APIs are enabled; its number, by which budgets name it."""

    base: GoogleBase
    project: pulumi.Input[str]
    project_number: pulumi.Input[str]


class Monitoring(pulumi.ComponentResource):
    """Checks, channels and alerts.

    Attributes:
        checks: ids of the uptime checks.
    """

    checks: pulumi.Output[list[str]]

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kastellan:gcp:Monitoring", name, None, opts)
        base = args.base
        inside = pulumi.ResourceOptions(parent=self)
        channels = [
            NotificationChannel(
                f"mail-{number}",
                project=args.project,
                display_name=f"{base.installation}: {address}",
                type="email",
                labels={"email_address": address},
                user_labels=base.all_labels,
                opts=inside,
            )
            for number, address in enumerate(base.alert_emails, start=1)
        ]
        checks = [self._check(args, service, path, channels) for service, path in CORE_SERVICE_PAGES.items()]
        for alert in _DATABASE:
            self._of_database(args, *alert, channels)
        if base.budget:
            _budget(args, base.budget, inside)
        self.checks = pulumi.Output.all(*[check.id for check in checks]).apply(list)
        self.register_outputs({"checks": self.checks})

    def _check(
        self, args: MonitoringArgs, service: str, path: str, channels: list[NotificationChannel]
    ) -> UptimeCheckConfig:
        base = args.base
        inside = pulumi.ResourceOptions(parent=self)
        check = UptimeCheckConfig(
            service,
            project=args.project,
            display_name=f"{base.installation}: {service}",
            period="60s",
            timeout="10s",
            http_check=UptimeCheckConfigHttpCheckArgs(path=path, port=443, use_ssl=True, validate_ssl=True),
            monitored_resource=UptimeCheckConfigMonitoredResourceArgs(
                type="uptime_url", labels={"project_id": base.project, "host": host_of(service, base.hosts)}
            ),
            user_labels=base.all_labels,
            opts=inside,
        )
        AlertPolicy(
            service,
            project=args.project,
            display_name=f"{base.installation}: {service} does not answer",
            combiner="OR",
            conditions=[
                AlertPolicyConditionArgs(
                    display_name="fails from at least two places for a minute [SL-1]",
                    condition_threshold=AlertPolicyConditionConditionThresholdArgs(
                        filter=check.uptime_check_id.apply(_failing),
                        comparison="COMPARISON_GT",
                        threshold_value=1,
                        duration="60s",
                        aggregations=[
                            AlertPolicyConditionConditionThresholdAggregationArgs(
                                alignment_period="60s",
                                per_series_aligner="ALIGN_NEXT_OLDER",
                                cross_series_reducer="REDUCE_COUNT_FALSE",
                                group_by_fields=["resource.label.host"],
                            )
                        ],
                        trigger=AlertPolicyConditionConditionThresholdTriggerArgs(count=1),
                    ),
                )
            ],
            notification_channels=[channel.id for channel in channels],
            user_labels=base.all_labels,
            opts=inside,
        )
        return check

    def _of_database(
        self,
        args: MonitoringArgs,
        name: str,
        metric: str,
        share: float,
        why: str,
        channels: list[NotificationChannel],
    ) -> None:
        base = args.base
        AlertPolicy(
            name,
            project=args.project,
            display_name=f"{base.installation}: {why}",
            combiner="OR",
            conditions=[
                AlertPolicyConditionArgs(
                    display_name=f"{metric} above {share:.0%} for 15 minutes",
                    condition_threshold=AlertPolicyConditionConditionThresholdArgs(
                        filter=f'metric.type="cloudsql.googleapis.com/database/{metric}" AND '
                        f'resource.type="cloudsql_database" AND '
                        f'resource.label.database_id="{base.project}:{base.name("db")}"',
                        comparison="COMPARISON_GT",
                        threshold_value=share,
                        duration="900s",
                        aggregations=[
                            AlertPolicyConditionConditionThresholdAggregationArgs(
                                alignment_period="60s", per_series_aligner="ALIGN_MEAN"
                            )
                        ],
                        trigger=AlertPolicyConditionConditionThresholdTriggerArgs(count=1),
                    ),
                )
            ],
            notification_channels=[channel.id for channel in channels],
            user_labels=base.all_labels,
            opts=pulumi.ResourceOptions(parent=self),
        )


def _failing(check: str) -> str:
    metric = 'metric.type="monitoring.googleapis.com/uptime_check/check_passed"'
    return f'{metric} AND metric.label.check_id="{check}" AND resource.type="uptime_url"'


def _budget(args: MonitoringArgs, budget: Budget, opts: pulumi.ResourceOptions) -> None:
    # Through the project, whose APIs have to be enabled before.
    number = pulumi.Output.all(args.project_number, args.project).apply(lambda known: f"projects/{known[0]}")
    GoogleBudget(
        "budget",
        billing_account=budget.billing_account,
        display_name=args.base.installation,
        budget_filter=BudgetBudgetFilterArgs(projects=[number], calendar_period="MONTH"),
        amount=BudgetAmountArgs(
            specified_amount=BudgetAmountSpecifiedAmountArgs(currency_code=budget.currency, units=str(budget.amount))
        ),
        threshold_rules=[BudgetThresholdRuleArgs(threshold_percent=share) for share in _THRESHOLDS],
        opts=opts,
    )
