"""Is what nobody made not there, whatever is asked of it?"""

from __future__ import annotations

from ..document.document import Operation
from ..document.values import Exchange, Finding, Findings

_DOES = {"delete": "deleting", "update": "changing", "replace": "replacing", "custom": "acting on"}


def unknown_is_missing(operation: Operation, exchange: Exchange) -> Findings:
    """An id that nobody gave out is not found, where the document has a status for that: who asks has every right."""
    if exchange.status in (401, 403) and any(code in operation.responses for code in ("404", "410")):
        text = f"nothing has that id, and reading it answers {exchange.status} rather than 404"
        yield Finding("read_after_write", operation.id, text, kind="unknown", exchanges=(exchange,))


def unknown_is_refused(operation: Operation, exchange: Exchange) -> Findings:
    """Nothing is changed, deleted or acted on that nobody made, where the document has a status for that; a
    replacement that makes the record says so with 201."""
    if not exchange.success or (exchange.status == 201 and "201" in operation.responses):
        return
    check = "delete_is_final" if operation.action == "delete" else "read_after_write"
    doing = _DOES.get(operation.action, "writing")
    text = f"nothing has that id, and {doing} it answers {exchange.status} rather than 404"
    yield Finding(check, operation.id, text, kind="unknown", exchanges=(exchange,))
