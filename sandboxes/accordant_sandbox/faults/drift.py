"""Faults that come with a release of which nobody was told: lists, pages, stamps and values that changed a little."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.faults.applicability import (
    both,
    changes,
    filters_of,
    key_field,
    lists_pages,
    paging_value,
    sibling,
)
from accordant_sandbox.faults.document_fields import Field, body_fields, place, records
from accordant_sandbox.faults.effects import addressed, changed, good, own, put_back, put_row, tables
from accordant_sandbox.faults.habits import holds_lists, rewritten, written
from accordant_sandbox.faults.registry import FaultRegistry
from accordant_sandbox.faults.text import stored_as, texts_shown
from accordant_sandbox.http.exchange import Answer
from accordant_sandbox.http.json_types import is_array, is_object
from accordant_sandbox.model.paging import Window

if TYPE_CHECKING:
    from accordant_sandbox.http.document import Operation
    from accordant_sandbox.model.vendor import Vendor

__all__ = ["FAULTS", "changed_stamp"]

registry = FaultRegistry("drift")
READ_BACK: Final = "read_after_write"
SHOWN: Final = 10
"""The characters that a cut text still has in a list."""
FEW: Final = 10
"""The rows of a page whose size nobody asked for, after the default has changed."""
_CHANGED: Final = ("updatedat", "updatedon", "modifiedat")


def _told_twice(operation: Operation, vendor: Vendor) -> set[str]:
    """The texts that were sent, and that a list shows as well as the record that is read alone."""
    reader, listed = sibling(operation, vendor, "get"), place(operation)
    maker = sibling(operation, vendor, "create", "upsert", "update")
    alone = place(reader) if reader is not None else None
    if operation.action != "list" or alone is None or listed is None or maker is None:
        return set()
    shown = {field.name for field in alone.fields} & {field.name for field in body_fields(maker)}
    return {field.name for field in listed.fields if field.text() and field.name in shown} - {key_field(operation)}


@registry.answer(
    does="A list shows only the first ten characters of a text.", oracle="list_truth",
    where=lambda operation, vendor: bool(_told_twice(operation, vendor)),
)  # fmt: skip
def listed_text_cut(call: ActiveCall, answer: Answer) -> Answer | None:
    """A row of a list shows what the record shows."""
    if not good(call, answer):
        return None
    acted = False
    for row in records(call.operation, own(answer).body):
        for name in _told_twice(call.operation, call.vendor) & row.keys():
            if isinstance(row[name], str) and len(row[name]) > SHOWN:
                row[name], acted = row[name][:SHOWN], True
    return answer if acted else None


def _totalled(operation: Operation, vendor: Vendor) -> bool:
    return lists_pages(operation, vendor) and paging_value(operation, "total") is not None


@registry.window(does="The last page lacks its last row where it is full.", oracle="page_shape", where=_totalled)
def full_page_short(call: ActiveCall, window: Window) -> Window | None:
    """The last page is full where the rows end with it."""
    del call
    full = window.stop == window.total and window.stop - window.start == window.size
    return replace(window, stop=window.stop - 1) if full and window.size > 1 else None


def _has_default(operation: Operation, vendor: Vendor) -> bool:
    size = paging_value(operation, "size") or paging_value(operation, "limit")
    return _totalled(operation, vendor) and any(
        each.name == size and isinstance(each.schema.get("default"), int) for each in operation.parameters
    )


@registry.window(
    does="A page whose size nobody asked for has ten rows at most.", oracle="page_shape", where=_has_default
)
def page_default_less(call: ActiveCall, window: Window) -> Window | None:
    """A page has its documented size where nobody asks for another."""
    size = paging_value(call.operation, "size") or paging_value(call.operation, "limit")
    shown = min(window.stop, window.total) - window.start
    if any(name == size for name, _ in call.request.query) or shown <= FEW:
        return None
    return replace(window, stop=window.start + FEW)


def _pages_filtered(operation: Operation, vendor: Vendor) -> bool:
    required = {each.name for each in operation.parameters if each.required}
    return bool(filters_of(operation, vendor).keys() - required) and _totalled(operation, vendor)


@registry.around(does="Rows are filtered after they were cut into pages.", oracle="filter_truth", where=_pages_filtered)
def filtered_after_paging(call: ActiveCall, run: Callable[[], Answer]) -> Answer:
    """A page of filtered rows is full as long as rows fit."""
    answer = run()
    required = {each.name for each in call.operation.parameters if each.required}
    named = filters_of(call.operation, call.vendor).keys() - required
    fitting = records(call.operation, answer.body) if good(call, answer) else []
    size = paging_value(call.operation, "size") or paging_value(call.operation, "limit")
    few = any(name == size and text == "1" for name, text in call.request.query)
    if not few or not fitting or not any(name in named for name, _ in call.request.query):
        call.skip()
        return answer
    given = call.request
    call.request = replace(given, query=[each for each in given.query if each[0] not in named])
    page = records(call.operation, run().body)
    call.request = given
    answer = run()
    where, body = place(call.operation), own(answer).body
    for part in where.path if where else ():
        body = body[part]
    if not is_array(body) or all(row in page for row in body):
        call.skip()
    else:
        body[:] = [row for row in body if row in page]
    return answer


def changed_stamp(operation: Operation, vendor: Vendor) -> str | None:
    """The field that says when a record was last changed; None where no response shows one."""
    reader = sibling(operation, vendor, "get", "list")
    where = place(reader) if reader is not None else None
    names = [each.name for each in where.fields] if where else []
    return next((each for each in names if each.lower().replace("_", "") in _CHANGED), None)


@registry.around(
    does="A change leaves the stamp of the last change as it was.", oracle="date_truth",
    where=both(changes, lambda operation, vendor: changed_stamp(operation, vendor) is not None),
)  # fmt: skip
def changed_stamp_stays(call: ActiveCall, run: Callable[[], Answer]) -> Answer:
    """A record says when it was last changed."""
    before = tables(call)
    answer = run()
    name, named = changed_stamp(call.operation, call.vendor), addressed(call)
    if not good(call, answer) or named is None or call.plain is None or name is None:
        call.skip()
        return answer
    old = before[call.plain.collection].get(named[0], {}).get(name)
    if not isinstance(old, str) or datetime.fromisoformat(old) == datetime.fromisoformat(str(named[1].get(name))):
        call.skip()
        return answer
    put_row(call, call.vendor.collections[call.plain.collection], named[0], {**named[1], name: old})
    for record in records(call.operation, own(answer).body):
        record[name] = old
    return answer


def _decimal(field: Field) -> bool:
    return "number" in field.types and not field.enum


@registry.validate(
    name="precision_lost.two_places", does="Decimals are rounded to two places.", oracle=READ_BACK,
    where=written(_decimal),
)  # fmt: skip
def two_places(call: ActiveCall, run: Callable[[], None]) -> bool:
    """A number is stored with all of its decimals."""
    return rewritten(call, run, _decimal, lambda value: round(value, 2) if isinstance(value, float) else value)


def _long(field: Field) -> bool:
    return field.types == frozenset({"integer"}) and field.format == "int64"


@registry.validate(
    name="precision_lost.large", does="Whole numbers beyond 2^53 lose their last digits.", oracle=READ_BACK,
    where=both(changes, written(_long)),
)  # fmt: skip
def large_numbers_blurred(call: ActiveCall, run: Callable[[], None]) -> bool:
    """A whole number is stored to its last digit."""
    return rewritten(call, run, _long, lambda value: int(float(value)) if type(value) is int else value)


def _mail(field: Field) -> bool:
    return field.types == frozenset({"string"}) and field.format == "email"


@registry.validate(does="E-mail addresses are stored in small letters.", oracle=READ_BACK, where=written(_mail))
def email_lowered(call: ActiveCall, run: Callable[[], None]) -> bool:
    """An e-mail address is stored as it was sent."""
    return rewritten(call, run, _mail, lambda text: text.lower() if isinstance(text, str) else text)


@registry.validate(does="Capital letters of a text become small ones.", oracle="text_truth", where=texts_shown)
def capitals_lost(call: ActiveCall, run: Callable[[], None]) -> bool:
    """A text keeps its capital letters."""
    return rewritten(call, run, Field.text, lambda text: text.lower() if isinstance(text, str) else text)


@registry.validate(
    name="spaces_trimmed.no_break", does="A space that breaks no line becomes a plain one.", oracle="text_truth",
    where=texts_shown,
)  # fmt: skip
def no_break_lost(call: ActiveCall, run: Callable[[], None]) -> bool:
    """A space is the space that was sent."""
    return stored_as(call, run, lambda text: text.replace("\u00a0", " "))


def _listing(field: Field) -> bool:
    return field.types == frozenset({"array"}) and not field.required


@registry.validate(does="An empty list counts as not sent.", oracle=READ_BACK,
    where=both(lambda operation, _: operation.action == "update", written(_listing), holds_lists),
)  # fmt: skip
def empty_list_ignored(call: ActiveCall, run: Callable[[], None]) -> bool:
    """A list may be emptied."""
    return rewritten(call, run, _listing, lambda value: ... if value == [] else value)


def _bounded(field: Field, operation: Operation) -> bool:
    return field.text() and "maxLength" in operation.document.schemas.at(field.pointer)


@registry.before(
    does="A text that is longer than documented is cut, and accepted.", oracle="negative_data_rejection",
    where=lambda operation, _: operation.action in ("create", "update", "replace", "upsert")
    and any(_bounded(field, operation) for field in body_fields(operation)),
)  # fmt: skip
def too_long_cut(call: ActiveCall) -> bool | None:
    """A text that is longer than its maxLength is refused."""
    try:
        body: Any = orjson.loads(call.request.body)
    except orjson.JSONDecodeError:
        return None
    acted = False
    for field in body_fields(call.operation) if is_object(body) else ():
        longest = call.operation.document.schemas.at(field.pointer).get("maxLength")
        text = body.get(field.name)
        if isinstance(longest, int) and isinstance(text, str) and len(text) > longest and field.text():
            body[field.name], acted = text[:longest], True
    if not acted:
        return None
    call.request = replace(call.request, body=orjson.dumps(body))
    return True


def _tells_texts(operation: Operation, vendor: Vendor) -> bool:
    """Actions whose body has a text that the record shows, and whose own response does not show it."""
    reader, own_place = sibling(operation, vendor, "get"), place(operation)
    alone = place(reader) if reader is not None else None
    key: Mapping[str, Any] = operation.data.get("x-accordant-key") or {}
    if operation.action != "custom" or alone is None or not operation.secured or not key.keys() & {"body", "parameter"}:
        return False
    told = {field.name for field in alone.fields if field.text()}
    told -= {field.name for field in own_place.fields} if own_place else set()
    return any(field.text() and field.name in told for field in body_fields(operation))


@registry.around(
    does="An action is confirmed, and what it says is stored nowhere.", oracle="text_truth", where=_tells_texts
)
def action_stores_nothing(call: ActiveCall, run: Callable[[], Answer]) -> Answer:
    """What an action says of a record is read back there."""
    before = tables(call)
    answer = run()
    touched = changed(before, tables(call)) if good(call, answer) else []
    if not touched:
        call.skip()
    put_back(call, before, touched)
    return answer


FAULTS = registry.faults
