"""What a page says of the next one: the cursor that leads to it, or that there is none."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from accordant_runtime import UNSET, Pagination, descend, is_object

_LINK = re.compile(r"<([^>]*)>([^<]*)")
_NEXT = re.compile(r"""\brel\s*=\s*("([^"]*\s)?next(\s[^"]*)?"|next\b)""", re.IGNORECASE)


def next_cursor(pagination: Pagination, document: Any, items: Sequence[Any], headers: Mapping[str, str]) -> Any:
    """The cursor of the next page, ``None`` where the page names none."""
    if pagination.next_header is not None:
        return _of_header(pagination, headers)
    if pagination.next_row is not None:
        last = items[-1] if items else None
        return last.get(pagination.next_row) if is_object(last) else None
    if pagination.next is None:
        return None
    found = descend(document, pagination.next)
    return None if found is UNSET else _of_address(pagination, found)


def is_last(pagination: Pagination, document: Any) -> bool:
    """Whether the page says that no page follows."""
    more = descend(document, pagination.more) if pagination.more is not None else None
    return more is False or (pagination.last is not None and descend(document, pagination.last) is True)


def _of_header(pagination: Pagination, headers: Mapping[str, str]) -> Any:
    """The value of the header; of a ``Link`` header (RFC 8288) the address whose relation is ``next``."""
    value = headers.get(pagination.next_header or "")
    if not value:
        return None
    links = [(address, rest) for address, rest in _LINK.findall(value)]
    if not links:
        return _of_address(pagination, value)
    found = next((address for address, rest in links if _NEXT.search(rest)), None)
    return None if found is None else _of_address(pagination, found)


def _of_address(pagination: Pagination, value: Any) -> Any:
    """The cursor in the query of an address; what is no address with that parameter is the cursor itself."""
    if not isinstance(value, str) or "?" not in value or pagination.position is None:
        return value
    try:
        query = urlsplit(value).query
    except ValueError:  # a text that only looks like an address
        return value
    return parse_qs(query).get(pagination.position, [value])[-1]
