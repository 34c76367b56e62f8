"""Undoing the content encoding of a body in small pieces, so that a limit on its size holds while it is undone.

569 kB of gzip can hold 600 MB. A decompressor that is given a whole chunk returns all of it at once; one that is asked
for at most so many bytes at a time lets the caller stop.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol

PIECE: Final = 64 * 1024
"""The most bytes that a decoder returns at a time."""
MOST_CODINGS: Final = 5
"""The most content codings, one upon the other, that a response may have."""
ACCEPTED: Final = "gzip, deflate"
"""What requests say that they accept."""


class DecodingError(Exception):
    """The body is not what its ``Content-Encoding`` says."""


class Decoder(Protocol):
    """Undoes one content coding."""

    def decode(self, data: bytes) -> Iterator[bytes]:
        """The bytes that the next data decodes to, in pieces; an empty one shows that work was done for nothing."""
        ...

    def end(self) -> None:
        """The data has ended; raises :class:`DecodingError` when it must not end here."""
        ...


class _Decompressor(Protocol):
    """What the objects of :func:`zlib.decompressobj` can do."""

    @property
    def eof(self) -> bool: ...

    @property
    def unconsumed_tail(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


class _Gzip:
    """RFC 1952: one or more members, one after the other."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(16 + zlib.MAX_WBITS)
        self._begun = False

    def decode(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._member.eof:
                if not data.strip(b"\0"):  # padding after the last member
                    return
                self._member = zlib.decompressobj(16 + zlib.MAX_WBITS)
                yield b""
            self._begun = True
            yield from _pieces(self._member, data)
            data = self._member.unused_data if self._member.eof else b""

    def end(self) -> None:
        if self._begun and not self._member.eof:
            raise DecodingError("the gzip data ends too early")


class _Deflate:
    """``deflate`` means the zlib format (RFC 1950); some servers send the bare data of RFC 1951."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj()
        self._begun = False

    def decode(self, data: bytes) -> Iterator[bytes]:
        if not data or self._stream.eof:
            return
        if not self._begun:
            self._begun = True
            # The low half of the first byte of the zlib format is 8; bare data does not begin like that in practice.
            if data[0] & 0x0F != 8:
                self._stream = zlib.decompressobj(-zlib.MAX_WBITS)
        yield from _pieces(self._stream, data)

    def end(self) -> None:
        if self._begun and not self._stream.eof:
            raise DecodingError("the deflate data ends too early")


def _pieces(stream: _Decompressor, data: bytes) -> Iterator[bytes]:
    try:
        while data:
            piece = stream.decompress(data, PIECE)
            if piece:
                yield piece
            data = b"" if stream.eof else stream.unconsumed_tail
        # What the decompressor still holds although it has consumed all its input.
        while not stream.eof and (piece := stream.decompress(b"", PIECE)):
            yield piece
    except zlib.error as error:
        raise DecodingError(f"the body cannot be decompressed: {error}") from error


_DECODERS: Final[dict[str, Callable[[], Decoder]]] = {"gzip": _Gzip, "x-gzip": _Gzip, "deflate": _Deflate}


class ContentDecoder:
    """Undoes the codings of a response in the order opposite to the one in which they were applied."""

    def __init__(self, codings: Sequence[str]) -> None:
        self._decoders: list[Decoder] = []
        if not codings:
            return
        names = [name for name in (each.strip().lower() for each in codings) if name and name != "identity"]
        if len(names) > MOST_CODINGS:
            raise DecodingError(f"the body has {len(names)} content codings; {MOST_CODINGS} are allowed")
        unknown = next((name for name in names if name not in _DECODERS), None)
        if unknown is not None:
            raise DecodingError(f"the body has the content coding {unknown!r}; the request accepts {ACCEPTED}")
        self._decoders = [_DECODERS[name]() for name in reversed(names)]

    @property
    def plain(self) -> bool:
        """Whether there is nothing to undo."""
        return not self._decoders

    def decode(self, data: bytes) -> Iterator[bytes]:
        """The bytes that the next data of the body decodes to, in pieces.

        Some are empty: a body may take long to decode and yet yield nothing, and whoever asks may want to stop.
        """
        return self._through(data, 0)

    def _through(self, data: bytes, level: int) -> Iterator[bytes]:
        if not data or level == len(self._decoders):
            yield data
            return
        for piece in self._decoders[level].decode(data):
            yield from self._through(piece, level + 1)
            if level + 1 < len(self._decoders):
                yield b""

    def end(self) -> None:
        """The body has ended."""
        for decoder in self._decoders:
            decoder.end()
