"""A small vendor that keeps books of what was done, and misbehaves in a fifth of its responses."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import struct
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from socket import SO_LINGER, SOL_SOCKET
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from ..lab.replies import asked_number
from ..lab.shapes import SHAPES

RATE: Final = 0.2
FIRST_TAG: Final = 7_000_000_000
ROWS: Final = 7
"""Rows of the list that the clients walk, two a page."""
_TAG: Final = re.compile(rb"7\d{9}")
_FORGED: Final = 999_999_999
_DELAYS: Final = (0.02, 0.1, 0.2, 1.2)
"""Seconds; a client waits for less than the last one."""

Respond = Callable[[asyncio.StreamWriter, bytes, random.Random], Awaitable[bool]]
"""Does something with a response; returns whether the connection lives on."""


def row_text(number: int) -> str:
    """The text of a record, by which a wrong one is known."""
    return f"row {number}"


async def _drop(writer: asyncio.StreamWriter, _: bytes, chance: random.Random) -> bool:
    if chance.random() < 0.4:
        writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
    return False


async def _cut(writer: asyncio.StreamWriter, data: bytes, chance: random.Random) -> bool:
    writer.write(data[: chance.randrange(1, len(data))])
    await writer.drain()
    return False


async def _twice(writer: asyncio.StreamWriter, data: bytes, _: random.Random) -> bool:
    writer.write(data * 2)
    return True


async def _corrupt(writer: asyncio.StreamWriter, data: bytes, chance: random.Random) -> bool:
    """Break what can be known to be broken: the syntax, the lengths, the framing, the encoding."""
    head, _, body = data.partition(b"\r\n\r\n")
    ways: Sequence[Callable[[], bytes]] = (
        lambda: head + b"\r\n\r\n" + body.replace(b"}", b"", 1),
        lambda: head + b"\r\n\r\n" + body.replace(b":", b"\x00", 1),
        lambda: data.replace(b"Content-Length: ", b"Content-Length: 9"),
        lambda: data.replace(b"Content-Length: ", b"Content-Length: x"),
        lambda: data.replace(b"HTTP/1.1", b"HTP/1.1", 1),
        lambda: head.replace(b"Content-Type", b"Content-Encoding: gzip\r\nContent-Type") + b"\r\n\r\n" + body,
        lambda: re.sub(rb"Content-Length: \d+", b"Transfer-Encoding: chunked", head) + b"\r\n\r\n" + body,
        lambda: head + b"\r\n\r\n" + body[: len(body) // 2],
    )
    writer.write(chance.choice(ways)())
    await writer.drain()
    return False


FAULTS: Final[Sequence[tuple[str, float]]] = (
    *(("dropped before", 3.0), ("dropped after", 3.0), ("cut", 3.0), ("delayed", 3.0)),
    *(("doubled", 3.0), ("forged behind", 1.5), ("corrupted", 2.5)),
    *(("status", 1.0), ("other record", 0.5), ("token revoked", 0.2)),
)
"""Kinds of faults and their weights.

A second response comes together with the first. One that crosses the next request on its way is the response to it for
all that HTTP can tell; no client knows it from a right one, unless the record has another key.
"""
_KINDS, _WEIGHTS = [kind for kind, _ in FAULTS], [weight for _, weight in FAULTS]


class Model:
    """The vendor's books, and its way to respond to one request after the other; ``pace`` stretches its delays."""

    def __init__(self, vendor: str, seed: int, rate: float = RATE, *, pace: float = 1.0) -> None:
        self._pace = pace
        self._shapes = SHAPES[vendor]
        self._chance = random.Random(seed)
        self._rate = rate
        self._tokens = 0
        self.applied: Counter[int] = Counter()
        self.faults: Counter[str] = Counter()
        self.requests = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Respond to the requests of one connection."""
        # The end of the server cancels what is under way.
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            alive = True
            while alive:
                alive = await self._one(reader, writer)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        body = await reader.readexactly(int(length[1])) if length else b""
        self.requests += 1
        chance = self._chance
        fault = chance.choices(_KINDS, _WEIGHTS)[0] if chance.random() < self._rate else ""
        if fault:
            self.faults[fault] += 1
        if fault == "dropped before":
            return await _drop(writer, b"", chance)
        if fault == "status":
            return await self._status(writer, head, body)
        if fault == "token revoked" and not self._is_token(head):
            writer.write(self._shapes.error(401))
            return True
        response = self._response(head, body, other=fault == "other record")
        alive = await self._send(fault, writer, response)
        await writer.drain()
        return alive

    async def _send(self, fault: str, writer: asyncio.StreamWriter, response: bytes) -> bool:
        acts: dict[str, Respond] = {
            **{"dropped after": _drop, "cut": _cut, "delayed": self._delay, "doubled": _twice},
            "corrupted": _corrupt,
        }
        if fault in acts:
            return await acts[fault](writer, response, self._chance)
        behind = self._record(_FORGED) if fault == "forged behind" else b""
        writer.write(response + behind)
        return True

    async def _delay(self, writer: asyncio.StreamWriter, data: bytes, chance: random.Random) -> bool:
        await asyncio.sleep(self._pace * chance.choice(_DELAYS))
        writer.write(data)
        return True

    async def _status(self, writer: asyncio.StreamWriter, head: bytes, body: bytes) -> bool:
        """An error; after a 500 it may have been done, after the others it was not."""
        status = self._chance.choice((429, 500, 500, 502, 503))
        if status == 500 and self._chance.random() < 0.5:
            self._response(head, body, other=False)
        writer.write(self._shapes.error(status, headers={"Retry-After": "0"} if status == 429 else None))
        await writer.drain()
        return True

    def _is_token(self, head: bytes) -> bool:
        path = head.split(b" ", 2)[1].decode()
        return bool(self._shapes.token_path) and path.endswith(self._shapes.token_path)

    def _response(self, head: bytes, body: bytes, *, other: bool) -> bytes:
        """What a vendor in good health responds, the books included."""
        method, target = head.split(b" ", 2)[:2]
        if self._is_token(head):
            self._tokens += 1
            return self._shapes.token(f"chaos-{self._tokens}")
        tag = _TAG.search(body)
        if method == b"POST" and tag:
            number = int(tag[0])
            self.applied[number] += 1
            return self._shapes.made(number)
        query = parse_qs(urlsplit(target.decode()).query)
        if "limit" in query or "page_size" in query:
            return self._page(query)
        number = asked_number(head)
        return self._record(number + 1 if other else number)

    def _record(self, number: int) -> bytes:
        return self._shapes.record(number, **{self._shapes.text_field: row_text(number)})

    def _page(self, query: dict[str, Any]) -> bytes:
        offset = int(query["offset"][0]) if "offset" in query else (int(query.get("page", ["1"])[0]) - 1) * 2
        every = list(range(1, ROWS + 1))
        return self._shapes.rows(every[offset : offset + 2], ROWS)
