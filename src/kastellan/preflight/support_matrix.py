"""The versions that are tested and supported, with the day on which their own makers stop.

Sources, read on AS_OF: kubernetes.io/releases, postgresql.org/support/versioning; ZITADEL's requirements name
PostgreSQL 14 to 18.
"""

from datetime import date

AS_OF = date(2026, 11, 23)

KUBERNETES: dict[tuple[int, int], date] = {
    (1, 35): date(2027, 2, 28),
    (1, 36): date(2027, 6, 28),
    (1, 37): date(2027, 10, 28),
}
"""Minor version to the end of its support."""

POSTGRESQL: dict[int, date] = {
    14: date(2026, 11, 12),
    15: date(2027, 11, 11),
    16: date(2028, 11, 9),
    17: date(2029, 11, 8),
    18: date(2030, 11, 14),
}
"""Major version to the end of its support."""

NOTICE_DAYS = 92
"""A quarter: before the next maintenance at the latest (MU-1), an end of support must not pass unseen."""
