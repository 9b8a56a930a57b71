"""Requests that take down what stands, in the order in which Amazon wants them."""

from collections.abc import Callable, Mapping

from tests.clouds.aws.request import Inputs, Send
from tests.clouds.aws.way_in import record_set

Removal = Callable[[str, Inputs, Send], None]


def _by(service: str, operation: str, parameter: str) -> Removal:
    """One request with the id."""

    def remove(key: str, inputs: Inputs, send: Send) -> None:
        send(service, operation, **{parameter: key})

    return remove


def _nothing(key: str, inputs: Inputs, send: Send) -> None:
    """Only a step of the provider's own, or what goes with something else."""


def _gateway(key: str, inputs: Inputs, send: Send) -> None:
    send("ec2", "detach_internet_gateway", InternetGatewayId=key, VpcId=inputs.vpcId)
    send("ec2", "delete_internet_gateway", InternetGatewayId=key)


def _route(key: str, inputs: Inputs, send: Send) -> None:
    send("ec2", "delete_route", RouteTableId=inputs.routeTableId, DestinationCidrBlock=inputs.destinationCidrBlock)


def _rule(direction: str) -> Removal:
    def remove(key: str, inputs: Inputs, send: Send) -> None:
        send("ec2", f"revoke_security_group_{direction}", GroupId=inputs.securityGroupId, SecurityGroupRuleIds=[key])

    return remove


def _endpoint(key: str, inputs: Inputs, send: Send) -> None:
    send("ec2", "delete_vpc_endpoints", VpcEndpointIds=[key])


def _flow_log(key: str, inputs: Inputs, send: Send) -> None:
    send("ec2", "delete_flow_logs", FlowLogIds=[key])


def _cluster(key: str, inputs: Inputs, send: Send) -> None:
    send("eks", "delete_cluster", name=key)
    groups = send("ec2", "describe_security_groups", Filters=[{"Name": "group-name", "Values": [key]}])
    for group in groups["SecurityGroups"]:
        send("ec2", "delete_security_group", GroupId=group["GroupId"])


def _nodes(key: str, inputs: Inputs, send: Send) -> None:
    send("eks", "delete_nodegroup", clusterName=inputs.clusterName, nodegroupName=inputs.nodeGroupName)


def _addon(key: str, inputs: Inputs, send: Send) -> None:
    send("eks", "delete_addon", clusterName=inputs.clusterName, addonName=inputs.addonName)


def _entry(key: str, inputs: Inputs, send: Send) -> None:
    send("eks", "delete_access_entry", clusterName=inputs.clusterName, principalArn=inputs.principalArn)


def _access(key: str, inputs: Inputs, send: Send) -> None:
    send(
        "eks", "disassociate_access_policy", clusterName=inputs.clusterName, principalArn=inputs.principalArn,
        policyArn=inputs.policyArn,
    )  # fmt: skip


def _attached(key: str, inputs: Inputs, send: Send) -> None:
    send("iam", "detach_role_policy", RoleName=inputs.role, PolicyArn=inputs.policyArn)


def _inline(key: str, inputs: Inputs, send: Send) -> None:
    send("iam", "delete_role_policy", RoleName=inputs.role, PolicyName=inputs.name)


def _alarm(key: str, inputs: Inputs, send: Send) -> None:
    send("cloudwatch", "delete_alarms", AlarmNames=[key])


def _budget(key: str, inputs: Inputs, send: Send) -> None:
    send("budgets", "delete_budget", AccountId=inputs.accountId, BudgetName=inputs.name)


def _server(key: str, inputs: Inputs, send: Send) -> None:
    send(
        "rds", "delete_db_instance", DBInstanceIdentifier=key, SkipFinalSnapshot=inputs.skipFinalSnapshot,
        FinalDBSnapshotIdentifier=inputs.finalSnapshotIdentifier, DeleteAutomatedBackups=inputs.deleteAutomatedBackups,
    )  # fmt: skip


def _key(key: str, inputs: Inputs, send: Send) -> None:
    send("kms", "schedule_key_deletion", KeyId=key, PendingWindowInDays=inputs.deletionWindowInDays)


def _secret(key: str, inputs: Inputs, send: Send) -> None:
    send("secretsmanager", "delete_secret", SecretId=key, RecoveryWindowInDays=inputs.recoveryWindowInDays)


def _target(key: str, inputs: Inputs, send: Send) -> None:
    send(
        "autoscaling", "detach_load_balancer_target_groups", AutoScalingGroupName=inputs.autoscalingGroupName,
        TargetGroupARNs=[inputs.lbTargetGroupArn],
    )  # fmt: skip


