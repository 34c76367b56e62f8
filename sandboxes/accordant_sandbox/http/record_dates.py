"""Made-up records whose dates agree: what the examples of a document say of one field may contradict another's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from accordant_sandbox.http.json_types import is_array, is_object

__all__ = ["CHANGED", "CREATED", "in_order", "is_instant", "ordered_within", "stamped"]

CREATED: Final = re.compile(r"(date_?)?creat(ed|ion)(_?(at|on|date|time))?", re.IGNORECASE)
CHANGED: Final = re.compile(r"(date_?|last_?)?(updated|modified)(_?(at|on|date|time))?", re.IGNORECASE)
"""What the instants of creation and of the last change are called."""


def in_order(record: dict[str, Any]) -> dict[str, Any]:
    """The record; where it says that it was changed before it was made, it was changed when it was made."""
    made = _instants(record, CREATED)
    if not made:
        return record
    latest = max(made, key=lambda name: made[name])
    early = [name for name, value in _instants(record, CHANGED).items() if value < made[latest]]
    return {**record, **dict.fromkeys(early, record[latest])} if early else record


def ordered_within(value: Any) -> Any:
    """The same for every record in a value."""
    if is_object(value):
        return in_order({name: ordered_within(each) for name, each in value.items()})
    return [ordered_within(each) for each in value] if is_array(value) else value


def stamped(value: Any, now: str) -> Any:
    """A made-up record as of one that was made and changed now; a wall-clock time stays one."""
    if not is_object(value):
        return value
    found = {**_instants(value, CREATED), **_instants(value, CHANGED)}
    local = now[: len("2026-01-01T00:00:00")]
    return {**value, **{name: now if _has_offset(value[name]) else local for name in found}}


def is_instant(value: Any) -> bool:
    """Whether a value is a text that says an instant with its offset."""
    try:
        return isinstance(value, str) and "T" in value and _has_offset(value)
    except ValueError:
        return False


def _has_offset(text: str) -> bool:
    return datetime.fromisoformat(text).tzinfo is not None


def _instants(record: Mapping[str, Any], names: re.Pattern[str]) -> dict[str, datetime]:
    """The fields that are called so and hold an instant; one without an offset counts as UTC."""
    found: dict[str, datetime] = {}
    for name, value in record.items():
        if names.fullmatch(name) and isinstance(value, str) and "T" in value:
            try:
                instant = datetime.fromisoformat(value)
            except ValueError:
                continue
            found[name] = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return found
