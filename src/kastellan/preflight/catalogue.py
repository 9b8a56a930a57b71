"""Every check, in the order of the report: adding one is its two lines here."""

from kastellan.preflight.check import Check
from kastellan.preflight.checks.adm_1 import ADM_1
from kastellan.preflight.checks.cap_1 import CAP_1
from kastellan.preflight.checks.cap_2 import CAP_2
from kastellan.preflight.checks.cap_3 import CAP_3
from kastellan.preflight.checks.clk_1 import CLK_1
from kastellan.preflight.checks.dns_1 import DNS_1
from kastellan.preflight.checks.ha_1 import HA_1
from kastellan.preflight.checks.img_1 import IMG_1
from kastellan.preflight.checks.met_1 import MET_1
from kastellan.preflight.checks.net_1 import NET_1
from kastellan.preflight.checks.net_2 import NET_2
from kastellan.preflight.checks.net_3 import NET_3
from kastellan.preflight.checks.net_4 import NET_4
from kastellan.preflight.checks.obj_1 import OBJ_1
from kastellan.preflight.checks.pg_1 import PG_1
from kastellan.preflight.checks.pg_2 import PG_2
from kastellan.preflight.checks.pg_3 import PG_3
from kastellan.preflight.checks.pg_4 import PG_4
from kastellan.preflight.checks.pg_5 import PG_5
from kastellan.preflight.checks.pg_6 import PG_6
from kastellan.preflight.checks.pg_7 import PG_7
from kastellan.preflight.checks.pod_1 import POD_1
from kastellan.preflight.checks.quo_1 import QUO_1
from kastellan.preflight.checks.rbac_1 import RBAC_1
from kastellan.preflight.checks.rbac_2 import RBAC_2
from kastellan.preflight.checks.smt_1 import SMT_1
from kastellan.preflight.checks.sto_1 import STO_1
from kastellan.preflight.checks.tls_1 import TLS_1
from kastellan.preflight.checks.tls_2 import TLS_2
from kastellan.preflight.checks.ver_1 import VER_1
from kastellan.preflight.checks.ver_2 import VER_2
from kastellan.preflight.checks.ver_3 import VER_3
from kastellan.preflight.checks.zon_1 import ZON_1

CHECKS: tuple[Check, ...] = (
    ZON_1,
    CAP_1,
    CAP_2,
    CAP_3,
    VER_1,
    VER_2,
    VER_3,
    RBAC_1,
    RBAC_2,
    POD_1,
    QUO_1,
    ADM_1,
    HA_1,
    NET_1,
    TLS_2,
    MET_1,
    PG_1,
    PG_2,
    PG_3,
    PG_4,
    PG_5,
    PG_7,
    DNS_1,
    TLS_1,
    NET_2,
    SMT_1,
    OBJ_1,
    NET_3,
    NET_4,
    PG_6,
    CLK_1,
    IMG_1,
    STO_1,
)
