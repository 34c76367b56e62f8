"""One list as a value, and one walk over it: what both kinds of pages are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, Generic, NamedTuple, TypeVar

from accordant_runtime import CallOptions, Deviation, Operation, Page, RawResponse, build_request

from .._call.attempts import CallState
from .._call.calls import raw_response, succeeded, until
from .._call.captured import claim
from .._call.response import ResponseReader
from .._call.session import Session
from .._flow.commands import Flow
from .._paging.list_watch import Memory, Watch
from .._paging.resume_tokens import arguments_hash, make_token, read_token
from .._paging.styles import Position, Rows, Walker, walker_for
from .._settings import Defaults
from ..errors import PaginationError, RequestError

T = TypeVar("T")
V = TypeVar("V")


class Fetched(NamedTuple):
    """One page as it came. It is decoded when its turn has come: until then the next request is more urgent."""

    rows: Rows
    reader: ResponseReader


class _Look(NamedTuple):
    """What a walk saw in a page before its rows were read."""

    notes: list[list[Deviation]]
    wanted: list[Position]
    kept: list[int] | None = None
    """The rows that are new; None where all are."""
    again: bool = False
    """Whether the page is left aside, and comes again."""


class Listing(NamedTuple, Generic[T]):
    """A list operation with its arguments; ``window`` pages may be under way at a time."""

    session: Session
    defaults: Defaults
    operation: Operation[T]
    arguments: Mapping[str, Any]
    options: CallOptions | None
    window: int = 1
    start: Position | None = None
    memory: Memory | None = None

    def prefetching(self, window: int) -> Listing[T]:
        """The same list with another window."""
        if window < 1:
            raise RequestError(f"{self.operation.id}: the window of prefetch must be 1 or more, not {window}")
        return self._replace(window=window)

    def resumed(self, token: str) -> Listing[T]:
        """The same list, continued after the page that gave ``token``."""
        start, memory = read_token(token, self.operation.id, self.fingerprint())
        return self._replace(start=start, memory=memory)

    def walker(self) -> Walker:
        """The rules of a new walk."""
        return walker_for(self.operation, self.arguments, self.session.vendor.walkers)

    def walk(self) -> Walk[T]:
        """A new walk, whose deadline begins now where the call gives one."""
        chosen = self.defaults.for_call(self.options)
        given = self.options is not None and self.options.deadline is not None
        return Walk(self, self.walker(), until(self.session, chosen) if given else None)

    def fetch(self, sent: Mapping[str, Any], deadline: float | None) -> Flow[ResponseReader]:
        """One page's response; without a walk's ``deadline`` the page has the client's own."""
        chosen = self.defaults.for_call(self.options)
        if deadline is None:
            deadline = until(self.session, chosen)
        arguments = {**self.arguments, **sent}
        return (yield from succeeded(self.session, chosen, self.operation, arguments, self.options, deadline))

    def total(self) -> Flow[int | None]:
        """The vendor's total, from one page that is as small as possible."""
        pagination = self.operation.pagination
        if pagination is None or pagination.total is None:
            return None
        reader = yield from self.fetch(self._smallest(), None)
        return reader.rows().total

    def first(self) -> Flow[T | None]:
        """The first row."""
        reader = yield from self.fetch(self._smallest(), None)
        items: list[T] = reader.decoded_rows(reader.rows())
        if reader.session.capturing:
            claim(reader.state, items)
        return items[0] if items else None

    def raw(self) -> Flow[RawResponse[Page[T]]]:
        """The first page as it came."""
        walker = self.walker()
        position = self.start or walker.start()
        reader = yield from self.fetch(walker.arguments(position), None)
        return raw_response(reader.whole().state, lambda: self._page(reader.state, position))

    def _page(self, state: CallState, position: Position) -> Page[T]:
        """Decode one response that is no page of a list."""
        reader = ResponseReader(self.operation, state)
        rows = self.walker().fresh(position, reader.rows())
        items, following = _read(reader, rows, lambda: self.walker().after(position, rows))
        return self.page(items, rows.total, following)

    def page(
        self, items: list[T], total: int | None, following: Position | None, memory: Memory | None = None
    ) -> Page[T]:
        """A page as the user sees it."""
        token = None if following is None else make_token(self.operation.id, self.fingerprint(), following, memory)
        return Page(items, total, token)

    def fingerprint(self) -> str:
        """A hash of what chooses the rows: all arguments but those that choose the page."""
        pagination = self.operation.pagination
        paging = {pagination.limit, pagination.position} if pagination else set[str | None]()
        names = {parameter.name for parameter in self.operation.parameters if parameter.wire in paging}
        chosen = {name: value for name, value in self.arguments.items() if name not in names}
        built = build_request(self.operation, chosen)
        return arguments_hash([*built.query, *(self.options.query.items() if self.options else ())], built.path)

    def _smallest(self) -> dict[str, Any]:
        """The first page, with one row where the position counts rows."""
        walker = self.walker()
        sent = walker.arguments(self.start or walker.start())
        pagination = self.operation.pagination
        if pagination is not None and pagination.style == "offset":
            sent.update((item.name, 1) for item in self.operation.parameters if item.wire == pagination.limit)
        return sent


