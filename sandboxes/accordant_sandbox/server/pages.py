"""The pages of a sandbox for people, files of this package: the console, and the operations with a form for each."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

import orjson

from accordant_sandbox.http.exchange import Reply
from accordant_sandbox.server.double import Double

__all__ = ["PAGES", "credentials", "document", "page"]

PAGES: Final = {"": "console.html", "docs": "operations.html"}
"""Path under `/_sandbox/` and file."""


def page(path: str) -> Reply:
    """One of the pages, as it is."""
    found = files("accordant_sandbox").joinpath(PAGES[path])
    if not found.is_file():
        message = f"this installation has no {PAGES[path]}; see /_sandbox/overview"
        return Reply.plain(404, orjson.dumps({"error": message}), "application/json")
    return Reply.plain(200, found.read_bytes(), "text/html; charset=utf-8")


def document(sandbox: Double, _: list[str], __: Mapping[str, str]) -> Any:
    """The effective document for a page on this server, wherever the vendor itself has a document."""
    found = sandbox.vendor.document
    return {**found.data, "servers": [{"url": found.base_path or "/", "description": "this sandbox"}]}


def credentials(sandbox: Double, _: list[str], __: Mapping[str, str]) -> Any:
    """What the sandbox made up for its principals to log in with; the server prints the same when it starts."""
    return sandbox.vendor.credentials
