"""A server on loopback that offers documents and pages for the time of a ``with`` block."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from attrs import field, frozen


@frozen
class Page:
    """What a path gives."""

    body: str | bytes = ""
    status: int = 200
    headers: Mapping[str, str] = field(factory=dict[str, str])


Route = Page | Callable[[BaseHTTPRequestHandler], None]


class DocumentServer:
    """``routes`` may change while it runs; ``asked`` are the requests so far, as (path, headers)."""

    def __init__(self, routes: Mapping[str, Route] | None = None, host: str = "127.0.0.1") -> None:
        self.routes: dict[str, Route] = dict(routes or {})
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.ended = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                route = outer.routes.get(self.path, Page("not here", 404))
                if isinstance(route, Page):
                    reply(self, route)
                else:
                    route(self)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer((host, 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://{host}:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.005,), daemon=True)

    @property
    def paths(self) -> list[str]:
        """What was asked for."""
        return [path for path, _ in self.asked]

    def __enter__(self) -> DocumentServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def reply(handler: BaseHTTPRequestHandler, page: Page) -> None:
    """Send a page; a conditional request for its ``ETag`` or ``Last-Modified`` gets 304."""
    tag, date = page.headers.get("ETag"), page.headers.get("Last-Modified")
    same = (tag and handler.headers.get("If-None-Match") == tag) or (
        not tag and date and handler.headers.get("If-Modified-Since") == date
    )
    body = b"" if same else page.body.encode() if isinstance(page.body, str) else page.body
    handler.send_response(304 if same else page.status)
    for name, value in page.headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
