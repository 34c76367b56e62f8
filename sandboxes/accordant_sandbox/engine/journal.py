"""The journal: every exchange with who asked, what it was, which faults and rules took part. Secrets are masked."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from json import dumps, loads
from typing import Any, Final

import orjson

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.errors import SandboxError
from accordant_sandbox.http.exchange import ABSENT, Headers, Reply, Request, Upload
from accordant_sandbox.http.json_types import is_array, is_object

__all__ = ["SECRET_HEADERS", "Entry", "Journal", "is_secret", "mask"]

SECRET_HEADERS: Final = frozenset(
    {"authorization", "cookie", "proxy-authorization", "set-cookie", "x-api-key", "x-webhook-secret"}
)
"""Headers that carry credentials, in lower case."""
_SECRET_ENDINGS: Final = (
    "token", "secret", "password", "passwd", "apikey", "accesskey", "privatekey", "authorization", "cookie",
    "credential", "credentials", "signature", "assertion", "username", "auth", "sig",
)  # fmt: skip
_NO_SECRETS: Final = frozenset({"pagetoken", "nexttoken", "nextpagetoken", "resumetoken", "synctoken"})
_PLAIN: Final = re.compile(r"[ !#-\[\]-~]+")
"""What JSON writes as it is: ASCII without quotes and backslashes."""
_SCALARS: Final = frozenset({str, int, float, bool, type(None)})
_SHORTEST: Final = 6
"""Values with fewer characters are masked in their own place alone: elsewhere they would garble every other text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One exchange. Only `view` and the properties are for reading: they mask secrets."""

    number: int
    at: str
    """Instant on the sandbox's clock."""
    operation: str | None
    """Operation id; None when nothing matched."""
    method: str
    status: int
    principal: str | None
    problem: str | None
    """Kind of the problem that refused it, if one did."""
    faults: tuple[str, ...]
    rules: tuple[str, ...]
    """Names of the vendor's rules that took part."""
    notes: tuple[str, ...]
    request_id: str
    host: str
    _path: str = field(repr=False)
    _query: tuple[tuple[str, str], ...] = field(repr=False)
    _headers: Headers = field(repr=False)
    _body: Any = field(repr=False)
    _answer: Any = field(repr=False)

    _refused: bytes = field(repr=False)
    """The request's body as it came, where it was refused before it was taken in."""
    _open: bool = field(repr=False)
    """Whether the operation needs no credential, as one that hands them out."""
    _answer_headers: Headers = field(default_factory=Headers, repr=False)
    _names: frozenset[str] = field(default=frozenset(), repr=False)
    """Names, in small letters, in which the document's security schemes have keys."""
    _found: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]], repr=False, compare=False)
    """The secrets of the exchange, once they have been looked for: every part of it is shown without them."""

    @property
    def with_credentials(self) -> bool:
        """Whether the request carried an `Authorization` header or another credential."""
        known = SECRET_HEADERS | self._names
        return any(name.lower() in known for name, _ in self._headers) or any(
            self._is_key(name) for name, _ in self._query
        )

    @property
    def path(self) -> str:
        """The path of the request."""
        return str(self._hide(self._path))

    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        """The query's pairs."""
        shown = [(name, "***" if self._is_key(name) else mask({name: value})[name]) for name, value in self._query]
        return tuple((name, str(self._hide(value))) for name, value in shown)

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The request's headers."""
        shown = [(name, "***" if is_secret(name) or self._is_key(name) else value) for name, value in self._headers]
        return [(name, str(self._hide(value))) for name, value in shown]

    @property
    def answer_headers(self) -> list[tuple[str, str]]:
        """The response's headers."""
        return [(name, "***" if is_secret(name) else str(self._hide(value))) for name, value in self._answer_headers]

    @property
    def body(self) -> Any:
        """The request's parsed body; None when there was none."""
        return self._hide(mask(self._body))

    @property
    def answer(self) -> Any:
        """The response's body; None when it had none. Secrets of the request that its messages quote are masked."""
        if self._open and isinstance(self._answer, str) and self.status < 400:
            return "***"  # a bare token
        return self._hide(mask(self._answer))

    def _hide(self, value: Any) -> Any:
        """The value without the secrets that are elsewhere in this exchange."""
        if not self._found:
            self._found.append(tuple(sorted(dict.fromkeys(self._secrets()), key=len, reverse=True)))
        secrets = self._found[0]
        if not secrets or not _may_hold(value, secrets):
            return value
        return _without(value, [(each, dumps(each)[1:-1]) for each in secrets])

    def _secrets(self) -> Iterator[str]:
        for name, value in (*self._headers, *self._query):
            if is_secret(name) or self._is_key(name):
                yield from (part for part in value.split() if len(part) >= _SHORTEST)
        body = _parsed(self._refused) if self._body is ABSENT else self._body
        yield from _named_secrets(body)
        if self._open and not is_object(body):
            yield from _texts(body)  # a credential that came in the wrong shape

    def _is_key(self, name: str) -> bool:
        return name.lower() in self._names

    def view(self) -> dict[str, Any]:
        """The exchange as plain JSON data."""
        return {
            "number": self.number,
            "at": self.at,
            "operation": self.operation,
            "method": self.method,
            "path": self.path,
            "query": [list(pair) for pair in self.query],
            "status": self.status,
            "principal": self.principal,
            "problem": self.problem,
            "faults": list(self.faults),
            "rules": list(self.rules),
            "notes": list(self.notes),
            "request_id": self.request_id,
            "headers": [list(pair) for pair in self.headers],
            "body": self.body,
            "answer": self.answer,
        }


