"""The Pulumi provider `kastellan`: a thin face of the resources to the engine's protocol."""

import asyncio
from collections.abc import Mapping
from typing import Any

from pulumi.provider.experimental import provider as protocol
from pulumi.provider.experimental.provider import Provider

from kastellan.domain.errors import InvalidInputError
from kastellan.provider.changed_paths import detailed_diff
from kastellan.provider.engine_log import EngineLog
from kastellan.provider.prerequisites_resource import PrerequisitesResource
from kastellan.provider.release_resource import ReleaseResource
from kastellan.provider.resource import Context, Resource, sealed_inputs
from kastellan.provider.stop import StoppableClock
from kastellan.provider.values import UNKNOWN, Properties, UnknownInputError, plain_map

RESOURCES: Mapping[str, Resource] = {
    "kastellan:index:Prerequisites": PrerequisitesResource(),
    "kastellan:index:Release": ReleaseResource(),
}


class KastellanProvider(Provider):
    """Speaks plain data with the resources and property values with the engine.

    Blocking work runs in threads, because the engine calls several resources at once and asks to cancel meanwhile.
    """

    def __init__(self, engine_address: str) -> None:
        super().__init__()
        self._engine = engine_address
        self._clock = StoppableClock()

    async def check_config(self, request: protocol.CheckRequest) -> protocol.CheckResponse:
        """The provider has no configuration of its own."""
        return protocol.CheckResponse(inputs=request.new_inputs)

    async def diff_config(self, request: protocol.DiffRequest) -> protocol.DiffResponse:
        """Nothing to compare."""
        return protocol.DiffResponse(changes=False)

    async def configure(self, request: protocol.ConfigureRequest) -> protocol.ConfigureResponse:
        """Say what the provider understands."""
        return protocol.ConfigureResponse(accept_secrets=True, supports_preview=True)

    async def cancel(self) -> None:
        """Stop waiting; what runs on the cluster goes on."""
        self._clock.stop()

    async def check(self, request: protocol.CheckRequest) -> protocol.CheckResponse:
        """Refuse bad inputs, each with its property; unknown ones are judged when they are known."""
        try:
            new = plain_map(request.new_inputs)
        except UnknownInputError:
            return protocol.CheckResponse(inputs={**request.new_inputs})
        resource, context = self._for(request.urn)
        old = plain_map(request.old_inputs)
        failures = await asyncio.to_thread(resource.check, context, old, new)
        return protocol.CheckResponse(inputs=sealed_inputs(new), failures=failures)

    async def diff(self, request: protocol.DiffRequest) -> protocol.DiffResponse:
        """Compare with the state; an unknown input means a change."""
        resource, _ = self._for(request.urn)
        old = plain_map(request.old_state)
        try:
            new = plain_map(request.new_inputs)
            names = resource.differences(old, new)
        except UnknownInputError:
            new, names = old, ["configuration"]
        return protocol.DiffResponse(
            changes=bool(names),
            diffs=names,
            replaces=["name"] if "name" in names else [],
            delete_before_replace=True,
            detailed_diff=detailed_diff(old, new, names),
        )

    async def create(self, request: protocol.CreateRequest) -> protocol.CreateResponse:
        """Bring about for the first time, or finish what a killed run began."""
        name = request.urn.rpartition("::")[2]
        properties = await self._bring(request.urn, {}, request.properties, preview=request.preview)
        return protocol.CreateResponse(resource_id=name, properties=properties)

    async def update(self, request: protocol.UpdateRequest) -> protocol.UpdateResponse:
        """Bring to the new inputs."""
        properties = await self._bring(request.urn, request.olds, request.news, preview=request.preview)
        return protocol.UpdateResponse(properties=properties)

    async def read(self, request: protocol.ReadRequest) -> protocol.ReadResponse:
        """Look for drift."""
        resource, context = self._for(request.urn)
        if "configuration" not in request.properties:
            raise InvalidInputError("an installation cannot be imported; `pulumi up` adopts what is there")
        state = plain_map(request.properties)
        inputs = sealed_inputs(await asyncio.to_thread(resource.read, context, state))
        return protocol.ReadResponse(
            resource_id=request.resource_id, properties={**request.properties, **inputs}, inputs=inputs
        )

    async def delete(self, request: protocol.DeleteRequest) -> None:
        """Remove."""
        resource, context = self._for(request.urn)
        await asyncio.to_thread(resource.delete, context, plain_map(request.properties))

    async def invoke(self, request: protocol.InvokeRequest) -> protocol.InvokeResponse:
        """There are no functions."""
        raise InvalidInputError(f"the provider has no function {request.tok}")

    async def construct(self, request: protocol.ConstructRequest) -> protocol.ConstructResponse:
        """There are no components."""
        raise InvalidInputError(f"the provider has no component {request.resource_type}")

    async def call(self, request: protocol.CallRequest) -> protocol.CallResponse:
        """There are no methods."""
        raise InvalidInputError(f"the provider has no method {request.tok}")

    async def _bring(self, urn: str, olds: Properties, news: Properties, *, preview: bool) -> Properties:
        resource, context = self._for(urn)
        old: dict[str, Any] = plain_map(olds)
        try:
            inputs = plain_map(news)
        except UnknownInputError:
            context.log.line("what this will do is known only when its inputs are; nothing was asked of the cluster")
            return {**news, **dict.fromkeys(resource.outputs, UNKNOWN)}
        if preview:
            await asyncio.to_thread(resource.preview, context, old, inputs)
            return {**sealed_inputs(inputs), **dict.fromkeys(resource.outputs, UNKNOWN)}
        outputs = await asyncio.to_thread(resource.bring, context, old, inputs)
        return {**sealed_inputs(inputs), **outputs}

    def _for(self, urn: str) -> tuple[Resource, Context]:
        kind = urn.split("::")[-2].rpartition("$")[2]
        resource = RESOURCES.get(kind)
        if resource is None:
            raise InvalidInputError(f"the provider has no resource {kind}; it has {', '.join(RESOURCES)}")
        return resource, Context(clock=self._clock, log=EngineLog(self._engine, urn, self._clock))
