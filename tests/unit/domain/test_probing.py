"""What pods are asked to reach, and what no pod can reach."""

from kastellan.config.probes_model import ProbesModel
from kastellan.domain.probing import Destination, MailRelay, MailTls, Probing

_IDP = Destination(host="idp.example")
_RELAY = MailRelay(host="relay.example", sender="id@customer.example")


def test_pods_have_to_reach_the_egress_list_and_the_relay_of_their_mails() -> None:
    assert Probing(egress=(_IDP,), mail=_RELAY).destinations == (
        _IDP, Destination(host="relay.example", port=587, tls=False),
    )  # fmt: skip
    implicit = Probing(mail=MailRelay(host="r", sender="a@b.example", port=465, tls=MailTls.IMPLICIT, ca="PEM"))
    assert implicit.destinations == (Destination(host="r", port=465, tls=True, ca="PEM"),)


def test_where_nothing_has_to_be_reached_there_is_no_control() -> None:
    assert Probing().controls == ()


def test_a_certificate_proves_whose_it_is_and_a_mere_connection_takes_addresses_that_nobody_has() -> None:
    assert [str(one) for one in Probing(egress=(_IDP,)).controls] == ["kastellan-control.invalid:443"]
    bare = Probing(egress=(_IDP, Destination(host="ldap.example", port=389, tls=False)), mail=_RELAY)
    assert [(one.host, one.port) for one in bare.controls[1:]] == [
        ("192.0.2.1", 389), ("2001:db8::1", 389), ("192.0.2.1", 587), ("2001:db8::1", 587),
    ]  # fmt: skip
    assert not any(one.tls or one.http for one in bare.controls)


def test_http_is_spoken_at_its_own_ports_unless_somebody_says_otherwise() -> None:
    rows = [{"host": "a"}, {"host": "b", "port": 636}, {"host": "c", "http": False}, {"host": "d", "port": 8443,
            "http": True}, {"host": "e", "port": 80, "tls": False}]  # fmt: skip
    probing = ProbesModel.model_validate({"egress": rows}).probing()
    assert [one.http for one in probing.egress] == [True, False, False, True, True]
