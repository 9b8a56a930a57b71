"""Watching from outside: a health check for each core service (SL-1), alarms by mail, and an alert on cost."""

from dataclasses import dataclass

import pulumi
from pulumi_aws.budgets import Budget, BudgetCostFilterArgs, BudgetNotificationArgs
from pulumi_aws.cloudwatch import MetricAlarm
from pulumi_aws.route53 import HealthCheck
from pulumi_aws.sns import Topic, TopicSubscription

from kastellan.domain.aws_base import AwsBase, AwsBudget
from kastellan.domain.core_service_page import CORE_SERVICE_PAGES, host_of

GLOBAL = "us-east-1"
"""Where Route 53 writes its metrics, so that alarms on them and their topic stand there, too."""
_THRESHOLDS = (50, 90, 100)
_DATABASE = (
    # alarm, metric, comparison, threshold, why
    ("disk", "FreeStorageSpace", "LessThanThreshold", 10 * 2**30, "less than 10 GiB are free, though the disk grows"),
    ("cpu", "CPUUtilization", "GreaterThanThreshold", 85, "the database is busier than 85 % for a quarter of an hour"),
    ("memory", "FreeableMemory", "LessThanThreshold", 2**28, "less than 256 MiB of the database's memory are free"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringArgs:
    """The base, and what metrics call its load balancer."""

    base: AwsBase
    balancer: pulumi.Input[str]


class Monitoring(pulumi.ComponentResource):
    """Checks from several places, alarms on them, on the load balancer and on the database.

    Attributes:
        checks: ids of the health checks.
    """

    checks: pulumi.Output[list[str]]

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kastellan:aws:Monitoring", name, None, opts)
        base = args.base
        everywhere = self._topic(base, "everywhere", GLOBAL)
        here = self._topic(base, "here", base.region)
        checks = [self._check(base, service, path, everywhere) for service, path in CORE_SERVICE_PAGES.items()]
        self._alarm(
            base, here, "errors", "AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "GreaterThanThreshold", 10,
            "more than ten requests a minute fail", {"LoadBalancer": args.balancer}, "Sum", 5, base.region,
        )  # fmt: skip
        for title, metric, comparison, threshold, why in _DATABASE:
            self._alarm(
                base, here, f"database-{title}", "AWS/RDS", metric, comparison, threshold, why,
                {"DBInstanceIdentifier": base.name("db")}, "Average", 15, base.region,
            )  # fmt: skip
        if base.budget:
            _budget(base, base.budget, pulumi.ResourceOptions(parent=self))
        self.checks = pulumi.Output.all(*checks).apply(list)
        self.register_outputs({"checks": self.checks})

    def _topic(self, base: AwsBase, title: str, region: str) -> pulumi.Output[str]:
        inside = pulumi.ResourceOptions(parent=self)
        topic = Topic(
            title,
            name=base.name(f"alarms-{title}"),
            region=region,
            tags=base.tagged(f"alarms-{title}"),
            opts=inside,
        )
        for number, address in enumerate(base.alert_emails, start=1):
            TopicSubscription(
                f"{title}-{number}", topic=topic.arn, protocol="email", endpoint=address, region=region, opts=inside
            )
        arn: pulumi.Output[str] = topic.arn
        return arn

    def _check(self, base: AwsBase, service: str, path: str, topic: pulumi.Output[str]) -> pulumi.Output[str]:
        check = HealthCheck(
            service,
            type="HTTPS",
            fqdn=host_of(service, base.hosts),
            port=443,
            resource_path=path,
            enable_sni=True,
            request_interval=30,
            failure_threshold=2,
            tags=base.tagged(service),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._alarm(
            base, topic, service, "AWS/Route53", "HealthCheckStatus", "LessThanThreshold", 1,
            f"{service} does not answer [SL-1]", {"HealthCheckId": check.id}, "Minimum", 1, GLOBAL,
        )  # fmt: skip
        known: pulumi.Output[str] = check.id
        return known

    def _alarm(
        self,
        base: AwsBase,
        topic: pulumi.Output[str],
        title: str,
        namespace: str,
        metric: str,
        comparison: str,
        threshold: float,
        why: str,
        dimensions: dict[str, pulumi.Input[str]],
        statistic: str,
        minutes: int,
        region: str,
    ) -> None:
        MetricAlarm(
            title,
            name=base.name(title),
            alarm_description=why,
            namespace=namespace,
            metric_name=metric,
            dimensions=dimensions,
            statistic=statistic,
            period=60,
            evaluation_periods=minutes,
            comparison_operator=comparison,
            threshold=threshold,
            # No word from a check is no good word; no errors at all are counted as no data.
            treat_missing_data="notBreaching" if namespace == "AWS/ApplicationELB" else "breaching",
            alarm_actions=[topic],
            ok_actions=[topic],
            region=region,
            tags=base.tagged(title),
            opts=pulumi.ResourceOptions(parent=self),
        )


def _budget(base: AwsBase, budget: AwsBudget, opts: pulumi.ResourceOptions) -> None:
    """Of what carries the installation's tag, once the tag is activated for billing."""
    Budget(
        "budget",
        name=base.name(),
        account_id=base.account,
        budget_type="COST",
        time_unit="MONTHLY",
        limit_amount=str(budget.amount),
        limit_unit="USD",
        cost_filters=[BudgetCostFilterArgs(name="TagKeyValue", values=[f"user:installation${base.installation}"])],
        notifications=[
            BudgetNotificationArgs(
                comparison_operator="GREATER_THAN",
                notification_type="ACTUAL",
                threshold=share,
                threshold_type="PERCENTAGE",
                subscriber_email_addresses=list(budget.emails),
            )
            for share in _THRESHOLDS
        ],
        tags=base.tagged(),
        opts=opts,
    )
