"""The head of a request as bytes, for connections on which no HTTP library writes it."""

from __future__ import annotations

import base64
import re
from typing import Any, Final, NamedTuple

from .library import installed, library
from .messages import DEFAULT_PORTS, HttpRequest
from .outgoing import checked_fields
from .routes import Proxy, Route
from .wire_errors import WireRequestError

_PLAIN: Final = re.compile(
    r"(https?)://([a-z0-9._-]+|\[[0-9a-f:]+\])(?::([1-9][0-9]{0,4}))?"
    r"(/[A-Za-z0-9._~!$&()*+,;=:@%/-]*)?(\?[A-Za-z0-9._~!$&()*+,;=:@%/?-]*)?"
)
"""Addresses that need no quoting; those with ``%`` or dots between slashes are looked at more closely."""
_STRAY_PERCENT: Final = re.compile("%(?![0-9A-Fa-f]{2})")
_TOKEN: Final = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
_HEAD: Final = re.compile(rb"%b [!-~]++ HTTP/1\.1\r\n(?:%b: (?:[!-~][\t -~]*+)?+\r\n)*+\r\n" % (_TOKEN, _TOKEN))
"""A head, line by line."""
_FRAMING: Final = frozenset({"host", "content-length", "transfer-encoding"})
"""What the transport says itself: said twice, it would mean two things."""


class Destination(NamedTuple):
    """Where a request goes: what ``Host`` says, the host alone, and path with query."""

    netloc: bytes
    host: str
    path: bytes


def target_of(url: str) -> Destination:
    """Where a request to an address goes; what no address may have is percent-encoded, as httpx does it."""
    found = _PLAIN.fullmatch(url)
    if found is not None and "/." not in url and not ("%" in url and _STRAY_PERCENT.search(url)):
        scheme, host, port, path, query = found.groups()
        netloc = host if port is None or int(port) == DEFAULT_PORTS[scheme] else f"{host}:{port}"
        return Destination(netloc.encode(), host.strip("[]"), f"{path or '/'}{query or ''}".encode())
    httpx = library(installed()).httpx
    try:
        address: Any = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise WireRequestError(str(error)) from None
    return Destination(address.netloc, address.raw_host.decode("ascii"), address.raw_path)


def head_of(request: HttpRequest, target: Destination, route: Route) -> bytes:
    """The head of a request; raises ``WireRequestError`` where it cannot be one."""
    for name, _ in request.headers:
        if name.lower() in _FRAMING:
            raise WireRequestError(f"the transport itself sends the header {name}")
    fields = checked_fields(request, target.netloc)
    path = target.path
    if route.proxy is not None and route.key[0] == "http":  # the proxy is told the whole address
        path = b"http://%b%b" % (target.netloc, path)
        fields[:0] = authorization(route.proxy)
    method = request.method.encode("ascii", "replace")
    head = b"%b %b HTTP/1.1\r\n%b\r\n" % (method, path, b"".join([b"%b: %b\r\n" % field for field in fields]))
    # A line end within a name or a value would make one more line, each of which may look like a proper one.
    if not _HEAD.fullmatch(head) or head.count(b"\r\n") != len(fields) + 2:
        raise WireRequestError("its method or a header holds characters that neither may have")
    return head


def connect_head(target: Destination, proxy: Proxy) -> bytes:
    """The head that asks a proxy for a way through."""
    place = target.netloc
    if b":" not in place.rpartition(b"]")[2]:
        place += b":443"
    fields = [(b"Host", place), (b"Accept", b"*/*"), *authorization(proxy)]
    return b"CONNECT %b HTTP/1.1\r\n%b\r\n" % (place, b"".join([b"%b: %b\r\n" % field for field in fields]))


def authorization(proxy: Proxy) -> list[tuple[bytes, bytes]]:
    """The header field with which a proxy lets a request pass."""
    if proxy.credentials is None:
        return []
    return [(b"Proxy-Authorization", b"Basic " + base64.b64encode(b":".join(proxy.credentials)))]
