"""Of four host names each is looked at: records and handshake of all, calls of those that ZITADEL serves."""

from typing import Any

from kastellan.adapters.probe.host_probes import ProbeAccess, host_collectors
from kastellan.domain.host_names import HostNames, Layout
from kastellan.domain.probing import EntryPoint, Probing
from tests.builders import installation
from tests.servers.names import NameServer

HOSTS = HostNames.of("customer.invalid", Layout.FOUR_SUBDOMAINS)


class Installed:
    """A cluster in which the installation is there already."""

    def get(self, ref: object) -> dict[str, Any]:
        return {}


def _seen(group: str, hosts: HostNames, probing: Probing) -> tuple[Any, ...]:
    cluster: Any = Installed()
    found: tuple[Any, ...] = host_collectors(cluster, installation(hosts=hosts), ProbeAccess(probing=probing))[group]()
    return found


def test_every_name_is_resolved_and_one_that_is_missing_is_seen() -> None:
    records = {(name, "A"): ["192.0.2.1"] for name in HOSTS.every[:3]}
    with NameServer(records) as server:
        probing = Probing(resolvers=(server.address,), entry=EntryPoint(addresses=("192.0.2.1",)))
        found = _seen("names", HOSTS, probing)
        assert len(_seen("names", HostNames(issuer=HOSTS.issuer), probing)) == 1
    assert [names.domain for names in found] == [*HOSTS.every]
    assert [names.answers[0].addresses for names in found] == [("192.0.2.1",)] * 3 + [()]


def test_every_name_is_shaken_hands_with_and_those_that_are_served_are_called() -> None:
    probing = Probing(entry=EntryPoint(port=8443))
    shaken = _seen("handshake", HOSTS, probing)
    assert [one.dialogue.subject for one in shaken] == [f"{name}:8443" for name in HOSTS.every]
    assert {one.dialogue.steps[-1].name for one in shaken} == {"dns"}
    called = _seen("entry", HOSTS, probing)
    assert [one.subject for one in called] == [f"{name}:8443" for name in HOSTS.served]
