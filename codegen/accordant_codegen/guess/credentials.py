"""What a document leaves out about credentials: schemes that nobody names, and keys that are mere parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from accordant_runtime import is_array, is_object

from ..read.document import follow, operations
from .facts import Guess, quoted

_NAME = "authorization"
_BEARER = re.compile(r"\bbearer\b", re.IGNORECASE)


def credentials(document: dict[str, Any]) -> Iterator[Guess]:
    """Guess the security of a document that says nothing about it anywhere."""
    found = list(operations(document))
    if "security" in document or any("security" in operation for _, _, operation in found):
        return
    stated: Any = document.get("components", {}).get("securitySchemes")
    schemes = [name for name, node in stated.items() if is_object(node)] if is_object(stated) else []
    if schemes:
        reason = f"{', '.join(schemes)}: declared, and no operation says that it wants none of them."
        yield Guess("$", "security", reason, {"security": [{name: []} for name in schemes]})
        return
    headers = [
        (path, method, header) for path, method, operation in found if (header := _header(document, path, operation))
    ]
    if not headers:
        return
    bearer = any(_BEARER.search(str(header)) for _, _, header in headers)
    scheme = (
        {"type": "http", "scheme": "bearer"} if bearer else {"type": "apiKey", "in": "header", "name": "Authorization"}
    )
    reason = "No security scheme is declared, and operations have a header parameter Authorization."
    yield Guess("$", "security", reason, {"components": {"securitySchemes": {_NAME: scheme}}})
    for path, method, header in headers:
        reason = "It has a header parameter Authorization."
        needs: list[dict[str, list[str]]] = [{_NAME: []}] if header.get("required") is True else [{_NAME: []}, {}]
        yield Guess(f"$.paths{quoted(path)}.{method}", "security", reason, {"security": needs})


def _header(document: dict[str, Any], path: str, operation: dict[str, Any]) -> dict[str, Any] | None:
    """The parameter of an operation that is the header Authorization."""
    shared: Any = document["paths"][path].get("parameters")
    own: Any = operation.get("parameters")
    for each in [*(own if is_array(own) else []), *(shared if is_array(shared) else [])]:
        node: Any = follow(document, each)
        if is_object(node) and node.get("in") == "header" and str(node.get("name", "")).lower() == "authorization":
            return node
    return None
