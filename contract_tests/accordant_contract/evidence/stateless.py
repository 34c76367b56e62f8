"""Which operations no check of state judged, and why: what they did was held against nothing but its own response."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from ..document.checks import CONTENT
from ..document.document import Document, Operation

STATE: Final = (CONTENT - {"token_lifecycle"}) | {
    *("failed_write_no_trace", "documented_default", "redirect_truth", "delete_is_final"),
}
"""The checks that hold what an operation did or shows against another exchange."""


def stateless(
    document: Document, operation: Operation, judged: Collection[str], logins: Collection[str], skipped: Iterable[str]
) -> str:
    """Why no check of state judged an operation; ``""`` where one did."""
    if STATE & set(judged):
        return ""
    if operation.id in logins:
        return "it hands out a credential; token_lifecycle judges what that opens"
    told = next((each.partition(": ")[2] for each in skipped if each.startswith(f"{operation.id}: ")), "")
    readers = document.of(operation.entity, "get", "list")
    if operation.reads and operation.paging is None and operation.key.name is None:
        return "it only reads, and nothing else shows the same"
    if not operation.reads and not [each for each in readers if each.id != operation.id]:
        return f"no operation reads a {operation.entity} back"
    if told:
        return told
    if operation.reads:
        return "it only reads, and nothing that was written here is shown by it"
    return "what it takes and what can be read of it have nothing in common"
