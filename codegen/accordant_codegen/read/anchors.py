"""References by ``$anchor`` and ``$id`` become plain ones: JSON pointers into the document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urldefrag, urljoin

from accordant_runtime import is_array, is_object

from .document import DATA, NAMED, below, resolve, walk

_ROOT = "http://document.invalid/"
"""The document's own address, for references that are relative to it."""
_MARKS = ("$id", "$anchor", "$dynamicAnchor", "$dynamicRef")


def local_references(document: dict[str, Any], losses: list[str]) -> None:
    """Rewrite, in place, each reference that goes by a schema's own name or address."""
    if not any(mark in node for _, node in walk(document) for mark in _MARKS):
        return
    nodes = list(_nodes(document, "", "$", _ROOT))
    known: dict[str, str] = {_ROOT: ""}
    for node, way, _, base in nodes:
        if isinstance(node.get("$id"), str):
            known.setdefault(base.removesuffix("#"), way)
        base = urldefrag(base)[0]
        for mark in ("$anchor", "$dynamicAnchor"):
            if isinstance(node.get(mark), str):
                known.setdefault(f"{base}#{node[mark]}", way)
    for node, _, place, base in nodes:
        if "$ref" not in node and isinstance(node.get("$dynamicRef"), str):
            node["$ref"] = node["$dynamicRef"]
            losses.append(f"{place}: $dynamicRef {node['$ref']!r} is taken as what it points at here")
        if isinstance(node.get("$ref"), str):
            node["$ref"] = _pointer(document, known, urldefrag(base)[0], node["$ref"])
    for node, *_ in nodes:
        for mark in _MARKS:
            node.pop(mark, None)


def _nodes(node: Any, way: str, place: str, base: str, *, names: bool = False) -> Iterator[tuple[Any, str, str, str]]:
    """Every object that is not data: with its JSON pointer, its JSON path and the address that it is relative to."""
    if is_object(node):
        if not names:
            if isinstance(node.get("$id"), str):
                base = urljoin(base, node["$id"])
            yield node, way, place, base
            base = urldefrag(base)[0]
        for key, value in list(node.items()):
            if names or key not in DATA:
                step = quote(key.replace("~", "~0").replace("/", "~1"), safe="~$&+,:;=@{}[]!*()'")
                yield from _nodes(value, f"{way}/{step}", below(place, key), base, names=not names and key in NAMED)
    elif is_array(node):
        for index, value in enumerate(node):
            yield from _nodes(value, f"{way}/{index}", f"{place}[{index}]", base)


def _pointer(document: dict[str, Any], known: dict[str, str], base: str, reference: str) -> str:
    """The reference as a JSON pointer; as it is where it names nothing of the document."""
    address, fragment = urldefrag(reference)
    resource = urljoin(base, address) if address else base
    if not fragment.startswith("/") and fragment:
        return f"#{known[found]}" if (found := f"{resource}#{fragment}") in known else reference
    for start in (known.get(resource), "" if not address else None):
        if start is not None:
            try:
                resolve(document, f"#{start}{fragment}")
            except KeyError:
                continue
            return f"#{start}{fragment}"
    return reference
