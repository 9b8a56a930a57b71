"""What the load balancer does with a request: rules of its listener, in the order of their priorities.

Of four names, `api.` goes on with the host rewritten to the issuer's (a transform; ALB adds no `X-Forwarded-Host`,
which ZITADEL would believe first), and what only leads there is redirected. WAF looks before any rule, so that the
rate limits count requests to all names together.

Sources: docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-transforms.html, …/x-forwarded-headers.html.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws.lb import (
    Listener,
    ListenerRule,
    ListenerRuleActionArgs,
    ListenerRuleActionFixedResponseArgs,
    ListenerRuleActionRedirectArgs,
    ListenerRuleConditionArgs,
    ListenerRuleConditionHostHeaderArgs,
    ListenerRuleConditionHttpHeaderArgs,
    ListenerRuleConditionPathPatternArgs,
    ListenerRuleTransformArgs,
    ListenerRuleTransformHostHeaderRewriteConfigArgs,
    ListenerRuleTransformHostHeaderRewriteConfigRewriteArgs,
)

from kastellan.domain.aws_base import AwsBase
from kastellan.domain.host_names import HostNames, HostRole


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """One rule; `as_host` is the host that it goes on with, or empty for the one that was asked."""

    title: str
    conditions: tuple[ListenerRuleConditionArgs, ...]
    action: ListenerRuleActionArgs
    as_host: str = ""


def rules(
    base: AwsBase, listener: Listener, targets: Mapping[str, pulumi.Output[str]], parent: pulumi.Resource
) -> list[pulumi.Output[str]]:
    """Every rule before the default, which forwards to the API; ids, known once they hold."""
    declared = (*_of_issuer(base.hosts, targets), *_of_further(base.hosts, targets))
    return [
        ListenerRule(
            rule.title,
            listener_arn=listener.arn,
            priority=priority,
            conditions=[*rule.conditions],
            actions=[rule.action],
            transforms=[_with_host(rule.as_host)] if rule.as_host else None,
            tags=base.tagged(rule.title),
            opts=pulumi.ResourceOptions(parent=parent),
        ).id
        for priority, rule in enumerate(declared, start=1)
    ]


def _of_issuer(hosts: HostNames, targets: Mapping[str, pulumi.Output[str]]) -> Iterator[_Rule]:
    """`/debug` ends here on every name; then pages of the login, gRPC in the browser is HTTP/1.1, gRPC itself.

    With further names these are the issuer's alone, instead of coming after the rules of the others: so no priority
    ever changes, which two rules cannot share while they change places.
    """
    asked = (_host(hosts.issuer),) if hosts.further else ()
    yield _Rule(title="debug", conditions=(_path("/debug", "/debug/*"),), action=_nothing())
    yield _Rule(
        title="login",
        conditions=(_path("/ui/v2/login", "/ui/v2/login/*"), *asked),
        action=_forward(targets["login"]),
    )
    for title, content, target in _GRPC:
        yield _Rule(title=title, conditions=(_content(content), *asked), action=_forward(targets[target]))


def _of_further(hosts: HostNames, targets: Mapping[str, pulumi.Output[str]]) -> Iterator[_Rule]:
    if not hosts.further:
        return
    issuer, api = hosts.issuer, hosts.name_of(HostRole.API)
    for role, name, page in hosts.leading:
        yield _Rule(title=f"{role}-page", conditions=(_host(name), _path("/")), action=_leading(issuer, page))
    elsewhere = _host(*(name for _, name, _ in hosts.leading))
    yield _Rule(title="leading", conditions=(elsewhere,), action=_leading(issuer))
    yield _Rule(title="api-pages", conditions=(_host(api), _path("/ui", "/ui/*")), action=_leading(issuer))
    for title, content, target in _GRPC:
        yield _Rule(
            title=f"api-{title}",
            conditions=(_host(api), _content(content)),
            action=_forward(targets[target]),
            as_host=issuer,
        )
    yield _Rule(title="api", conditions=(_host(api),), action=_forward(targets["api"]), as_host=issuer)


_GRPC = (("grpc-web", "application/grpc-web*", "api"), ("grpc", "application/grpc*", "api-grpc"))
"""Rule, content type, target."""


def _host(*names: str) -> ListenerRuleConditionArgs:
    return ListenerRuleConditionArgs(host_header=ListenerRuleConditionHostHeaderArgs(values=list(names)))


def _path(*patterns: str) -> ListenerRuleConditionArgs:
    return ListenerRuleConditionArgs(path_pattern=ListenerRuleConditionPathPatternArgs(values=list(patterns)))


def _content(pattern: str) -> ListenerRuleConditionArgs:
    return ListenerRuleConditionArgs(
        http_header=ListenerRuleConditionHttpHeaderArgs(http_header_name="Content-Type", values=[pattern])
    )


def _forward(target: pulumi.Output[str]) -> ListenerRuleActionArgs:
    return ListenerRuleActionArgs(type="forward", target_group_arn=target)


def _leading(issuer: str, page: str = "/#{path}") -> ListenerRuleActionArgs:
    """To the same path of the issuer's name, or to a page; never for good, which browsers would remember."""
    to = ListenerRuleActionRedirectArgs(
        host=issuer, path=page, query="#{query}", port="443", protocol="HTTPS", status_code="HTTP_302"
    )
    return ListenerRuleActionArgs(type="redirect", redirect=to)


def _nothing() -> ListenerRuleActionArgs:
    answer = ListenerRuleActionFixedResponseArgs(
        content_type="text/plain", status_code="404", message_body="404 page not found"
    )
    return ListenerRuleActionArgs(type="fixed-response", fixed_response=answer)


def _with_host(name: str) -> ListenerRuleTransformArgs:
    """Whatever the host is: the conditions of the rule have seen to that."""
    rewrite = ListenerRuleTransformHostHeaderRewriteConfigRewriteArgs(regex="^.+$", replace=name)
    return ListenerRuleTransformArgs(
        type="host-header-rewrite",
        host_header_rewrite_config=ListenerRuleTransformHostHeaderRewriteConfigArgs(rewrite=rewrite),
    )
