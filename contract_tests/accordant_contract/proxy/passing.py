"""Passing requests on: bytes as they come, in both directions, and a copy of what passed for whoever wants to look."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

import httpx
from attrs import define, field

from ..document.values import Pairs
from ..target.senders import tls

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
RawPairs: TypeAlias = list[tuple[bytes, bytes]]

KEPT: Final = 16 * 1024 * 1024
"""Bytes of a body that are kept to be judged; more only pass through."""
CONNECT: Final = 15.0
_HOPS: Final = frozenset(
    {
        *(b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection"),
        *(b"te", b"trailer", b"transfer-encoding", b"upgrade"),
    }
)
_UNSENT: Final = frozenset({b"host", b"expect"})
"""Header fields that are for this server: the upstream's host is another, and a body is waited for here."""


@define(eq=False)
class Passed:
    """One request that passed, with its response as far as it came.

    A body is ``None`` where it is too large to be kept. ``status`` is 0 where the upstream did not respond, ``failure``
    then says why; ``left`` says that the caller did not wait for the end.
    """

    at: datetime.datetime
    method: str
    url: str = field(repr=False)
    headers: Pairs = field(repr=False)
    body: bytes | None = field(default=b"", repr=False)
    status: int = 0
    response_headers: Pairs = field(default=(), repr=False)
    content: bytes | None = field(default=b"", repr=False)
    failure: str = ""
    left: bool = False


class PassThrough:
    """An ASGI application that sends each request to the upstream, and the response back.

    ``look`` gets what passed, after its last byte has left: judging holds nobody up.
    """

    def __init__(self, upstream: str, look: Callable[[Passed], None]) -> None:
        self._parts = urlsplit(upstream)
        self._look = look
        # One client for all: no cookies are kept, as requests are made by hand and carry what the caller sent.
        self._client: httpx.AsyncClient | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        raw: bytes = scope["raw_path"]
        target = raw + (b"?" + scope["query_string"] if scope["query_string"] else b"")
        root = f"{self._parts.scheme}://{self._parts.netloc}"
        passed = Passed(
            datetime.datetime.now(datetime.UTC),
            scope["method"],
            root + target.decode("latin-1"),
            text_pairs(scope["headers"]),
        )
        ended = asyncio.Event()
        request = self._request(scope, target, passed, _Copy(), receive, ended)
        passing = asyncio.ensure_future(self._pass(request, passed, send))
        watching = asyncio.ensure_future(_left(receive, ended))
        done, _ = await asyncio.wait({passing, watching}, return_when=asyncio.FIRST_COMPLETED)
        passed.left = passing not in done
        watching.cancel()
        passing.cancel()
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await passing
        finally:
            self._look(passed)

    def _request(
        self, scope: Scope, target: bytes, passed: Passed, copy: _Copy, receive: Receive, ended: asyncio.Event
    ) -> httpx.Request:
        headers = [(b"Host", self._parts.netloc.rpartition("@")[2].encode()), *_end_to_end(scope["headers"], _UNSENT)]
        names = {name.lower(): value for name, value in scope["headers"]}
        has_body = b"transfer-encoding" in names or names.get(b"content-length", b"0") != b"0"

        async def body() -> AsyncIterator[bytes]:
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise _CallerLeftError
                more = message.get("more_body", False)
                if message.get("body"):
                    copy.add(message["body"])
                    passed.body = copy.content
                    yield message["body"]
            ended.set()

        if not has_body:
            ended.set()
        request = httpx.Request(
            scope["method"],
            f"{self._parts.scheme}://{self._parts.netloc}",
            headers=headers,
            content=body() if has_body else None,
            extensions={"target": target, "timeout": httpx.Timeout(None, connect=CONNECT).as_dict()},
        )
        if not has_body and b"content-length" not in names:
            request.headers.pop("content-length", None)  # which the library adds
        return request

    async def _pass(self, request: httpx.Request, passed: Passed, send: Send) -> None:
        if self._client is None:
            limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
            self._client = httpx.AsyncClient(limits=limits, follow_redirects=False, verify=tls())
        begun = False
        try:
            response = await self._client.send(request, stream=True, auth=_as_it_is)
            try:
                passed.status = response.status_code
                passed.response_headers = text_pairs(response.headers.raw)
                head = _end_to_end(response.headers.raw, frozenset())
                await send({"type": "http.response.start", "status": response.status_code, "headers": head})
                begun = True
                copy = _Copy()
                async for chunk in response.aiter_raw():
                    copy.add(chunk)
                    passed.content = copy.content
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                await send({"type": "http.response.body", "body": b""})
            finally:
                await response.aclose()
        except _CallerLeftError:
            passed.left = True
        except (httpx.TransportError, httpx.InvalidURL) as error:
            passed.status, passed.failure = 0, str(error) or type(error).__name__
            if begun:
                raise  # the caller's connection breaks off as the upstream's did
            await _refuse(send, type(error).__name__)

    async def close(self) -> None:
        """Give the connections back."""
        if self._client is not None:
            await self._client.aclose()


class _CallerLeftError(Exception):
    """The caller left before its request was complete."""


class _Copy:
    """What passed of a body, as long as it is not too large."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, part: bytes) -> None:
        self._size += len(part)
        if self._size <= KEPT:
            self._parts.append(part)
        else:
            self._parts.clear()

    @property
    def content(self) -> bytes | None:
        if self._size > KEPT:
            return None
        if len(self._parts) > 1:
            self._parts[:] = [b"".join(self._parts)]
        return self._parts[0] if self._parts else b""


def _as_it_is(request: httpx.Request) -> httpx.Request:
    """No credentials but the caller's own."""
    return request


def _end_to_end(pairs: Iterable[tuple[bytes, bytes]], without: frozenset[bytes]) -> RawPairs:
    """Header fields without those that are about one connection."""
    listed = list(pairs)
    values = [value for name, value in listed if name.lower() == b"connection"]
    named = {part.strip().lower() for value in values for part in value.split(b",")}
    return [(name, value) for name, value in listed if name.lower() not in _HOPS | named | without]


def text_pairs(pairs: Iterable[tuple[bytes, bytes]]) -> Pairs:
    """Header fields as text."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in pairs)


async def _left(receive: Receive, ended: asyncio.Event) -> None:
    """Return when the caller has left; before its request's end its body is read by the request itself."""
    await ended.wait()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(send: Send, kind: str) -> None:
    body = b'{"error": "accordant proxy: the upstream did not respond (%s)"}' % kind.encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 502, "headers": headers})
    await send({"type": "http.response.body", "body": body})
