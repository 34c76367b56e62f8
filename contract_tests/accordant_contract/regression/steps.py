"""What led to a finding, as steps that can be taken again: requests without secrets, and which of them makes which id.

An id that a step has made is written as ``accordantvar_job_1_`` in the steps after it, a secret as
``accordantenv_DISPATCH_CLIENT_SECRET_``: texts that no escaping changes.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, Final

from attrs import define, evolve, field

from accordant_runtime import is_array, is_object

from ..document.document import Document, Operation
from ..document.references import references
from ..document.values import ABSENT, Arguments, Exchange, Finding, Part
from ..target.request_builder import build

VARIABLE: Final = "accordantvar_"
SECRET: Final = "accordantenv_"
_MOST: Final = 12
_LARGEST: Final = 20_000
_TAKEN: Final = ("reply", "sent")
"""What the variables of requests and responses are called."""


@define(eq=False)
class _Script:
    """The steps so far, and the names of the ids that they make."""

    document: Document
    history: Sequence[Exchange]
    hide: Callable[[Any], Any]
    names: dict[tuple[str, str], str] = field(factory=dict[tuple[str, str], str], init=False)
    steps: list[dict[str, Any]] = field(factory=list[dict[str, Any]], init=False)
    _taken: set[int] = field(factory=set[int], init=False)

    def prepare(self, exchange: Exchange, before: int, shown: Container[int]) -> None:
        """Add what made the records that an exchange names; not those that are shown anyway."""
        operation = self.document.operations[exchange.operation]
        for entity, value in _records(operation, exchange.arguments):
            found = self._maker(entity, value, before) if (entity, str(value)) not in self.names else None
            if found is not None and id(self.history[found]) not in shown:
                self.prepare(self.history[found], found, shown)
                self.take(self.history[found], shown=False)

    def take(self, exchange: Exchange, *, shown: bool) -> None:
        """Add an exchange, once."""
        if id(exchange) in self._taken or len(self.steps) >= 2 * _MOST:
            return
        self._taken.add(id(exchange))
        operation = self.document.operations[exchange.operation]
        step = self._step(operation, exchange)
        made = self._made(operation, exchange)
        if made is not None:
            word, taken = _word(operation.entity), self.names.values()
            name = next(each for number in count(1) if (each := f"{word}_{number}") not in taken)
            self.names[operation.entity, str(made)] = name
            step["makes"] = name
        self.steps.append({**step, "shown": shown})

    def _maker(self, entity: str, value: Any, before: int) -> int | None:
        """The latest exchange before that one which made the record."""
        for index in range(before - 1, -1, -1):
            exchange = self.history[index]
            operation = self.document.operations[exchange.operation]
            if operation.entity == entity and str(self._made(operation, exchange)) == str(value):
                return index
        return None

    def _made(self, operation: Operation, exchange: Exchange) -> Any:
        """The key of the record that an exchange has made and shows; ``None`` where it made none."""
        name = operation.key.field
        if operation.action not in ("create", "upsert") or not exchange.success or not name:
            return None
        record = operation.record(exchange.document)
        return record.get(name) if is_object(record) else None

    def _step(self, operation: Operation, exchange: Exchange) -> dict[str, Any]:
        arguments = self._named(operation, exchange.arguments)
        body = arguments.body
        plain = body is not ABSENT and not _has_file(body) and "json" in (arguments.media_type or "json")
        shown = evolve(arguments, body=ABSENT, raw=None, query=self.hide(arguments.query))
        step: dict[str, Any] = {
            "operation": operation.id,
            "method": exchange.request.method,
            "path": build(operation, shown, "").url,
            "query": self.hide(arguments.query),
            "header": self.hide(arguments.header),
            "given": self.hide({**arguments.given}),
            "status": exchange.status,
        }
        if plain:
            step["json"] = self.hide(body)
        elif exchange.request.body and len(exchange.request.body) <= _LARGEST:
            text = exchange.request.body.decode("utf-8", "surrogateescape")
            hidden = str(self.hide(text)).encode("utf-8", "surrogateescape")
            step["content"] = base64.b64encode(hidden).decode()
            step["type"] = exchange.request.header("content-type") or ""
        return step

    def _named(self, operation: Operation, arguments: Arguments) -> Arguments:
        def one(entity: str | None, value: Any) -> Any:
            if is_array(value):
                return [one(entity, each) for each in value]
            name = self.names.get((entity or "", str(value)))
            return value if name is None else f"{VARIABLE}{name}_"

        entities = {
            each.name: each.reference or (operation.entity if each.name == operation.key.name else None)
            for each in operation.parameters
        }
        path = {name: one(entities.get(name), value) for name, value in arguments.path.items()}
        query = {name: one(entities.get(name), value) for name, value in arguments.query.items()}
        body = arguments.body
        if body is not ABSENT and operation.body_schema is not None:
            many = operation.takes_many and is_array(body)
            parts = [self._within(operation, operation.body_schema, each, one) for each in (body if many else [body])]
            body = parts if many else parts[0]
        if is_object(body) and operation.key.place == "body" and operation.key.name in body:
            body = {**body, operation.key.name: one(operation.entity, arguments.body[operation.key.name])}
        return evolve(arguments, path=path, query=query, body=body)

    def _within(
        self, operation: Operation, schema: Mapping[str, Any], value: Any, one: Callable[[str | None, Any], Any]
    ) -> Any:
        plain = operation.schemas.schema(schema)
        entity = plain.get("x-accordant-reference")
        if entity and not is_object(value):
            return one(str(entity), value)
        if is_object(value):
            parts = operation.schemas.properties(plain)
            return {
                name: self._within(operation, parts[name], each, one) if name in parts else each
                for name, each in value.items()
            }
        if is_array(value) and "items" in plain:
            return [self._within(operation, plain["items"], each, one) for each in value]
        return value


def steps(
    finding: Finding,
    history: Sequence[Exchange],
    document: Document,
    secrets: Mapping[str, str],
    mask: Callable[[str], str],
) -> list[dict[str, Any]]:
    """The steps to a finding: what made the records that its requests name, and these requests.

    ``secrets`` are environment variables by the secret that they hold; ``mask`` hides what has none.
    """
    places = {id(each): index for index, each in enumerate(history)}
    script = _Script(document, history, lambda value: _hidden(value, secrets, mask))
    shown = [each for each in finding.exchanges[-_MOST:] if each.operation in document.operations]
    for exchange in shown:  # first whatever they need: nothing may come between a reading and the write after it
        script.prepare(exchange, places.get(id(exchange), len(history)), {id(each) for each in shown})
    for exchange in shown:
        script.take(exchange, shown=True)
    return script.steps


def _records(operation: Operation, arguments: Arguments) -> Iterator[tuple[str, Any]]:
    """The records that a request names: those that it refers to, and the one that it is about."""
    yield from references(operation, arguments)
    key = operation.key
    given = arguments.body if key.place == "body" else arguments.given
    if key.name and is_object(given) and given.get(key.name) is not None:
        yield operation.entity, given[key.name]


def _hidden(value: Any, secrets: Mapping[str, str], mask: Callable[[str], str]) -> Any:
    if is_object(value):
        return {name: _hidden(each, secrets, mask) for name, each in value.items()}
    if is_array(value):
        return [_hidden(each, secrets, mask) for each in value]
    if isinstance(value, str):
        return f"{SECRET}{secrets[value]}_" if value in secrets else mask(value)
    return None if isinstance(value, Part) else value


def _has_file(value: Any) -> bool:
    return any(_files(value))


def _files(value: Any) -> Iterator[bool]:
    if isinstance(value, Part):
        yield True
    elif is_object(value):
        for each in value.values():
            yield from _files(each)


def _word(text: str) -> str:
    """A text as the beginning of a variable's name, in letters that :data:`VARIABLE` marks can be found by."""
    word = re.sub("[^a-z0-9]+", "_", text.lower()).strip("_")
    return word if word[:1].isalpha() and word not in _TAKEN else f"record_{word}".rstrip("_")
