"""Credentials that travel in the query, added to the fuzzer's requests: its configuration knows header fields only."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any


@contextmanager
def in_every_query(schema: Any, parameters: Mapping[str, str]) -> Generator[None]:
    """While this lasts, schemathesis's transport adds these parameters to each request."""
    if not parameters:
        yield
        return
    transport = schema.transport
    original = transport.send

    def send(case: Any, **how: Any) -> Any:
        return original(case, **{**how, "params": {**parameters, **(how.get("params") or {})}})

    transport.send = send  # on this object, before its class's method
    try:
        yield
    finally:
        transport.send = original
