"""Records as the target shows them now: by reading one, or by walking the lists that show it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from attrs import evolve, frozen

from accordant_runtime import is_object

from ..document.document import Document, Operation
from ..document.facts import Paging
from ..document.pages import tells_next
from ..document.values import ABSENT, Arguments, Exchange
from ..judges.paging import PageWalk
from ..judges.writes import RecordReading
from ..target.session import TargetSession
from . import record_keys
from .next_page import next_cursor, says_last
from .record import Record
from .store import RecordStore

PAGES: Final = 25
"""How many pages of a list a run reads at most."""


@frozen
class RecordReader:
    """Reads records back; ``arguments`` fills the request that reads one."""

    store: RecordStore
    arguments: Callable[[Operation, Record], Arguments | None]

    @property
    def session(self) -> TargetSession:
        """The session with the target."""
        return self.store.session

    def read(self, record: Record) -> RecordReading | None:
        """The record as it is now, or ``None`` where no operation reads it."""
        for operation in self._readers(record):
            arguments = self.arguments(operation, record)
            if arguments is not None:
                exchange = self.session.call(operation.id, arguments, "unknown")
                if exchange.success and exchange.document is ABSENT and not _documents_json(operation, exchange):
                    continue  # a file, or nothing at all: that the record is there is all that it says
                return RecordReading(_record(operation, exchange), operation, (exchange,))
        for operation in self.session.document.of(record.entity, "list"):
            found = self._find(operation, record) if operation.key.field is not None else None
            if found is not None:
                return found
        return None

    def _readers(self, record: Record) -> list[Operation]:
        """The operations that read one record, first those whose path names only what is known to lead to it. Where a
        document alone describes the vendor, only those: nothing says that the others show the same record."""
        every = [each for each in self.session.document.of(record.entity, "get") if each.key.name is not None]
        fitting = [each for each in every if record_keys.leads_to(each, record)]
        described = self.session.target.vendor.described
        return fitting if described else [*fitting, *(each for each in every if each not in fitting)]

    def shown(self, operation: Operation) -> Mapping[str, dict[str, Any]]:
        """The fields of the record that an operation is about: as it returns it, and as others read it."""
        return _shown(self.session.document, operation)

    def rows(self, operation: Operation, arguments: Arguments) -> tuple[list[Any], PageWalk]:
        """All rows of a list (of at most ``PAGES`` pages), read with the largest page."""
        paging = operation.paging
        walk = self.walk(operation, arguments, paging.most if paging and paging.size else 0)
        return [row for page in walk.pages for row in operation.rows(page.document) or []], walk

    def walk(self, operation: Operation, arguments: Arguments, size: int, pages: int = PAGES) -> PageWalk:
        """A list read page by page."""
        paging = operation.paging
        if paging is not None and paging.cursor is not None:
            return self._by_cursor(operation, paging, arguments, size, pages)
        if paging is None or paging.position is None:
            query = {**arguments.query, **({paging.size: size} if paging and paging.size and size else {})}
            return PageWalk(size, (self.store.call(operation, evolve(arguments, query=query)),))
        read: list[Exchange] = []
        seen = 0
        for number in range(pages):
            position = number + paging.start if paging.style == "page" else seen
            query = {**arguments.query, paging.position: position, **({paging.size: size} if paging.size else {})}
            exchange = self.store.call(operation, evolve(arguments, query=query))
            rows = operation.rows(exchange.document) if exchange.success else None
            if rows is None:
                return PageWalk(size, tuple(read), finished=False)
            read.append(exchange)
            seen += len(rows)
            total = operation.total(exchange.document)
            if not rows or says_last(paging, exchange) or (seen >= total if total is not None else len(rows) < size):
                return PageWalk(size, tuple(read))
        return PageWalk(size, tuple(read), finished=False)

    def _by_cursor(self, operation: Operation, paging: Paging, arguments: Arguments, size: int, pages: int) -> PageWalk:
        """The same where each page gives the cursor of the next."""
        read: list[Exchange] = []
        cursor: Any = None
        for _ in range(pages):
            given: dict[str, Any] = {paging.size: size} if paging.size and size else {}
            given |= {str(paging.cursor): cursor} if cursor is not None else {}
            exchange = self.store.call(operation, evolve(arguments, query={**arguments.query, **given}))
            rows = operation.rows(exchange.document) if exchange.success else None
            if rows is None:
                return PageWalk(size, tuple(read), finished=False)
            read.append(exchange)
            cursor = next_cursor(paging, exchange, rows)
            if cursor is None or not rows or says_last(paging, exchange):
                return PageWalk(size, tuple(read), finished=tells_next(operation) or len(rows) < size)
        return PageWalk(size, tuple(read), finished=False)

    def total(self, operation: Operation, arguments: Arguments) -> tuple[int | None, tuple[Exchange, ...]]:
        """How many rows a list has, and the exchanges that say so; ``None`` where nothing says it."""
        paging = operation.paging
        if paging is None or paging.total is None:
            rows, walk = self.rows(operation, arguments)
            return (len(rows) if walk.finished else None), walk.pages
        least = {paging.size: paging.size_for(1)} if paging.size else {}
        query = {**arguments.query, **_first(operation, paging), **least}
        exchange = self.session.call(operation.id, evolve(arguments, query=query))
        return operation.total(exchange.document), (exchange,)

    def counter(
        self,
        entity: str,
        context: Mapping[str, Any],
        value: Mapping[str, Any] | None = None,
        named: Mapping[str, str | None] | None = None,
    ) -> tuple[Operation, Arguments] | None:
        """A list that counts the records of a kind; one that needs a range is read around a record's ``value``.

        ``named`` are the kinds of record that the ``context`` names.
        """
        for operation in self.session.document.of(entity, "list"):
            arguments = record_keys.around(operation, value or {}, context, named)
            if arguments is not None:
                return operation, arguments
        return None

    def _find(self, operation: Operation, record: Record) -> RecordReading | None:
        shown = self.session.document.operations[record.made_by.operation] if record.made_by is not None else None
        named = record_keys.kinds(shown) if shown is not None else None
        arguments = record_keys.around(operation, record.value, record.context, named)
        if arguments is None:
            return None
        name = str(operation.key.field)
        # Where a document alone describes the vendor, the operation that showed it may know it by another field.
        described = self.session.target.vendor.described
        if described and name not in record.value and shown is not None and shown.key.field != name:
            return None
        wanted = {**record.context, name: record.value.get(name, record.key) if described else record.key}
        telling = (name, *operation.key.scope)
        exchanges: list[Exchange] = []
        for page in self._backwards(operation, arguments):
            exchanges.append(page)
            for row in operation.rows(page.document) or []:
                if is_object(row) and all(_same(row.get(each), wanted.get(each), text=described) for each in telling):
                    return RecordReading(row, operation, tuple(exchanges))
        return RecordReading(ABSENT, operation, tuple(exchanges))

    def _backwards(self, operation: Operation, arguments: Arguments) -> Iterator[Exchange]:
        """The pages of a list, the last one early: new records are there more often than not."""
        paging = operation.paging
        if paging is not None and paging.style == "offset" and paging.total and paging.position and paging.size:
            size = paging.size_for(100)
            total, _ = self.total(operation, arguments)
            if total is not None and total > size:
                query = {**arguments.query, paging.size: size, paging.position: total - size}
                yield self.session.call(operation.id, evolve(arguments, query=query))
        _, walk = self.rows(operation, arguments)
        yield from walk.pages


def _same(one: Any, other: Any, *, text: bool) -> bool:
    """Whether two keys are one; ``text`` where a document may call the text of one response a number in another."""
    return one == other or (text and None not in (one, other) and str(one) == str(other))


@lru_cache(maxsize=4096)
def _shown(document: Document, operation: Operation) -> Mapping[str, dict[str, Any]]:
    """What a reader's ``shown`` says. A run asks for it with every request that it fills."""
    readers = document.of(operation.entity, "get", "list")
    schemas = [each.record_schema for each in (operation, *readers) if each.record_schema]
    return {name: part for each in schemas for name, part in operation.schemas.properties(each).items()}


def _first(operation: Operation, paging: Paging) -> dict[str, int]:
    """The place of the first page, where a list has to be told it."""
    parameter = operation.parameter(paging.position)
    if paging.position is None or parameter is None or not parameter.required:
        return {}
    return {paging.position: paging.start if paging.style == "page" else 0}


def _documents_json(operation: Operation, exchange: Exchange) -> bool:
    """Whether the document has JSON in the response of an exchange."""
    found = operation.response(exchange.status)
    return found is not None and any("json" in kind for kind in found[0].get("content", {}))


def _record(operation: Operation, exchange: Exchange) -> Any:
    found = operation.record(exchange.document) if exchange.success else ABSENT
    return found if is_object(found) else ABSENT
