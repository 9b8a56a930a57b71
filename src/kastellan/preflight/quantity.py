"""Kubernetes quantities (`250m`, `1.5Gi`, `12e6`), read exactly.

Fractions instead of floats: a headroom of a few bytes decides whether a pod fits. Rounding is left to whoever needs
whole units, because demand is rounded up and supply down. Absent: writing quantities, which nothing here does.
"""

import math
import re
from fractions import Fraction

_PATTERN = re.compile(
    r"^(?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+))(?:(?P<suffix>[KMGTPE]i|[numkMGTPE])|[eE](?P<exponent>[+-]?\d{1,3}))?$"
)
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}


def parse_quantity(text: str | int | float) -> Fraction:
    """The exact value in base units: cores, bytes, pieces.

    Suffixes as in the Kubernetes reference, "Quantity"; `1E` is exa, `1E3` an exponent. Numbers are accepted because
    YAML and JSON carry quantities without quotes too.

    Raises:
        ValueError: the text is no quantity; the message repeats it.
    """
    match = _PATTERN.match(str(text).strip())
    if match is None:
        raise ValueError(f"{text!r} is not a Kubernetes quantity; write it as 250m, 2 or 512Mi")
    number = Fraction(match["number"])
    if match["exponent"]:
        return number * Fraction(10) ** int(match["exponent"])
    suffix = match["suffix"] or ""
    if suffix in _BINARY:
        return number * 2 ** _BINARY[suffix]
    return number * Fraction(10) ** _DECIMAL[suffix]


def millicores_up(text: str | int | float) -> int:
    """A demand for CPU in whole millicores, rounded up as the scheduler does."""
    return math.ceil(parse_quantity(text) * 1000)


def bytes_up(text: str | int | float) -> int:
    """A demand for memory or storage in whole bytes, rounded up."""
    return math.ceil(parse_quantity(text))


def format_millicores(millicores: int) -> str:
    """CPU for people: `250m` or `2` cores."""
    return f"{millicores // 1000}" if millicores % 1000 == 0 else f"{millicores}m"


def format_bytes(count: int) -> str:
    """Memory for people, in MiB rounded towards zero."""
    return f"{int(count / 2**20)}Mi"
