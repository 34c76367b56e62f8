"""Envelopes: what surrounds records in a success."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from accordant_sandbox.model.paging import Window
from accordant_sandbox.ports import Call

__all__ = ["Bare", "Envelope", "Items", "Keyed"]


class Envelope(Protocol):
    """A vendor's envelope. `key` is the name of the record kind, singular for one and plural for many."""

    def one(self, call: Call, key: str, value: Any) -> Any:
        """The body for one record."""
        ...

    def many(self, call: Call, key: str, rows: Sequence[Any], window: Window | None) -> Any:
        """The body for several records, of a page where there is paging."""
        ...


class Bare:
    """No envelope: the record, or the array of records."""

    def one(self, call: Call, key: str, value: Any) -> Any:
        """The record itself."""
        del call, key
        return value

    def many(self, call: Call, key: str, rows: Sequence[Any], window: Window | None) -> Any:
        """The array itself."""
        del call, key, window
        return list(rows)


class Keyed:
    """`{"job": {...}}` and `{"jobs": [...], "meta": {"total", "limit", "offset"}}`; no meta without paging."""

    def one(self, call: Call, key: str, value: Any) -> Any:
        """The record under its singular name."""
        del call
        return {key: value}

    def many(self, call: Call, key: str, rows: Sequence[Any], window: Window | None) -> Any:
        """The records under their plural name, with `meta` when they are a page."""
        del call
        if window is None:
            return {key: list(rows)}
        meta = {"total": window.total, "limit": window.size, "offset": window.position}
        return {key: list(rows), "meta": meta}


class Items:
    """The bare record, and `{"items", "total", "page", "page_size", "total_pages"}` for a page (`items` alone else)."""

    def one(self, call: Call, key: str, value: Any) -> Any:
        """The record itself."""
        del call, key
        return value

    def many(self, call: Call, key: str, rows: Sequence[Any], window: Window | None) -> Any:
        """The records as `items`."""
        del call, key
        if window is None:
            return {"items": list(rows)}
        return {
            "items": list(rows),
            "total": window.total,
            "page": window.position,
            "page_size": window.size,
            "total_pages": -(-window.total // window.size),
        }
