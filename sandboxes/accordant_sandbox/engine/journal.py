"""The journal: every exchange with who asked, what it was, which faults and rules took part. Secrets are masked."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from accordant_sandbox.errors import SandboxError
from accordant_sandbox.http.exchange import ABSENT, Headers, Upload
from accordant_sandbox.http.jsons import is_array, is_object

__all__ = ["SECRET_HEADERS", "Entry", "Journal", "mask"]

SECRET_HEADERS: Final = frozenset(
    {"authorization", "cookie", "proxy-authorization", "set-cookie", "x-api-key", "x-webhook-secret"}
)
"""Headers whose values are masked, in lower case."""
_SECRET_NAMES: Final = frozenset(
    {
        "access_token", "accesstoken", "refresh_token", "refreshtoken", "client_secret", "clientsecret", "password",
        "token", "api_key", "apikey", "secret", "username", "email_password", "x-webhook-secret",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One exchange. Only `view` and the properties are for reading: they mask secrets."""

    number: int
    at: str
    """Instant on the sandbox's clock."""
    operation: str | None
    """Operation id; None when nothing matched."""
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
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
    with_credentials: bool
    """Whether the request carried an `Authorization` header or another credential header."""
    _headers: Headers = field(repr=False)
    _body: Any = field(repr=False)
    _answer: Any = field(repr=False)

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The request's headers."""
        return [(name, "***" if name.lower() in SECRET_HEADERS else value) for name, value in self._headers]

    @property
    def body(self) -> Any:
        """The request's parsed body; None when there was none."""
        return mask(self._body)

    @property
    def answer(self) -> Any:
        """The answer's body; None when it had none."""
        return mask(self._answer)

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
    """

    def __init__(self, size: int = 10_000) -> None:
        if size < 1:
            raise SandboxError("the journal keeps at least one exchange")
        self._entries: deque[Entry] = deque(maxlen=size)
        self._count = 0

    def add(self, **values: Any) -> Entry:
        """Write one exchange down."""
        self._count += 1
        entry = Entry(number=self._count, **values)
        self._entries.append(entry)
        return entry

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


def mask(value: Any) -> Any:
    """A body as JSON data without secrets; files and bytes become their size."""
    if value is ABSENT:
        return None
    if is_object(value):
        return {
            name: "***" if str(name).lower() in _SECRET_NAMES and each is not None else mask(each)
            for name, each in value.items()
        }
    if is_array(value):
        return [mask(each) for each in value]
    if isinstance(value, Upload):
        return f"file {value.filename!r}, {len(value.content)} bytes"
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return value
