"""Requests over HTTP and the bytes that came back: nothing is decoded, no redirect is followed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from ssl import SSLContext
from typing import Final, Protocol, TypeAlias
from urllib.parse import urlsplit

import httpcore
import httpx

Reply: TypeAlias = tuple[int, Sequence[tuple[str, str]], bytes]
Send: TypeAlias = Callable[[str, str, Sequence[tuple[str, str]], bytes, float | None], Reply]
"""``(method, url, headers, body, timeout) -> (status, headers, body)``; raises built-in connection and time errors."""

LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})
"""Methods of which a request says how long its body is even where it has none."""


class Sender(Protocol):
    """Sends over HTTP until it is closed."""

    def __call__(
        self, method: str, url: str, headers: Sequence[tuple[str, str]], body: bytes, timeout: float | None
    ) -> Reply:
        """Send a request, and return the response; the form is that of :data:`Send`."""
        ...

    def close(self) -> None:
        """Give the connections back."""
        ...


def sender_to(url: str) -> Sender:
    """What sends to the server of an address: on this machine no proxy leads there, and no TLS."""
    parts = urlsplit(url)
    return LoopbackSender() if parts.scheme == "http" and parts.hostname in LOOPBACK else HttpSender()


@cache
def tls() -> SSLContext:
    """What connections over TLS are checked by: to read the certificates takes longer than many a request."""
    return httpx.create_ssl_context()


class HttpSender:
    """Sends to any server, by way of the environment's proxies."""

    def __init__(self) -> None:
        self._client = httpx.Client(follow_redirects=False, verify=tls())

    def __call__(
        self, method: str, url: str, headers: Sequence[tuple[str, str]], body: bytes, timeout: float | None
    ) -> Reply:
        """Send a request, and return the response."""
        sent = [("Accept-Encoding", "identity"), *headers]
        try:
            request = self._client.build_request(method, url, headers=sent, content=body or None, timeout=timeout)
            begun = time.monotonic()
            response = self._client.send(request, stream=True)
            try:
                content = _whole(response.iter_raw(), begun, timeout)
            finally:
                response.close()
        except httpx.TimeoutException as error:
            raise TimeoutError(f"no response within {timeout} s") from error
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise ConnectionError(str(error) or type(error).__name__) from error
        return response.status_code, _texts(response.headers.raw), content

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()


class LoopbackSender:
    """Sends to a server on this machine: by the library below the other sender's, which takes a third less time."""

    def __init__(self) -> None:
        self._pool = httpcore.ConnectionPool()

    def __call__(
        self, method: str, url: str, headers: Sequence[tuple[str, str]], body: bytes, timeout: float | None
    ) -> Reply:
        """Send a request, and return the response."""
        try:
            request = _request(method, url, headers, body, timeout)
            begun = time.monotonic()
            response = self._pool.handle_request(request)
            try:
                content = _whole(response.iter_stream(), begun, timeout)
            finally:
                response.close()
        except httpcore.TimeoutException as error:
            raise TimeoutError(f"no response within {timeout} s") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, httpx.InvalidURL) as error:
            raise ConnectionError(str(error) or type(error).__name__) from error
        return response.status, _texts(response.headers), content

    def close(self) -> None:
        """Give the connections back."""
        self._pool.close()


def _request(
    method: str, url: str, headers: Sequence[tuple[str, str]], body: bytes, timeout: float | None
) -> httpcore.Request:
    """A request with the header fields that HTTP needs, where it does not bring them."""
    where, host = _place(url)
    given = {name.lower() for name, _ in headers}
    sent = [(name.encode("ascii"), value.encode("ascii")) for name, value in headers]
    if "host" not in given:
        sent.insert(0, (b"Host", host))
    if "accept-encoding" not in given:
        sent.append((b"Accept-Encoding", b"identity"))
    if (body or method in _WITH_BODY) and not given & {"content-length", "transfer-encoding"}:
        sent.append((b"Content-Length", b"%d" % len(body)))
    limits = dict.fromkeys(("connect", "read", "write", "pool"), timeout)
    return httpcore.Request(method, where, headers=sent, content=body, extensions={"timeout": limits})


@lru_cache(maxsize=1024)
def _place(url: str) -> tuple[httpcore.URL, bytes]:
    """An address as the library takes it, and the host that it names. A run sends to few of them, again and again."""
    parts = httpx.URL(url)
    target = httpcore.URL(scheme=parts.raw_scheme, host=parts.raw_host, port=parts.port, target=parts.raw_path)
    return target, parts.netloc


def _whole(chunks: Iterable[bytes], begun: float, timeout: float | None) -> bytes:
    """A body to its end. The library's limit is for each read: a body that drips never reaches it."""
    found: list[bytes] = []
    for chunk in chunks:
        found.append(chunk)
        if timeout is not None and time.monotonic() - begun > timeout:
            raise TimeoutError(f"no complete response within {timeout} s")
    return b"".join(found)


def _texts(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
