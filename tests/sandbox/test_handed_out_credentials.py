"""What a sandbox of any document hands out is what the document's client takes."""

from __future__ import annotations

from typing import Any

from accordant_sandbox.derive.credentials import SchemeBook
from accordant_sandbox.http.document import Document

KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}


def handed_out(schemes: dict[str, Any], *names: str, url: str = "https://api.example.com/v1") -> dict[str, str]:
    """The credentials for a document whose one operation wants these schemes."""
    data: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "A", "version": "1"},
        "servers": [{"url": url}],
        "paths": {
            "/a": {
                "get": {
                    "operationId": "getA",
                    "security": [{name: [] for name in names}],
                    "responses": {"200": {"description": ""}},
                }
            }
        },
        "components": {"securitySchemes": schemes},
    }
    return SchemeBook(Document("a", data, lenient=True)).credentials


def test_the_names_of_the_client() -> None:
    """Secrets are handed out under the client's names, and none for a scheme that no operation wants."""
    named = {**KEY, "x-accordant-arguments": {"argument": "app_key"}}
    assert list(handed_out({"AppKey": named, "Other": KEY}, "AppKey")) == ["app_key"]
    assert list(handed_out({"AppKey": KEY, "Other": KEY}, "AppKey")) == ["api_key"]


def test_a_token_endpoint_elsewhere() -> None:
    """Where the token endpoint is on another host a token is handed out: a sandbox sends nobody away."""

    def scheme(url: str) -> dict[str, Any]:
        called = {name: name for name in ("client_id", "client_secret", "token")}
        flows: dict[str, Any] = {"clientCredentials": {"tokenUrl": url, "scopes": {}}}
        return {"login": {"type": "oauth2", "flows": flows, "x-accordant-arguments": called}}

    assert list(handed_out(scheme("https://login.example.com/token"), "login")) == ["token"]
    assert list(handed_out(scheme("https://api.example.com/token"), "login")) == ["client_id", "client_secret"]
    assert list(handed_out(scheme("/token"), "login")) == ["client_id", "client_secret"]
