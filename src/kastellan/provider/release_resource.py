"""The resource `Release`: brings an installation to a version, by the release procedure."""

from collections.abc import Mapping
from typing import Any

from pulumi.provider.experimental.provider import CheckFailure

from kastellan.adapters.postgres.migration_log import EventstoreMigrations
from kastellan.adapters.postgres.session import DatabaseAccess
from kastellan.adapters.system_user_key import make_system_user_key, read_system_user_key
from kastellan.config.stack import StackConfig
from kastellan.domain.catalogue import Catalogue
from kastellan.domain.catalogue_mark import mark_document, mark_of, mark_refusals, read_mark
from kastellan.domain.errors import BlockedError, InvalidInputError
from kastellan.domain.reason import Reason
from kastellan.domain.secrets import ADMIN_CLIENT, LOGIN_CLIENT, Secrets, SystemUserKey
from kastellan.domain.version import Version
from kastellan.execution.release import ReleaseProcedure
from kastellan.manifests.identity import content_hash
from kastellan.manifests.release import render
from kastellan.planning.desired_release import DesiredRelease
from kastellan.planning.object_change import ChangeKind, ObjectChange
from kastellan.provider.resource import Context
from kastellan.provider.values import Properties, wrapped

_SIGNS = {
    ChangeKind.CREATE: "+",
    ChangeKind.UPDATE: "~",
    ChangeKind.REPLACE: "+-",
    ChangeKind.DELETE: "-",
    ChangeKind.UNKNOWN: "!",
}


