"""Which records a run made itself, and why a request may not touch others: the guard of a run at an account."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import define, evolve, field

from accordant_runtime import is_array, is_object

from ..document.document import Document, Operation
from ..document.references import references
from ..document.values import Arguments, Exchange
from . import record_keys
from .journal import MadeRecord, OpenWrite, RunJournal

MARK = "accordant"
"""What a text of the run begins with where a field takes any text."""


@define(eq=False)
class Ownership:
    """Lets a write pass only if all records that it names are the run's own, and notes each record that it makes.

    A kind of record that the vendor's API can neither make nor delete, such as a status or a country, may be named.
    ``made`` reads a success that says what it made without being the record (see ``TargetVendor``).
    """

    document: Document
    journal: RunJournal
    made: Callable[[Any], Mapping[str, Any]] = lambda _: {}
    _own: dict[str, set[str]] = field(factory=dict[str, "set[str]"], init=False, repr=False)
    _foreign: dict[str, set[str]] = field(factory=dict[str, "set[str]"], init=False, repr=False)

    def admits(self, operation: Operation) -> str:
        """Why no request at all may go to an operation; ``""`` where some may."""
        if operation.reads:
            return ""
        if operation.action in ("create", "upsert"):
            if not self.document.of(operation.entity, "delete"):
                return f"the API cannot delete a {operation.entity} again"
            return ""
        if not operation.entity or not self._makes(operation.entity):
            return "it changes records that the run cannot make"
        return ""

    def refusal(self, operation: Operation, arguments: Arguments, method: str) -> str:
        """Why a request may not be sent; ``""`` where it may."""
        if method != operation.method:
            return f"{method} {operation.path} may change a record that the run did not make"
        if operation.reads:
            return ""
        reason = self.admits(operation)
        if reason:
            return reason
        makes = operation.action in ("create", "upsert")
        if is_array(arguments.body):
            alone = (evolve(arguments, body=each) for each in arguments.body)
            return next(filter(None, (self.refusal(operation, each, method) for each in alone)), "")
        subject = self._subject(operation, arguments)
        taken = not makes or str(subject) in self._foreign.get(operation.entity, ())
        if subject is not None and taken and not self.holds(operation.entity, subject):
            return f"{operation.entity} {subject} is not the run's own"
        own = 0
        for kind, key in references(operation, arguments):
            entity, _, other = kind.partition(".")
            if other or (entity == operation.entity and key == subject):
                own += self.holds(entity, key)
                continue
            if not self.allows(entity, key):
                return f"{entity} {key} is not the run's own"
            own += self.holds(entity, key)
        if not makes and not own and (subject is None or not self.holds(operation.entity, subject)):
            return "it names no record that the run made"
        return ""

    def allows(self, entity: str, key: Any) -> bool:
        """Whether a write may name a record: one of the run's own, or of a kind that the API cannot make."""
        return self.holds(entity, key) or not self._makes(entity) or str(key).startswith(MARK)

    def holds(self, entity: str, key: Any) -> bool:
        """Whether the run made a record; one that it has deleted again may be asked for once more."""
        return str(key) in self._own.get(entity, ()) or self.journal.names(entity, key)

    def met(self, entity: str, key: Any) -> None:
        """Remember a record that a list or a response showed and that the run did not make."""
        if not self.holds(entity, key):
            self._foreign.setdefault(entity, set()).add(str(key))

    def tells(self, operation: Operation) -> bool:
        """Whether the typed result of a creation tells which record it made; else nobody could delete it again."""
        if operation.action not in ("create", "upsert") or operation.key.place == "body":
            return True
        return operation.key.field in operation.schemas.properties(operation.record_schema or {})

    def begin(self, operation: Operation, arguments: Arguments) -> int | None:
        """Note a write that may make a record, before it is sent; returns its number."""
        if operation.reads or operation.retires:
            return None
        named = ((kind.partition(".")[0], key) for kind, key in references(operation, arguments))
        within = tuple((entity, key) for entity, key in named if entity != operation.entity and self.holds(entity, key))
        return self.journal.intend(OpenWrite(operation.id, tuple(dict.fromkeys(marked(arguments.body))), within))

    def end(self, number: int | None, operation: Operation, exchange: Exchange) -> None:
        """Note what a write came to. One without a response, or with a server's error, stays open."""
        if operation.retires:
            if exchange.success or exchange.status in (404, 410):
                self._gone(operation, exchange)
            return
        if number is None or exchange.response is None or exchange.status >= 500:
            return
        shown = list(self._shown(operation, exchange)) if exchange.success else []
        for made in shown:
            if not self._known(made.entity, made.key):
                self._own.setdefault(made.entity, set()).add(str(made.key))
                self.journal.settled(number, made)
        if shown or not exchange.success or operation.action not in ("create", "upsert"):
            self.journal.settled(number)

    def _shown(self, operation: Operation, exchange: Exchange) -> Iterator[MadeRecord]:
        """The records that a write's response, or its body, names."""
        name = operation.key.field
        if name is None:
            return
        shown = operation.record(exchange.document)
        values: list[Any] = list(shown) if is_array(shown) else [shown]
        if not any(is_object(each) and name in each for each in values):
            values = [record_keys.sent(operation, each, self.made) for each in record_keys.alone(exchange)]
        path = {each: value for each, value in exchange.arguments.path.items() if each != operation.key.name}
        for value in values:
            if is_object(value) and value.get(name) is not None:
                yield MadeRecord(operation.entity, value[name], {**path, **record_keys.scope(operation, value)})

    def _known(self, entity: str, key: Any) -> bool:
        """Whether a record is in the journal, or somebody else's; one that was deleted and made again is neither."""
        return self.journal.names(entity, key) or str(key) in self._foreign.get(entity, ())

    def _gone(self, operation: Operation, exchange: Exchange) -> None:
        for each in record_keys.alone(exchange):
            entity, key, scope = record_keys.deleted(operation, each)
            for made in [one for one in self.journal.made if one.entity == entity and str(one.key) == str(key)]:
                if all(made.context.get(name, value) == value for name, value in scope.items()):
                    self.journal.gone(made)

    def _makes(self, entity: str) -> bool:
        return bool(self.document.of(entity, "create", "upsert"))

    def _subject(self, operation: Operation, arguments: Arguments) -> Any:
        """The id of the record that a request is about; ``None`` where it names none."""
        name = operation.key.name
        if name is None:
            return None
        if operation.key.place == "body":
            return arguments.body.get(name) if is_object(arguments.body) else None
        return arguments.given.get(name)


def marked(value: Any) -> Iterator[str]:
    """The texts in a body that begin with the run's mark."""
    if is_object(value):
        for each in value.values():
            yield from marked(each)
    elif is_array(value):
        for each in value:
            yield from marked(each)
    elif isinstance(value, str) and value.startswith(f"{MARK} "):
        yield value
