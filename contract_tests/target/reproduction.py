"""Requests as command lines that show no secret."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from accordant._http.spellings import Spellings

from ..document.values import Exchange

CREDENTIAL: Final = re.compile(
    "auth|cookie|token|secret|(?<!idempotency-)key|password|credential|signature", re.IGNORECASE
)
"""Header names whose values are masked, whatever they are."""


def curl(exchange: Exchange, secrets: Sequence[str]) -> str:
    """The request as a command line, its secrets masked."""
    request = exchange.request
    words = ["curl", "-i"] if request.method == "GET" else ["curl", "-i", "-X", request.method]
    for name, value in request.headers:
        shown = "***" if CREDENTIAL.search(name) else value
        words += ["-H", _quoted(f"{name}: {shown}")]
    if request.body:
        text = masked(request.body.decode("utf-8", errors="replace"), secrets)  # before it is cut
        words += ["--data-binary", _quoted(text if len(text) <= 2000 else f"{text[:2000]}...")]
    line = " ".join([*words, _quoted(request.url)])
    return masked(line, secrets)


def masked(text: str, secrets: Sequence[str]) -> str:
    """A text without any of the secrets, however they are spelt there, and without broken characters.

    Those that are too short to be told from words stay (see ``accordant._http.spellings``).
    """
    for secret in sorted(set(secrets), key=len, reverse=True):
        if len(text) >= len(secret):
            text = _spellings(secret).masked(text, "***")
    return text.encode("utf-8", "replace").decode()


@lru_cache(maxsize=1024)
def _spellings(secret: str) -> Spellings:
    return Spellings(secret)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
