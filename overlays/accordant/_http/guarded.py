"""What goes on in the HTTP library, kept from showing credentials: its log lines, and the frames of its errors.

The library's loggers print the headers of responses, and its frames hold the request with its credentials when an
attempt ends in an error, a cancellation or Ctrl-C. Neither is switched off: lines that are written on behalf of a
client are masked, and errors leave without the library's frames.
"""

from __future__ import annotations

import logging
import re
from contextvars import ContextVar
from types import TracebackType
from typing import Final
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies

from .secrets import MASK, Redactor, Secret, conceal
from .transport import HttpOptions, detached

LOGGERS: Final = tuple(
    f"{library}.{name}"
    for library in ("httpcore", "httpcore2")
    for name in ("connection", "http11", "http2", "proxy", "socks")
)
"""The loggers that write while a request is under way. A filter counts for one logger, not for those below it."""

_SECRET_FIELD: Final = re.compile(
    r"""(\(b'[^']*(?:cookie|auth|token|secret|key|session|credential|signature)[^']*',\ )  # (b'set-cookie',
        b(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")                                           # b'sid=...'""",
    re.IGNORECASE | re.VERBOSE,
)
_speaking: ContextVar[Redactor | None] = ContextVar("accordant_redactor", default=None)
"""The scrubber of the client whose request is under way in this thread or task."""


class _Masking(logging.Filter):
    """Masks what a client's requests make a logger write; lines of other users of the library stay as they are."""

    def filter(self, record: logging.LogRecord) -> bool:
        redactor = _speaking.get()
        if redactor is not None:
            text = redactor.text(record.getMessage())
            record.msg, record.args = _SECRET_FIELD.sub(rf"\1b'{MASK}'", text), None
        return True


_masking: Final = _Masking()


class Guarded:
    """Within it the library's log lines are masked, and errors leave it without the library's frames."""

    __slots__ = ("_before", "_redactor")

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def __enter__(self) -> None:
        self._before = _speaking.set(self._redactor)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _speaking.reset(self._before)
        if error is not None:
            raise detached(error) from error.__cause__


def guard(redactor: Redactor) -> Redactor:
    """Make the library's loggers mask what is written on behalf of clients, and return the scrubber that says how."""
    for name in LOGGERS:
        logging.getLogger(name).addFilter(_masking)  # a filter that is there already is not added again
    return redactor


def proxy_passwords(options: HttpOptions | None) -> list[Secret | None]:
    """The passwords of the proxies that a client may use, as they are written and as they are meant."""
    found: list[Secret | None] = []
    for url in (options.proxy if options else None, *getproxies().values()):
        try:
            written = urlsplit(url or "").password
        except ValueError:
            continue
        found += [conceal(written), conceal(unquote(written or ""))]
    return found