def _record(key: str, inputs: Inputs, send: Send) -> None:
    change = {"Changes": [{"Action": "DELETE", "ResourceRecordSet": record_set(inputs)}]}
    send("route53", "change_resource_record_sets", HostedZoneId=inputs.zoneId, ChangeBatch=change)


def _acl(key: str, inputs: Inputs, send: Send) -> None:
    named = {"Name": inputs.name, "Scope": inputs.scope, "Id": key}
    send("wafv2", "delete_web_acl", **named, LockToken=send("wafv2", "get_web_acl", **named)["LockToken"])


REMOVALS: Mapping[str, Removal] = {
    "aws:acm/certificate:Certificate": _by("acm", "delete_certificate", "CertificateArn"),
    "aws:acm/certificateValidation:CertificateValidation": _nothing,
    "aws:autoscaling/attachment:Attachment": _target,
    "aws:budgets/budget:Budget": _budget,
    "aws:cloudwatch/logGroup:LogGroup": _by("logs", "delete_log_group", "logGroupName"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _nothing,
    "aws:ec2/eip:Eip": _by("ec2", "release_address", "AllocationId"),
    "aws:ec2/flowLog:FlowLog": _flow_log,
    "aws:ec2/internetGateway:InternetGateway": _gateway,
    "aws:ec2/launchTemplate:LaunchTemplate": _by("ec2", "delete_launch_template", "LaunchTemplateId"),
    "aws:ec2/natGateway:NatGateway": _by("ec2", "delete_nat_gateway", "NatGatewayId"),
    "aws:ec2/route:Route": _route,
    "aws:ec2/routeTable:RouteTable": _by("ec2", "delete_route_table", "RouteTableId"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _by("ec2", "disassociate_route_table", "AssociationId"),
    "aws:ec2/securityGroup:SecurityGroup": _by("ec2", "delete_security_group", "GroupId"),
    "aws:ec2/subnet:Subnet": _by("ec2", "delete_subnet", "SubnetId"),
    "aws:ec2/vpc:Vpc": _by("ec2", "delete_vpc", "VpcId"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:eks/accessEntry:AccessEntry": _entry,
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": _access,
    "aws:eks/addon:Addon": _addon,
    "aws:eks/cluster:Cluster": _cluster,
    "aws:eks/nodeGroup:NodeGroup": _nodes,
    "aws:iam/policy:Policy": _by("iam", "delete_policy", "PolicyArn"),
    "aws:iam/role:Role": _by("iam", "delete_role", "RoleName"),
    "aws:iam/rolePolicy:RolePolicy": _inline,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": _attached,
    "aws:kms/alias:Alias": _by("kms", "delete_alias", "AliasName"),
    "aws:kms/key:Key": _key,
    "aws:lb/listener:Listener": _by("elbv2", "delete_listener", "ListenerArn"),
    "aws:lb/listenerRule:ListenerRule": _by("elbv2", "delete_rule", "RuleArn"),
    "aws:lb/loadBalancer:LoadBalancer": _by("elbv2", "delete_load_balancer", "LoadBalancerArn"),
    "aws:lb/targetGroup:TargetGroup": _by("elbv2", "delete_target_group", "TargetGroupArn"),
    "aws:rds/instance:Instance": _server,
    "aws:rds/parameterGroup:ParameterGroup": _by("rds", "delete_db_parameter_group", "DBParameterGroupName"),
    "aws:rds/subnetGroup:SubnetGroup": _by("rds", "delete_db_subnet_group", "DBSubnetGroupName"),
    "aws:route53/healthCheck:HealthCheck": _by("route53", "delete_health_check", "HealthCheckId"),
    "aws:route53/record:Record": _record,
    "aws:s3/bucket:Bucket": _by("s3", "delete_bucket", "Bucket"),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _by("s3", "delete_bucket_lifecycle", "Bucket"),
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": _nothing,
    "aws:s3/bucketPolicy:BucketPolicy": _by("s3", "delete_bucket_policy", "Bucket"),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _by("s3", "delete_public_access_block", "Bucket"),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _by(
        "s3", "delete_bucket_encryption", "Bucket"
    ),
    "aws:s3/bucketVersioning:BucketVersioning": _nothing,
    "aws:secretsmanager/secret:Secret": _secret,
    "aws:secretsmanager/secretVersion:SecretVersion": _nothing,
    "aws:sns/topic:Topic": _by("sns", "delete_topic", "TopicArn"),
    "aws:sns/topicSubscription:TopicSubscription": _by("sns", "unsubscribe", "SubscriptionArn"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _rule("egress"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _rule("ingress"),
    "aws:wafv2/webAcl:WebAcl": _acl,
    "aws:wafv2/webAclAssociation:WebAclAssociation": _by("wafv2", "disassociate_web_acl", "ResourceArn"),
}
