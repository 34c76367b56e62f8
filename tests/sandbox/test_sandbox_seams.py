"""What a vendor may say of itself beyond the plain case: where rows come from, how values are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
import pytest

from accordant_sandbox import Sandbox
from accordant_sandbox.engine.clock import parse_instant
from accordant_sandbox.engine.outbox import Delivery
from accordant_sandbox.http.document import Document
from accordant_sandbox.http.exchange import Answer, Call, Request
from accordant_sandbox.model.collections import Collection, Row
from accordant_sandbox.model.dialect import Dialect
from accordant_sandbox.model.envelopes import Bare
from accordant_sandbox.model.operations import Operations
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.query import Aspnet, plain, select
from accordant_sandbox.model.rules import Rule, RuleBook
from accordant_sandbox.model.vendor import OWN_COLLECTIONS, Vendor

_TASK = {
    "type": "object",
    "properties": {
        "id": {"type": "integer", "format": "int32"},
        "name": {"type": "string"},
        "at": {"type": ["string", "null"], "format": "local-time"},
    },
}
_FLAGS = {"type": "array", "items": {"enum": ["Big", "Small"], "type": "string"}}


def _json(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _document() -> dict[str, Any]:
    answers = {code: {"description": "any", **_json({})} for code in ("200", "400", "404", "405")}
    body = {"required": True, **_json(_TASK)}
    flags = {"name": "size", "in": "query", "style": "form", "explode": False, "schema": _FLAGS}
    number = {"name": "id", "in": "query", "schema": {"type": "integer", "format": "int32"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tasks", "version": "1"},
        "paths": {
            "/tasks": {
                "get": {"operationId": "list", "parameters": [flags, number], "responses": answers},
                "post": {"operationId": "create", "requestBody": body, "responses": answers},
                "put": {"operationId": "update", "requestBody": body, "responses": answers},
            },
            "/task": {"post": {"operationId": "createToo", "requestBody": body, "responses": answers}},
        },
    }


class _Sizes(Aspnet):
    def read(self, name: str, schema: Mapping[str, Any], text: str) -> str | None:
        """Sizes in any case; unknown ones do not count."""
        names = {each.casefold(): str(each) for each in schema.get("enum", ())}
        return names.get(text.casefold()) if name == "size" else text


def _source(call: Call) -> Sequence[Row]:
    return [{**row, "name": f"{row['name']}, {','.join(call.query.get('size', []))}"} for row in call.tx.rows("tasks")]


def _problem(problem: Problem, call: Call | None, request: Request) -> Answer:
    del call, request
    status = {"not_found": 404, "wrong_method": 405}.get(problem.kind, 400)
    return Answer(status, [list(each) for each in problem.details] or problem.message)


def tasks(**changes: Any) -> Vendor:
    """A vendor with one kind of record."""
    operations = Operations()
    operations.list("list", "tasks", source=_source, shape=lambda call, shown: call.answer({"tasks": shown}))
    operations.create("create", "tasks")
    operations.update("update", "tasks", key="body:id")
    operations.alias("createToo", "create", "same")
    dialect = Dialect(envelope=Bare(), problem=_problem, authenticators={}, query=_Sizes())
    collection = Collection(name="tasks", fields=frozenset({"name", "at"}), defaults={"at": None}, stamps=())
    return Vendor(
        name="tasks",
        dialect=replace(dialect, **changes),
        collections={**OWN_COLLECTIONS, "tasks": collection},
        operations=operations,
        rules=RuleBook([Rule("same", "assumed", "Both do the same.")]),
        seeds={"default": _unseeded},
        credentials={"default": {}},
        document=Document("tasks", _document()),
    )


def _owned(*_: object) -> Mapping[str, Any]:
    """A field of the sandbox's own, the same for every row."""
    return {"_own": 1}


def _unseeded(_: object) -> None:
    """No rows to start with."""


def _sender(status: int) -> Callable[[str, Mapping[str, str], bytes], int]:
    """A sender that always comes back with this status."""
    return lambda _url, _headers, _content: status


def ask(sandbox: Sandbox, method: str, target: str, body: Any = None) -> tuple[int, dict[str, str], Any]:
    """Status, headers and body of a call."""
    headers = [("Content-Type", "application/json")] if body is not None else []
    raw = b"" if body is None else orjson.dumps(body)
    status, pairs, content = sandbox.transport(method, f"http://tasks.sandbox.localhost{target}", headers, raw, None)
    return status, {name.lower(): value for name, value in pairs}, orjson.loads(content) if content else None


def test_a_list_may_begin_with_other_rows_and_end_in_another_shape() -> None:
    """A list's rows may be joined with what the collection lacks, and its answer may stand in a form of its own."""
    with Sandbox(tasks()) as sandbox:
        ask(sandbox, "POST", "/tasks", {"name": "a"})
        assert ask(sandbox, "GET", "/tasks?size=Big")[2] == {"tasks": [{"id": 1, "name": "a, Big", "at": None}]}


def test_an_alias_does_the_same_by_its_own_rule() -> None:
    """An operation that stands for another does what that does, and notes the rule that says so."""
    with Sandbox(tasks()) as sandbox:
        assert ask(sandbox, "POST", "/task", {"name": "b"})[2]["id"] == 1
        assert [rule.name for rule in sandbox.rules] == ["same"]
        assert sandbox.vendor.operations.served["createToo"].plain is sandbox.vendor.operations.served["create"].plain


def test_values_are_read_in_the_vendors_way() -> None:
    """Values are read in the documented spelling; what the vendor passes over is as good as absent."""
    with Sandbox(tasks()) as sandbox:
        ask(sandbox, "POST", "/tasks", {"name": "a"})
        for target, shown in (("?size=small,BIG,huge", "a, Small,Big"), ("?size=huge", "a, "), ("", "a, ")):
            assert ask(sandbox, "GET", f"/tasks{target}")[2]["tasks"][0]["name"] == shown


