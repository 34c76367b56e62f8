"""The fuzzer's requests keep to the target's limits too, and come back when they are told to."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any

from ..errors import ContractError
from ..target.patience import Patience
from ..target.session import TargetSession
from . import traffic
from .sending import sent_by


@contextmanager
def patiently(schema: Any, session: TargetSession) -> Generator[None]:
    """While this lasts, schemathesis's transport waits for a target that needs it.

    Its own retries know neither documented limits nor whether a refusal was ridden out.
    """
    patience = session.target.patience
    if patience is None:
        yield
        return
    transport = schema.transport
    original = transport.send

    def send(case: Any, **how: Any) -> Any:
        return _send(session, patience, original, case, how)

    with sent_by(transport, send):
        yield


def _send(session: TargetSession, patience: Patience, original: Any, case: Any, how: dict[str, Any]) -> Any:
    operation = traffic.operation_of(case)
    attempt = 0
    while True:
        patience.turn(operation)
        _renew(session, how.get("session"))
        try:
            response = original(case, **how)
        except OSError as error:  # what requests raises is one
            if not patience.tolerates(operation, type(error).__name__):
                raise
            continue
        pairs = [(name, value) for name, values in response.headers.items() for value in values]
        patience.heed(pairs)
        wait = patience.after(response.status_code, pairs, attempt)
        if wait is None:
            return response
        session.results.limited(operation)
        patience.pause(wait)
        attempt += 1


def _renew(session: TargetSession, carrier: Any) -> None:
    """Give the fuzzer the present credential, where it sends one: waiting for limits may outlast a token."""
    if carrier is None:
        return
    with suppress(ContractError):  # then the old one is refused, which the fuzzer's own checks say
        for name, value in session.credential.headers:
            if name in carrier.headers:
                carrier.headers[name] = value
