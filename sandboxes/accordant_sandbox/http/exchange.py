"""One exchange in all its stages: the request, the call that it becomes, the answer, and the reply on the wire."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from accordant_sandbox.engine.auth import Principal
    from accordant_sandbox.engine.engine import Engine
    from accordant_sandbox.engine.limits import Spent
    from accordant_sandbox.engine.transaction import Transaction
    from accordant_sandbox.faults.base import Armed
    from accordant_sandbox.http.document import Operation
    from accordant_sandbox.model.operations import Plain

__all__ = ["ABSENT", "Absent", "Answer", "Call", "Headers", "Reply", "Request", "Steps", "Upload", "Wire", "WireKind"]


class Absent:
    """The type of `ABSENT`: no value at all, as opposed to a JSON null."""

    def __repr__(self) -> str:
        return "ABSENT"

    def __bool__(self) -> bool:
        return False

    def __deepcopy__(self, memo: dict[int, Any]) -> Absent:
        """There is only one: copies of answers compare with it by identity."""
        return self


ABSENT: Final = Absent()

WireKind = Literal[
    "refuse", "reset", "close", "empty", "garbage", "truncate", "bad_chunk", "dribble", "hang", "hang_after_headers"
]


class Headers:
    """HTTP headers: names compare without case, a name may stand several times."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._pairs = [(str(name), str(value)) for name, value in pairs]

    def get(self, name: str, default: str | None = None) -> str | None:
        """The first value of that name."""
        wanted = name.lower()
        return next((value for key, value in self._pairs if key.lower() == wanted), default)

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
        return Headers(self._pairs)


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
        refuse / reset: the connection is reset before anything is answered; close / empty: closed without an answer;
        garbage: bytes that are no HTTP; truncate: fewer body bytes than announced; bad_chunk: a broken chunk length;
        dribble: the body a byte at a time, `seconds` apart; hang: nothing comes for `seconds`; hang_after_headers:
        the head comes, the body does not.
    """

    kind: WireKind
    seconds: float = 0.0


@dataclass(slots=True)
class Answer:
    """What a handler, a problem or a fault answers, before it is bytes.

    `body` is a JSON value, `content` raw bytes that win over it; with neither the answer has no body.
    `delay` is waited (in process: put on the clock) before the answer leaves. `exempt` names the reason why the answer
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
    """An answer on its way out: status, header pairs, bytes; and what the wire does to it."""

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


@dataclass(slots=True)
class Call:
    """One request at one operation, as handlers and faults see it."""

    engine: Engine
    operation: Operation
    request: Request
    path: dict[str, Any]
    """Path parameters by name; text as it came until the parameters are admitted, then typed."""
    query: dict[str, Any] = field(default_factory=dict[str, Any])
    """Admitted query parameters by wire name, typed by the document; absent ones are absent."""
    header: dict[str, Any] = field(default_factory=dict[str, Any])
    """Admitted header parameters by name in lower case."""
    body: Any = ABSENT
    """The parsed body: a JSON value, or for multipart a dict whose files are `Upload` values."""
    principal: Principal | None = None
    plain: Plain | None = None
    admitted: bool = False
    """Whether parameters and body were found to be in order, so that a problem is the vendor's own business rule."""
    tx: Transaction = field(init=False)
    """The open transaction; every run of the handler gets a new one."""
    faults: list[str] = field(default_factory=list[str])
    """Names of the faults that acted."""
    rules: list[str] = field(default_factory=list[str])
    notes: list[str] = field(default_factory=list[str])
    memory: dict[str, Any] = field(default_factory=dict[str, Any])
    """Scratch memory of the armed fault whose hook runs; it lasts as long as the fault is armed."""
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Options given when the fault whose hook runs was armed."""
    skipped: bool = False
    armed: Sequence[Armed] = ()
    """The faults that may act on this call."""
    problem: str | None = None
    """Kind of the problem that refused the call, if one did."""
    spent: Spent | None = None
    """Where the caller stands in the first rate-limit bucket of the operation, or in the one that refused it."""

    @property
    def now(self) -> datetime:
        """The present instant on the sandbox's clock."""
        return self.engine.clock.now()

    @property
    def settings(self) -> Mapping[str, Any]:
        """The sandbox's settings."""
        return self.engine.settings

    def rule(self, name: str) -> None:
        """Note that a rule of the vendor took part in this answer (see `rules`)."""
        self.engine.vendor.rules[name]
        if name not in self.rules:
            self.rules.append(name)

    def skip(self) -> None:
        """Said by a fault's `around`, `authenticate` or `validate` hook that has changed nothing after all."""
        self.skipped = True

    def answer(self, body: Any = ABSENT, status: int | None = None) -> Answer:
        """A success: the given status, else the operation's documented success status."""
        return Answer(status if status is not None else self.operation.success_status, body)

    def one(self, key: str, value: Any, status: int | None = None) -> Answer:
        """A success with one record in the vendor's envelope."""
        return self.answer(self.engine.dialect.envelope.one(self, key, value), status)

    def many(self, key: str, rows: Sequence[Any], status: int | None = None) -> Answer:
        """A success with unpaged records in the vendor's envelope."""
        return self.answer(self.engine.dialect.envelope.many(self, key, rows, None), status)
