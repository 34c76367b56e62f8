"""Another way to send, for a while: parts of the fuzzer change how schemathesis sends, one inside of another."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import requests
from schemathesis.transport.requests import SameHostRedirectsSession

from ..target.senders import LOOPBACK


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


@contextmanager
def past_the_environment(transport: Any, url: str) -> Generator[None]:
    """While this lasts, requests to a server on this machine pass by the environment's proxies and passwords.

    So do the probes: no proxy leads there, and a password of a ``.netrc`` would replace the run's own credential.
    """
    if urlsplit(url).hostname not in LOOPBACK:
        yield
        return
    original: Callable[..., Any] = transport.send

    def send(case: Any, *, session: requests.Session | None = None, **how: Any) -> Any:
        if session is None:
            with SameHostRedirectsSession() as session:
                session.trust_env = False
                return original(case, session=session, **how)
        session.trust_env = False
        return original(case, session=session, **how)

    with sent_by(transport, send):
        yield
