"""A response as it arrives: its content encoding undone, its size watched, into memory or into a sink."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any, Final

from .content_decoding import ContentDecoder, DecodingError
from .messages import Headers, HttpResponse, Sink

MOST_BYTES: Final = 100_000_000
"""The most bytes of a body, once its content encoding is undone, unless the setting says otherwise."""
_KEPT_OF_TOO_MUCH: Final = 64 * 1024
"""How many bytes of a body that is too large are kept, for the error that tells of it."""
_DIGITS: Final = 20


class Incoming:
    """Collects one response: into memory, or into a sink when it is a success.

    ``most`` is the most bytes that go into memory; ``None`` is no limit. What goes into a sink is not limited.
    """

    def __init__(
        self, status: int, headers: Headers, sink: Sink | None, most: int | None, *, encoded: bool = True
    ) -> None:
        self._status = status
        self._headers = headers
        self._sink = sink if 200 <= status < 300 else None
        self._most = most
        self._kept = BytesIO()  # gives what it holds away without a copy
        self._size = 0
        self._too_large = False
        self._decoder: ContentDecoder | None = None
        self._trouble: DecodingError | None = None
        try:
            codings = headers.get("content-encoding") if encoded else None
            self._decoder = ContentDecoder(codings.split(",") if codings else ())
        except DecodingError as error:
            self._trouble = error
        if self._sink is not None:
            self._sink.start()
        elif most is not None and self._decoder is not None and self._decoder.plain:
            announced = headers.get("content-length", "")
            if len(announced) < _DIGITS and announced.isdecimal() and int(announced) > most:
                self._most = min(most, _KEPT_OF_TOO_MUCH)  # why read more than the error shows
        self._limit = most

    @property
    def wanted(self) -> bool:
        """Whether more data is of use."""
        return self._decoder is not None and self._trouble is None and not self._too_large

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """What the next data of the body decodes to, in pieces for :meth:`take`; it ends when no more is wanted."""
        decoder = self._decoder
        if decoder is None:
            return
        try:
            for piece in (data,) if decoder.plain else decoder.decode(data):
                yield piece
                if not self.wanted:
                    return
        except DecodingError as error:
            self._trouble = error

    def opened(self, stream: Any) -> HttpResponse:
        """The response whose body is still to come."""
        return HttpResponse(self._status, self._headers, b"", stream=stream)

    def take(self, piece: bytes) -> None:
        """Keep a piece."""
        if self._sink is not None:
            self._sink.write(piece)
            return
        self._size += len(piece)
        self._kept.write(piece)
        if self._most is not None and self._size > self._most:
            self._too_large = True

    def finish(self, trouble: Exception | None) -> HttpResponse:
        """The response; ``trouble`` is what ended it before its time."""
        if self._too_large:
            words = f"it is larger than {self._limit} bytes; the setting max_response_bytes allows more"
            self._kept.truncate(_KEPT_OF_TOO_MUCH)
            return HttpResponse(self._status, self._headers, self._kept.getvalue(), words, too_large=True)
        if trouble is None and self._trouble is None and self._decoder is not None:
            try:
                self._decoder.end()
            except DecodingError as error:
                self._trouble = error
        reason = self._trouble or trouble
        broken = None if reason is None else str(reason) or type(reason).__name__
        return HttpResponse(self._status, self._headers, self._kept.getvalue(), broken)


def header_fields(pairs: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Header fields as text: UTF-8 where it is that, else Latin-1, which every byte has a character in."""
    return Headers([(name.decode("ascii").lower(), _text(value)) for name, value in pairs])


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
