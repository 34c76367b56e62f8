"""The asynchronous driver: performs what a flow asks for, on the running event loop."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any, TypeVar

from ._clock import Clock
from ._commands import Acquire, Command, Flow, Send, Sleep
from ._transport import AsyncTransport

T = TypeVar("T")


class TaskSlot:
    """A slot among the tasks of an event loop."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def acquire(self, timeout: float | None) -> bool:
        """Wait for the slot at most ``timeout`` seconds."""
        if timeout is not None and timeout <= 0 and self._lock.locked():
            return False
        try:
            async with asyncio.timeout(None if timeout is None or timeout <= 0 else timeout):
                return await self._lock.acquire()
        except TimeoutError:
            return False

    def release(self) -> None:
        """Give it back."""
        self._lock.release()


class AsyncIO:
    """Transport and clock of an asynchronous client."""

    def __init__(self, transport: AsyncTransport, clock: Clock) -> None:
        self.transport = transport
        self.clock = clock

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
        if isinstance(command, Send):
            return await self.transport.send(command.request, command.timeout, command.sink)
        if isinstance(command, Sleep):
            return await self.clock.sleep_async(command.seconds)
        if isinstance(command, Acquire):
            assert isinstance(command.slot, TaskSlot)
            return await command.slot.acquire(command.timeout)
        result = command.function()
        return await result if inspect.isawaitable(result) else result
