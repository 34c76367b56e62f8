"""Names that resolve slowly, or to addresses that do not respond. All of them are on this machine."""

from __future__ import annotations

import re
import socket
import time
from typing import Any

_MIXED = re.compile(r"p(\d+)-(\d+)\.mixed\.localhost")
_SLOW = 3.0


def install() -> None:
    """Let this process resolve the lab's names; every other name goes the usual way."""
    usual = socket.getaddrinfo
    if getattr(usual, "of_the_lab", False):
        return

    def getaddrinfo(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        numeric = bool(more.get("flags", 0) & socket.AI_NUMERICHOST)
        if numeric or not isinstance(name, str) or not name.endswith(".localhost"):
            return usual(host, port, *rest, **more)
        if name.endswith(".slow.localhost"):
            time.sleep(_SLOW)
        if name.endswith(".dead.localhost"):
            return [_stream(f"127.0.0.{number}", int(port)) for number in (1, 2, 3, 4)]
        mixed = _MIXED.fullmatch(name)
        if mixed:
            return [_stream("127.0.0.1", int(mixed[1])), _stream("127.0.0.1", int(mixed[2]))]
        return usual("127.0.0.1", port, *rest, **more)

    getaddrinfo.of_the_lab = True  # type: ignore[attr-defined] # a mark upon our own function
    socket.getaddrinfo = getaddrinfo


def _stream(address: str, port: int) -> tuple[Any, ...]:
    return (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port))