class Walk(Generic[T]):
    """One walk from page to page.

    ``wanted`` names the pages that should be under way: the next one, and after it those that will probably follow.
    """

    def __init__(self, listing: Listing[T], walker: Walker, deadline: float | None) -> None:
        self._listing = listing
        self._walker = walker
        self._deadline = deadline
        self._status = 0
        start = listing.start or walker.start()
        self._watch = Watch(listing.operation, start, listing.memory)
        self.wanted: list[Position] = [start]

    def fetch(self, position: Position) -> Flow[Fetched]:
        """Fetch the page at a position."""
        reader = yield from self._listing.fetch(self._walker.arguments(position), self._deadline)
        return Fetched(self._walker.fresh(position, reader.rows()), reader)

    def accept(self, fetched: Fetched) -> Page[T] | None:
        """Decode the page that was wanted first, and see what is wanted now.

        ``None`` means that the list moved, and that the walk goes a few rows back before it takes this page again.
        """
        rows = fetched.rows
        items: list[T]
        items, look = _read(fetched.reader, rows, lambda: self._look(self.wanted[0], rows))
        if fetched.reader.session.capturing:
            claim(fetched.reader.state, items)
        self._status = fetched.reader.response.status
        for notes in look.notes:
            self._tell(notes)
        self.wanted = look.wanted
        if look.again:
            return None
        kept = items if look.kept is None else [items[index] for index in look.kept]
        following = look.wanted[0] if look.wanted else None
        return self._listing.page(kept, rows.total, following, self._watch.memory)

    def _look(self, position: Position, rows: Rows) -> _Look:
        """See in the rows as they came what is wanted next."""
        total = self._watch.total(rows)
        again = self._watch.border(self._walker, position, rows)
        if again is not None:
            return _Look([total], [again], again=True)
        seen = self._watch.rows(rows)
        following = self._walker.after(position, rows) or self._watch.onward(self._walker, position, rows)
        wanted: list[Position] = []
        if following is not None:
            guesses = self._walker.guesses(following, rows)
            ahead = (guess for guess in guesses if guess.value != following.value)
            wanted = [following, *islice(ahead, self._listing.window - 1)]
        return _Look([total, seen.notes], wanted, seen.kept)

    def finish(self) -> None:
        """Say what is missing at the end of the list."""
        self._tell(self._watch.missing())

    def _tell(self, notes: list[Deviation]) -> None:
        """Apply the client's policy to what a walk noticed."""
        session, operation = self._listing.session, self._listing.operation.id
        if notes and session.deviating(operation, self._status, notes):
            raise PaginationError(session.redactor.text("; ".join(map(str, notes))), operation=operation)


def _read(reader: ResponseReader, rows: Rows, look: Callable[[], V]) -> tuple[list[Any], V]:
    """Look at the rows of a page, and then read them, which uses them up.

    What is wrong with the rows themselves is raised before what the look at them raises.
    """
    try:
        found: V | PaginationError = look()
    except PaginationError as error:
        found = error
    items = reader.decoded_rows(rows)
    if isinstance(found, PaginationError):
        raise found
    return items, found
