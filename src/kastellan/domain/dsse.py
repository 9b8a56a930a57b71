"""What a signature of ours is over: DSSE v1 around an in-toto statement v1.

Sources: secure-systems-lab/dsse, protocol.md (PAE); in-toto/attestation, spec/v1/statement.md.
"""

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"


def pre_authentication(payload_type: str, payload: bytes) -> bytes:
    """The bytes that a DSSE signature is over (PAE)."""
    return b"DSSEv1 %d %s %d %s" % (len(payload_type), payload_type.encode(), len(payload), payload)
