"""The keys of system users: the server is given what verifies their tokens, and the private key tells both."""

import base64
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from kastellan.adapters.system_user_key import bearer_token, make_system_user_key, read_system_user_key

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_the_server_is_given_a_bare_public_key_that_verifies_the_users_tokens() -> None:
    user = make_system_user_key("login-client")
    assert user.public_key.startswith("-----BEGIN PUBLIC KEY-----"), "old servers read no certificate"
    key = serialization.load_pem_public_key(user.public_key.encode())
    assert isinstance(key, rsa.RSAPublicKey)
    signed, _, signature = bearer_token(user, "https://id.customer.example", NOW).rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    key.verify(raw, signed.encode(), padding.PKCS1v15(), hashes.SHA256())  # raises where it does not fit


def test_a_pair_is_read_again_from_its_private_key_alone() -> None:
    made = make_system_user_key("login-client")
    assert read_system_user_key("login-client", made.private_key) == made


def test_a_key_of_another_kind_is_refused_by_the_users_name() -> None:
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(ValueError, match="the key of login-client is no RSA key"):
        read_system_user_key("login-client", other.decode())
