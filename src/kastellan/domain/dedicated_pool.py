"""Label and taint of the nodes that are ZITADEL's alone, on clusters that kastellan makes."""

POOL_LABEL = "kastellan.dev/pool"
POOL = "zitadel"
