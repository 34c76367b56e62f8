"""Responses that come value by value: opened by a call, read while they come. Written once, as a flow."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, Final

from accordant_runtime import Answer, CallOptions, EventCutter, Operation, ValueCutter

from .._flow.commands import Flow, Invoke, Read
from .._http.messages import Streamed
from .._settings import Defaults
from ..errors import TransportError
from .calls import succeeded, until
from .response import ResponseReader
from .session import Session
from .values import is_end, read_value, source_of

END: Final = object()
"""Given after the last value."""


class OpenResponse:
    """The values of one response, each read when it is asked for."""

    def __init__(
        self,
        session: Session,
        defaults: Defaults,
        operation: Operation[Any],
        arguments: Mapping[str, Any],
        options: CallOptions | None,
    ) -> None:
        self._session = session
        self._defaults = defaults.for_call(options)
        self._call = (operation, arguments, options)
        self._reader: ResponseReader | None = None
        self._answer: Answer[Any] = Answer("")
        self._source: ValueCutter | EventCutter = ValueCutter()
        self._ready: deque[Any] = deque()
        self._count = 0
        self._over = False

    def next(self) -> Flow[Any]:
        """The next value, or :data:`END`; the request is sent for the first."""
        if self._reader is None and not self._over:
            yield from self._open()
        while not self._ready and not self._over:
            yield from self._read()
        if not self._ready or self._reader is None:
            return END
        value = self._ready.popleft()
        if is_end(value):
            yield from self.close()
            return END
        self._count += 1
        return read_value(self._reader, self._answer, self._count - 1, value)

    def close(self) -> Flow[None]:
        """Read no more."""
        self._over = True
        self._ready.clear()
        if self._reader is not None:
            yield Invoke(self._reader.response.stream.close)

    def _open(self) -> Flow[None]:
        operation, arguments, options = self._call
        deadline = until(self._session, self._defaults)
        reader = yield from succeeded(
            self._session, self._defaults, operation, arguments, options, deadline, Streamed()
        )
        self._reader = reader
        try:
            answer = reader.streamed()
        except BaseException:
            yield from self.close()
            raise
        if answer is None:
            yield from self.close()
        else:
            self._answer, self._source = answer, source_of(answer)

    def _read(self) -> Flow[None]:
        """Take what has come next."""
        assert self._reader is not None
        try:
            piece: bytes | None = yield Read(self._reader.response.stream)
        except TransportError as error:
            self._over = True
            error.operation, error.attempts = self._reader.state.name, self._reader.state.attempts
            self._session.redactor.errors(error)
            raise
        if piece is None:
            self._over = True
            self._ready.extend(self._source.end())
            return
        self._ready.extend(self._source.feed(piece))
        most = self._session.most_bytes
        if most is not None and self._source.waiting > most:
            yield from self.close()
            words = f"a value is larger than {most} bytes; the setting max_response_bytes allows more"
            raise self._reader.unreadable(words)
