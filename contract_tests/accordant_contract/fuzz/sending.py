"""Another way to send, for a while: parts of the fuzzer change how schemathesis sends, one inside of another."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any


@contextmanager
def sent_by(transport: Any, send: Callable[..., Any]) -> Generator[None]:
    """While this lasts, ``transport`` sends by ``send``; afterwards as before."""
    before: Any = transport.__dict__.get("send")
    transport.send = send  # on this object, before its class's method
    try:
        yield
    finally:
        if before is None:
            del transport.send
        else:
            transport.send = before
