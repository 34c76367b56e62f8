"""The blocking driver: performs what a flow asks for, in the calling thread."""

from __future__ import annotations

import contextlib
import inspect
import threading
from typing import Any, Final, TypeVar

from .._clock import Clock
from .._fork import renewed_after_fork
from .._http.guarded import Guarded
from .._http.secrets import Redactor
from .._http.transport import SyncTransport
from ..errors import ConfigurationError
from .commands import Acquire, Command, Flow, Read, Send, Sleep

T = TypeVar("T")
_UNGUARDED: Final = contextlib.nullcontext()


class ThreadTokenLock:
    """A token lock among threads."""

    def __init__(self) -> None:
        self.renew()
        renewed_after_fork(self)

    def renew(self) -> None:
        """Begin anew in a forked child, where no thread of the parent will give the lock back."""
        self._lock = threading.Lock()

    def acquire(self, timeout: float | None) -> bool:
        """Wait for the lock at most ``timeout`` seconds."""
        if timeout is None:
            return self._lock.acquire()
        # A lock waits for at most some 292 years, and refuses longer times.
        return (
            self._lock.acquire(timeout=min(timeout, threading.TIMEOUT_MAX))
            if timeout > 0
            else self._lock.acquire(False)
        )

    def release(self) -> None:
        """Give it back."""
        with contextlib.suppress(RuntimeError):  # taken before a fork that happened meanwhile
            self._lock.release()


class SyncIO:
    """Transport and clock of a blocking client."""

    def __init__(self, transport: SyncTransport, clock: Clock, redactor: Redactor | None = None) -> None:
        self.transport = transport
        self.clock = clock
        self._redactor = redactor

    def run(self, flow: Flow[T]) -> T:
        """Perform a flow to its end; whatever goes wrong on the way is the flow's to handle."""
        try:
            command = next(flow)
            while True:
                try:
                    result = self._perform(command)
                except BaseException as error:
                    command = flow.throw(error)
                else:
                    command = flow.send(result)
        except StopIteration as stop:
            value: T = stop.value
            return value

    def _perform(self, command: Command) -> Any:
        if isinstance(command, (Send, Read)):
            with Guarded(self._redactor) if self._redactor is not None else _UNGUARDED:
                if isinstance(command, Read):
                    return command.stream.read()
                return self.transport.send(command.request, command.timeout, command.sink, command.left)
        if isinstance(command, Sleep):
            return self.clock.sleep(command.seconds)
        if isinstance(command, Acquire):
            assert isinstance(command.lock, ThreadTokenLock)
            return command.lock.acquire(command.timeout)
        result = command.function()
        if inspect.isawaitable(result):
            getattr(result, "close", lambda: None)()
            raise ConfigurationError("an asynchronous function needs an asynchronous client")
        return result if command.wrap is None else command.wrap(result)
