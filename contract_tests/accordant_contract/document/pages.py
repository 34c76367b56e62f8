"""What the document lets a page of a list say: that nothing is left, and where the next one is."""

from __future__ import annotations

from .document import Operation


def never_empty(operation: Operation) -> bool:
    """Whether the document allows no list without a row, not even past the end."""
    schema = operation.success
    for name in operation.way.split(".") if operation.way else ():
        schema = operation.schemas.properties(schema).get(name) if schema is not None else None
    return bool(schema and schema.get("minItems"))


def tells_next(operation: Operation) -> bool:
    """Whether the document has the member that leads to the next page: without it a walk may end too soon."""
    schema = operation.success
    for name in str(operation.paging.leads.get("next", "") if operation.paging else "").split("."):
        known = operation.schemas.properties(schema) if schema is not None else {}
        if not name or not known:
            return True
        schema = known.get(name)
        if schema is None:
            return False
    return True
