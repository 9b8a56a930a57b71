"""A Pulumi provider that stands in for `gcp` under the real engine. It makes nothing, and says so in every log.

Its memory is the file that `SIMULATED_CLOUD` names. A fault waits there under `type/logical name`, and happens
once: `die-after` (made, but the process ends before it answers), `die-before`, `partial` (made, but it does not come
up), `conflict`, `throttled`, `quota`, `hang` (until the engine is gone).
"""

import asyncio
import json
import os
import sys
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from pulumi.provider.experimental import provider as protocol
from pulumi.provider.experimental.property_value import Computed, PropertyValue
from pulumi.provider.experimental.provider import Provider
from pulumi.provider.experimental.server import main
from pulumi.runtime import rpc

from kastellan.provider.stop import end_with_parent
from tests.clouds import judgement
from tests.clouds.database_hook import make_for_real
from tests.clouds.outputs import NUMBERED, REPEATABLE, SIMULATED, identity, import_ids, outputs
from tests.clouds.partial import MadeInPart, tell_partial_state
from tests.clouds.reflection_file import shapes
from tests.clouds.store import CloudFile

_STATE = "__inputs"
"""Update and diff get no old inputs, so the state keeps them."""


class SimulatedCloud(Provider):
    """Checks strictly, remembers, and can be told to fail.

    Attributes:
        cloud: whose shapes are judged by.
        replacing: inputs that cannot be changed.
        errors: how the cloud says what a fault stands for.
    """

    cloud = "gcp"
    replacing = frozenset({"name", "location", "region", "project", "accountId", "network", "ipCidrRange", "bucket"})
    errors: Mapping[str, str] = {
        "conflict": "googleapi: Error 409: The resource already exists, alreadyExists",
        "throttled": "googleapi: Error 429: Quota exceeded for quota metric 'Queries' per minute, rateLimitExceeded",
        "quota": "googleapi: Error 403: Quota 'CPUS' exceeded. Limit: 24.0 in region, quotaExceeded",
        "missing": "googleapi: Error 404, notFound",
        "protected": "googleapi: Error 400: deletion protection is on, failedPrecondition",
    }

    def __init__(self) -> None:
        super().__init__()
        tell_partial_state()
        self._cloud = CloudFile(Path(os.environ["SIMULATED_CLOUD"]))
        self._shapes = shapes(self.cloud)

    def slot(self, token: str, key: str) -> str:
        """Where an object is remembered; the id where that is unique among all kinds."""
        return key

    def judged(self, token: str, inputs: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
        """Property and what is wrong with it."""
        return judgement.problems(token, self._shapes[token], inputs)

    def made(self, token: str, inputs: dict[str, Any], content: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Make an object; its id, and what the cloud tells of it."""
        key = identity(token, inputs)
        if token in NUMBERED:
            key = f"{key}/{len(content['calls'])}"
        if key in content["objects"] and token not in REPEATABLE:
            raise RuntimeError(self.errors["conflict"])
        return key, outputs(token, inputs, content["facts"])

    def told(
        self,
        token: str,
        inputs: Mapping[str, Any],
        known: Mapping[str, Any],
        facts: Mapping[str, Any],
        *,
        changed: bool,
    ) -> dict[str, Any]:
        """What the cloud tells of an object that is there; `changed` where the inputs are about to be new ones."""
        return outputs(token, inputs, facts)

    def takes_the_place(self, inputs: Mapping[str, Any], changed: Collection[str]) -> bool:
        """Whether the old one has to go first where one is replaced."""
        return True

    def changed(self, token: str, key: str, before: Mapping[str, Any], inputs: Mapping[str, Any], facts: Any) -> None:
        """Change an object; raises where the cloud refuses."""

    def removed(self, token: str, key: str, inputs: Mapping[str, Any], facts: Any) -> None:
        """Take an object down; raises where the cloud refuses."""

    def seen(self, token: str, key: str, inputs: dict[str, Any], facts: Any) -> dict[str, Any] | None:
        """Inputs of an object as they are now; None where it is gone."""
        return inputs

    def late(self, token: str, inputs: Mapping[str, Any]) -> Iterable[str]:
        """Names of what the cloud tells only once an object is made."""
        return outputs(token, inputs, {})

    async def check_config(self, request: protocol.CheckRequest) -> protocol.CheckResponse:
        return protocol.CheckResponse(inputs=request.new_inputs)

    async def diff_config(self, request: protocol.DiffRequest) -> protocol.DiffResponse:
        return protocol.DiffResponse(changes=False)

    async def configure(self, request: protocol.ConfigureRequest) -> protocol.ConfigureResponse:
        sys.stderr.write(f"{SIMULATED}: nothing of this exists\n")
        return protocol.ConfigureResponse(accept_secrets=True, supports_preview=True)

    async def check(self, request: protocol.CheckRequest) -> protocol.CheckResponse:
        token = _token(request.urn)
        if token not in self._shapes:
            failures = [protocol.CheckFailure("", f"{SIMULATED}: {token} is not simulated")]
            return protocol.CheckResponse(inputs=request.new_inputs, failures=failures)
        found = self.judged(token, _plain(request.new_inputs))
        failures = [protocol.CheckFailure(path.partition(".")[0], f"{path}: {text}") for path, text in found]
        return protocol.CheckResponse(inputs=request.new_inputs, failures=failures)

    async def diff(self, request: protocol.DiffRequest) -> protocol.DiffResponse:
        old = json.loads(str(request.old_state[_STATE].value)) if _STATE in request.old_state else {}
        new = _storable(_plain(request.new_inputs))
        changed = sorted(key for key in {*old, *new} if old.get(key) != new.get(key) and not key.startswith("__"))
        replaces = [key for key in changed if key in self.replacing and old.get(key) is not None]
        detailed = {
            key: protocol.PropertyDiff(
                protocol.PropertyDiffKind.UPDATE_REPLACE if key in replaces else protocol.PropertyDiffKind.UPDATE,
                input_diff=True,
            )
            for key in changed
        }
        return protocol.DiffResponse(
            changes=bool(changed),
            diffs=changed,
            replaces=replaces,
            detailed_diff=detailed,
            delete_before_replace=self.takes_the_place(new, changed),
        )

    async def create(self, request: protocol.CreateRequest) -> protocol.CreateResponse:
        token, inputs = _token(request.urn), _plain(request.properties)
        if request.preview:
            return protocol.CreateResponse(resource_id="", properties=self._properties(request, inputs, None))
        fault = self._fault(token, request.urn)
        if fault in self.errors:
            raise RuntimeError(self.errors[fault])
        if fault == "hang":
            await asyncio.sleep(3600)
        if fault == "die-before":
            os._exit(9)
        with self._cloud.open() as content:
            key, told = self.made(token, inputs, content)
            slot = self.slot(token, key)
            content["calls"].append(f"create {slot}")
            content["objects"][slot] = {"token": token, "inputs": _storable(inputs), "told": told}
            facts = content["facts"]
        make_for_real(token, inputs, facts)
        if fault == "die-after":
            os._exit(9)
        properties = self._properties(request, inputs, told)
        if fault == "partial":
            raise MadeInPart(key, properties, f"{SIMULATED}: {key} was made, but does not come up")
        return protocol.CreateResponse(resource_id=key, properties=properties)

    async def update(self, request: protocol.UpdateRequest) -> protocol.UpdateResponse:
        inputs = _plain(request.news)
        token = _token(request.urn)
        with self._cloud.open() as content:
            slot = self.slot(token, request.resource_id)
            known = content["objects"][slot]
            told = self.told(token, inputs, known, content["facts"], changed=not request.preview)
            if not request.preview:
                now = self.seen(token, request.resource_id, known["inputs"], content["facts"])
                self.changed(token, request.resource_id, now or {}, _storable(inputs), content["facts"])
                content["calls"].append(f"update {slot}")
                known |= {"inputs": _storable(inputs), "told": told}
        properties = dict(request.news) | _wrapped_all(told)
        properties[_STATE] = PropertyValue(json.dumps(_storable(inputs))).with_secret(True)
        return protocol.UpdateResponse(properties=properties)

    async def read(self, request: protocol.ReadRequest) -> protocol.ReadResponse:
        with self._cloud.open() as content:
            objects, facts = content["objects"], content["facts"]
        identity = self._known_as(_token(request.urn), request.resource_id, objects)
        known = objects.get(self.slot(_token(request.urn), identity))
        now = known and self.seen(known["token"], identity, known["inputs"], facts)
        known = known and now and known | {"inputs": now}
        if known is None and not request.properties:  # an import
            raise RuntimeError(f"{self.errors['missing']}: resource {request.resource_id} does not exist")
        if known is None:
            return protocol.ReadResponse(resource_id="", properties={}, inputs={})
        inputs = {key: value for key, value in known["inputs"].items() if value != _HIDDEN}
        seen = _wrapped_all(inputs)
        kept = {key: value for key, value in request.inputs.items() if known["inputs"].get(key) == _HIDDEN}
        same = _storable(_plain(request.inputs))
        shown = {key: request.inputs[key] if same.get(key) == inputs.get(key) and key in request.inputs else value
                 for key, value in seen.items()} | kept  # fmt: skip
        properties = shown | _wrapped_all(self.told(known["token"], inputs, known, facts, changed=False))
        properties[_STATE] = PropertyValue(json.dumps(known["inputs"])).with_secret(True)
        return protocol.ReadResponse(resource_id=identity, properties=properties, inputs=shown)

    def _known_as(self, token: str, asked: str, objects: Mapping[str, Any]) -> str:
        """An import asks by the id that the cloud's provider documents."""
        forms = self._shapes[token]["ids"]
        same = (
            key for key, one in objects.items() if one["token"] == token and asked in import_ids(forms, one["inputs"])
        )
        return asked if asked in objects else next(same, asked)

    async def delete(self, request: protocol.DeleteRequest) -> None:
        with self._cloud.open() as content:
            token = _token(request.urn)
            slot = self.slot(token, request.resource_id)
            known = content["objects"].get(slot, {"inputs": {}})
            if True in (known["inputs"].get(key) for key in ("deletionProtection", "enableDeletionProtection")):
                raise RuntimeError(self.errors["protected"])
            self.removed(token, request.resource_id, known["inputs"], content["facts"])
            content["objects"].pop(slot, None)
            content["calls"].append(f"delete {slot}")

    async def invoke(self, request: protocol.InvokeRequest) -> protocol.InvokeResponse:
        raise RuntimeError(f"{SIMULATED}: the program must not ask while it runs ({request.tok})")

    async def construct(self, request: protocol.ConstructRequest) -> protocol.ConstructResponse:
        raise RuntimeError(f"{SIMULATED}: no components")

    async def call(self, request: protocol.CallRequest) -> protocol.CallResponse:
        raise RuntimeError(f"{SIMULATED}: no methods")

    def _fault(self, token: str, urn: str) -> str:
        with self._cloud.open() as content:
            return str(content["faults"].pop(f"{token.rpartition(':')[2]}/{urn.rpartition('::')[2]}", ""))

    def _properties(
        self,
        request: protocol.CreateRequest,
        inputs: dict[str, Any],
        told: Mapping[str, Any] | None,
    ) -> dict[str, PropertyValue]:
        """With what the cloud told; where it told nothing yet, that is not known."""
        unknown = dict.fromkeys(self.late(_token(request.urn), inputs), PropertyValue(rpc.UNKNOWN))
        state = {_STATE: PropertyValue(json.dumps(_storable(inputs))).with_secret(True)}
        return dict(request.properties) | (unknown if told is None else _wrapped_all(told)) | state


_HIDDEN = "(hidden)"


def _token(urn: str) -> str:
    return urn.split("::")[-2].rpartition("$")[2]


def _plain(properties: Mapping[str, PropertyValue]) -> dict[str, Any]:
    return {key: _value(value) for key, value in properties.items()}


def _value(value: PropertyValue) -> Any:
    held = value.value
    if isinstance(held, Computed) or held == rpc.UNKNOWN:
        return judgement.UNKNOWN
    if isinstance(held, Mapping):
        return {key: _value(inner) for key, inner in held.items() if inner.value is not None}
    if isinstance(held, tuple | list):
        return [_value(inner) for inner in held]
    if isinstance(held, float) and held.is_integer():
        return int(held)
    return held


_SECRET_FIELDS = ("password", "secretData", "secretString")


def _storable(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Without secrets, which a cloud never gives back, and without what is not known."""
    return {
        key: _HIDDEN if key in _SECRET_FIELDS else json.loads(json.dumps(value, default=lambda _: "(unknown)"))
        for key, value in inputs.items()
        if value is not None and not key.startswith("__")
    }


def _wrapped_all(values: Mapping[str, Any]) -> dict[str, PropertyValue]:
    return {key: _wrapped(value) for key, value in values.items()}


def _wrapped(value: Any) -> PropertyValue:
    if isinstance(value, Mapping):
        return PropertyValue({key: _wrapped(inner) for key, inner in value.items()})
    if isinstance(value, list):
        return PropertyValue([_wrapped(inner) for inner in value])
    return PropertyValue(float(value) if isinstance(value, int) and not isinstance(value, bool) else value)


def serve(version: str, cloud: type[SimulatedCloud]) -> None:
    """Answer the engine whose address is the first argument, until it ends; a test may kill it."""
    end_with_parent(next(argument for argument in sys.argv[1:] if not argument.startswith("-")))
    main(sys.argv[1:], version, cloud())


if __name__ == "__main__":
    serve("10.99.0", SimulatedCloud)
