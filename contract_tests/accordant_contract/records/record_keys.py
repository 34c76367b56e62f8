"""What names a record: keys in bodies and headers, what they are unique within, and where a list shows one record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from attrs import evolve

from accordant_runtime import is_array, is_object
from accordant_sandbox.derive.names import snake

from ..document.document import Document, Operation
from ..document.facts import Parameter
from ..document.values import ABSENT, Arguments, Exchange
from .examples import Recipe
from .record import Record

_REACHES = ("eq", "in", "gteq", "lteq")
"""Predicates of filters that let a record through which has the very value asked for."""
_IDENTIFIERS = frozenset({"id", "uuid", "uid", "guid", "key"})
"""How names end that say which record is meant, whatever its key is called."""


def scope(operation: Operation, value: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a record that its key is unique within."""
    return {name: value[name] for name in operation.key.scope if name in value}


def sent(operation: Operation, exchange: Exchange, made: Callable[[Any], Mapping[str, Any]]) -> dict[str, Any]:
    """A record as a write named it, where no response shows it: in its body, by a header, or as ``made`` reads it."""
    key, body = operation.key, exchange.arguments.body
    value: dict[str, Any] = {**body} if is_object(body) else {}
    value.update(made(exchange.document))
    place = exchange.response.header(key.header) if exchange.response and key.header else None
    if key.field and place is not None:
        value[key.field] = place.rstrip("/").rsplit("/", 1)[-1]
    elif key.field and key.place == "body" and key.name in value:
        value[key.field] = value[key.name]
    return value


def alone(exchange: Exchange) -> Iterator[Exchange]:
    """An exchange for each item of a body that is a list, as if it had been sent alone."""
    body = exchange.arguments.body
    for each in body if is_array(body) else [body]:
        yield evolve(exchange, arguments=evolve(exchange.arguments, body=each))


def deleted(operation: Operation, exchange: Exchange) -> tuple[str, Any, dict[str, Any]]:
    """The kind, key and scope of the record that a deletion named."""
    body = exchange.arguments.body
    given = body if operation.key.place == "body" and is_object(body) else exchange.arguments.given
    return operation.entity, given.get(operation.key.name or ""), scope(operation, given)


def named(operation: Operation, recipe: Recipe, own: Mapping[str, Any]) -> Recipe:
    """A recipe that fills a body's key: with ``own`` values where a record exists, and nothing that may replace it."""
    key = operation.key
    properties = operation.schemas.properties(operation.body_schema)
    mine = {name: value for name, value in own.items() if name in properties}
    spare = {name: ABSENT for name in key.others if name not in (operation.body_schema or {}).get("required", ())}
    required = {name for name in (key.name, *key.scope) if name}
    return evolve(recipe, fixed={**spare, **mine, **recipe.fixed}, required=recipe.required | required)


def unlinked(operation: Operation) -> dict[str, Any] | None:
    """The schema of a body's key that the document calls a reference to its own kind: a new record needs a new one."""
    part = operation.schemas.properties(operation.body_schema).get(operation.key.name or "", {})
    entity = str(part.get("x-accordant-reference", "")).partition(".")[0]
    if entity != operation.entity:
        return None
    return {name: value for name, value in part.items() if name != "x-accordant-reference"}


def linked(
    operation: Operation, recipe: Recipe, need: Callable[[str], Record | None], scopes: Mapping[str, tuple[str, ...]]
) -> dict[str, Any]:
    """References to records whose keys are unique only within others: all of their properties, from one record each."""
    found: dict[str, Any] = {}
    required = (operation.body_schema or {}).get("required", ())
    properties = operation.schemas.properties(operation.body_schema)
    references = [(name, str(part.get("x-accordant-reference"))) for name, part in properties.items()]
    scoped = [(name, entity, scopes[entity]) for name, entity in references if entity in scopes]
    # A reference to a record of its own kind comes last: it must not say whose the new record is.
    for name, entity, within in sorted(scoped, key=lambda each: (each[1] == operation.entity, -len(each[2]))):
        wanted = recipe.full or name in required or name in recipe.required
        if name in recipe.fixed or name in found or not wanted:
            continue
        record = need(entity)
        if record is not None:
            own = {each: record.context[each] for each in within if each in properties and each in record.context}
            found = {**own, name: record.key, **found}
    return found


def repeated(operation: Operation, recipe: Recipe, key: Any) -> dict[str, Any]:
    """The key of a record that a path names, where the body has it too: it is the same one, if it is sent at all."""
    required = (operation.body_schema or {}).get("required", ())
    names = {operation.key.name, operation.key.field} if operation.key.place in ("path", "query") else set[str]()
    properties = operation.schemas.properties(operation.body_schema) if operation.body_schema is not None else {}
    held = [str(name) for name in names if name in properties and not properties[name].get("readOnly")]
    return {name: key if recipe.full or name in required else ABSENT for name in held}


def needed(operation: Operation) -> list[Parameter]:
    """The parameters without which a list does not respond, but for those that page."""
    paging = operation.paging.parameters if operation.paging else frozenset[str]()
    return [each for each in operation.parameters if each.required and each.name not in paging]


def spelt(operation: Operation, parameter: Parameter, record: Record) -> Any:
    """What a parameter calls a record: its key, or the field that is called like the parameter; the first that fits."""
    plain = _called(operation, parameter, record)
    kind = parameter.schema.get("format")
    fitting = (each for each in (*plain, record.key) if not kind or operation.schemas.has_format(str(kind), str(each)))
    return next(fitting, record.key)


