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
    ``made`` reads a success that says what it made without being the record (see ``TargetVendor``); ``described`` says
    that the document alone describes the vendor, so that there is no such reading.
    """

    document: Document
    journal: RunJournal
    made: Callable[[Any], Mapping[str, Any]] = lambda _: {}
    described: bool = False
    _own: dict[str, set[str]] = field(factory=dict[str, "set[str]"], init=False, repr=False)
    _foreign: dict[str, set[str]] = field(factory=dict[str, "set[str]"], init=False, repr=False)

    def admits(self, operation: Operation) -> str:
        """Why no request at all may go to an operation; ``""`` where some may."""
        if operation.reads:
            return ""
        if operation.action in ("create", "upsert"):
            if not self.document.of(operation.entity, "delete"):
                return f"the API cannot delete a {operation.entity} again"
            if self.described and not operation.key.header and not self._names(operation):
                return "its response does not say which record it made, so nobody could delete it again"
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
        return operation.action not in ("create", "upsert") or bool(self._names(operation))

    def _names(self, operation: Operation) -> list[str]:
        """The fields by which a creation's response, or its body, names its record: by the key, or as the deletions of
        that kind of record do."""
        key = operation.key
        if key.place == "body":
            return [str(key.field)]
        known = operation.schemas.properties(operation.record_schema or {})
        return [each for each in self._keys(operation) if each in known]

    def _keys(self, operation: Operation) -> list[str]:
        deleting = [each.key.field for each in self.document.of(operation.entity, "delete")]
        return [each for each in dict.fromkeys([operation.key.field, *deleting]) if each is not None]

    def begin(self, operation: Operation, arguments: Arguments) -> int | None:
        """Note a write that may make a record, before it is sent; returns its number."""
        if operation.reads or operation.retires:
            return None
        named = ((kind.partition(".")[0], key) for kind, key in references(operation, arguments))
        within = tuple((entity, key) for entity, key in named if entity != operation.entity and self.holds(entity, key))
        texts = tuple(dict.fromkeys(marked(arguments.body)))
        return self.journal.intend(OpenWrite(operation.id, texts, within, self._told(operation, arguments)))

    def _told(self, operation: Operation, arguments: Arguments) -> MadeRecord | None:
        """The record that a creation names itself, unless that is in the journal or somebody else's."""
        body, name = arguments.body, operation.key.name
        makes = operation.action in ("create", "upsert") and operation.key.place == "body"
        if not makes or not is_object(body) or body.get(name or "") is None:
            return None
        key = body[str(name)]
        if self._known(operation.entity, key):
            return None
        return MadeRecord(operation.entity, key, record_keys.scope(operation, body))

    def end(self, number: int | None, operation: Operation, exchange: Exchange) -> None:
        """Note what a write came to. One without a response, or with a server's error, stays open."""
        if operation.retires:
            # Without a good credential a 404 may hide a record that is there.
            if exchange.success or (exchange.status in (404, 410) and exchange.intent == "valid"):
                self._gone(operation, exchange)
            return
        if number is None or exchange.response is None or exchange.status >= 500:
            return
        shown = list(self._shown(operation, exchange)) if exchange.success else []
        for made in shown if not self.described or _is_new(operation, exchange) else ():
            if not self._known(made.entity, made.key):
                self._own.setdefault(made.entity, set()).update(map(str, (made.key, *made.names.values())))
                self.journal.settled(number, made)
        if shown or not exchange.success or operation.action not in ("create", "upsert"):
            self.journal.settled(number)

    def _shown(self, operation: Operation, exchange: Exchange) -> Iterator[MadeRecord]:
        """The records that a write's response, or its body, names."""
        if operation.key.field is None:
            return
        names = self._keys(operation) if self.described else [operation.key.field]
        shown = operation.record(exchange.document)
        values: list[Any] = list(shown) if is_array(shown) else [shown]
        if not any(is_object(each) and names[0] in each for each in values):
            sent = [record_keys.sent(operation, each, self.made) for each in record_keys.alone(exchange)]
            values = [each for each in values if is_object(each) and {*names} & each.keys()] or sent
        path = {each: value for each, value in exchange.arguments.path.items() if each != operation.key.name}
        for value in filter(is_object, values):
            known = {name: value[name] for name in names if value.get(name) is not None}
            if known:
                context = {**path, **record_keys.scope(operation, value)}
                yield MadeRecord(operation.entity, next(iter(known.values())), context, known)

    def _known(self, entity: str, key: Any) -> bool:
        """Whether a record is in the journal, or somebody else's; one that was deleted and made again is neither."""
        return self.journal.names(entity, key) or str(key) in self._foreign.get(entity, ())

    def _gone(self, operation: Operation, exchange: Exchange) -> None:
        for each in record_keys.alone(exchange):
            entity, key, scope = record_keys.deleted(operation, each)
            called = str(operation.key.field)
            own = [one for one in self.journal.made if one.entity == entity]
            for made in [one for one in own if str(key) in (str(one.key), str(one.names.get(called)))]:
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


def _is_new(operation: Operation, exchange: Exchange) -> bool:
    """Whether a response may show a record that the write has made.

    It was a creation, then. One with another text, in a field where a marked one was sent, shows somebody else's
    record, which was there already.
    """
    if operation.action not in ("create", "upsert"):
        return False
    shown, sent = operation.record(exchange.document), exchange.arguments.body
    if not is_object(shown) or not is_object(sent):
        return True
    texts = [str(shown[name]) for name, text in sent.items() if name in shown and any(marked(text))]
    return not texts or any(MARK in each for each in texts)


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
