"""Addresses that nobody can read, and control characters: in pages, documents, and what the commands say."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_codegen.drift.lines import CODE, DriftLine, Impact
from accordant_codegen.guess.guess import guess
from accordant_codegen.guess.overlay import as_overlay
from accordant_codegen.pull.pages import read_page
from accordant_codegen.pull.source import first_text
from accordant_codegen.read.overlay import read_overlay
from accordant_codegen.read.rules import addresses
from accordant_codegen.render.credentials import view_credentials
from accordant_contract.document.document import Document
from accordant_contract.target.from_document import vendor_of
from accordant_sandbox.derive.credentials import SchemeBook, path_of
from accordant_sandbox.http.document import Document as SandboxDocument
from tests.codegen.ruled import document, ruled

BROKEN = "https://[::1/v1"
GET: dict[str, Any] = {"get": {"operationId": "a", "responses": {"200": {"description": ""}}}}


def test_a_page_with_links_that_are_no_addresses() -> None:
    """A page names what it can: a link, a script or a base that nobody can read costs no other one."""
    html = (
        '<base href="http://[::1/"><a href="http://[::1/openapi.json">a</a><a href="//[x/openapi.yaml">b</a>'
        '<script src="http://[::1/app.js"></script><a href="openapi.json">c</a>'
    )
    assert read_page(html, "https://shop.test/docs/").documents == ("https://shop.test/docs/openapi.json",)


@pytest.mark.parametrize(
    ("url", "readable"),
    [
        (BROKEN, False),
        ("https://shop.test:port/", False),
        ("https://shop.test:99999", False),
        ("https://{host}:{port}/{version}", True),
        ("/v1", True),
        ("", True),
        (None, True),
        ({"not": "a text"}, True),
    ],
)
def test_what_is_an_address(url: Any, readable: bool) -> None:
    """A variable may be any part of an address, and what is no text is another rule's matter."""
    assert addresses.is_readable(url) is readable


def test_servers_that_are_no_address_are_left_out() -> None:
    """At every level; the others stay, and where none is left the list goes."""
    good = {"url": "https://shop.test"}
    item = {"get": {**GET["get"], "servers": [{"url": BROKEN}]}, "servers": [good, {"url": BROKEN}]}
    found, losses = ruled(addresses.readable_addresses, document({"/a": item}, servers=[{"url": BROKEN}, good]))
    assert found["servers"] == [good]
    assert found["paths"]["/a"]["servers"] == [good]
    assert "servers" not in found["paths"]["/a"]["get"]
    left = "it is no address, and the server is left out"
    assert losses == [
        f"$.servers[0].url: {left}",
        f"$.paths['/a'].servers[1].url: {left}",
        f"$.paths['/a'].get.servers[0].url: {left}",
    ]
    empty = document({"/a": {**GET, "servers": []}})
    assert ruled(addresses.readable_addresses, empty)[0]["paths"]["/a"]["servers"] == []


@pytest.mark.parametrize(
    "scheme",
    [
        {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": BROKEN, "scopes": {}}}},
        {"type": "oauth2", "flows": {"password": {"tokenUrl": BROKEN, "refreshUrl": BROKEN, "scopes": {}}}},
        {"type": "openIdConnect", "openIdConnectUrl": BROKEN},
    ],
)
def test_token_endpoints_that_are_no_address(scheme: dict[str, Any]) -> None:
    """Where a document does not say where a token is had, client, sandbox and contract tests take a token alike."""
    whole = document({"/a": GET}, components={"securitySchemes": {"login": scheme}}, security=[{"login": []}])
    found, losses = ruled(addresses.readable_addresses, whole)
    assert losses
    assert all(each.startswith("$.components.securitySchemes.login.") for each in losses)
    assert "[::1" not in str(found)
    assert [each.name for each in view_credentials(found).arguments] == ["token"]
    assert [*SchemeBook(SandboxDocument("made", found)).credentials] == ["token"]
    assert vendor_of(Document("made", found, "")).secrets == ("token",)


def test_a_source_names_no_broken_server() -> None:
    """The addresses that a pull writes down are those that can be read."""
    assert "[::1" not in first_text("shop", {"servers": [{"url": BROKEN}]}, "https://shop.test/openapi.json")
    assert path_of(BROKEN) == ""


def test_control_characters(tmp_path: Any) -> None:
    """A title with control characters makes an overlay that can be read, and what drift says shows them as escapes."""
    file = tmp_path / "spec.overlay.yaml"
    file.write_text(as_overlay(guess(document({"/a": GET})), title="Sh\x1b[31mop\x00", document="a"), encoding="utf-8")
    assert read_overlay(file).actions == ()
    line = DriftLine("x", Impact.BREAKING, CODE, "GET /a", "its operationId is a\x1bc (it was b)")
    assert line.sentence == "GET /a: its operationId is a\\x1bc (it was b)"