class Journal:
    """The latest exchanges, in order.

    Args:
        size: How many are kept.
        secret_names: Names of headers and query parameters that hold credentials, beside those that say so.
    """

    def __init__(self, size: int = 10_000, secret_names: Iterable[str] = ()) -> None:
        if size < 1:
            raise SandboxError("the journal keeps at least one exchange")
        self._entries: deque[Entry] = deque(maxlen=size)
        self._count = 0
        self._names = frozenset(name.lower() for name in secret_names)

    def note(
        self,
        at: str,
        request: Request,
        reply: Reply,
        *,
        problem: str | None = None,
        request_id: str = "",
        answer: Any = ABSENT,
        notes: Sequence[str] = (),
        call: ActiveCall | None = None,
    ) -> None:
        """Write one exchange down."""
        self._count += 1
        self._entries.append(
            Entry(
                number=self._count,
                at=at,
                operation=call.operation.id if call else None,
                method=request.method,
                status=reply.status,
                principal=call.principal.name if call and call.principal else None,
                problem=problem,
                faults=tuple(call.faults) if call else (),
                rules=tuple(call.rules) if call else (),
                notes=tuple(notes),
                request_id=request_id,
                host=request.root,
                _names=self._names,
                _path=request.path,
                _query=tuple(request.query),
                _refused=request.body if call and call.body is ABSENT else b"",
                _open=call is not None and not call.operation.requirements,
                _headers=request.headers,
                _answer_headers=reply.headers,
                _body=call.body if call else ABSENT,
                _answer=answer,
            )
        )

    def of(self, operation_id: str) -> list[Entry]:
        """The exchanges of one operation."""
        return [entry for entry in self._entries if entry.operation == operation_id]

    def clear(self) -> None:
        """Forget everything; numbers start at 1 again."""
        self._entries.clear()
        self._count = 0

    @property
    def count(self) -> int:
        """How many exchanges there were, those included that are no longer kept."""
        return self._count

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __getitem__(self, index: int) -> Entry:
        return self._entries[index]


@lru_cache(maxsize=4096)
def is_secret(name: str) -> bool:
    """Whether what bears this name, in a header, a query or a body, is a credential."""
    plain = "".join(char for char in name.lower() if char.isalnum())
    return plain.endswith(_SECRET_ENDINGS) and plain not in _NO_SECRETS


def mask(value: Any) -> Any:
    """A body as JSON data without secrets; files and bytes become their size."""
    if value is ABSENT:
        return None
    if is_object(value):
        return {
            name: "***"
            if each is not None and is_secret(str(name))
            else (each if each.__class__ in _SCALARS else mask(each))
            for name, each in value.items()
        }
    if is_array(value):
        return [each if each.__class__ in _SCALARS else mask(each) for each in value]
    if isinstance(value, Upload):
        return f"file {value.filename!r}, {len(value.content)} bytes"
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return value


def _parsed(body: bytes) -> Any:
    try:
        return loads(body) if body else ABSENT
    except (ValueError, RecursionError):
        return ABSENT


def _may_hold(value: Any, secrets: Sequence[str]) -> bool:
    """Whether a secret may be in a value: JSON shows plain texts as they are, and most values hold none."""
    if isinstance(value, str):
        return not all(map(_is_plain, secrets)) or any(each in value for each in secrets)
    try:
        text = orjson.dumps(value)
    except TypeError:
        return True
    return not all(map(_is_plain, secrets)) or any(each.encode() in text for each in secrets)


@lru_cache(maxsize=1024)
def _is_plain(text: str) -> bool:
    return _PLAIN.fullmatch(text) is not None


def _without(value: Any, secrets: list[tuple[str, str]]) -> Any:
    """The value without secrets; each has the form that JSON in a text gives it, too."""
    if is_object(value):
        return {_without(name, secrets): _without(each, secrets) for name, each in value.items()}
    if is_array(value):
        return [_without(each, secrets) for each in value]
    if isinstance(value, str):
        for secret, quoted in secrets:
            value = value.replace(secret, "***").replace(quoted, "***")
    return value


def _named_secrets(value: Any) -> Iterator[str]:
    """The texts below a secret name."""
    if is_object(value):
        for name, each in value.items():
            yield from _texts(each) if is_secret(str(name)) else _named_secrets(each)
    elif is_array(value):
        for each in value:
            yield from _named_secrets(each)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str) and len(value) >= _SHORTEST:
        yield value
    elif is_object(value) or is_array(value):
        for each in value.values() if is_object(value) else value:
            yield from _texts(each)
