"""What a run knows of the target's records: where they are, how to make one, how to read one back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import define, evolve, field, frozen

from accordant_runtime import is_object

from ..document.document import Operation
from ..document.policy import Policy, Step
from ..document.values import ABSENT, Arguments, Exchange
from ..judges.paging import Walk
from ..judges.writes import Reading
from ..target.clients import Clients
from ..target.session import Session
from ..target.vendor import Credential, Secrets
from . import record_keys, selection
from .examples import Examples, Recipe
from .selection import Filling

PAGES: Final = 25
"""How many pages of a list a run reads at most."""


@frozen
class Record:
    """A record that is known to exist: its id, what it holds, and the arguments that led to it."""

    entity: str
    key: Any
    value: Mapping[str, Any] = field(repr=False)
    context: Mapping[str, Any] = field(factory=dict[str, Any])
    own: bool = False
    made_by: Exchange | None = field(default=None, repr=False)
    within: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)

    def names(self, key: Any, context: Mapping[str, Any]) -> bool:
        """Whether a key means this record, in a context that says within what it is unique."""
        return self.key == key and all(
            self.context[name] == value for name, value in context.items() if name in self.context
        )


@define(eq=False)
class World:
    """Records by kind, filled from lists and creates as they are needed."""

    session: Session
    policy: Policy
    seed: int
    fields: int = 8
    records: dict[str, list[Record]] = field(factory=dict[str, "list[Record]"], init=False, repr=False)
    examples: Examples = field(init=False, repr=False)
    clients: Clients = field(init=False, repr=False)
    _making: list[str] = field(factory=list[str], init=False)
    _filling: list[Filling] = field(factory=list[Filling], init=False, repr=False)
    _dead: Credential | None = field(default=None, init=False, repr=False)
    _others: dict[str, Credential | None] = field(factory=dict[str, "Credential | None"], init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        document = self.session.document
        self.clients = Clients(self.session.target, self.session.own_arguments)
        for name, secrets in self.session.target.schemes.items():
            for entity, secret in self.session.target.vendor.schemes[name].records.items():
                self.records[entity] = [Record(entity, secrets[secret], {})]
        now = self.session.target.now()
        salt = 0 if self.session.target.sandbox else int(now.timestamp()) % 1_000_000
        self.examples = Examples(document.schemas, self.reference, self.policy.hints, self.seed, now, salt)

    @property
    def operations(self) -> Mapping[str, Operation]:
        """The document's operations."""
        return self.session.document.operations

    def call(self, operation: Operation, arguments: Arguments, **how: Any) -> Exchange:
        """Call an operation and remember the records in its answer."""
        exchange = self.session.call(operation.id, arguments, **how)
        if exchange.success and operation.retires and operation.key.name:
            self.forget(*record_keys.deleted(operation, exchange))
        elif exchange.success and exchange.intent == "valid":
            self.remember(operation, exchange)
        for kind, key in selection.removed(operation, arguments.given) if exchange.success else ():
            self.forget(kind, key)
        return exchange

    def remember(self, operation: Operation, exchange: Exchange) -> list[Record]:
        """The records in a successful answer, now known."""
        if operation.retires or operation.key.field is None:
            return []
        document = exchange.document
        rows = operation.rows(document)
        values = rows if rows is not None else [operation.record(document)]
        if rows is None and not (is_object(values[0]) and operation.key.field in values[0]):
            values = [record_keys.sent(operation, exchange, self.session.target.vendor.made)]
        own = operation.action in ("create", "upsert") and rows is None
        context = {name: value for name, value in exchange.arguments.path.items() if name != operation.key.name}
        found = [
            Record(
                operation.entity,
                value[operation.key.field],
                value,
                {**context, **record_keys.scope(operation, value)},
                own,
                exchange,
                selection.within(operation, exchange),
            )
            for value in values
            if is_object(value) and operation.key.field in value
        ]
        book = self.records.setdefault(operation.entity, [])
        for record in found:
            old = next((each for each in book if each.names(record.key, record.context)), None)
            if old is not None:
                book.remove(old)
                record = evolve(record, own=old.own or own, value={**old.value, **record.value})
            # Lists only add behind what the run made itself, so that the newest own record stays first in line.
            book.insert(0 if own or (old is not None and old.own) else len(book), record)
        return found

    def forget(self, entity: str, key: Any, context: Mapping[str, Any] | None = None) -> None:
        """A record that is gone."""
        self.records[entity] = [each for each in self.records.get(entity, ()) if not each.names(key, context or {})]

    def reference(self, entity: str) -> Any:
        """The id of a record of that kind, made or found where need be; ``ABSENT`` where there is none.

        ``kind.field`` asks for another field of the record.
        """
        kind, _, name = entity.partition(".")
        subject = self._filling[-1].subject if self._filling else None
        own = name and isinstance(subject, Record) and subject.entity == kind
        record = subject if own and isinstance(subject, Record) else self.need(kind)
        if record is None or not name:
            return ABSENT if record is None else record.key
        if name not in record.value:
            reading = self.read(record)
            value: Mapping[str, Any] = reading.record if reading is not None and is_object(reading.record) else {}
            record = evolve(record, value={**record.value, **value})
        return record.value.get(name, ABSENT)

    def need(self, entity: str) -> Record | None:
        """A record of that kind: known, else made, else listed."""
        if self._fitting(entity) is None and entity not in self._making:
            if not self.records.get(entity):
                self.make(entity)
            for operation in self.session.document.of(entity, "list") if self._fitting(entity) is None else ():
                arguments = self.arguments(operation)
                if arguments is not None:
                    self.call(operation, arguments)
        return self._fitting(entity)

    def make(self, entity: str, recipe: Recipe | None = None) -> Record | None:
        """A new record of that kind, or ``None`` where there is no way to make one."""
        if entity in self._making:
            return None
        self._making.append(entity)
        try:
            for operation in self.session.document.of(entity, "create", "upsert"):
                found = self.create(operation, recipe)
                if found is not None:
                    return found
            return None
        finally:
            self._making.remove(entity)

    def create(self, operation: Operation, recipe: Recipe | None = None) -> Record | None:
        """A new record by one operation."""
        arguments = self.arguments(operation, recipe=recipe)
        if arguments is None:
            return None
        exchange = self.call(operation, arguments)
        if not exchange.success:
            return None
        return self.of(operation, exchange)

    def step(self, step: Step) -> Exchange | None:
        """One step of a policy: a create makes a new record, everything else acts on the newest of its kind."""
        operation = self.operations[step.operation]
        makes = operation.action in ("create", "upsert")
        record = None if makes or operation.key.place is None else self.need(operation.entity)
        arguments = self.arguments(operation, record, Recipe(full=makes, fixed=step.body))
        return None if arguments is None else self.call(operation, arguments)

    def of(self, operation: Operation, exchange: Exchange) -> Record | None:
        """The known record that an answer is about."""
        value, name = operation.record(exchange.document), operation.key.field
        if not is_object(value) or name not in value:
            value = record_keys.sent(operation, exchange, self.session.target.vendor.made)
        if name not in value:
            return None
        context = record_keys.scope(operation, value)
        known = self.records.get(operation.entity, ())
        return next((each for each in known if each.names(value[name], context)), None)

    def arguments(
        self, operation: Operation, record: Record | None = None, recipe: Recipe | None = None
    ) -> Arguments | None:
        """What fills an operation's request; ``None`` where a record that it needs cannot be had."""
        recipe = self._recipe(operation, recipe)
        places: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
        key = operation.key
        if key.place in ("path", "query") and record is None and operation.action != "create":
            owner = selection.whole(operation, self.records, self.policy.choices, recipe.required)
            known = self.records.get(operation.entity, ())
            record = next((each for each in known if each.key == owner), None) or self.need(operation.entity)
        filling = Filling(operation, record)
        self._filling.append(filling)
        try:
            for parameter in operation.parameters:
                if not parameter.required or parameter.where not in places:
                    continue
                value = self._parameter(operation, parameter.name, record, recipe)
                if value is ABSENT:
                    return None
                places[parameter.where][parameter.name] = value
                if parameter.reference:
                    filling.named[parameter.reference] = value
            body = self._body(operation, record, recipe)
        finally:
            self._filling.pop()
        if body is ABSENT and operation.body_schema is not None:
            return None
        return Arguments(places["path"], places["query"], places["header"], body)

    def _body(self, operation: Operation, record: Record | None, recipe: Recipe) -> Any:
        key = operation.key
        if operation.body_schema is None:
            return ABSENT
        if key.place == "body" and key.name:
            own = {key.name: record.key, **record.context} if record is not None else {}
            recipe = record_keys.named(operation, recipe, own)
            fresh = record_keys.unlinked(operation) if record is None else None
            if fresh is not None and key.name not in recipe.fixed:
                value = self.examples.value(key.name, fresh, recipe)
                recipe = evolve(recipe, fixed={**recipe.fixed, key.name: value})
        linked = record_keys.linked(operation, recipe, self.need, self.session.document.scopes)
        fixed = {**selection.unborn(operation), **linked, **recipe.fixed}
        return self.examples.body(operation.body_schema, evolve(recipe, fixed=fixed))

    def _fitting(self, entity: str) -> Record | None:
        """The first known record of that kind that the request which is being filled may name."""
        filling = self._filling[-1] if self._filling else None
        known = self.records.get(entity, ())
        return next((each for each in known if selection.fits(each, filling, self.policy.choices)), None)

    def read(self, record: Record) -> Reading | None:
        """The record as it is now, or ``None`` where no operation reads it."""
        for operation in self.session.document.of(record.entity, "get"):
            if operation.key.name is None:
                continue
            arguments = self.arguments(operation, record)
            if arguments is not None:
                exchange = self.session.call(operation.id, arguments, "unknown")
                return Reading(_record(operation, exchange), operation, (exchange,))
        for operation in self.session.document.of(record.entity, "list"):
            if operation.key.field is not None:
                return self._find(operation, record)
        return None

    def shown(self, operation: Operation) -> dict[str, dict[str, Any]]:
        """The fields of the record that an operation is about: as it answers it, and as others read it."""
        readers = self.session.document.of(operation.entity, "get", "list")
        schemas = [each.record_schema for each in (operation, *readers) if each.record_schema]
        return {name: part for each in schemas for name, part in operation.schemas.properties(each).items()}

    def rows(self, operation: Operation, arguments: Arguments) -> tuple[list[Any], Walk]:
        """All rows of a list (of at most ``PAGES`` pages), read with the largest page."""
        paging = operation.paging
        walk = self.walk(operation, arguments, paging.most if paging and paging.size else 0)
        return [row for page in walk.pages for row in operation.rows(page.document) or []], walk

    def walk(self, operation: Operation, arguments: Arguments, size: int, pages: int = PAGES) -> Walk:
        """A list read page by page."""
        paging = operation.paging
        if paging is None or paging.position is None:
            query = {**arguments.query, **({paging.size: size} if paging and paging.size and size else {})}
            return Walk(size, (self.call(operation, evolve(arguments, query=query)),))
        read: list[Exchange] = []
        seen = 0
        for number in range(pages):
            position = number + 1 if paging.style == "page" else seen
            query = {**arguments.query, paging.position: position, **({paging.size: size} if paging.size else {})}
            exchange = self.call(operation, evolve(arguments, query=query))
            rows = operation.rows(exchange.document) if exchange.success else None
            if rows is None:
                return Walk(size, tuple(read), finished=False)
            read.append(exchange)
            seen += len(rows)
            total = operation.total(exchange.document)
            if not rows or (seen >= total if total is not None else len(rows) < size):
                return Walk(size, tuple(read))
        return Walk(size, tuple(read), finished=False)

    def total(self, operation: Operation, arguments: Arguments) -> tuple[int | None, tuple[Exchange, ...]]:
        """How many rows a list has, and the exchanges that say so; ``None`` where nothing says it."""
        paging = operation.paging
        if paging is None or paging.total is None:
            rows, walk = self.rows(operation, arguments)
            return (len(rows) if walk.finished else None), walk.pages
        query = {**arguments.query, **({paging.size: 1} if paging.size else {})}
        exchange = self.session.call(operation.id, evolve(arguments, query=query))
        return operation.total(exchange.document), (exchange,)

    def counter(self, entity: str, context: Mapping[str, Any]) -> tuple[Operation, Arguments] | None:
        """A list that counts the records of a kind."""
        for operation in self.session.document.of(entity, "list"):
            needed = [each.name for each in record_keys.needed(operation)]
            if all(name in context for name in needed):
                path = {name: context[name] for name in needed}
                return operation, Arguments(path=path)
        return None

    def dead_credential(self) -> Credential | None:
        """A credential beyond its life, or ``None`` where that cannot be had; moves the target's clock once."""
        if self._dead is None:
            credential = self.session.login()
            if credential.lifetime is None or self.session.target.control is None:
                return None
            self.session.target.wait(credential.lifetime + 1)
            self.session.renew()
            self._dead = credential
        return self._dead

    def credential_of(self, principal: str) -> Credential | None:
        """The credential of a weaker principal, where the target has one."""
        secrets = self.session.target.weaker.get(principal)
        return None if secrets is None else self.credential_with(principal, secrets)

    def credential_with(self, name: str, secrets: Secrets) -> Credential | None:
        """A credential for other secrets, kept under a name; ``None`` where the login refuses them."""
        if name not in self._others:
            found = self.session.try_login(secrets)
            self._others[name] = found if isinstance(found, Credential) else None
        return self._others[name]

    def _find(self, operation: Operation, record: Record) -> Reading | None:
        arguments = record_keys.around(operation, record.value, record.context)
        if arguments is None:
            return None
        wanted = {**record.context, str(operation.key.field): record.key}
        telling = (str(operation.key.field), *operation.key.scope)
        exchanges: list[Exchange] = []
        for page in self._backwards(operation, arguments):
            exchanges.append(page)
            for row in operation.rows(page.document) or []:
                if is_object(row) and all(row.get(name) == wanted.get(name) for name in telling):
                    return Reading(row, operation, tuple(exchanges))
        return Reading(ABSENT, operation, tuple(exchanges))

    def _backwards(self, operation: Operation, arguments: Arguments) -> Iterator[Exchange]:
        """The pages of a list, the last one early: new records stand there more often than not."""
        paging = operation.paging
        if paging is not None and paging.style == "offset" and paging.total and paging.position and paging.size:
            size = min(paging.maximum or 100, 100)
            total, _ = self.total(operation, arguments)
            if total is not None and total > size:
                query = {**arguments.query, paging.size: size, paging.position: total - size}
                yield self.session.call(operation.id, evolve(arguments, query=query))
        _, walk = self.rows(operation, arguments)
        yield from walk.pages

    def _recipe(self, operation: Operation, recipe: Recipe | None) -> Recipe:
        recipe = recipe or Recipe()
        fixed: dict[str, Any] = {}
        schema = operation.body_schema
        for name in operation.schemas.properties(schema) if schema is not None else ():
            hint = self.policy.hints.get(f"{operation.id}.{name}")
            if hint is not None:
                fixed[name] = hint(self.examples.next())
        situation = self.policy.situation(operation.id)
        required = recipe.required | set(situation.required if situation else ())
        return evolve(recipe, fixed={**fixed, **recipe.fixed}, required=required)

    def _parameter(self, operation: Operation, name: str, record: Record | None, recipe: Recipe) -> Any:
        parameter = operation.parameter(name)
        assert parameter is not None
        if record is not None:
            if name == operation.key.name:
                return record.key
            if name in record.context:
                return record.context[name]
        if parameter.reference:
            return self.reference(parameter.reference)
        hint = self.policy.hints.get(f"{operation.id}.{name}")
        if hint is not None:
            return hint(self.examples.next())
        return self.examples.value(name, parameter.schema, recipe)


def _record(operation: Operation, exchange: Exchange) -> Any:
    found = operation.record(exchange.document) if exchange.success else ABSENT
    return found if is_object(found) else ABSENT


def first(records: Sequence[Record]) -> Record | None:
    """The first of some records."""
    return next(iter(records), None)
