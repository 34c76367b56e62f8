"""Paging out of a document: what `x-accordant-pagination` says, as the sandbox cuts its lists."""

from __future__ import annotations

from accordant_sandbox.http.document import Operation
from accordant_sandbox.model.paging import LARGEST, Offset, Pages, Paging

__all__ = ["paging_of"]


def paging_of(operation: Operation) -> Paging | None:
    """How a list is cut; None where the document does not say."""
    said = operation.pagination
    if not said:
        return None
    most = said.get("max-limit")
    maximum = most if isinstance(most, int) and not isinstance(most, bool) and most > 0 else None
    style = said.get("style")
    if style == "offset":
        limit, offset = str(said.get("limit") or "limit"), str(said.get("offset") or "offset")
        return Offset(limit, offset, default=_default(operation, limit, maximum or 100), maximum=maximum or LARGEST)
    if style == "page":
        page, size = str(said.get("page") or "page"), str(said.get("size") or "")
        return Pages(page, size, default=_default(operation, size, min(maximum or 50, 50)), maximum=maximum or LARGEST)
    return None


def _default(operation: Operation, name: str, otherwise: int) -> int:
    value = next((each.schema.get("default") for each in operation.parameters if each.name == name), None)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else otherwise
