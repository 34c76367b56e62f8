"""The asynchronous driver: performs what a flow asks for, on the running event loop."""

from __future__ import annotations

import inspect
import threading
from collections import deque
from contextlib import nullcontext
from typing import Any, Final, TypeVar

from .._clock import Clock
from .._fork import renewed_after_fork
from .._http.guarded import Guarded
from .._http.secrets import Redactor
from .._http.transport import AsyncTransport
from .._turns import Turn
from .commands import Acquire, Command, Flow, Read, Send, Sleep

T = TypeVar("T")
_UNGUARDED: Final = nullcontext()


class TaskTokenLock:
    """A token lock among tasks: of one event loop, or of several in turn or at a time."""

    def __init__(self) -> None:
        self.renew()
        renewed_after_fork(self)

    def renew(self) -> None:
        """Begin anew in a forked child, where no task of the parent will give the lock back."""
        self._guard = threading.RLock()
        self._holder: Turn | None = None
        self._waiting: deque[Turn] = deque()

    async def acquire(self, timeout: float | None) -> bool:
        """Wait for the lock at most ``timeout`` seconds."""
        turn = Turn()
        with self._guard:
            if self._holder is None or self._holder.lost:
                self._holder = turn
                return True
            if timeout is not None and timeout <= 0:
                return False
            self._waiting.append(turn)
        try:
            await turn.come(timeout)
        except BaseException:
            self._leave(turn)
            raise
        return self._holder is turn or self._leave(turn)

    def _leave(self, turn: Turn) -> bool:
        with self._guard:
            if turn in self._waiting:
                self._waiting.remove(turn)
            elif self._holder is turn:
                self.release()
        return False

    def release(self) -> None:
        """Give it back, to the one that has waited longest."""
        with self._guard:
            self._holder = None
            while self._waiting and self._holder is None:
                turn = self._waiting.popleft()
                if not turn.lost:
                    self._holder = turn
                    turn.wake()


class AsyncIO:
    """Transport and clock of an asynchronous client."""

    def __init__(self, transport: AsyncTransport, clock: Clock, redactor: Redactor | None = None) -> None:
        self.transport = transport
        self.clock = clock
        self._redactor = redactor

    async def run(self, flow: Flow[T]) -> T:
        """Perform a flow to its end; whatever goes wrong on the way, cancellation too, is the flow's to handle."""
        try:
            command = next(flow)
            while True:
                try:
                    result = await self._perform(command)
                except BaseException as error:
                    command = flow.throw(error)
                else:
                    command = flow.send(result)
        except StopIteration as stop:
            value: T = stop.value
            return value

    async def _perform(self, command: Command) -> Any:
        if isinstance(command, (Send, Read)):
            with Guarded(self._redactor) if self._redactor is not None else _UNGUARDED:
                if isinstance(command, Send):
                    return await self.transport.send(command.request, command.timeout, command.sink, command.left)
                piece = command.stream.read()
                return await piece if inspect.isawaitable(piece) else piece
        if isinstance(command, Sleep):
            return await self.clock.sleep_async(command.seconds)
        if isinstance(command, Acquire):
            assert isinstance(command.lock, TaskTokenLock)
            return await command.lock.acquire(command.timeout)
        result = command.function()
        result = await result if inspect.isawaitable(result) else result
        return result if command.wrap is None else command.wrap(result)
