"""How tasks of several event loops wait for each other."""

from __future__ import annotations

import asyncio
import contextlib


class Turn:
    """One task's wait; whoever ends it may run in another thread or event loop."""

    __slots__ = ("_come", "_loop", "_woken")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._come: asyncio.Future[None] | None = None
        self._woken = False

    @property
    def lost(self) -> bool:
        """Whether the task can never go on, because its event loop has ended."""
        return self._loop.is_closed()

    async def come(self, timeout: float | None) -> bool:
        """Wait for :meth:`wake` at most ``timeout`` seconds."""
        self._come = self._loop.create_future()
        try:
            async with asyncio.timeout(timeout):
                if not self._woken:
                    await self._come
        except TimeoutError:
            return False
        return True

    def wake(self) -> None:
        """Let the task go on."""
        with contextlib.suppress(RuntimeError):  # its loop has ended
            if _running() is self._loop:
                self._settle()
            else:
                self._loop.call_soon_threadsafe(self._settle)

    def _settle(self) -> None:
        self._woken = True
        if self._come is not None and not self._come.done():
            self._come.set_result(None)


def _running() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
