"""What a document leaves out about credentials: schemes that nobody names, and keys that are mere parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from accordant_runtime import is_array, is_object

from ..read.document import follow, operations
from .facts import Guess, quoted

_NAME = "authorization"
_WORD = re.compile(r"[^a-z0-9]+")
_HALVES = frozenset({"id", "key", "secret", "token"})
"""Last words of the names of keys that are sent together."""
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
        ways: list[dict[str, list[str]]] = [{name: []} for name in schemes]
        if _together([stated[name] for name in schemes], document):
            reason = f"{', '.join(schemes)}: declared, no operation names them, and they belong together."
            ways = [{name: [] for name in schemes}]
        yield Guess("$", "security", reason, {"security": ways})
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


def _together(schemes: list[dict[str, Any]], document: dict[str, Any]) -> bool:
    """Whether keys are wanted at once: all are parameters that some operation must have, or their names say that one is
    the other's secret (`x-auth-key` and `x-auth-secret`)."""
    places = {(str(each.get("in")), str(each.get("name")).lower()) for each in schemes}
    if len(schemes) < 2 or len(places) < len(schemes) or any(each.get("type") != "apiKey" for each in schemes):
        return False
    words = [_WORD.split(name) for _, name in places]
    if {each[-1] for each in words} <= _HALVES and len({tuple(each[:-1]) for each in words}) == 1:
        return True
    return any(
        places
        <= {
            (str(node.get("in")), str(node.get("name")).lower())
            for node in _parameters(document, path, operation)
            if node.get("required") is True
        }
        for path, _, operation in operations(document)
    )


def _parameters(document: dict[str, Any], path: str, operation: dict[str, Any]) -> list[dict[str, Any]]:
    """The parameters of an operation, its own before those of its path."""
    shared: Any = document["paths"][path].get("parameters")
    own: Any = operation.get("parameters")
    found = [*(own if is_array(own) else []), *(shared if is_array(shared) else [])]
    return [node for each in found if is_object(node := follow(document, each))]


def _header(document: dict[str, Any], path: str, operation: dict[str, Any]) -> dict[str, Any] | None:
    """The parameter of an operation that is the header Authorization."""
    for node in _parameters(document, path, operation):
        if node.get("in") == "header" and str(node.get("name", "")).lower() == "authorization":
            return node
    return None
