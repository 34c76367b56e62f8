"""Streams: responses that come value by value, and how bytes are cut into values."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from types import TracebackType
from typing import Final, Generic, Protocol, Self, TypeVar

from attrs import frozen

from ._decoders import untyped
from ._notes import Decode, Notes

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_BOM: Final = b"\xef\xbb\xbf"
_RECORD: Final = b"\x1e"
"""What begins a value in a JSON text sequence (RFC 7464)."""


@frozen
class ServerEvent(Generic[T]):
    """One server-sent event: its ``data``, read as the document says; ``event`` names its kind, ``id`` is the last id
    that the server gave, ``retry`` the milliseconds after which it would have a client connect again."""

    data: T
    event: str = "message"
    id: str = ""
    retry: int | None = None


class EventOf(Generic[T]):
    """Decodes the data of an event."""

    __slots__ = ("inner",)

    def __init__(self, inner: Decode[T]) -> None:
        self.inner = inner

    @property
    def is_untyped(self) -> bool:
        """Whether the document says nothing of the data."""
        return self.inner is untyped

    def __call__(self, value: ServerEvent[object], notes: Notes) -> ServerEvent[T]:
        return ServerEvent(self.inner(value.data, notes), value.event, value.id, value.retry)


class ItemStream(Protocol[T_co]):
    """The values of a response, each given as soon as it has come. Nothing is sent before the first is asked for, and
    each comes once; use it as a context manager, or close it, where you do not read it to its end."""

    def __iter__(self) -> Iterator[T_co]: ...

    def __next__(self) -> T_co: ...

    def close(self) -> None:
        """Read no more, and give the connection up."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


class AsyncItemStream(Protocol[T_co]):
    """The asynchronous twin of :class:`ItemStream`."""

    def __aiter__(self) -> AsyncIterator[T_co]: ...

    async def __anext__(self) -> T_co: ...

    async def close(self) -> None:
        """Read no more, and give the connection up."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


class Lines:
    """Cuts bytes into lines; ``\\r\\n``, ``\\n`` and ``\\r`` end one."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        self._first = True
        self._after_return = False
        self.waiting = 0
        """Bytes of the line that has not ended yet."""

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that have ended with these bytes."""
        if self._after_return and data:
            data = data.removeprefix(b"\n")
            self._after_return = False
        if b"\n" not in data and b"\r" not in data:
            self._rest.append(data)  # a long line is put together once
            self.waiting += len(data)
            return []
        self._after_return = data.endswith(b"\r")
        lines = b"".join([*self._rest, data]).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._rest = [lines.pop()]
        self.waiting = len(self._rest[0])
        return self._unmarked(lines)

    def end(self) -> list[bytes]:
        """What came after the last line end."""
        rest, self._rest, self.waiting = b"".join(self._rest), [], 0
        return self._unmarked([rest]) if rest else []

    def _unmarked(self, lines: list[bytes]) -> list[bytes]:
        """The lines, the first of all without its byte order mark."""
        if self._first:
            lines[0], self._first = lines[0].removeprefix(_BOM), False
        return lines


class ValueCutter:
    """Cuts bytes into JSON texts, one in each line or after each record separator; blank lines are none."""

    def __init__(self) -> None:
        self._lines = Lines()

    @property
    def waiting(self) -> int:
        """Bytes of the value that has not ended yet."""
        return self._lines.waiting

    def feed(self, data: bytes) -> list[bytes]:
        """The values that have ended with these bytes."""
        return [value for line in self._lines.feed(data) if (value := line.strip(b" \t" + _RECORD))]

    def end(self) -> list[bytes]:
        """The last value, where nothing ends its line."""
        return [value for line in self._lines.end() if (value := line.strip(b" \t" + _RECORD))]


class EventCutter:
    """Cuts bytes into server-sent events, as the HTML standard says; an event that has no end is none."""

    def __init__(self) -> None:
        self._lines = Lines()
        self._data: list[str] = []
        self._size = 0
        self._event = ""
        self._id = ""
        self._retry: int | None = None

    @property
    def waiting(self) -> int:
        """Bytes of the event that has not ended yet."""
        return self._lines.waiting + self._size

    def feed(self, data: bytes) -> list[ServerEvent[str]]:
        """The events that have ended with these bytes."""
        found: list[ServerEvent[str]] = []
        for line in self._lines.feed(data):
            if line:
                self._field(line.decode("utf-8", "replace"))
            elif self._data:
                found.append(ServerEvent("\n".join(self._data), self._event or "message", self._id, self._retry))
            if not line:
                self._data, self._event, self._size = [], "", 0
        return found

    def end(self) -> list[ServerEvent[str]]:
        """Nothing: what was not ended by a blank line is not whole."""
        return []

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
            self._size += len(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self._retry = int(value)
