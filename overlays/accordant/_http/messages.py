"""HTTP messages as plain values: what transports take and give, whatever library moves the bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol, TypeVar, overload
from urllib.parse import SplitResult, urlsplit

from attrs import field, frozen

T = TypeVar("T")

DEFAULT_PORTS = {"https": 443, "http": 80}


class Headers(Mapping[str, str]):
    """Header fields, found by name in any case; a name that came several times is joined by ``", "``."""

    __slots__ = ("_fields",)

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._fields: dict[str, str] = {}
        for name, value in pairs:
            key = name.lower()
            self._fields[key] = f"{self._fields[key]}, {value}" if key in self._fields else value

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()]

    @overload
    def get(self, key: str, default: None = None, /) -> str | None: ...
    @overload
    def get(self, key: str, default: str | T, /) -> str | T: ...
    def get(self, key: str, default: Any = None, /) -> Any:
        """The value of a name, ``default`` where it is not there; most of what is asked for is not."""
        return self._fields.get(key.lower(), default)

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        return f"Headers({', '.join(self._fields)})"


class StreamedBody(Protocol):
    """A request body that is produced while it is sent."""

    @property
    def length(self) -> int | None:
        """Bytes in all; ``None`` when that cannot be known beforehand."""
        ...

    @property
    def replayable(self) -> bool:
        """Whether it can be sent once more."""
        ...

    def chunks(self) -> Iterator[bytes]:
        """The bytes from the beginning."""
        ...


class Sink(Protocol):
    """Where the body of a success goes instead of into memory."""

    def start(self) -> None:
        """A body begins; whatever an earlier attempt wrote is void."""
        ...

    def write(self, chunk: bytes) -> None:
        """The next bytes."""
        ...


class Streamed:
    """In the place of a sink: the body of a success is not read but left open, as :attr:`HttpResponse.stream`."""

    def start(self) -> None:
        """A body begins, for nobody here."""

    def write(self, chunk: bytes) -> None:
        """Nothing is written here."""


class HeldBody:
    """An open body of which all has come, as from a transport that does not stream."""

    def __init__(self, content: bytes) -> None:
        self._content: bytes | None = content or None

    def read(self) -> bytes | None:
        """The content once, then ``None``."""
        content, self._content = self._content, None
        return content

    def close(self) -> None:
        """Read no more."""
        self._content = None


@frozen
class HttpRequest:
    """One request, complete but for what the transport itself adds (``Host``, ``Accept-Encoding``)."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes | StreamedBody = field(default=b"", repr=False)

    def with_header(self, name: str, value: str) -> HttpRequest:
        """The same request with one header set, replacing any of that name."""
        lowered = name.lower()
        kept = [pair for pair in self.headers if pair[0].lower() != lowered]
        return HttpRequest(self.method, self.url, (*kept, (name, value)), self.body)

    def header(self, name: str) -> str | None:
        """The first header of that name."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def replayable(self) -> bool:
        """Whether the same body can be sent once more."""
        return isinstance(self.body, bytes) or self.body.replayable

    @property
    def content(self) -> bytes:
        """The whole body in memory, for transports that do not stream."""
        return self.body if isinstance(self.body, bytes) else b"".join(self.body.chunks())

    @property
    def length(self) -> int | None:
        """Bytes of the body; ``None`` when that cannot be known beforehand."""
        return len(self.body) if isinstance(self.body, bytes) else self.body.length


@frozen
class HttpResponse:
    """One response, its body read and its content encoding undone.

    ``broken`` says why the body is incomplete, ``None`` when it is whole; ``content`` then holds what came.
    ``too_large`` says that the client itself stopped reading: another attempt would not help. ``stream`` is a body that
    is still open, whose ``read`` and ``close`` an asynchronous transport has awaited.
    """

    status: int
    headers: Headers = field(repr=False)
    content: bytes = field(repr=False)
    broken: str | None = None
    too_large: bool = False
    stream: Any = field(default=None, repr=False)

    @property
    def media_type(self) -> str:
        """The content type without its parameters, in lower case; empty when the vendor sent none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port: two URLs with the same origin reach the same server."""
    parts: SplitResult = urlsplit(url)
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), parts.port or DEFAULT_PORTS.get(scheme)
