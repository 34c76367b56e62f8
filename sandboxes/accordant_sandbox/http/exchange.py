"""One exchange: the request, the response that is made for it, and the reply on the wire."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

__all__ = ["ABSENT", "Absent", "Answer", "Headers", "Reply", "Request", "Steps", "Upload", "Wire", "WireKind"]


class Absent:
    """The type of `ABSENT`: no value at all, as opposed to a JSON null."""

    def __repr__(self) -> str:
        return "ABSENT"

    def __bool__(self) -> bool:
        return False

    def __deepcopy__(self, memo: dict[int, Any]) -> Absent:
        """There is only one: copies of responses compare with it by identity."""
        return self


ABSENT: Final = Absent()

WireKind = Literal[
    "refuse", "reset", "close", "empty", "garbage", "truncate", "bad_chunk", "dribble", "hang", "hang_after_headers"
]


class Headers:
    """HTTP headers: names compare without case, a name may occur several times."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._pairs = [(str(name), str(value)) for name, value in pairs]

    def get(self, name: str, default: str | None = None) -> str | None:
        """The first value of that name."""
        wanted = name.lower()
        for key, value in self._pairs:
            if key.lower() == wanted:
                return value
        return default

    def get_all(self, name: str) -> list[str]:
        """Every value of that name, in order."""
        wanted = name.lower()
        return [value for key, value in self._pairs if key.lower() == wanted]

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)

    def add(self, name: str, value: str) -> None:
        """One more value of that name."""
        self._pairs.append((name, value))

    def set(self, name: str, value: str) -> None:
        """The only value of that name."""
        self.remove(name)
        self.add(name, value)

    def remove(self, name: str) -> None:
        """No value of that name."""
        wanted = name.lower()
        self._pairs = [(key, value) for key, value in self._pairs if key.lower() != wanted]

    def copy(self) -> Headers:
        """An independent copy."""
        twin = Headers()
        twin._pairs = self._pairs.copy()
        return twin


@dataclass(frozen=True, slots=True)
class Upload:
    """One file part of a multipart body: the name that the sender gave, its declared media type, its bytes."""

    filename: str
    media_type: str | None
    content: bytes


@dataclass(slots=True)
class Request:
    """A request as it came in. `path` is still percent-encoded, `query` holds decoded pairs in their order."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Headers
    body: bytes = b""
    root: str = ""
    """Scheme and host that the client used: absolute links in answers begin with it."""
    over_socket: bool = False

    @property
    def media_type(self) -> str | None:
        """The declared media type in lower case, without parameters; None when there is none."""
        value = self.headers.get("content-type")
        return value.split(";", 1)[0].strip().lower() if value and value.strip() else None


@dataclass(frozen=True, slots=True)
class Wire:
    """A disturbance of the connection. Over a socket it is performed, in process it becomes the matching exception.

    kind:
        refuse / reset: the connection is reset before a response; close / empty: closed without a response;
        garbage: bytes that are no HTTP; truncate: fewer body bytes than announced; bad_chunk: a broken chunk length;
        dribble: the body a byte at a time, `seconds` apart; hang: nothing comes for `seconds`; hang_after_headers:
        the head comes, the body does not.
    """

    kind: WireKind
    seconds: float = 0.0


@dataclass(slots=True)
class Answer:
    """What a handler, a problem or a fault returns, before it is bytes.

    `body` is a JSON value, `content` raw bytes that win over it; with neither the response has no body.
    `delay` is waited (in process: put on the clock) before the response leaves. `exempt` says why the response
    is not held against the document.
    """

    status: int
    body: Any = ABSENT
    headers: Headers = field(default_factory=Headers)
    content: bytes | None = None
    media_type: str | None = "application/json"
    delay: float = 0.0
    wire: Wire | None = None
    exempt: str | None = None


@dataclass(slots=True)
class Reply:
    """A response on its way out: status, header pairs, bytes; and what the wire does to it."""

    status: int
    headers: Headers
    content: bytes
    delay: float = 0.0
    wire: Wire | None = None

    @classmethod
    def plain(cls, status: int, content: bytes, media_type: str) -> Reply:
        """A reply outside the API: a file, a page, the control plane."""
        headers = Headers([("Content-Type", media_type), ("Content-Length", str(len(content)))])
        return cls(status, headers, content)


Steps: TypeAlias = Generator[Callable[[], object] | None, None, Reply]
"""An answer in the making. Between its steps other calls may be answered; a function that it yields is run meanwhile,
without holding anybody up."""
