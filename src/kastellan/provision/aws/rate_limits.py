"""The rate limits of the terms as a web ACL of WAF: 429 above the limit, per client address (RL-1, RL-2).

Source: docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based.html: windows of 1, 2, 5 or 10
minutes, a limit of at least 10; WAF looks every ten seconds or so, so that a burst passes for that long.
"""

from typing import Any

import pulumi
from pulumi_aws.wafv2 import WebAcl

from kastellan.domain.aws_base import AwsBase
from kastellan.domain.rate_limit import PAGES, REQUESTS, RateLimit

_PAGES = {
    "byte_match_statement": {
        "search_string": "/ui/",
        "positional_constraint": "STARTS_WITH",
        "field_to_match": {"uri_path": {}},
        # So that `/%75i/` and `/x/../ui/` count as pages, too.
        "text_transformations": [{"priority": 0, "type": "URL_DECODE"}, {"priority": 1, "type": "NORMALIZE_PATH"}],
    }
}
_EVERYTHING_ELSE = {"not_statement": {"statement": _PAGES}}


def rate_limits(base: AwsBase, opts: pulumi.ResourceOptions) -> WebAcl:
    """Pages of login and console have a limit of their own, and everything else has the other."""
    return WebAcl(
        "rate-limits",
        name=base.name("edge"),
        description="Rate limits of the terms per client address",
        scope="REGIONAL",
        default_action={"allow": {}},
        rules=[_rule(0, PAGES, _PAGES), _rule(1, REQUESTS, _EVERYTHING_ELSE)],
        visibility_config=_seen_as(base.name("edge")),
        tags=base.tagged("edge"),
        opts=opts,
    )


def _rule(priority: int, limit: RateLimit, scope: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": limit.clause,
        "priority": priority,
        "action": {"block": {"custom_response": {"response_code": 429}}},
        "statement": {
            "rate_based_statement": {
                "aggregate_key_type": "IP",
                "limit": limit.per_period,
                "evaluation_window_sec": limit.period_seconds,
                "scope_down_statement": scope,
            }
        },
        "visibility_config": _seen_as(limit.clause),
    }


def _seen_as(metric: str) -> dict[str, Any]:
    return {"cloudwatch_metrics_enabled": True, "metric_name": metric, "sampled_requests_enabled": False}
