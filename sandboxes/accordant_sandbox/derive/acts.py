"""Operations that are no plain ones: a success that the document allows, made up, with what the request said in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from accordant_sandbox.derive.envelopes import fitting_page, put, shown
from accordant_sandbox.derive.paging import next_members, paging_of
from accordant_sandbox.derive.shapes import Shapes
from accordant_sandbox.http.directions import without_written
from accordant_sandbox.http.documented_answers import example_answer, fitting_answer, present_answer
from accordant_sandbox.http.exchange import ABSENT, Answer
from accordant_sandbox.http.json_types import is_array, is_object
from accordant_sandbox.http.record_dates import is_instant
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.ports import Call

__all__ = ["ActedOn", "act"]


def act(call: Call) -> Answer:
    """The operation's documented success; members that the body has too are those of the body, where they fit."""
    operation = call.operation
    answer = example_answer(operation, operation.success_status)
    if operation.pagination is not None:
        return _page(call, answer)
    answer = present_answer(operation, answer, call.tx.now_text)
    if is_object(answer.body) and is_object(call.body):
        known: dict[str, Any] = answer.body
        said = {name: value for name, value in call.body.items() if _says(value, known.get(name, ABSENT))}
        schema = operation.answer_schema(answer.status, answer.media_type or "application/json")
        whole = without_written({**known, **said}, schema, operation.document.data)
        answer.body = shown(Shapes(operation.document), whole, schema)
        return fitting_answer(operation, answer)
    if answer.body is not ABSENT or answer.content is not None:
        return answer
    plain = call.answer()
    for name, value in answer.headers:
        if name not in plain.headers:
            plain.headers.set(name, value)
    return plain


@dataclass(frozen=True, slots=True)
class ActedOn:
    """The record that an operation acts on: whatever its success is made of, the record has to be there.

    Args:
        collection: Where records of its kind are kept.
        field: The field that names one.
        place: Where a request names it: `path` or `query`.
        parameter: What it is called there.
    """

    collection: str
    field: str
    place: str
    parameter: str

    def act(self, call: Call) -> Answer:
        """The made-up success; a Problem where records of that kind are known, and none is called so."""
        given: Mapping[str, Any] = call.path if self.place == "path" else call.query
        known = {str(row[self.field]) for row in call.tx.rows(self.collection) if self.field in row}
        if known and self.parameter in given and str(given[self.parameter]) not in known:
            raise Problem("not_found", f"there is no record with that key in {self.collection}")
        return act(call)


def _says(value: Any, known: Any) -> bool:
    """Whether a value of a body may take the place of one that is shown: it has its type, and is no text for a time."""
    return type(value) is type(known) and (is_instant(value) or not is_instant(known))


def _page(call: Call, answer: Answer) -> Answer:
    """The part of a made-up list that was asked for, with what it says of the next page: a walk over it ends."""
    paging, way = paging_of(call.operation), str((call.operation.pagination or {}).get("items", ""))
    rows: Any = answer.body
    for name in way.split(".") if way else ():
        rows = rows.get(name) if is_object(rows) else None
    if paging is None or not is_array(rows):
        return answer
    window = paging.window(call.query, len(rows), call.settings)
    shown = rows[window.start : window.stop]
    numbers = next_members(call, paging, window, len(shown)) if way else {}
    body: Any = put(answer.body, way.split(".") if way else (), shown)
    for place, value in numbers.items():
        body = put(body, place.split("."), value)
    return replace(answer, body=fitting_page(call.operation, replace(answer, body=body), numbers))
