"""A response as it comes from a connection: head and framing of the body. Nothing here reads from a socket.

The head and chunked bodies are parsed by httptools, which is node's parser llhttp in its strict mode. A body of a known
length is counted here: only so is it known which bytes came after it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from .wire_errors import HeadTooLongError, WireProtocolError

try:
    from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser
except ImportError as problem:
    raise ImportError("the transport fast needs httptools: pip install 'accordant[fast]'", name=problem.name) from None

MOST_HEAD: Final = 100 * 1024
"""The most bytes of a head, responses before the final one included."""
_BLANK: Final = b"\r\n\r\n"


class ResponseReading:
    """One response. ``feed`` it what was read, empty at the end of the connection."""

    def __init__(self, method: str) -> None:
        self._method = method
        self._begin()
        self.begun = False
        """Whether the head is complete."""
        self.over = False
        """Whether the body is."""
        self.leftover = False
        """Whether bytes came that belong to nothing."""
        self._size = 0
        self._tail = b""
        self._pieces: list[bytes] = []
        self._left = 0
        self._idle_bytes = 0
        self._body: Callable[[bytes], None] = self._nothing

    def _begin(self) -> None:
        self.status = 0
        self.reason = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.keeps = False
        """Whether the server keeps the connection."""
        self._complete = self._ended = False
        self._parser = HttpResponseParser(self)
        self._parser.set_dangerous_leniencies(lenient_chunked_length=True)  # see _head_is_complete

    def on_status(self, reason: bytes) -> None:
        """For the parser: the words after the status."""
        if not self.begun:
            self.reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        """For the parser: a header field, or a field after the last chunk, which nobody asked for."""
        if not self._complete:
            self.headers.append((name, value.strip(b" \t")))

    def on_headers_complete(self) -> None:
        """For the parser: the head is over."""
        if not self._complete:
            self._complete = True
            self.keeps = self._parser.should_keep_alive()

    def on_message_begin(self) -> None:
        """For the parser: another response, which nobody asked for, or the first."""
        self.leftover = self.leftover or self._ended

    def on_body(self, data: bytes) -> None:
        """For the parser: a part of a chunk."""
        if self.begun and not self._ended:
            self._pieces.append(data)

    def on_message_complete(self) -> None:
        """For the parser: the last chunk has come."""
        if self.begun:
            self._ended = True

    def taken(self) -> list[bytes]:
        """What has come of the body since it was last asked for."""
        pieces, self._pieces = self._pieces, []
        return pieces

    def feed(self, data: bytes) -> None:
        """What was read; raises ``WireProtocolError`` where it is not what a response may have there."""
        if not self.begun:
            data = self._feed_head(data)
            if not data:
                return
        self._body(data)

    def _feed_head(self, data: bytes) -> bytes:
        """Take the head, and return what follows it."""
        if not data:
            raise WireProtocolError("the server closed the connection before it sent a whole response")
        while data and not self.begun:
            found = (self._tail + data).find(_BLANK)
            end = len(data) if found < 0 else found + len(_BLANK) - len(self._tail)
            block, rest = data[:end], data[end:]
            self._size += len(block)
            if self._size > MOST_HEAD:
                raise HeadTooLongError("the head of the response is too long")
            self._parse(block)
            self._tail = (self._tail + block)[-3:] if found < 0 else b""
            data = rest
            if self._complete:
                self._head_is_complete()
        return data

    def _head_is_complete(self) -> None:
        self.status = self._parser.get_status_code()
        if self._parser.get_http_version() not in ("1.0", "1.1"):
            raise WireProtocolError("the server speaks another version of HTTP")
        if 100 <= self.status < 200:
            if self.status == 101:
                raise WireProtocolError("the server changes to another protocol, which nobody asked for")
            self._begin()
            return
        self.begun = True
        fields = {name.lower(): value for name, value in self.headers}
        coding, length = fields.get(b"transfer-encoding"), fields.get(b"content-length")
        if self._method in ("HEAD", "CONNECT") or self.status in (204, 304):
            self.over = True
        elif coding is not None:
            if coding.lower() != b"chunked":
                raise WireProtocolError("the server uses a transfer encoding other than chunked")
            if length is not None:  # the chunks count (RFC 9112, 6.3), and the connection is not to be trusted
                self.keeps = False
            self._ended = False
            self._body = self._chunked
        elif length is None:
            self.keeps = False
            self._body = self._until_the_end
        else:
            self._left = int(length)
            self.over = not self._left
            self._body = self._counted

    def _nothing(self, data: bytes) -> None:
        self.leftover = self.leftover or bool(data)

    def _counted(self, data: bytes) -> None:
        if len(data) > self._left:
            self.leftover = True
            data = data[: self._left]
        elif not data:
            raise WireProtocolError(f"the server closed the connection {self._left} bytes before the end of the body")
        if data:
            self._pieces.append(data)
            self._left -= len(data)
        self.over = not self._left

    def _until_the_end(self, data: bytes) -> None:
        if data:
            self._pieces.append(data)
        else:
            self.over = True

    def _chunked(self, data: bytes) -> None:
        if not data:
            raise WireProtocolError("the server closed the connection before the last chunk of the body")
        before = len(self._pieces)
        self._parse(data)
        self._tail = (self._tail + data)[-5:]
        if self._ended:
            self.over = True
            # The parser passes over blank lines between messages without a word.
            if self._tail[-4:] != _BLANK or self._tail[:1] in (b"\r", b"\n"):
                self.leftover = True
        elif len(self._pieces) > before:
            self._idle_bytes = 0
        else:  # the extension of a chunk, or fields after the last one
            self._idle_bytes += len(data)
            if self._idle_bytes > MOST_HEAD:
                raise WireProtocolError("between the chunks of the body there is more than 100 kB")

    def _parse(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            raise WireProtocolError("the server changes to another protocol, which nobody asked for") from None
        except HttpParserError as error:
            if not self._ended:
                raise WireProtocolError(str(error) or type(error).__name__) from None
            self.leftover = True
