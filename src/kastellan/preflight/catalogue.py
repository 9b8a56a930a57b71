"""Every check, in the order of the report: adding one is its line here."""

from kastellan.preflight.check import Check
from kastellan.preflight.checks import admission, database, placement, versions

CHECKS: tuple[Check, ...] = (
    placement.ZON_1,
    placement.CAP_1,
    versions.VER_1,
    versions.VER_2,
    versions.VER_3,
    admission.RBAC_1,
    admission.POD_1,
    admission.QUO_1,
    admission.ADM_1,
    database.PG_1,
    database.PG_2,
    database.PG_3,
)
