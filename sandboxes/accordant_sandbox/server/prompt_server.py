"""Uvicorn in a thread, which ends as soon as it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Final

import uvicorn

__all__ = ["PromptServer"]

_LOOK: Final = 0.002
"""Seconds between two looks at what has still to end."""


class PromptServer(uvicorn.Server):
    """A server of uvicorn that runs in a thread until `end` is called.

    Uvicorn itself looks ten times a second whether it has to end, and waits at least a tenth of a second for its
    connections: a program that starts and stops many sandboxes would mostly wait.
    """

    _told: asyncio.Event | None = None
    _loop: asyncio.AbstractEventLoop | None = None

    def end(self) -> None:
        """Tell it to end; any thread may, also before it runs and after it has ended."""
        self.should_exit = True
        if self._loop is not None and self._told is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: it has ended
                self._loop.call_soon_threadsafe(self._told.set)

    async def main_loop(self) -> None:
        """Serve until it is told to end."""
        await self.on_tick(0)
        self._told = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        if not self.should_exit:
            await self._told.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, and wait for the responses under way as long as `timeout_graceful_shutdown`."""
        for listening in (*self.servers, *(sockets or ())):
            listening.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await self._over(self.config.timeout_graceful_shutdown or 0)
        for connection in list(self.server_state.connections):
            connection.transport.abort()  # who waits to respond hears of it, and ends without a word
        await self._over(_LOOK * 10)
        for task in self.server_state.tasks:
            task.cancel()

    async def _over(self, seconds: float) -> None:
        """Return when no connection is left, but after so many seconds at the latest."""
        clock = asyncio.get_running_loop().time
        latest = clock() + seconds
        while (self.server_state.connections or self.server_state.tasks) and clock() < latest:
            await asyncio.sleep(_LOOK)
