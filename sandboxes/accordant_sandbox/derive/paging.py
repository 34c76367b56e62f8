"""Paging out of a document: how `x-accordant-pagination` has a list cut, and what a page says of the next one."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from accordant_sandbox.http.document import Operation
from accordant_sandbox.http.documented_answers import PAGE_COUNTS
from accordant_sandbox.http.json_types import is_object
from accordant_sandbox.model.paging import LARGEST, Window
from accordant_sandbox.ports import Call, Row

__all__ = ["DocumentedPaging", "after_row", "next_headers", "next_members", "paging_of"]

_STYLES: Final = ("offset", "page", "cursor")
_DEEPEST: Final = 6
_AFTER: Final = "after "
_UUID: Final = "00000000-0000-4000-8000-"


@dataclass(frozen=True, slots=True)
class DocumentedPaging:
    """Paging as a document says it. Its parameters keep to their own schemas; a page size out of range is lowered.

    Args:
        style: offset, page or cursor.
        size, position: The query parameters; the position is an offset, a page number or a cursor.
        default, maximum: Rows of a page, where the request does not say, and at most.
        start: The number of the first page.
    """

    style: str
    size: str
    position: str
    default: int
    maximum: int = LARGEST
    start: int = 1
    by_row: bool = False
    """Whether the cursor is a field of the last row: the rows before it are left out beforehand."""
    rule: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """None: the document's schemas check the parameters."""
        return ()

    def window(self, query: Mapping[str, Any], total: int, settings: Mapping[str, Any]) -> Window:
        """The part to show."""
        most = min(_count(settings.get("max_limit")) or LARGEST, self.maximum)
        default = min(_count(settings.get("default_limit")) or self.default, most)
        wanted = _count(query[self.size]) if self.size in query else default
        size = min(wanted, most)
        given = query.get(self.position)
        if self.style == "page":
            page = max(_count(given) if given is not None else self.start, self.start)
            start = (page - self.start) * size
            return Window(start, start + size, total, size, page, lowered=size < wanted)
        start = 0 if self.by_row else _count(given) if self.style == "offset" else _offset(given)
        return Window(start, start + size, total, size, start, lowered=size < wanted)

    def cursor(self, operation: Operation, offset: int) -> Any:
        """A cursor for an offset, in the form that the parameter's schema allows."""
        found = [each.schema for each in operation.parameters if each.name == self.position]
        schema: Mapping[str, Any] = found[0] if found else {}
        if schema.get("type") in ("integer", "number"):
            return offset
        if schema.get("format") == "uuid":
            return f"{_UUID}{offset:012d}"
        digits = -(-3 * _count(schema.get("minLength")) // 4) - len(_AFTER)  # base64 makes four signs of three
        return base64.urlsafe_b64encode(f"{_AFTER}{offset:0{max(digits, 1)}d}".encode()).decode().rstrip("=")


def paging_of(operation: Operation) -> DocumentedPaging | None:
    """How a list is cut; None where the document does not say."""
    said = operation.pagination
    if not said or said.get("style") not in _STYLES:
        return None
    style = str(said["style"])
    size = str(said.get("size" if style == "page" else "limit") or "")
    position = str(said.get({"offset": "offset", "page": "page"}.get(style, "cursor")) or "")
    maximum = _count(said.get("max-limit")) or LARGEST
    default = _default(operation, size) or min(maximum, 50)
    start = said.get("start")
    return DocumentedPaging(
        style,
        size,
        position,
        default,
        maximum,
        start=start if isinstance(start, int) else 1,
        by_row=isinstance(said.get("next-row"), str),
    )


def after_row(operation: Operation) -> Any:
    """For cursors that are a field of the last row: chooses the rows after it. None for other cursors."""
    said = operation.pagination or {}
    field, position = said.get("next-row"), said.get("cursor")
    if not isinstance(field, str) or not isinstance(position, str):
        return None

    def choose(call: Call, rows: Sequence[Row]) -> Sequence[Row]:
        wanted = call.query.get(position)
        places = [place for place, row in enumerate(rows) if wanted is not None and str(row.get(field)) == str(wanted)]
        return rows[places[0] + 1 :] if places else rows

    return choose


def next_members(call: Call, paging: object, window: Window, rows: int) -> dict[str, Any]:
    """What a page says of itself and of the next one, by the dotted path of the member that holds it."""
    said = call.operation.pagination or {}
    follows = window.start + rows < window.total
    members: dict[str, Any] = dict(_page_counts(call.operation, window))
    for name, value in (("total", window.total), ("more", follows), ("last", not follows)):
        if isinstance(said.get(name), str) and said[name]:
            members[said[name]] = value
    if isinstance(said.get("next"), str) and said["next"] and isinstance(paging, DocumentedPaging):
        cursor = paging.cursor(call.operation, window.start + rows) if follows else None
        members[said["next"]] = (
            cursor if cursor is None or not _is_address(said["next"]) else _address(call, paging, cursor)
        )
    return members


def _page_counts(operation: Operation, window: Window) -> Iterator[tuple[str, int]]:
    """The number of pages, where a response says it beside its rows under one of the usual names."""
    found = operation.response(operation.success_status)
    contents: Mapping[str, Any] = (found[0].get("content") if found is not None else None) or {}
    for kind, content in contents.items():
        if "json" in kind and is_object(content) and "schema" in content:
            shown = set(_members(operation, content["schema"], 0))
            yield from ((name, -(-window.total // max(window.size, 1))) for name in PAGE_COUNTS if name in shown)


def _members(operation: Operation, raw: Any, depth: int) -> Iterator[str]:
    node: Mapping[str, Any] = operation.document.schemas.deref(raw) if depth < _DEEPEST else {}
    yield from node.get("properties") or ()
    for part in node.get("allOf") or ():
        yield from _members(operation, part, depth + 1)


def next_headers(call: Call, window: Window | None, rows: int) -> Mapping[str, str]:
    """The header that leads to the next page, where the document names one."""
    said = call.operation.pagination or {}
    name, paging = said.get("next-header"), paging_of(call.operation)
    if not isinstance(name, str) or window is None or paging is None or window.start + rows >= window.total:
        return {}
    cursor = paging.cursor(call.operation, window.start + rows)
    link = name.lower() == "link"
    return {name: f'<{_address(call, paging, cursor)}>; rel="next"' if link else str(cursor)}


def _is_address(way: str) -> bool:
    """Whether a member is called like one that holds an address."""
    name = way.rpartition(".")[2].lower()
    return any(word in name for word in ("url", "uri", "link", "href")) or name == "next_page"


def _address(call: Call, paging: DocumentedPaging, cursor: Any) -> str:
    kept = [(name, value) for name, value in call.request.query if name != paging.position]
    return f"{call.request.root}{call.request.path}?{urlencode([*kept, (paging.position, str(cursor))])}"


def _default(operation: Operation, name: str) -> int:
    value = next((each.schema.get("default") for each in operation.parameters if each.name == name), None)
    return _count(value)


def _count(value: Any) -> int:
    """A number of rows; 0 for what is none."""
    if isinstance(value, str) and value.isdigit():
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return max(0, int(value))  # some documents call the size of a page a number
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _offset(cursor: Any) -> int:
    """The offset that a cursor means; the beginning for one that nobody gave out."""
    if not isinstance(cursor, str):
        return _count(cursor)
    if cursor.startswith(_UUID):
        return _count(cursor.removeprefix(_UUID))
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:
        return 0
    return _count(text.removeprefix(_AFTER))
