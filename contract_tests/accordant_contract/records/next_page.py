"""Where the next page of a list is, as the page itself says; written anew here, so that client and tests cannot err
together."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from accordant_runtime import is_object

from ..document.facts import Paging
from ..document.values import ABSENT, Exchange


def next_cursor(paging: Paging, exchange: Exchange, rows: list[Any]) -> Any:
    """The cursor of the next page; ``None`` where there is none."""
    leads = paging.leads
    if "next-header" in leads:
        headers = exchange.response.headers if exchange.response is not None else ()
        found = next((value for name, value in headers if name.lower() == leads["next-header"].lower()), None)
        return _cursor(paging, _linked(found))
    if "next-row" in leads:
        last = rows[-1] if rows else None
        return last.get(leads["next-row"]) if is_object(last) else None
    return _cursor(paging, _at(exchange.document, leads.get("next")))


def says_last(paging: Paging, exchange: Exchange) -> bool:
    """Whether the page says that no other follows."""
    document = exchange.document
    return _at(document, paging.leads.get("more")) is False or _at(document, paging.leads.get("last")) is True


def _at(document: Any, path: str | None) -> Any:
    value: Any = None if path is None or document is ABSENT else document
    for name in path.split(".") if path else ():
        value = value.get(name) if is_object(value) else None
    return value


def _linked(header: str | None) -> str | None:
    if header is None or "<" not in header:
        return header
    links = re.findall(r"<([^>]*)>\s*((?:;[^,<]*)*)", header)
    return next((address for address, rest in links if re.search(r'rel="?next\b', rest)), None)


def _cursor(paging: Paging, value: Any) -> Any:
    """The cursor itself, or the one in the query of an address; an empty one is none."""
    if isinstance(value, str) and "?" in value and paging.cursor is not None:
        try:
            query = urlsplit(value).query
        except ValueError:  # a text that only looks like an address
            return value
        value = parse_qs(query).get(paging.cursor, [value])[-1]
    return value if value not in ("", ABSENT) else None
