"""A request on its way out: its body, which notices when it is asked for, and its header fields as bytes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from ..errors import RequestError
from .content_decoding import ACCEPTED
from .messages import HttpRequest

_ACCEPTED = ACCEPTED.encode()


class Outgoing:
    """A request body that notices when it is asked for: by then the head has gone out."""

    def __init__(self, request: HttpRequest) -> None:
        self._body = request.body
        self.begun = False

    def begin(self) -> bool:
        """The head has gone out; returns whether there is a body to follow."""
        self.begun = True
        return self._body != b""

    def _chunks(self) -> Iterator[bytes]:
        self.begun = True
        if isinstance(self._body, bytes):
            if self._body:
                yield self._body
        else:
            yield from self._body.chunks()

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks():
            yield chunk


def checked_fields(request: HttpRequest, host: bytes) -> list[tuple[bytes, bytes]]:
    """The header fields of a request, with those that a transport adds."""
    headers = [(b"Host", host), (b"Accept-Encoding", _ACCEPTED)]
    for name, value in request.headers:
        try:
            headers.append((name.encode("ascii"), value.encode("ascii")))
        except UnicodeEncodeError:
            raise RequestError(f"the header {name!r} holds characters beyond ASCII") from None
    if request.length is None:
        headers.append((b"Transfer-Encoding", b"chunked"))
    elif request.length or request.method in ("POST", "PUT", "PATCH"):
        headers.append((b"Content-Length", str(request.length).encode()))
    return headers