def _called(operation: Operation, parameter: Parameter, record: Record) -> list[str | int]:
    """What a record shows under the name of its key, or of the parameter, however that is spelt."""
    field = operation.key.field if parameter.name == operation.key.name else None
    alike = {**{snake(each): each for each in record.value}, **{each: each for each in record.value}}
    name = snake(parameter.name)
    endings = (each for each in alike if name.endswith(f"_{each}") and "_or_" not in name)
    # A coach's email; how a record is identified says its key, which may be another than the field of that name.
    ending = max((each for each in endings if each.rpartition("_")[2] not in _IDENTIFIERS), key=len, default="")
    spellings = (name, name.removeprefix(f"{record.entity}_"), ending)
    names = (field, parameter.name, *map(alike.get, spellings))
    found = [record.value[each] for each in names if each is not None and each in record.value]
    return [each for each in found if isinstance(each, (str, int)) and not isinstance(each, bool) and each != ""]


def leading(operation: Operation, records: Iterable[Record]) -> list[Record]:
    """The records that the path of an operation leads to: those that show what it calls them by, if there are any."""
    every = [each for each in records if leads_to(operation, each)]
    parameter = operation.parameter(operation.key.name)
    telling = [each for each in every if parameter is None or _called(operation, parameter, each)]
    return telling or every


def said(parameter: Parameter, record: Record, shown: Mapping[str, Mapping[str, Any]]) -> Any:
    """What a record itself says of a part of a path to it: the key of what it is inside of, or a field of that name;
    ``None`` where it says nothing. ``shown`` are the schemas of its fields."""
    kind = parameter.reference
    named = [name for name, each in shown.items() if kind not in (None, record.entity) and _refers(each) == kind]
    if kind in (None, record.entity):
        named = [parameter.name]
    found = (record.value[name] for name in named if name in record.value)
    return next((each for each in found if isinstance(each, (str, int)) and each != ""), None)


def _refers(part: Mapping[str, Any]) -> Any:
    return part.get("x-accordant-reference")


def leads_to(operation: Operation, record: Record) -> bool:
    """Whether the path of an operation names nothing but a record and what is known to be around it.

    Records of other collections may be called the same: one that lies deeper is of this one if it shows its key.
    """
    named = {each.name for each in operation.parameters if each.where == "path"}
    around, key = named - {operation.key.name}, operation.key.field
    shown = key is None or not {key, f"_{key}"}.isdisjoint(record.value)  # a sandbox of ours may hide a key that it has
    if record.context.keys() - named and not shown:
        return False
    return around <= record.context.keys()


def named_in_bodies_alone(document: Document, operation: Operation) -> bool:
    """Whether a path calls a record by what its creator sent, and no response shows."""
    name, every = operation.key.field, document.of(operation.entity, "create", "get", "list", "replace", "update")
    sent = (each.schemas.properties(each.body_schema) for each in every if each.body_schema is not None)
    shown = (each.schemas.properties(each.record_schema or {}) for each in every)
    return not any(name in each for each in shown) and any(name in each for each in sent)


def tells_key(document: Document, operation: Operation, record: Record) -> bool:
    """Whether it is known how the path of an operation calls a record: one that was only seen may not show that."""
    other = record.entity != operation.entity or operation.key.field in record.value
    return other or not named_in_bodies_alone(document, operation)


def makes_for(creation: Operation, operation: Operation) -> bool:
    """Whether what a creation makes is known to be inside of everything that another operation's path names."""
    named = {each.name for each in operation.parameters if each.where == "path"} - {operation.key.name}
    return named <= {each.name for each in creation.parameters if each.where == "path"}


def through(operation: Operation, known: Callable[[str], Iterable[Record]]) -> dict[str, Any]:
    """The variables of a path out of one record that it names, and what is known to be around that; the innermost
    comes first. Empty where no record leads through the whole path, or where the path names but one."""
    named = [each for each in operation.parameters if each.where == "path"]
    order = sorted(named, key=lambda each: -operation.path.find(f"{{{each.name}}}"))
    for parameter in order if len(named) > 1 else ():
        others = {each.name for each in named} - {parameter.name}
        for record in known(parameter.reference) if parameter.reference else ():
            if others <= record.context.keys():
                own = {name: record.context[name] for name in others}
                return {**own, parameter.name: spelt(operation, parameter, record)}
    return {}


def kinds(operation: Operation) -> dict[str, str | None]:
    """The kinds of record that the parameters of an operation name."""
    return {each.name: each.reference for each in operation.parameters}


def around(
    operation: Operation,
    value: Mapping[str, Any],
    context: Mapping[str, Any],
    named: Mapping[str, str | None] | None = None,
) -> Arguments | None:
    """The arguments with which a list shows a record, ``None`` where that cannot be told.

    ``named`` are the kinds of record that the ``context`` names: a list inside of another kind may call it alike.
    """
    path: dict[str, Any] = {}
    query: dict[str, Any] = {}
    for parameter in needed(operation):
        field, predicate = parameter.filter or ("", "")
        kind = (named or {}).get(parameter.name)
        if parameter.name in context and (kind is None or parameter.reference in (None, kind)):
            found = context[parameter.name]
        elif predicate in _REACHES and field in value:
            found = value[field]
        else:
            return None
        (path if parameter.where == "path" else query)[parameter.name] = found
    return Arguments(path, query)


def was_there(operation: Operation, body: Mapping[str, Any], listing: Operation, before: Iterable[Exchange]) -> bool:
    """Whether a list showed the very record that an upsert names, before it: then it changes that one."""
    key = operation.key
    if operation.action != "upsert" or key.field is None or key.name is None or key.name not in body:
        return False
    named = {key.field: body[key.name], **{name: body.get(name) for name in key.scope}}
    rows = (row for each in before for row in listing.rows(each.document) or ())
    return any(is_object(row) and all(row.get(name) == value for name, value in named.items()) for row in rows)
