"""The pages beside the API: the document as JSON, and a page that lists what is in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape

import orjson

from accordant_sandbox.engine.engine import Engine
from accordant_sandbox.http.exchange import Headers, Reply, Request

__all__ = ["PAGES"]

_DOCUMENT = "/openapi.json"


def serve_document(engine: Engine, request: Request) -> Reply:
    """The OpenAPI document."""
    return _reply(request, "application/json", orjson.dumps(engine.vendor.document.data))


def serve_reference(engine: Engine, request: Request) -> Reply:
    """A page with every operation; it names the document as the vendor's reference page does."""
    rows = "".join(
        f"<tr><td>{each.method}</td><td>{escape(each.path)}</td><td>{escape(each.data.get('summary', ''))}</td></tr>"
        for each in engine.vendor.document.operations.values()
    )
    page = (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Dime.Scheduler sandbox</title>"
        f"<h1>Dime.Scheduler sandbox</h1><p><a href={_DOCUMENT}>OpenAPI document</a></p><table>{rows}</table>"
        f'<script>const swagger = {{url: "{_DOCUMENT}"}};</script></html>'
    )
    return _reply(request, "text/html; charset=utf-8", page.encode())


def _reply(request: Request, media_type: str, content: bytes) -> Reply:
    if request.method != "GET":
        return Reply(405, Headers([("Allow", "GET"), ("Content-Length", "0")]), b"")
    return Reply(200, Headers([("Content-Type", media_type), ("Content-Length", str(len(content)))]), content)


PAGES: Mapping[str, Callable[[Engine, Request], Reply]] = {_DOCUMENT: serve_document, "/docs": serve_reference}
