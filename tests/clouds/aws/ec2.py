"""Requests to EC2."""

from typing import Any

from tests.clouds.aws.request import Inputs, Kind, Made, Send, pascal


def _named(kind: str, inputs: Inputs) -> list[dict[str, Any]] | None:
    return [{"ResourceType": kind, "Tags": inputs.tags}] if inputs.tags else None


def _vpc(inputs: Inputs, send: Send) -> Made:
    vpc = send("ec2", "create_vpc", CidrBlock=inputs.cidrBlock, TagSpecifications=_named("vpc", inputs))["Vpc"]["VpcId"]
    for attribute, value in (
        ("EnableDnsHostnames", inputs.enableDnsHostnames),
        ("EnableDnsSupport", inputs.enableDnsSupport),
    ):
        send("ec2", "modify_vpc_attribute", VpcId=vpc, **{attribute: {"Value": value}})
    return vpc, {}


def _default_group(inputs: Inputs, send: Send) -> Made:
    filters = [{"Name": "vpc-id", "Values": [inputs.vpcId]}, {"Name": "group-name", "Values": ["default"]}]
    group = send("ec2", "describe_security_groups", Filters=filters)["SecurityGroups"][0]["GroupId"]
    assert not inputs.ingress
    assert not inputs.egress  # the provider takes all rules away
    return group, {}


def _gateway(inputs: Inputs, send: Send) -> Made:
    tags = _named("internet-gateway", inputs)
    gateway = send("ec2", "create_internet_gateway", TagSpecifications=tags)["InternetGateway"]["InternetGatewayId"]
    send("ec2", "attach_internet_gateway", InternetGatewayId=gateway, VpcId=inputs.vpcId)
    return gateway, {}


def _address(inputs: Inputs, send: Send) -> Made:
    answer = send("ec2", "allocate_address", Domain=inputs.domain, TagSpecifications=_named("elastic-ip", inputs))
    return answer["AllocationId"], {"publicIp": answer["PublicIp"]}


def _nat(inputs: Inputs, send: Send) -> Made:
    answer = send(
        "ec2", "create_nat_gateway", AllocationId=inputs.allocationId, SubnetId=inputs.subnetId,
        ConnectivityType=inputs.connectivityType, TagSpecifications=_named("natgateway", inputs),
    )  # fmt: skip
    return answer["NatGateway"]["NatGatewayId"], {}


def _table(inputs: Inputs, send: Send) -> Made:
    answer = send("ec2", "create_route_table", VpcId=inputs.vpcId, TagSpecifications=_named("route-table", inputs))
    return answer["RouteTable"]["RouteTableId"], {}


def _route(inputs: Inputs, send: Send) -> Made:
    table = inputs.routeTableId
    send(
        "ec2", "create_route", RouteTableId=table, DestinationCidrBlock=inputs.destinationCidrBlock,
        GatewayId=inputs.gatewayId, NatGatewayId=inputs.natGatewayId,
    )  # fmt: skip
    return f"r-{table}", {}


def _association(inputs: Inputs, send: Send) -> Made:
    answer = send("ec2", "associate_route_table", RouteTableId=inputs.routeTableId, SubnetId=inputs.subnetId)
    return answer["AssociationId"], {}


def _subnet(inputs: Inputs, send: Send) -> Made:
    answer = send(
        "ec2", "create_subnet", VpcId=inputs.vpcId, AvailabilityZone=inputs.availabilityZone,
        CidrBlock=inputs.cidrBlock, TagSpecifications=_named("subnet", inputs),
    )  # fmt: skip
    subnet = answer["Subnet"]["SubnetId"]
    public = {"Value": inputs.mapPublicIpOnLaunch}
    send("ec2", "modify_subnet_attribute", SubnetId=subnet, MapPublicIpOnLaunch=public)
    return subnet, {}


def _group(inputs: Inputs, send: Send) -> Made:
    answer = send(
        "ec2", "create_security_group", GroupName=inputs.name, Description=inputs.description, VpcId=inputs.vpcId,
        TagSpecifications=_named("security-group", inputs),
    )  # fmt: skip
    return answer["GroupId"], {}


