"""Ranges of addresses in configuration files."""

from collections.abc import Callable
from ipaddress import IPv4Network
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

_EVERYBODY = IPv4Network("0.0.0.0/0")
_WIDEST = 8
"""A range wider than a /8 is nobody's own."""


def _range(value: object) -> object:
    return IPv4Network(value) if isinstance(value, str) else value


def _narrow(value: IPv4Network) -> IPv4Network:
    if value.prefixlen < _WIDEST:
        wide = "the whole internet" if value == _EVERYBODY else "too much"
        raise ValueError(f"{value} is {wide}; name the networks of those who operate")
    return value


Range = Annotated[IPv4Network, BeforeValidator(_range, json_schema_input_type=str)]
NarrowRange = Annotated[Range, AfterValidator(_narrow)]
"""Of those who may reach something; never everybody."""


def fitting(problems: Callable[[IPv4Network], list[str]]) -> AfterValidator:
    """A range with which a cloud has no problem."""

    def judge(value: IPv4Network) -> IPv4Network:
        if found := problems(value):
            raise ValueError("; ".join(found))
        return value

    return AfterValidator(judge)
