"""A made-up vendor that speaks unlike Dispatch: the engine must carry it without knowing it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accordant_sandbox.engine.auth import PRINCIPALS, AnyOf, Bearer, HeaderKey, issue
from accordant_sandbox.engine.limits import Bucket, Spent
from accordant_sandbox.engine.outbox import Delivery, Event
from accordant_sandbox.engine.transaction import Transaction
from accordant_sandbox.http.document import Document
from accordant_sandbox.http.exchange import Answer, Call, Request
from accordant_sandbox.model.collections import Code, Collection, Natural, Ref, show
from accordant_sandbox.model.dialect import Dialect
from accordant_sandbox.model.envelopes import Items
from accordant_sandbox.model.lifecycle import Effect, Lifecycle, Step
from accordant_sandbox.model.operations import Operations, Within
from accordant_sandbox.model.paging import Pages, Top
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.query import Aspnet, plain
from accordant_sandbox.model.rules import Rule, RuleBook
from accordant_sandbox.model.vendor import OWN_COLLECTIONS, Vendor

__all__ = ["document", "toy"]

RUN = {
    "type": "object",
    "required": ["code", "system", "status"],
    "properties": {
        "code": {"type": "string"},
        "system": {"type": "string"},
        "status": {"enum": ["running", "done"]},
        "note": {"type": ["string", "null"]},
    },
}
SYSTEM = {
    "type": "object",
    "required": ["sourceApp", "systemNo"],
    "properties": {
        "sourceApp": {"type": "string"},
        "systemNo": {"type": "string"},
        "size": {"type": "integer"},
        "displayName": {"type": "string"},
    },
}
ERROR = {"type": "object", "required": ["code", "message"], "properties": {"code": {"type": "string"}}}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _answers(success: str, schema: dict[str, Any]) -> dict[str, Any]:
    errors = {code: {"description": "error", **_json(ERROR)} for code in ("400", "401", "404", "405", "409", "429")}
    return {success: {"description": "good", **_json(schema)}, **errors}


def _parameter(name: str, schema: dict[str, Any], where: str = "query") -> dict[str, Any]:
    return {"name": name, "in": where, "required": where == "path", "schema": schema}


def document() -> dict[str, Any]:
    """The toy's OpenAPI document."""
    page = {"type": "object", "required": ["items"], "properties": {"items": {"type": "array", "items": RUN}}}
    one_or_many = {"oneOf": [SYSTEM, {"type": "array", "items": SYSTEM}]}
    paging = [_parameter("page", {"type": "integer", "minimum": 1}), _parameter("page_size", {"type": "integer"})]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Toy", "version": "1"},
        "servers": [{"url": "https://toy.example.com/api/v1"}],
        "security": [{"key": []}, {"token": []}],
        "paths": {
            "/runs": {
                "get": {
                    "operationId": "listRuns",
                    "parameters": [
                        *paging,
                        _parameter("status", {"type": "string"}),
                        _parameter("from", {"type": "string", "format": "date-time"}),
                    ],
                    "responses": _answers("200", page),
                }
            },
            "/systems": {
                "post": {
                    "operationId": "upsertSystem",
                    "requestBody": {"required": True, **_json(one_or_many)},
                    "responses": _answers("200", {}),
                },
                "get": {
                    "operationId": "listSystems",
                    "parameters": [_parameter("topX", {"type": "integer"}), _parameter("systemNo", {"type": "string"})],
                    "responses": _answers("200", {}),
                },
                "delete": {
                    "operationId": "deleteSystem",
                    "requestBody": {"required": True, **_json(one_or_many)},
                    "responses": _answers("200", {}),
                },
            },
            "/system": {
                "get": {
                    "operationId": "getSystem",
                    "parameters": [
                        _parameter("sourceApp", {"type": "string"}),
                        {**_parameter("systemNo", {"type": "string"}), "required": True},
                    ],
                    "responses": _answers("200", SYSTEM),
                }
            },
            "/systems/{system}/runs": {
                "post": {
                    "operationId": "startRun",
                    "parameters": [_parameter("system", {"type": "string"}, "path")],
                    "requestBody": _json({"type": "object", "properties": {"note": {"type": "string"}}}),
                    "responses": _answers("201", RUN),
                },
                "get": {
                    "operationId": "listSystemRuns",
                    "parameters": [_parameter("system", {"type": "string"}, "path"), *paging],
                    "responses": _answers("200", page),
                },
            },
            "/runs/{code}": {
                "put": {
                    "operationId": "replaceRun",
                    "parameters": [_parameter("code", {"type": "string"}, "path")],
                    "requestBody": {"required": True, **_json({"type": "object"})},
                    "responses": _answers("200", RUN),
                }
            },
            "/broken": {
                "get": {"operationId": "getBroken", "responses": _answers("200", RUN)},
                "post": {"operationId": "crash", "responses": _answers("200", {})},
            },
        },
    }


