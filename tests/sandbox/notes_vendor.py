"""A made-up vendor with what Dispatch does not have: page counts, Location headers, batches, rate-limit headers."""

from __future__ import annotations

from typing import Any

from accordant_sandbox.engine.auth import PRINCIPALS, HeaderKey, issue
from accordant_sandbox.engine.limits import Bucket, Spent
from accordant_sandbox.engine.transaction import Transaction
from accordant_sandbox.http.document import Document
from accordant_sandbox.http.exchange import Answer, Call, Request
from accordant_sandbox.model.collections import Code, Collection, Natural
from accordant_sandbox.model.dialect import Dialect
from accordant_sandbox.model.envelopes import Items
from accordant_sandbox.model.operations import Operations
from accordant_sandbox.model.paging import Pages
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.rules import RuleBook
from accordant_sandbox.model.vendor import OWN_COLLECTIONS, Vendor

__all__ = ["KEY", "notes"]

KEY = "notes-key"
TEXT: dict[str, Any] = {"type": "string"}
INTEGER: dict[str, Any] = {"type": "integer"}
NOTE = {"type": "object", "required": ["code", "text"], "properties": {"code": TEXT, "text": TEXT}}
LABEL = {"type": "object", "required": ["name"], "properties": {"name": TEXT, "color": TEXT}}
PAGE = {
    "type": "object",
    "required": ["items", "total", "total_pages"],
    "properties": {
        "items": {"type": "array", "items": NOTE},
        **dict.fromkeys(("total", "page", "page_size", "total_pages"), INTEGER),
    },
}
HEADER = {"required": True, "schema": TEXT}
PAGING = {"style": "page", "items": "items", "page": "page", "size": "page_size", "total": "total"}


def _operation(
    name: str, action: str, entity: str, success: str, answer: dict[str, Any], **more: Any
) -> dict[str, Any]:
    responses: dict[str, Any] = {code: {"description": "no"} for code in ("400", "401", "404", "429")}
    content = {"application/json": {"schema": answer}}
    responses[success] = {"description": "yes", "content": content}
    about = {"operationId": name, "x-accordant-action": action, "x-accordant-entity": entity}
    return {**about, "x-accordant-key": {"field": "code"}, "responses": responses, **more}


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _document() -> Document:
    parameters = [{"name": name, "in": "query", "schema": INTEGER} for name in ("page", "page_size")]
    code = [{"name": "code", "in": "path", "required": True, "schema": TEXT}]
    listing = _operation("listNotes", "list", "note", "200", PAGE, parameters=parameters)
    creation = _operation(
        "createNote", "create", "note", "201", NOTE, requestBody=_body({**NOTE, "required": ["text"]})
    )
    creation["responses"]["201"]["headers"] = {"Location": HEADER}
    labels = {"type": "array", "items": LABEL}
    return Document(
        "notes",
        {
            "openapi": "3.1.0",
            "info": {"title": "Notes", "version": "1"},
            "security": [{"key": []}],
            "paths": {
                "/notes": {"get": {**listing, "x-accordant-pagination": PAGING}, "post": creation},
                "/notes/{code}": {"get": _operation("getNote", "get", "note", "200", NOTE, parameters=code)},
                "/labels": {
                    "post": _operation(
                        "writeLabels", "upsert", "label", "200", labels, requestBody=_body({"anyOf": [LABEL, labels]})
                    ),
                    "get": _operation("listLabels", "list", "label", "200", labels),
                },
            },
        },
    )


def _problem(problem: Problem, call: Call | None, request: Request) -> Answer:
    del call, request
    statuses = {"unauthenticated": 401, "not_found": 404, "too_many": 429}
    return Answer(statuses.get(problem.kind, 400), {"message": problem.message})


def _limit_headers(spent: Spent) -> dict[str, str]:
    return {"X-RateLimit-Remaining": str(spent.remaining), "X-RateLimit-Reset": str(spent.reset)}


def _created(call: Call, shown: Any) -> Answer:
    answer = call.answer(shown)
    answer.headers.set("Location", f"/notes/{shown['code']}")
    return answer


def _listed(call: Call, shown: Any) -> Answer:
    return call.answer(shown if isinstance(shown, list) else [shown])


def _seed(tx: Transaction) -> None:
    tx.put(PRINCIPALS, {"name": "default", "tenant": "t", "role": "admin"})
    issue(tx, "default", kind="api_key", text=lambda _: KEY)
    for number in range(5):
        tx.create("notes", {"text": f"Note {number}"})


def notes() -> Vendor:
    """The vendor."""
    operations = Operations(Pages(default=2, maximum=5))
    operations.list("listNotes", "notes")
    operations.create("createNote", "notes", shape=_created)
    operations.get("getNote", "notes")
    operations.upsert("writeLabels", "labels", shape=_listed)
    operations.list("listLabels", "labels", paging=None, order=lambda row: row["name"])
    collections = [
        Collection(name="notes", kind=Code("N-"), key="code", fields=frozenset({"text"}), stamps=()),
        Collection(name="labels", kind=Natural(("name",)), fields=frozenset({"name", "color"}), stamps=()),
    ]
    return Vendor(
        name="notes",
        dialect=Dialect(
            envelope=_Plain(),
            problem=_problem,
            authenticators={"key": HeaderKey("X-Key")},
            limits=(Bucket(limit=50),),
            limit_headers=_limit_headers,
        ),
        collections={**OWN_COLLECTIONS, **{each.name: each for each in collections}},
        operations=operations,
        rules=RuleBook([]),
        seeds={"default": _seed},
        credentials={"default": {"key": KEY}},
        document=_document(),
    )


class _Plain(Items):
    """Pages as objects, everything else bare."""

    def many(self, call: Call, key: str, rows: Any, window: Any) -> Any:
        """The page, or the array itself."""
        return list(rows) if window is None else super().many(call, key, rows, window)
