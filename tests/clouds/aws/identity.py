"""Requests to IAM, CloudWatch, its logs, SNS and Budgets."""

from tests.clouds.aws.request import ANYTHING, Inputs, Kind, Made, Send, pascal


def _role(inputs: Inputs, send: Send) -> Made:
    answer = send(
        "iam", "create_role", RoleName=inputs.name, AssumeRolePolicyDocument=inputs.assumeRolePolicy, Tags=inputs.tags
    )
    return inputs.name, {"arn": answer["Role"]["Arn"]}


def _attached(inputs: Inputs, send: Send) -> Made:
    send("iam", "attach_role_policy", RoleName=inputs.role, PolicyArn=inputs.policyArn)
    return (f"{inputs.role}/{inputs.policyArn}" if isinstance(inputs.role, str) else ANYTHING), {}


def _inline(inputs: Inputs, send: Send) -> Made:
    send("iam", "put_role_policy", RoleName=inputs.role, PolicyName=inputs.name, PolicyDocument=inputs.policy)
    return (f"{inputs.role}:{inputs.name}" if isinstance(inputs.role, str) else ANYTHING), {}


def _policy(inputs: Inputs, send: Send) -> Made:
    arn = send(
        "iam", "create_policy", PolicyName=inputs.name, Description=inputs.description, PolicyDocument=inputs.policy,
        Tags=inputs.tags,
    )["Policy"]["Arn"]  # fmt: skip
    return arn, {"arn": arn}


def _log(inputs: Inputs, send: Send) -> Made:
    send("logs", "create_log_group", logGroupName=inputs.name, tags=inputs.get("tags"))
    send("logs", "put_retention_policy", logGroupName=inputs.name, retentionInDays=inputs.retentionInDays)
    known = send("logs", "describe_log_groups", logGroupNamePrefix=inputs.name)["logGroups"][0]
    return inputs.name, {"arn": known["arn"] if known is ANYTHING else str(known["arn"]).removesuffix(":*")}


def _alarm(inputs: Inputs, send: Send) -> Made:
    send(
        "cloudwatch", "put_metric_alarm", AlarmName=inputs.name, AlarmDescription=inputs.alarmDescription,
        Namespace=inputs.namespace, MetricName=inputs.metricName, Statistic=inputs.statistic, Period=inputs.period,
        Dimensions=[{"Name": key, "Value": value} for key, value in inputs.dimensions.items()],
        EvaluationPeriods=inputs.evaluationPeriods, ComparisonOperator=inputs.comparisonOperator,
        Threshold=inputs.threshold, TreatMissingData=inputs.treatMissingData, AlarmActions=inputs.alarmActions,
        OKActions=inputs.okActions, Tags=inputs.tags,
    )  # fmt: skip
    return inputs.name, {}


def _topic(inputs: Inputs, send: Send) -> Made:
    arn = send("sns", "create_topic", Name=inputs.name, Tags=inputs.tags)["TopicArn"]
    return arn, {"arn": arn}


def _subscription(inputs: Inputs, send: Send) -> Made:
    answer = send("sns", "subscribe", TopicArn=inputs.topic, Protocol=inputs.protocol, Endpoint=inputs.endpoint)
    return answer["SubscriptionArn"], {}


def _budget(inputs: Inputs, send: Send) -> Made:
    renamed = {"subscriberEmailAddresses": "SubscriberEmailAddresses"}
    notifications = [
        {
            "Notification": pascal({key: value for key, value in one.items() if key not in renamed}),
            "Subscribers": [{"SubscriptionType": "EMAIL", "Address": to} for to in one["subscriberEmailAddresses"]],
        }
        for one in inputs.notifications
    ]
    budget = {
        "BudgetName": inputs.name, "BudgetType": inputs.budgetType, "TimeUnit": inputs.timeUnit,
        "BudgetLimit": {"Amount": inputs.limitAmount, "Unit": inputs.limitUnit},
        "CostFilters": {one["name"]: one["values"] for one in inputs.costFilters},
    }  # fmt: skip
    send(
        "budgets", "create_budget", AccountId=inputs.accountId, Budget=budget,
        NotificationsWithSubscribers=notifications, ResourceTags=inputs.tags,
    )  # fmt: skip
    return inputs.name, {}


KINDS: dict[str, Kind] = {
    "aws:budgets/budget:Budget": _budget,
    "aws:cloudwatch/logGroup:LogGroup": _log,
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
    "aws:iam/policy:Policy": _policy,
    "aws:iam/role:Role": _role,
    "aws:iam/rolePolicy:RolePolicy": _inline,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": _attached,
    "aws:sns/topic:Topic": _topic,
    "aws:sns/topicSubscription:TopicSubscription": _subscription,
}
