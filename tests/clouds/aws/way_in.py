"""Requests to Elastic Load Balancing, Auto Scaling, WAF, ACM and Route 53."""

from typing import Any

from tests.clouds.aws.request import ANYTHING, Inputs, Kind, Made, Send, pascal


def _balancer(inputs: Inputs, send: Send) -> Made:
    answer = send(
        "elbv2", "create_load_balancer", Name=inputs.name, Type=inputs.loadBalancerType, Subnets=inputs.subnets,
        SecurityGroups=inputs.securityGroups, Scheme="internal" if inputs.internal else "internet-facing",
        Tags=inputs.tags,
    )["LoadBalancers"][0]  # fmt: skip
    arn = answer["LoadBalancerArn"]
    attributes = {
        "idle_timeout.timeout_seconds": inputs.idleTimeout,
        "routing.http.drop_invalid_header_fields.enabled": inputs.dropInvalidHeaderFields,
        "deletion_protection.enabled": inputs.enableDeletionProtection,
    }
    send(
        "elbv2", "modify_load_balancer_attributes", LoadBalancerArn=arn,
        Attributes=[{"Key": key, "Value": str(value).lower()} for key, value in attributes.items()],
    )  # fmt: skip
    suffix = arn.partition("loadbalancer/")[2] if isinstance(arn, str) else arn
    zone = answer["CanonicalHostedZoneId"]
    return arn, {"arn": arn, "arnSuffix": suffix, "dnsName": answer["DNSName"], "zoneId": zone}


def _target(inputs: Inputs, send: Send) -> Made:
    check = inputs.healthCheck
    answer = send(
        "elbv2", "create_target_group", Name=inputs.name, TargetType=inputs.targetType, VpcId=inputs.vpcId,
        Port=inputs.port, Protocol=inputs.protocol, ProtocolVersion=inputs.protocolVersion,
        HealthCheckEnabled=check["enabled"], HealthCheckProtocol=check["protocol"], HealthCheckPath=check["path"],
        HealthCheckIntervalSeconds=check["interval"], HealthCheckTimeoutSeconds=check["timeout"],
        HealthyThresholdCount=check["healthyThreshold"], UnhealthyThresholdCount=check["unhealthyThreshold"],
        Matcher={"GrpcCode" if inputs.protocolVersion == "GRPC" else "HttpCode": check["matcher"]}, Tags=inputs.tags,
    )["TargetGroups"][0]  # fmt: skip
    attributes = {
        "deregistration_delay.timeout_seconds": inputs.deregistrationDelay,
        "load_balancing.algorithm.type": inputs.loadBalancingAlgorithmType,
    }
    arn = answer["TargetGroupArn"]
    send(
        "elbv2", "modify_target_group_attributes", TargetGroupArn=arn,
        Attributes=[{"Key": key, "Value": str(value)} for key, value in attributes.items()],
    )  # fmt: skip
    return arn, {"arn": arn}


def _action(action: dict[str, Any]) -> dict[str, Any]:
    given = pascal({key: value for key, value in action.items() if key not in ("redirect", "fixedResponse")})
    if "redirect" in action:
        given["RedirectConfig"] = pascal(action["redirect"])
    if "fixedResponse" in action:
        given["FixedResponseConfig"] = pascal(action["fixedResponse"])
    return {key: value for key, value in given.items() if value is not None}


def _listener(inputs: Inputs, send: Send) -> Made:
    certificate = inputs.certificateArn
    answer = send(
        "elbv2", "create_listener", LoadBalancerArn=inputs.loadBalancerArn, Port=inputs.port, Protocol=inputs.protocol,
        SslPolicy=inputs.sslPolicy, Certificates=[{"CertificateArn": certificate}] if certificate is not None else None,
        DefaultActions=[_action(one) for one in inputs.defaultActions], Tags=inputs.tags,
    )["Listeners"][0]  # fmt: skip
    return answer["ListenerArn"], {"arn": answer["ListenerArn"]}


def _condition(condition: dict[str, Any]) -> dict[str, Any]:
    if "pathPattern" in condition:
        return {"Field": "path-pattern", "PathPatternConfig": pascal(condition["pathPattern"])}
    if "hostHeader" in condition:
        return {"Field": "host-header", "HostHeaderConfig": pascal(condition["hostHeader"])}
    return {"Field": "http-header", "HttpHeaderConfig": pascal(condition["httpHeader"])}


def _transform(transform: dict[str, Any]) -> dict[str, Any]:
    rewrite = transform["hostHeaderRewriteConfig"]["rewrite"]
    return {"Type": transform["type"], "HostHeaderRewriteConfig": {"Rewrites": [pascal(rewrite)]}}


def _rule(inputs: Inputs, send: Send) -> Made:
    answer = send(
        "elbv2", "create_rule", ListenerArn=inputs.listenerArn, Priority=inputs.priority, Tags=inputs.tags,
        Conditions=[_condition(one) for one in inputs.conditions], Actions=[_action(one) for one in inputs.actions],
        Transforms=[_transform(one) for one in inputs.transforms] if inputs.transforms else None,
    )["Rules"][0]  # fmt: skip
    return answer["RuleArn"], {"arn": answer["RuleArn"]}


