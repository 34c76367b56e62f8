"""Operations that are no plain ones: a success that the document allows, made up, with what the request said in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from accordant_sandbox.derive.envelopes import fitting_page, put, shown
from accordant_sandbox.derive.kinds import RecordKind
from accordant_sandbox.derive.names import snake
from accordant_sandbox.derive.paging import next_members, paging_of
from accordant_sandbox.derive.shapes import Shapes
from accordant_sandbox.http.directions import without_written
from accordant_sandbox.http.document import Operation, Parameter
from accordant_sandbox.http.documented_answers import example_answer, fitting_answer, present_answer
from accordant_sandbox.http.exchange import ABSENT, Answer
from accordant_sandbox.http.json_types import is_array, is_object
from accordant_sandbox.http.record_dates import is_instant
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.ports import Call

__all__ = ["ActedOn", "act", "acted_on"]


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
        part: Whether it is a part of the record that is acted on; then any field of it may name it.
    """

    collection: str
    field: str
    place: str
    parameter: str
    part: bool = False

    def act(self, call: Call) -> Answer:
        """The made-up success; a Problem where records of that kind are known, and none is called so."""
        given: Mapping[str, Any] = call.path if self.place == "path" else call.query
        rows = [row for row in call.tx.rows(self.collection) if self.field in row]
        named = (row.values() if self.part else (row[self.field],) for row in rows)  # a path may name it otherwise
        known = {_text(each) for values in named for each in values if isinstance(each, (str, int, float))}
        if known and self.parameter in given and _text(given[self.parameter]) not in known:
            raise Problem("not_found", f"there is no record with that key in {self.collection}")
        return act(call)


def _text(key: Any) -> str:
    """A key as a path has it: every whole number may come as a float."""
    return str(int(key) if isinstance(key, float) and key.is_integer() else key)


def acted_on(
    operation: Operation, kinds: Mapping[str, RecordKind], names: Mapping[str, str], shapes: Shapes
) -> ActedOn | None:
    """The record that an operation which is no plain one acts on, or on whose part.

    Args:
        operation: The operation.
        kinds: The kinds of record of the document, by entity.
        names: The names of their collections.
        shapes: The schemas of the document.

    Returns:
        None where no response could say that it is not there, or no other operation shows which there are.
    """
    kind, stated = kinds.get(operation.entity or ""), operation.data.get("x-accordant-key")
    if not is_object(stated):
        return _part_of(operation, kinds, names, shapes)
    if kind is None or kind.key is None or not {"404", "410"} & operation.responses.keys():
        return None
    named = next((each for each in operation.parameters if each.name == stated.get("parameter")), None)
    if named is None or named.where not in ("path", "query") or not _may_name(named, kind, shapes):
        return None
    # What the field is called in this operation's own response may be another name than the records have.
    field = next((str(each) for each in (stated.get("field"), kind.key.field) if each in kind.shown), None)
    return ActedOn(names[kind.entity], field, named.where, named.name) if field else None


def _part_of(
    operation: Operation, kinds: Mapping[str, RecordKind], names: Mapping[str, str], shapes: Shapes
) -> ActedOn | None:
    """The last record that a path names, before the part of it that its operation acts on."""
    if not {"404", "410", "default"} & operation.responses.keys():
        return None
    variables = [each for each in operation.parameters if each.where == "path"]
    for each in sorted(variables, key=lambda each: -operation.path.find(f"{{{each.name}}}")):
        kind = kinds.get(str(each.data.get("x-accordant-reference")))
        if kind is None or kind.key is None or kind.entity == operation.entity:
            continue
        # Where a path says neither the record nor its key, nobody can say that it is not there.
        name = snake(each.name)
        called = name == kind.entity or name.endswith(snake(kind.key.field))
        if called and kind.key.field in kind.shown and _may_name(each, kind, shapes):
            return ActedOn(names[kind.entity], kind.key.field, each.where, each.name, part=True)
    return None


def _may_name(parameter: Parameter, kind: RecordKind, shapes: Shapes) -> bool:
    """Whether a parameter may name a record of which others show that it is there: one of a few values names none."""
    return "enum" not in shapes.node(parameter.schema) and bool({"get", "list"} & {*kind.verbs.values()})


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
