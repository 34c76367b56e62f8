"""What lists can be asked for beyond plain filters: text that sorts and filters, and the resources of a period."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson

from accordant_sandbox.http.json_types import is_array, is_object
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.several import where
from accordant_sandbox.ports import Call, Row

__all__ = ["choose_notifications", "free_form", "of_resources", "of_tasks"]


def of_resources(call: Call, rows: Sequence[Row]) -> Sequence[Row]:
    """The appointments that some resources have a part in."""
    call.rule("period_reaches_in")
    wanted = {str(number).casefold() for number in call.query.get("resources", ())}
    if not wanted:
        return rows
    assigned = call.tx.rows("assignments")
    numbers = {each["appointmentNo"] for each in assigned if each["resourceNo"].casefold() in wanted}
    return where(rows, "appointmentNo", "in", numbers)


def of_tasks(call: Call, rows: Sequence[Row]) -> Sequence[Row]:
    """The tasks as they are; what was asked for is noted."""
    if "isOpen" in call.query:
        call.rule("open_tasks")
    if not call.query.keys() & {"page", "pageSize"}:
        call.rule("tasks_unpaged")
    return rows


def free_form(call: Call, rows: Sequence[Row]) -> Sequence[Row]:
    """Records whose fields nobody has documented."""
    call.rule("free_form")
    return rows


def choose_notifications(call: Call, rows: Sequence[Row]) -> Sequence[Row]:
    """Notifications filtered, then sorted by group, then by sort.

    Raises:
        Problem: `bad_request`: a text that is neither of the two forms.
    """
    for text in _given(call, "filter"):
        rows = [row for row in rows if all(test(row) for test in _tests(text))]
    for name in ("sort", "group"):
        for text in _given(call, name):
            for field, descending in reversed(_orders(name, text)):
                rows = _sorted(rows, field, descending)
    return rows


def _given(call: Call, name: str) -> list[str]:
    text = str(call.query.get(name, "")).strip()
    if text:
        call.rule("list_text")
    return [text] if text else []


def _orders(name: str, text: str) -> list[tuple[str, bool]]:
    """Fields with whether they descend, out of `createdAt:desc` or `[{'direction':'ASC','property':'Date'}]`."""
    if text.startswith("["):
        return [(_field(each), str(each.get("direction", "ASC")).upper() == "DESC") for each in _array(name, text)]
    orders: list[tuple[str, bool]] = []
    for part in text.split(","):
        field, _, direction = part.strip().partition(":")
        if not field or direction.casefold() not in ("", "asc", "desc"):
            raise _unreadable(name, "field:asc or field:desc")
        orders.append((_known(name, field), direction.casefold() == "desc"))
    return orders


def _tests(text: str) -> list[Callable[[Row], bool]]:
    """Tests out of `[{'operator':'==','value':'x','property':'Code'}]`."""
    return [_test(each) for each in _array("filter", text)]


def _test(condition: dict[str, Any]) -> Callable[[Row], bool]:
    field, value = _field(condition, "filter"), str(condition.get("value", "")).casefold()
    operator = condition.get("operator", "==")
    if operator == "==":
        return lambda row: str(row.get(field, "")).casefold() == value
    if operator == "like":
        return lambda row: value.strip("%") in str(row.get(field, "")).casefold()
    raise _unreadable("filter", "the operators == and like")


def _array(name: str, text: str) -> list[dict[str, Any]]:
    try:
        found: Any = orjson.loads(text)
    except orjson.JSONDecodeError:
        try:
            # The .NET helper quotes with apostrophes.
            found = orjson.loads(text.replace("'", '"'))
        except orjson.JSONDecodeError as problem:
            raise _unreadable(name, "an array of objects") from problem
    if not is_array(found) or not all(is_object(each) and "property" in each for each in found):
        raise _unreadable(name, "an array of objects with a property each")
    return found


def _field(condition: dict[str, Any], name: str = "sort") -> str:
    return _known(name, str(condition["property"]))


def _known(name: str, field: str) -> str:
    found = _FIELDS.get(field.casefold())
    if found is None:
        raise _unreadable(name, f"one of the fields {', '.join(sorted(_FIELDS.values()))}")
    return found


def _unreadable(name: str, wanted: str) -> Problem:
    message = f"{name} must be {wanted}"
    return Problem("bad_request", message, details=[(name, message)], rule="list_text")


def _sorted(rows: Sequence[Row], field: str, descending: bool) -> Sequence[Row]:
    return sorted(rows, key=lambda row: _sortable(row.get(field)), reverse=descending)


def _sortable(value: Any) -> tuple[bool, Any]:
    return value is not None, value if isinstance(value, int | float) and not isinstance(value, bool) else str(
        value or ""
    )


_FIELDS = {
    name.casefold(): name
    for name in (
        "id", "sourceApp", "sourceType", "appointmentId", "appointmentNo", "appointmentGuid", "connectorId", "type",
        "code", "text", "date", "jobNo", "taskNo", "createdAt",
    )
}  # fmt: skip
