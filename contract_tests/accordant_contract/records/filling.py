"""Requests that are valid: which records they name, and what else fills them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import define, evolve, field

from accordant_runtime import is_object

from ..document.document import Operation
from ..document.facts import Parameter
from ..document.forms import written
from ..document.policy import Policy, PolicyStep
from ..document.values import ABSENT, Arguments, Exchange
from ..target.session import TargetSession
from . import record_keys, selection
from .cutting import fitting_part, showable, with_alternative
from .examples import Examples, Recipe
from .ownership import MARK
from .reading import RecordReader
from .record import Record
from .selection import Filling
from .store import RecordStore

TRIES: Final = 3
"""Bodies that are made until one fits its schema."""


@define(eq=False)
class RequestFiller:
    """Fills the requests of one run; finds or makes the records that a request names."""

    store: RecordStore
    policy: Policy
    seed: int
    examples: Examples = field(init=False, repr=False)
    reader: RecordReader = field(init=False, repr=False)
    _making: list[str] = field(factory=list[str], init=False)
    _listing: list[str] = field(factory=list[str], init=False)
    _filling: list[Filling] = field(factory=list[Filling], init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        target = self.session.target
        now = target.now()
        salt = 0 if target.sandbox else int(now.timestamp()) % 1_000_000
        mark = MARK if self.session.guard is not None else ""
        schemas = self.session.document.schemas
        self.examples = Examples(schemas, self.reference, self.policy.hints, self.seed, now, salt, mark)
        self.examples.spell = self._spelt
        self.reader = RecordReader(self.store, self.arguments)

    @property
    def session(self) -> TargetSession:
        """The session with the target."""
        return self.store.session

    def reference(self, entity: str) -> Any:
        """The id of a record of that kind, made or found where need be; ``ABSENT`` where there is none.

        ``kind.field`` asks for another field of the record.
        """
        kind, _, name = entity.partition(".")
        subject = self._filling[-1].subject if self._filling else None
        own = name and isinstance(subject, Record) and subject.entity == kind
        if not name and isinstance(subject, Record) and self.session.target.vendor.described and kind in subject.within:
            return subject.within[kind]  # a write leaves a record inside of what it is inside of
        record = subject if own and isinstance(subject, Record) else self.need(kind)
        if record is None or not name:
            return ABSENT if record is None else record.key
        if name not in record.value:
            reading = self.reader.read(record)
            value: Mapping[str, Any] = reading.record if reading is not None and is_object(reading.record) else {}
            record = evolve(record, value={**record.value, **value})
        return record.value.get(name, ABSENT)

    def _spelt(self, kind: str, form: str) -> Any:
        """The id of a record in a format that its key does not have: a field of it that is called like an id."""
        record = self.need(kind)
        fields = record.value.items() if record is not None else ()
        ids = (value for name, value in fields if name.lower().endswith("id") and isinstance(value, str))
        return next((each for each in ids if self.session.document.schemas.has_format(form, each)), ABSENT)

    def need(self, entity: str) -> Record | None:
        """A record of that kind: known, else made, else listed."""
        if self._fitting(entity) is None and entity not in self._making:
            # What is asked on the way to a record is judged: no id is made up for that.
            inventing, self.examples.inventing = self.examples.inventing, False
            try:
                self._look_for(entity)
            finally:
                self.examples.inventing = inventing
        return self._fitting(entity)

    def _look_for(self, entity: str) -> None:
        if not self.store.known(entity) or self.session.guard is not None:
            self.make(entity)
        if self._fitting(entity) is None and entity not in self._listing:
            self._list(entity)

    def changeable(self, operation: Operation) -> Record | None:
        """A record that an operation may change: a new one, else any. Where a document alone describes the vendor, one
        that is known to be inside of what the operation's path names."""
        made = self.fresh(operation)
        if not self.session.target.vendor.described:
            return made or self.need(operation.entity)
        known = [*([made] if made is not None else ()), *self.store.known(operation.entity)]
        found = next(iter(record_keys.leading(operation, known)), None)
        return found or (self.need(operation.entity) if not known else None)

    def known_for(self, operation: Operation) -> Record | None:
        """A record for an operation: any. Where a document alone describes the vendor, first one that is known to be
        inside of what the operation's path names, else one that is made there."""
        if self.session.target.vendor.described:
            for each in record_keys.leading(operation, self.store.known(operation.entity)):
                if self._may(operation, each):
                    return each
            made = self.fresh(operation)
            if made is not None:
                return made
        return self.need(operation.entity)

    def fresh(self, operation: Operation, recipe: Recipe | None = None) -> Record | None:
        """A new record for an operation. Where a document alone describes the vendor, one that was made inside of what
        the operation's path names: what was made elsewhere need not be found there."""
        if not self.session.target.vendor.described:
            return self.make(operation.entity, recipe)
        made = self.make(operation.entity, recipe, lambda each: record_keys.makes_for(each, operation))
        others = self.store.known(operation.entity) if self.session.target.held else []
        return made if made is not None and made in record_keys.leading(operation, [made, *others]) else None

    def spare(self, operation: Operation) -> Record | None:
        """A record that may go although nothing can be made in its place: one that a sandbox of ours began with, and
        that the operation's path leads to. One that others are inside of is the last to go."""
        if not self.session.target.held:
            return None
        every = [each for each in self.store.known(operation.entity)[::-1] if self._may(operation, each)]
        known = record_keys.leading(operation, every)
        known = known or [each for each in every if not each.own]
        return next((each for each in known if not self.store.holds(each)), next(iter(known), None))

    def _list(self, entity: str) -> None:
        """List the records of a kind; a list that needs one of them, by way of others perhaps, finds none."""
        self._listing.append(entity)
        try:
            for operation in self.session.document.of(entity, "list"):
                arguments = self.arguments(operation)
                if arguments is not None:
                    self.store.call(operation, arguments)
        finally:
            self._listing.remove(entity)

    def make(
        self, entity: str, recipe: Recipe | None = None, suits: Callable[[Operation], bool] = lambda _: True
    ) -> Record | None:
        """A new record of that kind, or ``None`` where there is no way to make one, or where the run may not; first
        by the operations that ``suits`` prefers."""
        if entity in self._making or not self.session.target.writes:
            return None
        self._making.append(entity)
        try:
            ways = self.session.document.of(entity, "create", "upsert")
            for operation in sorted(ways, key=lambda each: not suits(each)):
                found = None if self.session.forbidden(operation) else self.create(operation, recipe)
                if found is not None:
                    return found
            return None
        finally:
            self._making.remove(entity)

    def create(self, operation: Operation, recipe: Recipe | None = None) -> Record | None:
        """A new record by one operation."""
        arguments = self.arguments(operation, recipe=recipe)
        if arguments is None or self.session.refusal(operation, arguments):
            return None
        exchange = self.store.call(operation, arguments)
        if not exchange.success:
            return None
        return self.store.of(operation, exchange)

    def step(self, step: PolicyStep) -> Exchange | None:
        """One step of a policy: a create makes a new record, everything else acts on the newest of its kind."""
        operation = self.session.document.operations[step.operation]
        if self.session.forbidden(operation):
            return None
        makes = operation.action in ("create", "upsert")
        record = None if makes or operation.key.place is None else self.need(operation.entity)
        arguments = self.arguments(operation, record, Recipe(full=makes, fixed=step.body))
        return None if arguments is None else self.store.call(operation, arguments)

    def invented(self, operation: Operation, recipe: Recipe) -> Arguments | None:
        """The same with made-up ids where there is no record to name: for a sandbox of ours alone, where a kind of
        record that only ids speak of has none, and nobody is harmed."""
        target = self.session.target
        if target.sandbox is None or not target.vendor.described:
            return None
        self.examples.inventing = True
        try:
            return self.arguments(operation, None, recipe)
        finally:
            self.examples.inventing = False

    def arguments(
        self, operation: Operation, record: Record | None = None, recipe: Recipe | None = None
    ) -> Arguments | None:
        """What fills an operation's request; ``None`` where a record that it needs cannot be had."""
        recipe = self._recipe(operation, recipe)
        places: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
        key = operation.key
        if key.place in ("path", "query") and record is None and operation.action != "create":
            owner = selection.whole(operation, self.store.records, self.policy.choices, recipe.required)
            known = self.store.known(operation.entity)
            record = next((each for each in known if each.key == owner), None) or self.known_for(operation)
        filling = Filling(operation, record)
        self._filling.append(filling)
        led = self._led(operation, record)
        try:
            for parameter in operation.parameters:
                if not parameter.required or parameter.where not in places:
                    continue
                value = led.get(parameter.name, ABSENT) if parameter.where == "path" else ABSENT
                if value is ABSENT:
                    value = self._parameter(operation, parameter.name, record, recipe)
                if value is ABSENT:
                    return None
                places[parameter.where][parameter.name] = value
                if parameter.reference:
                    filling.named[parameter.reference] = value
            body = written(operation, self._body(operation, record, recipe))
        finally:
            self._filling.pop()
        if body is ABSENT and operation.body_schema is not None:
            return None
        return Arguments(places["path"], places["query"], places["header"], body)

    def _led(self, operation: Operation, record: Record | None) -> dict[str, Any]:
        """The variables of a path that is about no record of its kind, from one record that leads through it.

        Where a document alone describes the vendor, nothing else says which records belong together."""
        if record is not None or not self.session.target.vendor.described:
            return {}
        if self.session.guard is not None and operation.writes:
            return {}  # which may name what the run made itself, and nothing else
        return record_keys.through(operation, self.store.known)

    def _body(self, operation: Operation, record: Record | None, recipe: Recipe) -> Any:
        key = operation.key
        if operation.body_schema is None:
            return ABSENT
        if key.place == "body" and key.name:
            own = {key.name: record.key, **record.context} if record is not None else {}
            recipe = record_keys.named(operation, recipe, own)
            fresh = record_keys.unlinked(operation) if record is None else None
            if fresh is not None and key.name not in recipe.fixed:
                value = self.examples.value(key.name, fresh, evolve(recipe, text=""))
                recipe = evolve(recipe, fixed={**recipe.fixed, key.name: value})
        linked = record_keys.linked(operation, recipe, self.need, self.session.document.scopes)
        if record is not None and self.session.target.vendor.described:
            linked |= record_keys.repeated(operation, recipe, self.called(operation, record))
        fixed = {**selection.unborn(operation), **linked, **recipe.fixed}
        body = self._allowed(operation, evolve(recipe, fixed=fixed))
        if record is None or key.field in fixed or not self.session.target.vendor.described:
            return body
        return selection.under_its_key(operation, self.called(operation, record), body)

    def _allowed(self, operation: Operation, recipe: Recipe) -> Any:
        """A body that the document allows, if one of some tries does: schemas may say more than what fills them heeds,
        for example that just one of two alternatives fits."""
        assert operation.body_schema is not None
        required = {*operation.body_schema.get("required", ()), *recipe.fixed, *recipe.required}
        first: Any = None
        for turn in range(TRIES):
            body = self.examples.body(operation.body_schema, evolve(recipe, variant=recipe.variant + turn))
            if operation.allows(body):
                return body
            first = body if first is None else first
            smaller = fitting_part(operation, body, required) if is_object(body) else body
            if operation.allows(smaller):
                return smaller
        least = evolve(recipe, full=False)
        made = (self.examples.body(each, least) for each in with_alternative(operation.body_schema))
        return next((body for body in made if operation.allows(body)), first)

    def _fitting(self, entity: str) -> Record | None:
        """The first known record of that kind that the request which is being filled may name."""
        filling = self._filling[-1] if self._filling else None
        known, choices = self.store.known(entity), self.policy.choices
        may = (each for each in known if filling is None or self._may(filling.operation, each))
        return next((each for each in may if selection.fits(each, filling, choices)), None)

    def _may(self, operation: Operation, record: Record) -> bool:
        """Whether the run may name a record in an operation, and knows how."""
        guard, known = self.session.guard, record_keys.tells_key(self.session.document, operation, record)
        return known and (guard is None or operation.reads or guard.allows(record.entity, record.key))

    def _recipe(self, operation: Operation, recipe: Recipe | None) -> Recipe:
        recipe = recipe or Recipe()
        fixed = showable(operation, self.reader.shown(operation), self.examples, recipe)
        schema = operation.body_schema
        for name in operation.schemas.properties(schema) if schema is not None else ():
            hint = self.policy.hints.get(f"{operation.id}.{name}")
            if hint is not None:
                fixed[name] = hint(self.examples.next())
        situation = self.policy.situation(operation.id)
        required = recipe.required | set(situation.required if situation else ())
        return evolve(recipe, fixed={**fixed, **recipe.fixed}, required=required)

    def called(self, operation: Operation, record: Record) -> Any:
        """What an operation calls a record: its key; where a document alone describes the vendor, the field of it that
        the operation names, which may be another one than its list's."""
        parameter = operation.parameter(operation.key.name)
        if parameter is None or not self.session.target.vendor.described:
            return record.key
        return record_keys.spelt(operation, parameter, record)

    def _parameter(self, operation: Operation, name: str, record: Record | None, recipe: Recipe) -> Any:
        parameter = operation.parameter(name)
        assert parameter is not None
        found = self._named(operation, parameter, record, recipe)
        choices = parameter.schema.get("enum")
        outside = choices is not None and found is not ABSENT and found not in choices
        return self.examples.value(name, {"enum": choices}, recipe) if outside else found

    def _named(self, operation: Operation, parameter: Parameter, record: Record | None, recipe: Recipe) -> Any:
        """The value of a parameter: what names a record, as the vendor's policy says, or made up."""
        name = parameter.name
        if record is not None:
            if name == operation.key.name:
                return self.called(operation, record)
            if name in record.context:
                return record.context[name]
            if self.session.target.vendor.described and parameter.where == "path":
                said = record_keys.said(parameter, record, self.reader.shown(operation))
                if said is not None:
                    return said
        if parameter.reference:
            found = self.reference(parameter.reference)
            named = self._fitting(parameter.reference) if self.session.target.vendor.described else None
            if named is not None and found == named.key:
                found = record_keys.spelt(operation, parameter, named)
            if found is not ABSENT or not self.examples.inventing:
                return found
        hint = self.policy.hints.get(f"{operation.id}.{name}")
        if hint is not None:
            return hint(self.examples.next())
        if operation.paging is not None and name == operation.paging.position:
            return operation.paging.first  # a made-up page is most often beyond the last, and shows nothing
        return self.examples.value(name, parameter.schema, recipe)
