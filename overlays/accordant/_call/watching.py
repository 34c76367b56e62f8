"""Tells an observer about a call: its begin, each request, and its end, however it ends."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from .._flow.commands import Flow
from .._observation import Attempt, CallInfo, CallObserver, CallWatch
from .session import log


class GuardedWatch:
    """A watch whose failures are logged: looking on must not fail a call."""

    __slots__ = ("_watch",)

    def __init__(self, observer: CallObserver, call: CallInfo) -> None:
        self._watch: CallWatch | None = None
        try:
            self._watch = observer.start(call)
        except Exception:
            log.exception("the observer failed at the begin of a call")

    def attempt(self, attempt: Attempt) -> None:
        """Pass an attempt on."""
        if self._watch is not None:
            try:
                self._watch.attempt(attempt)
            except Exception:
                log.exception("the observer failed at an attempt")

    def end(self, status: int | None, error: BaseException | None) -> None:
        """Pass the end on."""
        if self._watch is not None:
            try:
                self._watch.end(status, error)
            except Exception:
                log.exception("the observer failed at the end of a call")


def call_info(vendor: str, operation: str, method: str, path: str, url: str) -> CallInfo:
    """What an observer is told of a call; ``operation`` and ``path`` are masked already."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return CallInfo(vendor, operation, method, path, parts.hostname or "", port)


def watched(watch: GuardedWatch, flow: Flow[None], status: Callable[[], int]) -> Flow[None]:
    """Perform a flow, and tell the watch how it ended."""
    try:
        yield from flow
    except BaseException as error:
        watch.end(None, error)
        raise
    watch.end(status(), None)
