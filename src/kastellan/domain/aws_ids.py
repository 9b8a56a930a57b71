"""By which id Amazon knows an object that the program declares: what Pulumi takes to adopt it into a state.

Where we choose the name, the id is made of it. Where Amazon gives a number, the object is found by its tags, and its
ARN tells the id. What can be made again without a second one coming about (attachments, settings of a bucket, policies
in a role) needs neither.

Source: the section "Import" of each resource of pulumi-aws 7; forms of ARNs: docs.aws.amazon.com, Service Authorization
Reference, resource types of each service.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

BY_NAME: Mapping[str, str] = {
    "aws:budgets/budget:Budget": "{account}:{name}",
    "aws:cloudwatch/logGroup:LogGroup": "{name}",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "{name}",
    "aws:ec2/route:Route": "{routeTableId}_{destinationCidrBlock}",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "{subnetId}/{routeTableId}",
    "aws:eks/accessEntry:AccessEntry": "{clusterName}:{principalArn}",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": "{clusterName}#{principalArn}#{policyArn}",
    "aws:eks/addon:Addon": "{clusterName}:{addonName}",
    "aws:eks/cluster:Cluster": "{name}",
    "aws:eks/nodeGroup:NodeGroup": "{clusterName}:{nodeGroupName}",
    "aws:iam/policy:Policy": "arn:aws:iam::{account}:policy/{name}",
    "aws:iam/role:Role": "{name}",
    "aws:kms/alias:Alias": "{name}",
    "aws:rds/instance:Instance": "{identifier}",
    "aws:rds/parameterGroup:ParameterGroup": "{name}",
    "aws:rds/subnetGroup:SubnetGroup": "{name}",
    "aws:route53/record:Record": "{zoneId}_{name}_{type}",
    "aws:s3/bucket:Bucket": "{bucket}",
    "aws:sns/topic:Topic": "arn:aws:sns:{region}:{account}:{name}",
}
"""Type → id, of the resource's inputs by their public names."""

BY_TAGS: Mapping[str, tuple[str, str]] = {
    "aws:acm/certificate:Certificate": ("acm:certificate", "{arn}"),
    "aws:ec2/eip:Eip": ("ec2:elastic-ip", "{last}"),
    "aws:ec2/flowLog:FlowLog": ("ec2:vpc-flow-log", "{last}"),
    "aws:ec2/internetGateway:InternetGateway": ("ec2:internet-gateway", "{last}"),
    "aws:ec2/launchTemplate:LaunchTemplate": ("ec2:launch-template", "{last}"),
    "aws:ec2/natGateway:NatGateway": ("ec2:natgateway", "{last}"),
    "aws:ec2/routeTable:RouteTable": ("ec2:route-table", "{last}"),
    "aws:ec2/securityGroup:SecurityGroup": ("ec2:security-group", "{last}"),
    "aws:ec2/subnet:Subnet": ("ec2:subnet", "{last}"),
    "aws:ec2/vpc:Vpc": ("ec2:vpc", "{last}"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ("ec2:vpc-endpoint", "{last}"),
    "aws:kms/key:Key": ("kms:key", "{last}"),
    "aws:lb/listener:Listener": ("elasticloadbalancing:listener", "{arn}"),
    "aws:lb/listenerRule:ListenerRule": ("elasticloadbalancing:listener-rule", "{arn}"),
    "aws:lb/loadBalancer:LoadBalancer": ("elasticloadbalancing:loadbalancer", "{arn}"),
    "aws:lb/targetGroup:TargetGroup": ("elasticloadbalancing:targetgroup", "{arn}"),
    "aws:route53/healthCheck:HealthCheck": ("route53:healthcheck", "{last}"),
    "aws:secretsmanager/secret:Secret": ("secretsmanager:secret", "{arn}"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": ("ec2:security-group-rule", "{last}"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ("ec2:security-group-rule", "{last}"),
    "aws:wafv2/webAcl:WebAcl": ("wafv2:regional/webacl", "{last}/{name}/{scope}"),
}
"""Type → what its ARN says it is, and the id: of the ARN, its last part, or inputs."""

REPEATABLE = frozenset({
    "aws:acm/certificateValidation:CertificateValidation", "aws:autoscaling/attachment:Attachment",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketVersioning:BucketVersioning", "aws:secretsmanager/secretVersion:SecretVersion",
    "aws:sns/topicSubscription:TopicSubscription", "aws:wafv2/webAclAssociation:WebAclAssociation",
})  # fmt: skip
"""Making it again makes no second one: a setting of something else, or Amazon answers with the one that is there."""

Tagged = Mapping[tuple[str, str], Sequence[str]]
"""What an ARN says it is, and the tag `Name` → ARNs."""


def kind_of_arn(arn: str) -> str:
    """Service and type, such as `ec2:subnet`; a load balancer's or a web ACL's own parts are no types.

    Raises:
        ValueError: it is no ARN.
    """
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":
        raise ValueError(f"{arn!r} is no ARN")
    service, resource = parts[2], parts[5]
    words = re.split(r"[/:]", resource)
    return f"{service}:{'/'.join(words[:2]) if service == 'wafv2' else words[0]}"


def aws_ids(kind: str, inputs: Mapping[str, Any], *, account: str, region: str, tagged: Tagged) -> tuple[str, ...]:
    """Ids under which an object may be there; several where tags are carried twice, none where there is nothing.

    Args:
        kind: type token.
        inputs: what is declared; what is not known is absent or no text.
        account: number of the account.
        region: of the installation; what stands in another says so by its input, and its id names it.
        tagged: everything that carries the installation's tag.
    """
    known = {key: value for key, value in inputs.items() if isinstance(value, str) and value}
    known = {"region": region} | known | {"account": account}
    elsewhere = f"@{known['region']}" if known["region"] != region else ""
    if kind in BY_TAGS:
        called, template = BY_TAGS[kind]
        name = (inputs.get("tags") or {}).get("Name", "")
        of_arn = ({"arn": arn, "last": re.split(r"[/:]", arn)[-1]} for arn in tagged.get((called, name), ()))
        return tuple(template.format(**known | parts) + elsewhere for parts in of_arn)
    needed = set(re.findall(r"\{(\w+)\}", BY_NAME.get(kind, "")))
    if not needed or not needed <= known.keys():
        return ()
    return (BY_NAME[kind].format(**known) + elsewhere,)
