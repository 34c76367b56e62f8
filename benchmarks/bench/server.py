"""The server of the calls: Dispatch's appointments, one by one and in pages, over HTTP/1.1 in a separate process."""

from __future__ import annotations

import asyncio
import json
import sys
from urllib.parse import parse_qs, urlsplit

ROWS = 10_000


def record(number: int) -> dict[str, object]:
    """One appointment."""
    return {
        **{"id": number, "job_id": number % 100 + 1, "organization_id": 5, "status": "scheduled"},
        **{"time": "2026-05-01T09:30:00Z", "duration": 3600, "user_id": 7},
        **{"created_at": "2026-04-01T08:00:00Z", "updated_at": "2026-04-02T08:00:00Z"},
    }


def reply(path: str, query: dict[str, list[str]]) -> bytes:
    """The body of a response."""
    last = path.rsplit("/", 1)[-1]
    if last.isdigit():
        return json.dumps(record(int(last))).encode()
    start, size = int(query.get("offset", ["0"])[0]), int(query.get("limit", ["100"])[0])
    rows = [record(number) for number in range(start, min(start + size, ROWS))]
    return json.dumps({"appointments": rows, "meta": {"total": ROWS, "limit": size, "offset": start}}).encode()


async def serve(delay: float) -> None:
    """Serve until standard input ends; a page takes ``delay`` seconds."""
    kept: dict[str, bytes] = {}

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                target = head.split(b" ", 2)[1].decode()
                body = kept.get(target)
                if body is None:
                    parts = urlsplit(target)
                    body = kept[target] = reply(parts.path, parse_qs(parts.query))
                if "offset" in target and delay:
                    await asyncio.sleep(delay)
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                    % (len(body), body)
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connection, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - the parent reads the port
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
