"""Local references as they are written: parts of an address, in which some characters may be percent-encoded."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from accordant_sandbox.http.json_types import is_array, is_object

__all__ = ["pointed_at", "reference_pointer"]


def reference_pointer(document: Any, reference: str) -> str:
    """The JSON pointer of a local reference (`#/paths/~1jobs~1%7Bid%7D`).

    A reference that leads somewhere as it is written is taken so, else its percent-encoded characters are decoded.
    """
    plain = reference.removeprefix("#")
    return plain if "%" not in plain or pointed_at(document, plain)[0] else unquote(plain)


def pointed_at(document: Any, pointer: str) -> tuple[bool, Any]:
    """Whether something is at a JSON pointer, and what."""
    node = document
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        if is_object(node) and key in node:
            node = node[key]
        elif is_array(node) and key.isdecimal() and int(key) < len(node):
            node = node[int(key)]
        else:
            return False, None
    return True, node