def _attachment(inputs: Inputs, send: Send) -> Made:
    send(
        "autoscaling", "attach_load_balancer_target_groups", AutoScalingGroupName=inputs.autoscalingGroupName,
        TargetGroupARNs=[inputs.lbTargetGroupArn],
    )  # fmt: skip
    both = (inputs.autoscalingGroupName, inputs.lbTargetGroupArn)
    return "-".join(both) if all(isinstance(one, str) for one in both) else ANYTHING, {}


def _acl(inputs: Inputs, send: Send) -> Made:
    renamed = {"cloudwatchMetricsEnabled": "CloudWatchMetricsEnabled"}
    rules = pascal(inputs.rules, renamed)
    answer = send(
        "wafv2", "create_web_acl", Name=inputs.name, Scope=inputs.scope, Description=inputs.description,
        DefaultAction=pascal(inputs.defaultAction), Rules=rules, Tags=inputs.tags,
        VisibilityConfig=pascal(inputs.visibilityConfig, renamed),
    )["Summary"]  # fmt: skip
    return answer["Id"], {"arn": answer["ARN"]}


def _protected(inputs: Inputs, send: Send) -> Made:
    send("wafv2", "associate_web_acl", WebACLArn=inputs.webAclArn, ResourceArn=inputs.resourceArn)
    return inputs.resourceArn, {}


def _certificate(inputs: Inputs, send: Send) -> Made:
    arn = send(
        "acm", "request_certificate", DomainName=inputs.domainName, ValidationMethod=inputs.validationMethod,
        KeyAlgorithm=inputs.keyAlgorithm, Tags=inputs.tags, SubjectAlternativeNames=inputs.subjectAlternativeNames,
    )["CertificateArn"]  # fmt: skip
    told = send("acm", "describe_certificate", CertificateArn=arn)["Certificate"]["DomainValidationOptions"]
    asked = told if isinstance(told, list) else [told[0]]
    options = [
        {
            "domainName": one["DomainName"], "resourceRecordName": one["ResourceRecord"]["Name"],
            "resourceRecordType": one["ResourceRecord"]["Type"], "resourceRecordValue": one["ResourceRecord"]["Value"],
        }
        for one in asked
    ]  # fmt: skip
    return arn, {"arn": arn, "domainValidationOptions": options}


def _issued(inputs: Inputs, send: Send) -> Made:
    assert inputs.validationRecordFqdns
    send("acm", "describe_certificate", CertificateArn=inputs.certificateArn)
    return inputs.certificateArn, {}


def record_set(inputs: Inputs) -> dict[str, Any]:
    """A record as Route 53 writes it."""
    given: dict[str, Any] = {"Name": inputs.name, "Type": inputs.type}
    if inputs.records is not None:
        given |= {"TTL": inputs.ttl, "ResourceRecords": [{"Value": value} for value in inputs.records]}
    for alias in inputs.aliases or []:
        given["AliasTarget"] = {
            "HostedZoneId": alias["zoneId"], "DNSName": alias["name"],
            "EvaluateTargetHealth": alias["evaluateTargetHealth"],
        }  # fmt: skip
    return given


def _record(inputs: Inputs, send: Send) -> Made:
    change = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record_set(inputs)}]}
    send("route53", "change_resource_record_sets", HostedZoneId=inputs.zoneId, ChangeBatch=change)
    named = isinstance(inputs.name, str)
    return (f"{inputs.zoneId}_{inputs.name}_{inputs.type}" if named else ANYTHING), {"fqdn": inputs.name}


def _check(inputs: Inputs, send: Send) -> Made:
    config = {
        "Type": inputs.type, "FullyQualifiedDomainName": inputs.fqdn, "Port": inputs.port,
        "ResourcePath": inputs.resourcePath, "EnableSNI": inputs.enableSni, "RequestInterval": inputs.requestInterval,
        "FailureThreshold": inputs.failureThreshold,
    }  # fmt: skip
    reference = f"{inputs.fqdn}{inputs.resourcePath}"[:64]
    answer = send("route53", "create_health_check", CallerReference=reference, HealthCheckConfig=config)
    known = answer["HealthCheck"]["Id"]
    send("route53", "change_tags_for_resource", ResourceType="healthcheck", ResourceId=known, AddTags=inputs.tags)
    return known, {"arn": ANYTHING if known is ANYTHING else f"arn:aws:route53:::healthcheck/{known}"}


KINDS: dict[str, Kind] = {
    "aws:acm/certificate:Certificate": _certificate,
    "aws:acm/certificateValidation:CertificateValidation": _issued,
    "aws:autoscaling/attachment:Attachment": _attachment,
    "aws:lb/listener:Listener": _listener,
    "aws:lb/listenerRule:ListenerRule": _rule,
    "aws:lb/loadBalancer:LoadBalancer": _balancer,
    "aws:lb/targetGroup:TargetGroup": _target,
    "aws:route53/healthCheck:HealthCheck": _check,
    "aws:route53/record:Record": _record,
    "aws:wafv2/webAcl:WebAcl": _acl,
    "aws:wafv2/webAclAssociation:WebAclAssociation": _protected,
}
