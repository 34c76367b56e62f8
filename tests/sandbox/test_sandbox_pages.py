"""A sandbox for tools and for pages in a browser: its document, and which origins may call it."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
import pytest

import accordant_documents
from accordant_sandbox import Sandbox, SandboxError
from accordant_sandbox.http.exchange import Headers, Reply, Request

PAGE = "http://localhost:5173"


def ask(sandbox: Sandbox, method: str, path: str, headers: Mapping[str, str]) -> Reply:
    """One request to a sandbox, as a browser would send it."""
    root = "http://127.0.0.1:8801"
    given = Headers([("Host", "127.0.0.1:8801"), ("Content-Type", "application/json"), *headers.items()])
    return sandbox.exchange(Request(method, path, [], given, b"{}" if method == "POST" else b"", root, True))


@pytest.mark.parametrize("vendor", accordant_documents.names())
def test_document(vendor: str) -> None:
    """`/openapi.json` is the effective document with the sandbox as its only server, and no call of the API."""
    with Sandbox(vendor) as sandbox:
        reply = ask(sandbox, "GET", "/openapi.json", {})
        document = accordant_documents.load(vendor)
        served = orjson.loads(reply.content)
        address = f"http://127.0.0.1:8801{sandbox.vendor.document.base_path}"
        assert [each["url"] for each in served.pop("servers")] == [address]
        document.pop("servers", None)
        assert served == document
        assert reply.headers.get("content-type") == "application/json"
        assert sandbox.journal.count == 0
        assert ask(sandbox, "POST", "/openapi.json", {}).status in (401, 404, 405)


def test_preflight() -> None:
    """A browser that asks for an allowed origin learns that any method and the wanted headers may be sent."""
    asking = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization, content-type"}
    with Sandbox("dispatch", cors=[PAGE]) as sandbox:
        reply = ask(sandbox, "OPTIONS", "/v3/jobs/7", {"Origin": PAGE, **asking})
        assert (reply.status, reply.content) == (204, b"")
        assert reply.headers.get("access-control-allow-origin") == PAGE
        assert reply.headers.get("access-control-allow-headers") == "authorization, content-type"
        assert "PATCH" in (reply.headers.get("access-control-allow-methods") or "")
        assert sandbox.journal.count == 0
        refused = ask(sandbox, "OPTIONS", "/v3/jobs/7", {"Origin": "http://elsewhere.example", **asking})
        assert "access-control-allow-origin" not in refused.headers


@pytest.mark.parametrize(("cors", "origin"), [([PAGE], PAGE), (["*"], "https://any.example"), (["*", PAGE], "null")])
def test_responses_that_a_page_may_read(cors: list[str], origin: str) -> None:
    """Successes, errors and the document can be read by a page of an allowed origin, with all of their headers."""
    with Sandbox("dispatch", cors=cors) as sandbox:
        for method, path in (("GET", "/v3/jobs"), ("GET", "/nowhere"), ("GET", "/openapi.json")):
            reply = ask(sandbox, method, path, {"Origin": origin})
            assert reply.headers.get("access-control-allow-origin") == origin
            assert reply.headers.get("vary") == "Origin"
            assert "Content-Type" in (reply.headers.get("access-control-expose-headers") or "")


def test_no_page_without_the_option() -> None:
    """Without `cors`, for another origin and outside a browser, no header says that a page may read anything."""
    for cors, headers in (((), {"Origin": PAGE}), ((PAGE,), {"Origin": "http://localhost:5174"}), (("*",), {})):
        with Sandbox("dispatch", cors=cors) as sandbox:
            reply = ask(sandbox, "GET", "/v3/jobs", headers)
            assert not [name for name, _ in reply.headers if name.lower().startswith("access-control-")]


def test_control_routes_stay_closed() -> None:
    """The control routes are not opened to pages by `cors`: another origin is refused as before."""
    with Sandbox("dispatch", cors=["*"]) as sandbox:
        asking = {"Origin": PAGE, "Access-Control-Request-Method": "POST"}
        for method, headers in (("GET", {"Origin": PAGE}), ("POST", {"Origin": PAGE}), ("OPTIONS", asking)):
            reply = ask(sandbox, method, "/_sandbox/reset", headers)
            assert reply.status == 403
            assert "access-control-allow-origin" not in reply.headers


@pytest.mark.parametrize("origin", ["localhost:5173", "http://localhost:5173/", "ftp://x", "", "http://*.example"])
def test_no_origin(origin: str) -> None:
    """What is no origin is refused when the sandbox is made: no browser would ever send it."""
    with pytest.raises(SandboxError, match="is no origin"):
        Sandbox("dispatch", cors=[origin])