def test_an_empty_list_of_values_stays_one() -> None:
    """A list parameter without a value is still checked where the vendor does not pass over empty values."""
    with Sandbox(tasks(query=Aspnet())) as sandbox:
        assert ask(sandbox, "GET", "/tasks?size=")[0] == 200
        assert ask(sandbox, "GET", "/tasks?size=huge")[0] == 400


@pytest.mark.parametrize("lenient", [True, False])
def test_nulls_may_count_as_absent(lenient: bool) -> None:
    """A null where none is allowed counts as absent for some vendors; where one is allowed it is a value for all."""
    with Sandbox(tasks(null_is_absent=lenient)) as sandbox:
        ask(sandbox, "POST", "/tasks", {"name": "a", "at": "08:30:00"})
        status, _, body = ask(sandbox, "PUT", "/tasks", {"id": 1, "name": None, "at": None})
        assert (status, body) == (200, {"id": 1, "name": "a", "at": None}) if lenient else status == 400


def test_whole_numbers_are_held_against_their_format() -> None:
    """A number beyond its documented 32 bits is refused, in the query and in a body."""
    with Sandbox(tasks()) as sandbox:
        assert ask(sandbox, "GET", f"/tasks?id={2**31}")[0] == 400
        assert ask(sandbox, "GET", f"/tasks?id={2**31 - 1}")[0] == 200
        assert ask(sandbox, "POST", "/tasks", {"name": "a", "id": -(2**31) - 1})[0] == 400


def test_a_key_in_the_body_must_be_there() -> None:
    """A change without the key that its body should carry is an invalid request, not an unknown record."""
    with Sandbox(tasks()) as sandbox:
        assert ask(sandbox, "PUT", "/tasks", {"name": "b"})[::2] == (400, [["id", "id is required"]])
        assert ask(sandbox, "PUT", "/tasks", {"id": 7, "name": "b"})[0] == 404


@pytest.mark.parametrize(
    ("group", "said"),
    [
        (("name", "_own"), ["name", "name is already taken"]),
        (("name", "at", "_own"), ["name", "name and at are already taken"]),
        (("_own",), ["own", "own is already taken"]),
    ],
)
def test_what_is_taken_is_named_as_callers_know_it(group: tuple[str, ...], said: list[str]) -> None:
    """A taken value is told by the fields that a caller sees; the sandbox's own are named only where no others are."""
    vendor = tasks()
    held = replace(vendor.collections["tasks"], unique=(group,), derive=_owned)
    with Sandbox(replace(vendor, collections={**vendor.collections, "tasks": held})) as sandbox:
        ask(sandbox, "POST", "/tasks", {"name": "a", "at": "08:30:00"})
        assert ask(sandbox, "POST", "/tasks", {"name": "a", "at": "08:30:00"})[::2] == (400, [said])


@pytest.mark.parametrize(("text", "status"), [("08:30:00", 200), ("25:00:00", 400), ("08:30:00+01:00", 400)])
def test_times_of_day_are_a_format(text: str, status: int) -> None:
    """A local time is a time of day without an offset."""
    with Sandbox(tasks()) as sandbox:
        assert ask(sandbox, "POST", "/tasks", {"name": "a", "at": text})[0] == status


def test_options_is_answered_where_a_vendor_is_open_to_browsers() -> None:
    """OPTIONS is a method like any other, unless the vendor says what browsers are told."""
    with Sandbox(tasks()) as sandbox:
        assert ask(sandbox, "OPTIONS", "/tasks")[0] == 405
    with Sandbox(tasks(preflight={"Access-Control-Allow-Origin": "*"})) as sandbox:
        status, headers, body = ask(sandbox, "OPTIONS", "/tasks")
        assert (status, headers["access-control-allow-origin"], body) == (204, "*", None)


def test_filters_compare_days_and_texts() -> None:
    """A filter may compare the days of two times, or a number as text; null fits neither."""
    rows: list[dict[str, Any]] = [
        {"at": "2026-03-01T23:59:59", "by": 7},
        {"at": "2026-03-02T00:00:00", "by": 77},
        {"at": None, "by": None},
    ]
    by_day = plain("day", until=("at", "lteq"))
    assert select(rows, by_day, {"until": "2026-03-01"}) == rows[:1]
    assert select(rows, by_day, {"until": "2026-03-02"}) == rows[:2]
    assert select(rows, plain("text", by=("by", "eq")), {"by": "7"}) == rows[:1]
    assert select(rows, plain("text", by=("by", "in")), {"by": "7,77"}) == rows[:2]
    assert select(rows, plain("text", by=("by", "eq")), {"by": "07"}) == []


def test_a_delivery_waits_between_its_attempts() -> None:
    """A failed delivery is due again after its next wait, and given up after its last."""
    now = parse_instant("2026-03-01T09:00:00Z")
    delivery = Delivery("topic", "http://127.0.0.1/", {}, waits=(60,))
    delivery.attempt(_sender(500), now)
    assert (delivery.given_up, delivery.due) == (False, parse_instant("2026-03-01T09:01:00Z"))
    delivery.attempt(_sender(0), now)
    assert (delivery.given_up, delivery.attempts) == (True, 2)


def test_a_delivery_without_waits_is_never_given_up() -> None:
    """Where nothing says when a delivery is tried again, it stays pending, whatever comes back."""
    delivery = Delivery("topic", "http://127.0.0.1/", {})
    for _ in range(3):
        delivery.attempt(_sender(500), parse_instant("2026-03-01T09:00:00Z"))
    assert (delivery.given_up, delivery.due, delivery.delivered) == (False, None, False)
