"""What the vendor sent beside the values that calls return, for those who ask: ``with api.capture() as seen``."""

from __future__ import annotations

import datetime
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self, overload

from attrs import field, frozen

from ..errors import RequestError

if TYPE_CHECKING:
    from .attempts import CallState
    from .session import Session

__all__ = ["CallResponse", "Capture", "claim", "note"]


@frozen
class CallResponse:
    """The response of one call: what surrounds the value that the call returned.

    ``operation`` is the document's operationId. ``request_id`` is the vendor's correlation id where it sends one;
    ``elapsed`` covers the whole call with its retries and waits, ``attempts`` is how many requests it took, 0 where a
    kept catalogue had the response.
    """

    operation: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    request_id: str | None
    elapsed: datetime.timedelta
    attempts: int


class Capture(Sequence[CallResponse]):
    """The responses of one client's calls inside of a ``with`` block, oldest first; those of its copies are among them.

    Calls count that are made in the block's own thread or task, and in tasks that are started there; other threads
    and tasks are not heard. Refused calls are seen as well. After the block what was seen stays.
    """

    def __init__(self, session: Session, most: int) -> None:
        self._session = session
        if most < 1:
            raise RequestError(f"most must be 1 or more, not {most}")
        # The number stands for the call's state, which would hold the body; while a call goes on, no other has it.
        self._seen: deque[tuple[int, CallResponse, list[object]]] = deque(maxlen=most)
        self._depth = 0

    def __enter__(self) -> Self:
        self._session.capturing = True
        self._depth += 1
        others = (each for each in _CAPTURES.get() if each is not self)
        _CAPTURES.set((*others, self))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._depth -= 1
        if not self._depth:
            _CAPTURES.set(tuple(each for each in _CAPTURES.get() if each is not self))

    @overload
    def __getitem__(self, index: int) -> CallResponse: ...

    @overload
    def __getitem__(self, index: slice) -> list[CallResponse]: ...

    def __getitem__(self, index: int | slice) -> CallResponse | list[CallResponse]:
        found = [response for _, response, _ in self._seen]
        return found[index]

    def __len__(self) -> int:
        return len(self._seen)

    def __repr__(self) -> str:
        return f"<{len(self)} responses>"

    @property
    def last(self) -> CallResponse:
        """The newest response; raises ``LookupError`` where no call has had one."""
        if not self._seen:
            raise LookupError("no call of this client had a response inside of the block")
        return self._seen[-1][1]

    def of(self, value: object) -> CallResponse:
        """The response that a value came in: what a call returned, or a row of a list. It is that very object.

        Raises ``LookupError`` for any other object, an equal one too.
        """
        for _, response, values in reversed(self._seen):
            if any(each is value for each in values):
                return response
        raise LookupError(f"no call inside of the block returned this {type(value).__name__}")

    def note(self, state: CallState) -> None:
        """Take a response in."""
        if self._depth and state.session is self._session:
            self._seen.append((id(state), seen(state), []))

    def claim(self, state: CallState, values: Iterable[object]) -> None:
        """Take in what a response was read as."""
        for noted, _, held in reversed(self._seen):
            if noted == id(state):
                held.extend(values)
                return


_CAPTURES: Final[ContextVar[tuple[Capture, ...]]] = ContextVar("accordant captures", default=())


def seen(state: CallState) -> CallResponse:
    """A call's response as the user sees it."""
    request_id = state.session.request_id(state.response.headers)
    return CallResponse(
        operation=state.name,
        status=state.response.status,
        headers=state.response.headers,
        request_id=None if request_id is None else state.redactor.text(request_id),
        elapsed=datetime.timedelta(seconds=state.elapsed),
        attempts=state.attempts,
    )


def note(state: CallState) -> None:
    """Tell those who listen, in this thread or task, of a response."""
    for capture in _CAPTURES.get():
        capture.note(state)


def claim(state: CallState, values: Iterable[object]) -> None:
    """Tell those who listen what a response was read as."""
    for capture in _CAPTURES.get():
        capture.claim(state, values)
