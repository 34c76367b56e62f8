"""A run that may write at an account of any vendor, whose document alone says what can be made and deleted."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from accordant_contract.document.document import Document
from accordant_contract.document.values import Arguments, Exchange, Request, Response
from accordant_contract.errors import NotJudgedError
from accordant_contract.evidence.results import ResultCollector
from accordant_contract.probes.context import ProbeContext
from accordant_contract.records.journal import MadeRecord, RunJournal
from accordant_contract.records.ownership import Ownership
from accordant_contract.run.cleanup import clean
from accordant_contract.run.live_rows import rows
from accordant_contract.run.plan import plan
from accordant_contract.target.from_document import vendor_of
from accordant_contract.target.session import TargetSession
from accordant_contract.target.targets import Target
from accordant_runtime import dumps
from accordant_sandbox import Sandbox

from .derived_target import Clock, facts, key, shows, takes, variable

TEXT = {"type": "string"}
WHEN = datetime(2026, 3, 1, 9, tzinfo=UTC)


def record(*names: str, **more: Any) -> dict[str, Any]:
    properties = {**dict.fromkeys(names, TEXT), **more}
    return {"type": "object", "required": [*names], "properties": properties}


def listed(name: str, entity: str, row: Any) -> dict[str, Any]:
    return facts(name, "list", entity, **shows({"type": "array", "items": row}), **key(None))


ROLE, GROUP = record("id", "slug", "name"), record("id", "name")
SLUG = {"parameters": [variable("slug", "role")], **key("slug", "slug")}
INSIDE = {"parameters": [variable("group_id", "group"), variable("slug", "role")], **key("slug", "slug")}
GONE = {"204": {"description": ""}, "404": {"description": ""}}
PATHS: dict[str, Any] = {
    "/roles": {
        "get": listed("list_roles", "role", ROLE),
        "post": facts(
            "make_role", "create", "role", **takes(record("slug", "name")), **shows(ROLE, "201"), **key(None)
        ),
    },
    "/roles/{slug}": {
        "get": facts("read_role", "get", "role", **SLUG, **shows(ROLE)),
        "delete": {**facts("drop_role", "delete", "role", **SLUG), "responses": GONE},
    },
    "/groups": {
        "get": listed("list_groups", "group", GROUP),
        "post": facts("make_group", "create", "group", **takes(record("name")), **shows(GROUP, "201"), **key(None)),
    },
    "/groups/{group_id}": {
        "delete": {
            **facts("drop_group", "delete", "group", parameters=[variable("group_id", "group")], **key("group_id")),
            "responses": GONE,
        }
    },
    "/groups/{group_id}/roles/{slug}": {
        "delete": {**facts("leave_role", "delete", "role", **INSIDE), "responses": GONE}
    },
}
"""Roles have an id, and are called by their slug. A role can be taken out of a group, which does not delete it."""


def account(paths: dict[str, Any], folder: Path) -> tuple[bool, list[str], list[str]]:
    """Run all probes with WRITE=1 at a sandbox of these paths, and clean up: whether every row is as it was, what is
    said to be left, and the operations that succeeded."""
    info, bearer = {"title": "Made", "version": "1"}, {"bearer": {"type": "http", "scheme": "bearer"}}
    components: dict[str, Any] = {"schemas": {}, "securitySchemes": bearer}
    data: dict[str, Any] = {"openapi": "3.1.0", "info": info, "paths": paths, "components": components}
    data["security"] = [{"bearer": []}]
    document = Document("made", copy.deepcopy(data), "")
    with (
        Sandbox.for_document(copy.deepcopy(data), name="made") as sandbox,
        RunJournal.begin(folder, "made", "http://made.test", WHEN) as journal,
    ):
        before, vendor = rows(sandbox), vendor_of(document)
        base, secrets = str(sandbox.credentials["base_url"]).rstrip("/"), dict(sandbox.credentials)
        own = {name: str(secrets[name]) for name in vendor.secrets}
        target = Target(vendor, "account", base, sandbox.transport, own, control=Clock(sandbox))
        target.guarded = True
        results = ResultCollector(document, vendor.policy)
        guard = Ownership(document, journal, vendor.made, vendor.described)
        context = ProbeContext(TargetSession(target, document, results, {}, guard), vendor.policy, 7)
        for probe, operation in plan(vendor, list(document.operations.values())):
            if probe.name not in ("client", "wrong method") and not context.session.forbidden(operation):
                try:
                    probe.run(context, operation)
                except NotJudgedError:
                    continue
        left = clean(context, journal)
        return rows(sandbox) == before, [str(each) for each in left], sorted(results.covered)


def test_records_are_deleted_by_the_name_that_their_deletion_asks_for(tmp_path: Path) -> None:
    """What a run made is deleted again: by its slug where the path asks for that, by the deletion that is its own, and
    although a caller without a good credential is told that the record is not there."""
    same, left, covered = account(PATHS, tmp_path)
    assert same
    assert not left
    assert {"make_role", "drop_role", "make_group", "drop_group"} <= {*covered}


def test_nothing_is_made_that_could_not_be_deleted_again(tmp_path: Path) -> None:
    """A creation whose response does not say which record it made is not tried."""
    nameless = facts(
        "make_role", "create", "role", **takes(record("name")), **shows(record("name"), "201"), **key(None)
    )
    paths = {**PATHS, "/roles": {**PATHS["/roles"], "post": nameless}}
    same, left, covered = account(paths, tmp_path)
    assert same
    assert not left
    assert "make_group" in covered
    assert "make_role" not in covered


@pytest.fixture
def guard(tmp_path: Path) -> Iterator[Ownership]:
    """The guard of a run at an account, with an empty journal."""
    document = Document("made", {"openapi": "3.1.0", "paths": PATHS}, "")
    with RunJournal.begin(tmp_path, "made", "http://made.test", WHEN) as journal:
        yield Ownership(document, journal, described=True)


def came(operation: str, status: int, value: Any, body: Any, intent: Any = "valid", **path: str) -> Exchange:
    """An exchange with a JSON response."""
    response = Response(status, (("content-type", "application/json"),), dumps(value))
    arguments = Arguments(path=path, body=body) if body is not None else Arguments(path=path)
    return Exchange(operation, Request("POST", "", ()), response, arguments, intent)


@pytest.mark.parametrize(
    ("shown", "own"),
    [("accordant elm 1", True), ("Accordant: accordant elm 1", True), ("Night watch", False)],
)
def test_a_record_that_was_there_already_is_not_the_runs_own(guard: Ownership, shown: str, own: bool) -> None:
    """A creation may show a record that it found: one without any text that was sent is never deleted."""
    operation = guard.document.operations["make_role"]
    sent = Arguments(body={"slug": "a", "name": "accordant elm 1"})
    made = came("make_role", 201, {"id": "7", "slug": "a", "name": shown}, sent.body)
    guard.end(guard.begin(operation, sent), operation, made)
    assert guard.journal.made == ([MadeRecord("role", "7")] if own else [])
    assert guard.holds("role", "7") is guard.holds("role", "a") is own


@pytest.mark.parametrize(
    ("status", "intent", "gone"),
    [(204, "valid", True), (404, "valid", True), (404, "unauthorised", False), (403, "valid", False)],
)
def test_a_record_is_gone_where_a_good_credential_is_told_so(
    guard: Ownership, status: int, intent: str, gone: bool
) -> None:
    """A deletion that was refused, or that nobody was let in for, leaves the record in the journal."""
    guard.journal.settled(1, MadeRecord("role", "7", {}, {"id": "7", "slug": "a"}))
    operation = guard.document.operations["drop_role"]
    guard.end(None, operation, came("drop_role", status, None, None, intent, slug="a"))
    assert (guard.journal.made == []) is gone
