"""Who may look on while calls are made: observers of whole calls, and the log that ``ACCORDANT_LOG`` turns on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Final, Protocol, TypeAlias

from attrs import frozen

from ._environment import process_variables
from .errors import ConfigurationError

VARIABLE: Final = "ACCORDANT_LOG"
_LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING}


@frozen
class Attempt:
    """One request that a client has sent, for the ``on_attempt`` hook.

    ``number`` counts the requests of this call from 1. ``status`` is the HTTP status, or ``None`` with ``error`` naming
    the class of what went wrong. ``elapsed`` is the time of this request in seconds, and ``wait`` the seconds until the
    next one, ``None`` where this was the last.
    """

    operation: str
    method: str
    path: str
    number: int
    status: int | None
    error: str | None
    elapsed: float
    wait: float | None


OnAttempt: TypeAlias = Callable[[Attempt], None]


@frozen
class CallInfo:
    """A call that begins, for a :class:`CallObserver`. No field holds a secret: they are masked as in errors.

    ``vendor`` is the package's name (``"dispatch"``), ``operation`` the document's operationId, or method and path of
    what the document does not have; ``server`` is the host, ``port`` its port. Fetching a token is a call too.
    """

    vendor: str
    operation: str
    method: str
    path: str
    server: str
    port: int


class CallWatch(Protocol):
    """What is told about one call until it ends. What its methods raise is logged, and does not reach the caller."""

    def attempt(self, attempt: Attempt) -> None:
        """A request of the call was sent, and has its outcome."""

    def end(self, status: int | None, error: BaseException | None) -> None:
        """The call has its last response with this HTTP status, or ended with an error in place of one."""


class CallObserver(Protocol):
    """Gets a watch for each call, in the thread or task that makes it; threads may ask at the same time."""

    def start(self, call: CallInfo) -> CallWatch:
        """A call begins; a watch serves this call only."""
        ...


def log_as_asked(environ: Mapping[str, str] | None = None) -> None:
    """Print the log of all clients on standard error where ``ACCORDANT_LOG`` is ``debug``, ``info`` or ``warning``.

    A handler that the program gave the logger ``accordant`` stays the only one; its level is set all the same.
    Raises ``ConfigurationError`` for another value.
    """
    wanted = (process_variables() if environ is None else environ).get(VARIABLE, "").strip().lower()
    if not wanted:
        return
    if wanted not in _LEVELS:
        raise ConfigurationError(f"{VARIABLE} must be one of {', '.join(_LEVELS)}; it is {wanted!r}")
    log = logging.getLogger("accordant")
    log.setLevel(_LEVELS[wanted])
    if not log.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
        log.addHandler(handler)
        log.propagate = False  # a root handler would print each line again
