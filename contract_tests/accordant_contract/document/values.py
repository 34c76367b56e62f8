"""The values that everything here is made of: what was sent, what came back, and what is wrong with it."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias, TypeVar, cast

from attrs import define, field, frozen

from accordant_runtime import loads

T = TypeVar("T")

Pairs: TypeAlias = tuple[tuple[str, str], ...]

Intent: TypeAlias = Literal["valid", "invalid", "unauthorised", "unknown"]
"""What the sender meant.

valid: the document allows the request and nothing speaks against it, so it must succeed; invalid: the document forbids
it; unauthorised: it carries no good credential; unknown: the document allows it, but what it refers to may not exist
or the vendor's own rules may refuse it.
"""


class _Absent:
    """The type of :data:`ABSENT`."""

    def __repr__(self) -> str:
        return "ABSENT"

    def __bool__(self) -> bool:
        return False

    def __reduce__(self) -> str:
        return "ABSENT"  # there is but one, also for what comes from another process


EPOCH: Final = datetime.datetime.fromtimestamp(0, datetime.UTC)
"""The time of an exchange that does not say when it was."""
ABSENT: Final = _Absent()
"""No value at all, as opposed to JSON ``null``."""


@frozen
class Part:
    """One file of a multipart body."""

    filename: str
    media_type: str
    content: bytes = field(repr=False)


@frozen
class Arguments:
    """What fills an operation's request: parameters by their wire name, and a body.

    ``body`` is a JSON value (for a multipart body an object whose files are :class:`Part`); ``media_type`` picks one of
    the documented ones, the first by default. ``raw`` are the body's bytes as they are, instead of ``body``.
    """

    path: Mapping[str, Any] = field(factory=dict[str, Any])
    query: Mapping[str, Any] = field(factory=dict[str, Any])
    header: Mapping[str, Any] = field(factory=dict[str, Any])
    body: Any = ABSENT
    media_type: str | None = None
    raw: bytes | None = None

    @property
    def given(self) -> dict[str, Any]:
        """Every parameter, whatever its place."""
        return {**self.header, **self.query, **self.path}


@frozen
class Request:
    """A request as it was sent."""

    method: str
    url: str
    headers: Pairs = field(repr=False)
    body: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> str | None:
        """The first value of a header, by its name in any case."""
        return _header(self.headers, name)


@define(eq=False)
class BodyFacts:
    """What was found out about the bytes of a body. Responses with the same bytes share it: lists come again and again,
    and what they hold needs to be read and judged once."""

    parsed: Any = ABSENT
    _made: dict[Hashable, Any] = field(factory=dict[Hashable, Any], init=False)

    def once(self, key: Hashable, work: Callable[[], T]) -> T:
        """What some work makes of the body, done once for a key: whatever else its result hangs on."""
        if key not in self._made:
            self._made[key] = work()
        return cast("T", self._made[key])


@define
class Response:
    """A response as it was received. Two are never compared; it is a class with identity so that it can cache."""

    status: int
    headers: Pairs = field(repr=False)
    body: bytes = field(repr=False)
    facts: BodyFacts = field(factory=BodyFacts, repr=False)
    _first: dict[str, str] | None = field(default=None, init=False, repr=False, eq=False)

    def header(self, name: str) -> str | None:
        """The first value of a header, by its name in any case."""
        if self._first is None:  # judges ask a dozen times
            self._first = {key.lower(): value for key, value in reversed(self.headers)}
        return self._first.get(name.lower())

    def all(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def media_type(self) -> str | None:
        """The declared media type in lower case, without parameters."""
        value = self.header("content-type")
        return value.split(";", 1)[0].strip().lower() if value and value.strip() else None

    @property
    def success(self) -> bool:
        """Whether the status is a 2xx or 3xx."""
        return 200 <= self.status < 400

    @property
    def document(self) -> Any:
        """The body as parsed JSON; :data:`ABSENT` where it is empty or no JSON. Shared: not to be changed."""
        if self.facts.parsed is ABSENT and self.body:
            try:
                self.facts.parsed = loads(self.body)
            except ValueError:
                self.facts.parsed = ABSENT
        return self.facts.parsed


@define(eq=False)
class SeenBodies:
    """The bodies of late, each kept once: a response that says the same as an earlier one is known by it.

    A proxy judges for days: when ``most`` bytes are kept, all are forgotten.
    """

    most: int = 64_000_000
    _seen: dict[tuple[bytes, str | None], tuple[bytes, BodyFacts]] = field(
        factory=dict[tuple[bytes, "str | None"], tuple[bytes, BodyFacts]], init=False
    )
    _size: int = field(default=0, init=False)

    def response(self, status: int, headers: Pairs, body: bytes) -> Response:
        """A response that shares its body, and what is known of it, with the earlier ones that have the same."""
        key = body, _header(headers, "content-encoding")
        if key not in self._seen:
            self._size += len(body)
            if self._size > self.most:
                self._seen.clear()
                self._size = len(body)
            self._seen[key] = body, BodyFacts()
        first, facts = self._seen[key]
        return Response(status, headers, first, facts)


@frozen(eq=False)
class Exchange:
    """One request at one operation, and the response to it.

    ``response`` is ``None`` where none came, ``failure`` then says why. ``refused`` is what a 2xx says in its body when
    it is a failure all the same. ``at`` is the target's time when it was sent.
    """

    operation: str
    request: Request
    response: Response | None
    arguments: Arguments = field(factory=Arguments, repr=False)
    intent: Intent = "valid"
    failure: str = ""
    refused: str = ""
    at: datetime.datetime = EPOCH

    @property
    def status(self) -> int:
        """The response's status; 0 where none came."""
        return self.response.status if self.response else 0

    @property
    def success(self) -> bool:
        """Whether a 2xx or 3xx came that means it."""
        return self.response is not None and self.response.success and not self.refused

    @property
    def document(self) -> Any:
        """The response's body as parsed JSON, or :data:`ABSENT`."""
        return self.response.document if self.response else ABSENT


@frozen
class Finding:
    """Something that is wrong.

    ``check`` names the check that says so, ``path`` the JSON path of the place in the response's body (``""``: the
    exchange as a whole), ``kind`` what sort of thing it is: findings with the same :attr:`key` are one finding seen
    several times. ``exchanges`` are the requests that show it when they are sent again in this order. ``expected`` and
    ``seen`` are the two values that differ; without them it is the check's sentence and the message.
    """

    check: str
    operation: str
    message: str
    path: str = ""
    kind: str = ""
    exchanges: tuple[Exchange, ...] = field(default=(), repr=False, eq=False)
    expected: str = ""
    seen: str = ""

    @cached_property
    def key(self) -> str:
        """What makes two findings the same."""
        return f"{self.check}|{self.operation}|{self.kind or general(self.path)}"


Findings: TypeAlias = Iterator[Finding]


def _header(pairs: Pairs, name: str) -> str | None:
    wanted = name.lower()
    return next((value for key, value in pairs if key.lower() == wanted), None)


def general(path: str) -> str:
    """A JSON path without its indexes: the third row's field is the same place as the first row's."""
    return "".join(part.split("]", 1)[-1] if index else part for index, part in enumerate(path.split("[")))
