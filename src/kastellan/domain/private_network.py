"""What an installation's range of addresses has to be on any cloud: private, of a fitting size, and nobody else's."""

from collections.abc import Iterable
from ipaddress import IPv4Network

PRIVATE = tuple(IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
"""RFC 1918."""
DOCKER = IPv4Network("172.17.0.0/16")
"""Of the container runtime's bridge on the nodes."""


def range_problems(whole: IPv4Network, others: Iterable[IPv4Network], *, smallest: int, widest: int = 0) -> list[str]:
    """What is wrong with a range, in words.

    Args:
        whole: the range.
        others: ranges that it must not overlap.
        smallest: length of the longest prefix that is enough.
        widest: length of the shortest prefix that the cloud takes.
    """
    problems = []
    if not any(whole.subnet_of(private) for private in PRIVATE):
        problems.append(f"{whole} is not private; take it from 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16")
    if whole.prefixlen > smallest:
        problems.append(f"{whole} is too small; at least a /{smallest} is needed")
    if whole.prefixlen < widest:
        problems.append(f"{whole} is too wide; a /{widest} is the most that the cloud takes")
    problems += [
        f"{whole} overlaps {other}" + (", which the nodes use themselves" if other == DOCKER else "")
        for other in (DOCKER, *others)
        if whole.overlaps(other)
    ]
    return problems