def _rule(direction: str) -> Kind:
    def make(inputs: Inputs, send: Send) -> Made:
        permission: dict[str, Any] = {
            "IpProtocol": inputs.ipProtocol, "FromPort": inputs.fromPort, "ToPort": inputs.toPort,
        }  # fmt: skip
        if inputs.cidrIpv4 is not None:
            permission["IpRanges"] = [{"CidrIp": inputs.cidrIpv4}]
        if inputs.referencedSecurityGroupId is not None:
            permission["UserIdGroupPairs"] = [{"GroupId": inputs.referencedSecurityGroupId}]
        answer = send(
            "ec2", f"authorize_security_group_{direction}", GroupId=inputs.securityGroupId, IpPermissions=[permission],
            TagSpecifications=_named("security-group-rule", inputs),
        )  # fmt: skip
        return answer["SecurityGroupRules"][0]["SecurityGroupRuleId"], {}

    return make


def _endpoint(inputs: Inputs, send: Send) -> Made:
    answer = send(
        "ec2", "create_vpc_endpoint", VpcId=inputs.vpcId, ServiceName=inputs.serviceName,
        VpcEndpointType=inputs.vpcEndpointType, SubnetIds=inputs.subnetIds, SecurityGroupIds=inputs.securityGroupIds,
        RouteTableIds=inputs.routeTableIds, PrivateDnsEnabled=inputs.privateDnsEnabled,
        TagSpecifications=_named("vpc-endpoint", inputs),
    )  # fmt: skip
    return answer["VpcEndpoint"]["VpcEndpointId"], {}


def _flow_log(inputs: Inputs, send: Send) -> Made:
    answer = send(
        "ec2", "create_flow_logs", ResourceIds=[inputs.vpcId], ResourceType="VPC", TrafficType=inputs.trafficType,
        LogDestinationType=inputs.logDestinationType, LogDestination=inputs.logDestination,
        DeliverLogsPermissionArn=inputs.iamRoleArn, MaxAggregationInterval=inputs.maxAggregationInterval,
        TagSpecifications=_named("vpc-flow-log", inputs),
    )  # fmt: skip
    return answer["FlowLogIds"][0], {}


def _template(inputs: Inputs, send: Send) -> Made:
    disks = pascal(inputs.blockDeviceMappings)
    for disk in disks:
        for flag in ("Encrypted", "DeleteOnTermination"):
            disk["Ebs"][flag] = {"true": True, "false": False}[disk["Ebs"][flag]]
    data = {
        "BlockDeviceMappings": disks,
        "MetadataOptions": pascal(inputs.metadataOptions),
        "TagSpecifications": [
            {"ResourceType": one["resourceType"], "Tags": Inputs({"tags": one["tags"]}).tags}
            for one in inputs.tagSpecifications
        ],
    }
    assert inputs.updateDefaultVersion  # a step of the provider's own, with a version that comes later
    answer = send(
        "ec2", "create_launch_template", LaunchTemplateName=inputs.name, LaunchTemplateData=data,
        TagSpecifications=_named("launch-template", inputs),
    )  # fmt: skip
    return answer["LaunchTemplate"]["LaunchTemplateId"], {"latestVersion": 1, "defaultVersion": 1}


KINDS: dict[str, Kind] = {
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _default_group,
    "aws:ec2/eip:Eip": _address,
    "aws:ec2/flowLog:FlowLog": _flow_log,
    "aws:ec2/internetGateway:InternetGateway": _gateway,
    "aws:ec2/launchTemplate:LaunchTemplate": _template,
    "aws:ec2/natGateway:NatGateway": _nat,
    "aws:ec2/route:Route": _route,
    "aws:ec2/routeTable:RouteTable": _table,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _association,
    "aws:ec2/securityGroup:SecurityGroup": _group,
    "aws:ec2/subnet:Subnet": _subnet,
    "aws:ec2/vpc:Vpc": _vpc,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _rule("egress"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _rule("ingress"),
}
