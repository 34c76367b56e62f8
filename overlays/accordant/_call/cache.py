"""Responses that are kept for a while: catalogues that change rarely, where the user asks for it."""

from __future__ import annotations

import threading
from typing import Final, TypeAlias

from .._clock import Clock
from .._fork import renewed_after_fork
from .._http.messages import HttpRequest, HttpResponse

_MOST: Final = 256

_Key: TypeAlias = tuple[str, str, tuple[tuple[str, str], ...]]


class Catalogues:
    """Successful responses of some operations, each for ``ttl`` seconds; ``None`` keeps none. At most 256 are kept.

    They are told apart by operation, URL and headers, and shared by a client and its copies. What is kept are the
    vendor's bytes: every call decodes them anew, so that nobody changes what another one sees.
    """

    def __init__(self, operations: frozenset[str], ttl: float | None, clock: Clock) -> None:
        self.operations = operations if ttl is not None else frozenset[str]()
        self._ttl = ttl or 0.0
        self._clock = clock
        self._kept: dict[_Key, tuple[float, HttpResponse]] = {}
        self.renew()
        renewed_after_fork(self)

    def renew(self) -> None:
        """Take a new lock in a forked child; what is kept stays."""
        self._lock = threading.Lock()

    def find(self, operation: str, request: HttpRequest) -> HttpResponse | None:
        """The response that is kept for a request."""
        with self._lock:
            until, response = self._kept.get(_key(operation, request), (0.0, None))
        return None if self._clock.monotonic() >= until else response

    def keep(self, operation: str, request: HttpRequest, response: HttpResponse) -> None:
        """Keep a response that just came and could be read, if it is one of a catalogue."""
        if operation not in self.operations:
            return
        key = _key(operation, request)
        with self._lock:
            self._kept.pop(key, None)
            while len(self._kept) >= _MOST:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = (self._clock.monotonic() + self._ttl, response)

    def clear(self) -> None:
        """Forget all responses."""
        with self._lock:
            self._kept.clear()

    def __repr__(self) -> str:
        return f"Catalogues({len(self._kept)} answers)"


def _key(operation: str, request: HttpRequest) -> _Key:
    return operation, request.url, request.headers
