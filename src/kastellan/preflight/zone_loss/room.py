"""Resources in whole numbers, as the scheduler counts them: millicores, bytes of memory, bytes of storage, pods."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from kastellan.preflight.amounts import Amounts

Room = tuple[int, int, int, int]

NONE: Room = (0, 0, 0, 0)
MILLI = 1000


def needed(requests: Amounts) -> Room:
    """What one pod takes; rounded up, as the scheduler does."""
    return (_up(requests.cpu * MILLI), _up(requests.memory), _up(requests.storage), 1)


def offered(allocatable: Amounts, pods: int) -> Room:
    """What an empty node gives; rounded down."""
    return (_down(allocatable.cpu * MILLI), _down(allocatable.memory), _down(allocatable.storage), pods)


def plus(one: Room, other: Room) -> Room:
    """The sum."""
    return (one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3])


def minus(one: Room, other: Room) -> Room:
    """The difference; may be negative."""
    return (one[0] - other[0], one[1] - other[1], one[2] - other[2], one[3] - other[3])


def times(room: Room, count: int) -> Room:
    """So many times the same."""
    return (room[0] * count, room[1] * count, room[2] * count, room[3] * count)


def larger(one: Room, other: Room) -> Room:
    """The larger of each."""
    return (max(one[0], other[0]), max(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3]))


def smaller(one: Room, other: Room) -> Room:
    """The smaller of each."""
    return (min(one[0], other[0]), min(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3]))


def holds(room: Room, need: Room) -> bool:
    """Whether it fits in; what is not asked for is not looked at, as the scheduler does with overfull nodes."""
    return (
        (not need[0] or room[0] >= need[0])
        and (not need[1] or room[1] >= need[1])
        and (not need[2] or room[2] >= need[2])
        and room[3] >= need[3]
    )


def how_many(room: Room, need: Room, most: int) -> int:
    """How many equal pods fit in, at most `most`."""
    # Written out, for it is asked of every node for every group, situation after situation.
    cpu, memory, storage, pods = need
    if cpu and (fit := room[0] // cpu) < most:
        most = fit
    if memory and (fit := room[1] // memory) < most:
        most = fit
    if storage and (fit := room[2] // storage) < most:
        most = fit
    if pods and (fit := room[3] // pods) < most:
        most = fit
    return most if most > 0 else 0


def _up(amount: Decimal) -> int:
    return int(amount.to_integral_value(ROUND_CEILING))


def _down(amount: Decimal) -> int:
    return int(amount.to_integral_value(ROUND_FLOOR))
