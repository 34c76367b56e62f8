"""Where a token is given: a documented operation, or an address outside the API that a security scheme names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from accordant_sandbox.derive.credentials import SchemeBook, path_of
from accordant_sandbox.derive.shapes import Shapes
from accordant_sandbox.engine.oauth import asked_of, client_of, tokens_for
from accordant_sandbox.http.document import Document, Operation
from accordant_sandbox.http.documented_answers import fitting_answer
from accordant_sandbox.http.exchange import Answer, Headers, Reply, Request
from accordant_sandbox.http.json_types import is_object
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.ports import Call, Handler, Page, Tx

__all__ = ["token_handler", "token_operations", "token_pages"]

_LIFETIME: Final = "token_lifetime"
_OIDC_TOKEN: Final = "/_oidc/token"


def token_operations(document: Document, book: SchemeBook) -> tuple[str, ...]:
    """The documented operations at the addresses where schemes say that a token is given."""
    paths = {path_of(each.token_url) for each in book.schemes.values() if each.token_url}
    return tuple(
        each.id
        for each in document.operations.values()
        if each.method == "POST" and any(path and path.endswith(each.path.rstrip("/")) for path in paths)
    )


def token_handler(book: SchemeBook, shapes: Shapes) -> Handler:
    """Gives a token for the grant that the body asks for."""

    def handle(call: Call) -> Answer:
        said: Mapping[str, Any] = call.body if is_object(call.body) else asked_of(call.request)
        token = _granted(call.tx, book, {**client_of(call.request), **said})
        return fitting_answer(call.operation, call.answer(_shown(call.operation, shapes, token)))

    return handle


def _shown(operation: Operation, shapes: Shapes, token: Mapping[str, Any]) -> dict[str, Any]:
    """What the document shows of a token: a token to refresh it with is a secret that only some APIs give."""
    found = operation.response(operation.success_status)
    content = found[0].get("content") if found else None
    media = content.get("application/json") if is_object(content) else None
    known = shapes.properties(media.get("schema", {})) if is_object(media) else {}
    return {name: value for name, value in token.items() if name != "refresh_token" or not known or name in known}


def token_pages(document: Document, book: SchemeBook) -> dict[str, Page]:
    """The token endpoints, and the discovery documents of OpenID Connect, that are no operations of the document."""
    served = {f"{document.base_path}{each.path}" for each in document.operations.values()}
    pages: dict[str, Page] = {}
    for scheme in book.schemes.values():
        path = path_of(scheme.token_url)
        if len(path) > 1 and not any(each.startswith(path) for each in served) and not _operation_at(document, path):
            pages[path] = _token_page(book)
        discovery = path_of(scheme.discovery)
        if len(discovery) > 1 and not any(each.startswith(discovery) for each in served):
            pages[discovery] = _discovery
            pages[_OIDC_TOKEN] = _token_page(book)
    return pages


def _operation_at(document: Document, path: str) -> bool:
    return any(each.method == "POST" and path.endswith(each.path.rstrip("/")) for each in document.operations.values())


def _token_page(book: SchemeBook) -> Page:
    def page(tx: Tx, request: Request) -> Reply:
        if request.method != "POST":
            return Reply(405, Headers([("Allow", "POST"), ("Content-Length", "0")]), b"")
        try:
            token = _granted(tx, book, asked_of(request))
        except Problem as problem:
            status = 401 if problem.code == "invalid_client" else 400
            error = {"error": problem.code or "invalid_request", "error_description": problem.message}
            return Reply.plain(status, orjson.dumps(error), "application/json")
        tx.commit()
        return Reply.plain(200, orjson.dumps(token), "application/json")

    return page


def _discovery(_: Tx, request: Request) -> Reply:
    found = {
        "issuer": request.root,
        "token_endpoint": f"{request.root}{_OIDC_TOKEN}",
        "grant_types_supported": ["client_credentials", "password", "refresh_token"],
    }
    return Reply.plain(200, orjson.dumps(found), "application/json")


def _granted(tx: Tx, book: SchemeBook, body: Mapping[str, Any]) -> dict[str, Any]:
    if not body.get("grant_type"):
        raise Problem("oauth", "grant_type is required", code="invalid_request")
    return tokens_for(tx, body, lifetime=float(tx.settings.get(_LIFETIME, 3600)), user=book.user)
