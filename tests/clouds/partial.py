"""An object that was made, but did not come up: the engine keeps it with the error, and the next update goes on.

The SDK's server has no way to say so (pulumi/proto/provider.proto, ErrorResourceInitFailed); this adds it.
"""

from collections.abc import Mapping
from typing import Any

import grpc
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime.proto import provider_pb2, status_pb2

_create = ProviderServicer.Create


class MadeInPart(Exception):  # noqa: N818 - it is half a success
    """Raised by a provider's `create`.

    Args:
        key: id of what was made.
        properties: as far as they are known.
        reason: why it did not come up.
    """

    def __init__(self, key: str, properties: Mapping[str, PropertyValue], reason: str) -> None:
        super().__init__(reason)
        self.key, self.properties = key, properties


async def _create_or_tell(self: ProviderServicer, request: Any, context: Any) -> Any:
    try:
        return await _create(self, request, context)
    except MadeInPart as made:
        detail = provider_pb2.ErrorResourceInitFailed(
            id=made.key, properties=PropertyValue.marshal_map(made.properties), reasons=[str(made)]
        )
        told = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(made))
        told.details.add().Pack(detail)
        status = grpc.Status()
        status.code, status.details = grpc.StatusCode.UNKNOWN, str(made)
        status.trailing_metadata = (("grpc-status-details-bin", told.SerializeToString()),)
        await context.abort_with_status(status)


def tell_partial_state() -> None:
    """From now on, servers of this process tell it."""
    ProviderServicer.Create = _create_or_tell  # type: ignore[method-assign]  # it calls what it takes the place of