STATUS = {
    "bad_request": 400,
    "unsupported_media": 400,
    "invalid": 400,
    "unauthenticated": 401,
    "not_found": 404,
    "wrong_method": 405,
    "conflict": 409,
    "too_many": 429,
}


def _problem(problem: Problem, call: Call | None, request: Request) -> Answer:
    del call, request
    answer = Answer(STATUS[problem.kind], {"code": problem.kind, "message": problem.message})
    if problem.kind == "wrong_method":
        answer.headers.set("Allow", dict(problem.details)["allow"])
    return answer


def _limit_headers(spent: Spent) -> dict[str, str]:
    return {"X-RateLimit-Limit": str(spent.limit), "X-RateLimit-Remaining": str(spent.remaining)}


def _announce(tx: Transaction, new: Any, old: Any) -> None:
    del old
    tx.emit("run.done", {"code": new["code"]})


def _deliveries(tx: Transaction, event: Event) -> Iterable[Delivery]:
    return [Delivery(event.topic, row["hook"], dict(event.payload)) for row in tx.rows("systems") if row.get("hook")]


def _operations() -> Operations:
    operations = Operations(Pages(default=2, maximum=5))
    operations.list(
        "listRuns",
        "runs",
        filters=plain(status=("status", "eq"), from_=("started_at", "gteq")),
        order=lambda row: row["started_at"],
        newest_first=True,
    )
    operations.upsert("upsertSystem", "systems")
    operations.list("listSystems", "systems", paging=Top("topX", 2, 3), filters=plain(systemNo=("systemNo", "part")))
    operations.delete("deleteSystem", "systems")
    operations.get("getSystem", "systems", key="query:systemNo")
    operations.list("listSystemRuns", "runs", within=Within("by_number", "system", "system"))
    operations.replace("replaceRun", "runs")

    @operations.special("startRun")
    def start_run(call: Call) -> Answer:
        """Start a run of a system."""
        note = call.body.get("note") if call.body else None
        row = call.tx.create("runs", {"note": note, "system": call.path["system"]})
        return call.one("run", show(call.tx, call.engine.vendor.collections["runs"], row))

    @operations.special("getBroken")
    def get_broken(call: Call) -> Answer:
        """An answer that the document forbids."""
        return call.answer({"code": "X", "system": 7, "status": "done"})

    @operations.special("crash")
    def crash(call: Call) -> Answer:
        """A bug."""
        raise ZeroDivisionError(call.operation.id)

    return operations


def toy(**changes: Any) -> Vendor:
    """The toy vendor, with some of its parts replaced."""
    collections = [
        Collection(
            name="systems",
            kind=Natural(("sourceApp", "systemNo")),
            fields=frozenset({"sourceApp", "systemNo", "size", "displayName", "hook"}),
            stamps=(),
        ),
        Collection(name="by_number", key="number", kind=Natural(("number",)), stamps=()),
        Collection(
            name="runs",
            kind=Code("RUN-", 6),
            key="code",
            fields=frozenset({"note", "system"}),
            fixed=frozenset({"system"}),
            defaults={"status": "running", "note": None},
            stamps=("started_at",),
            instants=("started_at",),
            lifecycle=Lifecycle(
                "status", effects=(Effect("done", _announce),), steps=(Step("running", "done", after=30),)
            ),
            refs=(Ref("parent", "runs", "cascade"),),
        ),
    ]

    def seed(tx: Transaction, runs: int = 0) -> None:
        tx.put(PRINCIPALS, {"name": "default", "tenant": "t", "role": "admin"})
        issue(tx, "default", kind="api_key", text=lambda _: "toy-key")
        issue(tx, "default", lifetime=60, text=lambda _: "toy-token")
        tx.create("by_number", {"number": "S1"})
        for _ in range(runs):
            tx.create("runs", {"system": "S1"})

    parts: dict[str, Any] = {
        "name": "toy",
        "dialect": Dialect(
            envelope=Items(),
            problem=_problem,
            authenticators={"key": HeaderKey("X-Key"), "token": AnyOf((Bearer("access"), Bearer("api_key")))},
            query=Aspnet(),
            any_case_paths=True,
            any_case_bodies=True,
            path_aliases={"/system-list": "/systems"},
            limits=(Bucket("calls", limit=20),),
            limit_headers=_limit_headers,
        ),
        "collections": {**OWN_COLLECTIONS, **{each.name: each for each in collections}},
        "operations": _operations(),
        "rules": RuleBook([Rule("toy", "assumed", "A rule.")]),
        "seeds": {"default": seed},
        "credentials": {"default": {"key": "toy-key"}},
        "document": Document("toy", document()),
        "deliver": _deliveries,
    }
    return Vendor(**{**parts, **changes})