class ReleaseResource:
    """See the module; inputs besides name and configuration are computed by `check`.

    `manifests` is a hash of what kastellan itself makes of the configuration, so that a new kastellan is an update.
    `drift` is always empty when asked for, and filled by `read`: only a difference in an input makes
    `pulumi refresh --expect-no-changes` fail.
    """

    outputs = ("version", "zones", "objects", "jobs", "steps", "finished", "systemUsers", "keyGeneration", "catalogue")

    def check(self, context: Context, old: Mapping[str, Any], new: dict[str, Any]) -> list[CheckFailure]:
        """Refuse what cannot work, before anything is touched."""
        failures = context.failures(new)
        if failures:
            return failures
        stack = context.parse(new)
        installed = _version_of(old)
        if installed is not None and stack.installation.name == old.get("name"):
            wanted = stack.installation
            refusals = stack.catalogue.refusals(installed, wanted.version, undoing=wanted.undoing)
            failures = [CheckFailure("", f"installation:version: {refusal}") for refusal in refusals]
        new["manifests"] = _manifests_hash(stack)
        new["drift"] = []
        return failures

    def differences(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
        """Inputs that differ; a drift in the state makes an update necessary."""
        return [name for name in ("name", "configuration", "manifests", "drift") if old.get(name) != new.get(name)]

    def preview(self, context: Context, old: Mapping[str, Any], inputs: Mapping[str, Any]) -> None:
        """Show the API server's own dry run, object by object, and what would block the update."""
        procedure, desired, _ = self._prepared(context, old, inputs)
        plan = procedure.plan(desired)
        for text in preview_lines(plan.changes):
            context.log.line(text)
        for reason in (*plan.blocked, *_catalogue_refusals(context, desired.catalogue, old)):
            context.log.warning(f"an update would be refused: {reason}")

    def bring(self, context: Context, old: Mapping[str, Any], inputs: Mapping[str, Any]) -> Properties:
        """Run the procedure, or finish what an earlier run began."""
        procedure, desired, keys = self._prepared(context, old, inputs)
        refusals = _catalogue_refusals(context, desired.catalogue, old)
        if refusals:
            raise BlockedError("the release catalogue is refused: nothing is brought by it", refusals)
        record = procedure.bring(desired)
        users = {key.name: {"privateKey": key.private_key} for key in keys}
        return {
            "version": wrapped(str(record.version)),
            "zones": wrapped(record.zones),
            "objects": wrapped([f"{brought.ref} {brought.uid}" for brought in record.objects]),
            "jobs": wrapped(record.jobs),
            "steps": wrapped({timing.step: timing.seconds for timing in record.timings}),
            "finished": wrapped(record.finished.isoformat(timespec="seconds")),
            "systemUsers": wrapped(users, secret_paths=[""]),
            "keyGeneration": wrapped(desired.installation.key_generation),
            "catalogue": wrapped(mark_document(mark) if (mark := mark_of(desired.catalogue)) else None),
        }

    def read(self, context: Context, state: Mapping[str, Any]) -> dict[str, Any]:
        """Find what somebody else changed, with who and when (DI-6)."""
        procedure, desired, _ = self._prepared(context, state, state)
        found = [
            {"what": str(drift), "authors": [author.manager for author in drift.authors]}
            for drift in procedure.drift(desired)
        ]
        for one in found:
            context.log.warning(f"changed by somebody else [DI-6]: {one['what']}")
        inputs = {name: state[name] for name in ("name", "configuration", "manifests") if name in state}
        return {**inputs, "drift": found}

    def delete(self, context: Context, state: Mapping[str, Any]) -> None:
        """Remove the installation's objects in order; the database is kept."""
        stack = context.parse(state)
        ReleaseProcedure(context.cluster(stack), context.clock, context.log).remove(stack.installation)

    def _prepared(
        self, context: Context, old: Mapping[str, Any], inputs: Mapping[str, Any]
    ) -> tuple[ReleaseProcedure, DesiredRelease, tuple[SystemUserKey, SystemUserKey]]:
        stack = context.parse(inputs)
        login, admin = _system_users(old, stack.installation.key_generation)
        desired = DesiredRelease(
            installation=stack.installation,
            catalogue=stack.catalogue,
            manifests=render(stack.installation, _secrets(stack, login, admin)),
        )
        access = DatabaseAccess.of(stack)
        procedure = ReleaseProcedure(
            context.cluster(stack),
            context.clock,
            context.log,
            migrations=EventstoreMigrations(access) if access else None,
        )
        return procedure, desired, (login, admin)


def preview_lines(changes: tuple[ObjectChange, ...]) -> list[str]:
    """A preview as text: a line an object that changes, below it a line a field; values of Secrets stay hidden."""
    lines = []
    for change in changes:
        if change.kind is ChangeKind.UNCHANGED:
            continue
        lines.append(f"{_SIGNS[change.kind]} {change.ref}")
        lines += [f"    {field.path}: {field.before} => {field.after}" for field in change.fields]
        lines += [f"    refused: {reason}" for reason in change.rejections]
    unchanged = sum(change.kind is ChangeKind.UNCHANGED for change in changes)
    return ["\n".join([f"{len(changes) - unchanged} objects change, {unchanged} stay", *lines])]


def _version_of(old: Mapping[str, Any]) -> Version | None:
    configuration = old.get("configuration")
    try:
        return Version.parse(str(configuration["version"])) if configuration else None
    except (KeyError, ValueError):
        return None


def _catalogue_refusals(context: Context, catalogue: Catalogue, old: Mapping[str, Any]) -> tuple[Reason, ...]:
    """What speaks against a catalogue after the one by which the state was brought; see `domain.catalogue_mark`.

    The ledger is a maintenance run's; a person's `pulumi up` has Pulumi's own state.
    """
    known = old.get("catalogue")
    return mark_refusals(catalogue, read_mark(known) if known else None, context.clock.now())


def _manifests_hash(stack: StackConfig) -> str:
    """Of the rendered objects, with keys that are always the same: the real ones are made later."""
    placeholders = Secrets.placeholders()
    manifests = render(stack.installation, _secrets(stack, placeholders.login_client, placeholders.admin_client))
    return content_hash({"objects": [_without_secrets(manifest) for manifest in manifests.objects]})


def _without_secrets(manifest: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in manifest.items() if key != "data" or manifest["kind"] != "Secret"}


def _system_users(old: Mapping[str, Any], generation: int) -> tuple[SystemUserKey, SystemUserKey]:
    """The keys in the state, or new ones where it has none of this generation.

    A first run that was killed left none in the state; the next one makes others, which replaces pods and nothing else.
    """
    known = (old.get("systemUsers") or {}) if old.get("keyGeneration") == generation else {}

    def key(name: str) -> SystemUserKey:
        if pair := known.get(name):
            return read_system_user_key(name, pair["privateKey"])
        return make_system_user_key(name)

    return key(LOGIN_CLIENT), key(ADMIN_CLIENT)


def _secrets(stack: StackConfig, login: SystemUserKey, admin: SystemUserKey) -> Secrets:
    if stack.secrets is None:
        raise InvalidInputError("the secrets of the stack are sealed; the provider cannot go on without them")
    return Secrets(
        masterkey=stack.secrets.masterkey,
        database_password=stack.secrets.database_password,
        database_admin_password=stack.secrets.database_admin_password,
        login_client=login,
        admin_client=admin,
    )
