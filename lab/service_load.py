"""What users of an installation ask, as lanes of a load: through its Services, its edge, or a customer's Gateway."""

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

from kastellan.adapters.system_user_key import bearer_token
from lab.gateway import Gateway
from lab.load import Lane, Protocol
from lab.place import Place
from lab.stack import DOMAIN

DISCOVERY = "/.well-known/openid-configuration"
_GRPC = "/grpc.health.v1.Health/Check"
_EMPTY_MESSAGE = "\0\0\0\0\0"
"""A frame without compression and without content: the request of a health check."""


def service_lanes(place: Place, *, signed_in: bool = True) -> list[Lane]:
    """Requests to the Services: each protocol on kept connections and on fresh ones.

    Args:
        place: which installation.
        signed_in: also ask as the operator's system user; not while its key is exchanged.
    """
    api = f"http://{place.service_address('zitadel')}:8080"
    login = f"http://{place.service_address('zitadel-login')}:3000"
    lanes = [
        _get("discovery http1 kept", "http1", api + DISCOVERY, fresh=False),
        _get("discovery http1 fresh", "http1", api + DISCOVERY, fresh=True),
        _get("discovery h2c kept", "h2c", api + DISCOVERY, fresh=False),
        _get("discovery h2c fresh", "h2c", api + DISCOVERY, fresh=True),
        _get("keys http1 kept", "http1", f"{api}/oauth/v2/keys", fresh=False),
        _grpc("grpc h2c", "h2c", api + _GRPC),
        _get("login http1 fresh", "http1", f"{login}/ui/v2/login/loginname", fresh=True),
        _token(api),
    ]
    return [*lanes, _signed_in(place, api)] if signed_in else lanes


def edge_lanes(place: Place, folder: Path) -> list[Lane]:
    """Requests to the edge, over TLS; pages are rarer than RL-1, the rest is kept below RL-2 for some minutes."""
    ca = folder / "edge-ca.pem"
    ca.write_text(place.authority.certificate)
    return _entrance_lanes("edge", place.service_address("zitadel-edge"), ca)


def gateway_lanes(gateway: Gateway, folder: Path) -> list[Lane]:
    """The same requests to a customer's Gateway."""
    return _entrance_lanes("gateway", gateway.address, gateway.write_authority(folder))


def _entrance_lanes(name: str, address: str, ca: Path) -> list[Lane]:
    url = f"https://{address}"
    return [
        _get(f"{name} discovery http1 fresh", "http1", url + DISCOVERY, fresh=True, ca=ca),
        _get(f"{name} discovery h2 kept", "h2", url + DISCOVERY, fresh=False, ca=ca),
        _grpc(f"{name} grpc h2", "h2", url + _GRPC, ca=ca),
        _get(f"{name} login http1 kept", "http1", f"{url}/ui/v2/login/loginname", fresh=False, ca=ca),
    ]


def _get(name: str, protocol: Protocol, url: str, *, fresh: bool, ca: Path | None = None) -> Lane:
    return Lane(name=name, protocol=protocol, fresh=fresh, url=url, host=DOMAIN, ca=str(ca or ""))


def _grpc(name: str, protocol: Protocol, url: str, ca: Path | None = None) -> Lane:
    return Lane(
        name=name,
        protocol=protocol,
        fresh=False,
        url=url,
        host=DOMAIN,
        method="POST",
        body=_EMPTY_MESSAGE,
        headers={"Content-Type": "application/grpc", "TE": "trailers"},
        grpc=True,
        ca=str(ca or ""),
    )


def _signed_in(place: Place, api: str) -> Lane:
    """What the operator's system user asks, with a token that it signed and that is good for an hour."""
    token = bearer_token(place.operator(), f"https://{DOMAIN}", datetime.now(UTC))
    return Lane(
        name="signed in http1 kept",
        protocol="http1",
        fresh=False,
        url=f"{api}/v2/settings/security",
        host=DOMAIN,
        headers={"Authorization": f"Bearer {token}"},
    )


def _token(api: str) -> Lane:
    """A request for a token, which no client may send twice by itself; the stand-in has no users and refuses it."""
    return Lane(
        name="token http1 kept",
        protocol="http1",
        fresh=False,
        url=f"{api}/oauth/v2/token",
        host=DOMAIN,
        method="POST",
        body=urlencode({"grant_type": "client_credentials"}),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        expect=400,
    )
