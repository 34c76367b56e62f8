"""CORS: which web pages a browser lets call a sandbox, where the sandbox was told so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from accordant_sandbox.errors import SandboxError
from accordant_sandbox.http.exchange import Headers, Reply, Request

__all__ = ["allow_origin", "checked_origins", "preflight"]

ANY: Final = "*"
_ORIGIN: Final = re.compile(r"https?://(?:\[[0-9a-f:.]+\]|[0-9a-z.-]+)(?::[0-9]{1,5})?")
_METHODS: Final = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
_SECONDS: Final = "600"
"""How long a browser may keep the reply to a preflight."""


def checked_origins(origins: Sequence[str]) -> tuple[str, ...]:
    """The origins as browsers send them.

    Raises:
        SandboxError: One is neither `*` nor scheme, host and port.
    """
    given = (origins,) if isinstance(origins, str) else tuple(origins)
    for origin in given:
        if origin != ANY and not _ORIGIN.fullmatch(origin):
            raise SandboxError(f"{origin!r} is no origin: write one such as http://localhost:5173, or * for any")
    return given


def preflight(request: Request, origins: Sequence[str]) -> Reply | None:
    """The reply to a browser that asks whether a page may send a request; None where it does not ask, or may not."""
    if request.method != "OPTIONS" or "access-control-request-method" not in request.headers:
        return None
    if not _allowed(request, origins):
        return None
    reply = Reply(204, Headers(), b"")
    reply.headers.set("Access-Control-Allow-Methods", _METHODS)
    wanted = request.headers.get("access-control-request-headers")
    if wanted:
        reply.headers.set("Access-Control-Allow-Headers", wanted)
    reply.headers.set("Access-Control-Max-Age", _SECONDS)
    return reply


def allow_origin(request: Request, reply: Reply, origins: Sequence[str]) -> None:
    """Let a page of an allowed origin read a reply, with all of its headers."""
    origin = request.headers.get("origin") if origins else None
    if origin is None or not _allowed(request, origins):
        return
    reply.headers.set("Access-Control-Allow-Origin", origin)
    reply.headers.set("Vary", "Origin")
    names = sorted({name for name, _ in reply.headers if not name.lower().startswith("access-control-")})
    reply.headers.set("Access-Control-Expose-Headers", ", ".join(names))


def _allowed(request: Request, origins: Sequence[str]) -> bool:
    return ANY in origins or request.headers.get("origin") in origins
