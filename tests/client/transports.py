"""Clients over real connections; every transport goes through the same tests."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

from accordant import Clock, HttpOptions
from accordant._http.engines import NETWORKS
from tests.client.loopback import Answer, Loopback, client_tls
from tests.client.secure_proxy import SecureProxy
from tests.client.support import Player

WAYS: Final = ("plain", "tls", "forward proxy", "tunnel", "secure tunnel")
"""How a client reaches a server."""


class Net:
    """Clients of one kind over one transport."""

    def __init__(self, play: Player, transport: str) -> None:
        self.play = play
        self.do = play.do
        self.transport = NETWORKS[transport]

    def client(self, url: str, options: HttpOptions | None = None, **settings: Any) -> Any:
        """A client whose connections are real."""
        given = {"http": options or HttpOptions(), "transport": self.transport, **settings}
        return self.play.client(base_url=url, **{"clock": Clock(), **given})

    @contextmanager
    def reached(self, way: str, *answers: Answer, **settings: Any) -> Generator[tuple[Any, Loopback]]:
        """A client, and the server that it reaches in one of the :data:`WAYS`."""
        safe = way in ("tls", "tunnel", "secure tunnel")
        with ExitStack() as stack:
            server = stack.enter_context(Loopback(*answers, repeat=True, tls=safe, tunnel=way == "tunnel"))
            secure = stack.enter_context(SecureProxy(server.port)) if way == "secure tunnel" else None
            if secure is not None:
                server.settled = secure.settled
            proxied = way in ("forward proxy", "tunnel", "secure tunnel")
            url = f"{'https' if safe else 'http'}://vendor.localhost:9" if proxied else server.url
            options = HttpOptions(
                proxy=(secure or server).url if proxied else None,
                tls=client_tls() if safe else None,
                connections=settings.pop("connections", 100),
            )
            api = self.client(url, options, **settings)
            yield api, server
            self.do(api.close)
