"""Slow servers, slow names, dead addresses: every call ends in time."""

from __future__ import annotations

import socket
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from accordant import HttpOptions

from ..cases import Case, Expect, Script
from ..replies import drip, endless, hang, late
from ..server import Connection, LabServer
from ..stage import Stage

LATE = "CallTimeoutError|DeadlineExceededError"
SLACK = 1.2
"""Seconds that a busy machine may add; what is not bounded takes several seconds more."""


def _time(slug: str, title: str, script: Script, outcome: str, tokens: Script | None = None, **more: Any) -> Case:
    settings = more.pop("settings", {"timeout": 0.4, "deadline": 1.0, "retries": 0})
    limit = min(settings.get("deadline", 9.0), settings.get("timeout", 9.0) * (1 + settings.get("retries", 2)))
    expect = Expect(tuple(outcome.split(", ")), more.pop("requests", None), within=limit + SLACK)
    calls = more.pop("calls", ("get 1",))
    return Case(
        id=f"time/{slug}",
        group="time",
        title=title,
        script=script,
        tokens=tokens,
        calls=calls,
        settings=settings,
        expect=expect,
        **more,
    )


def timing() -> Iterator[Case]:
    """Servers that take their time."""
    yield _time("hung", "no response", lambda _: [hang()], LATE, requests=1)
    both = {"timeout": 0.4, "deadline": 0.9}
    yield _time("hung-retries", "no response, with retries", lambda _: [hang()], LATE, settings=both)
    yield _time("hung-head", "half a head and nothing more", lambda _: [hang(b"HTTP/1.1 200 OK\r\nX")], LATE)
    yield _time("hung-body", "half a body and nothing more", lambda v: [hang(v.record(1)[:-5])], LATE)
    yield _time("trickle-head", "a head byte by byte", lambda v: [drip(v.record(1))], LATE)
    yield _time(
        "trickle-body",
        "a body byte by byte",
        lambda v: [drip(v.bytes_of(1), before=v.record(1)[: -len(v.bytes_of(1))])],
        LATE,
    )
    yield _time(
        "continues", "100 Continue for ever", lambda _: [endless(b"HTTP/1.1 100 Continue\r\n\r\n")], LATE, peers=False
    )
    yield _time(
        "slow-enough",
        "a response within the timeout",
        lambda v: [late(0.2, v.record(1))],
        "1",
        settings={"timeout": 2.0, "deadline": 3.0, "retries": 0},
    )
    yield _time("no-handshake", "TLS that never shakes hands", lambda _: [], LATE, tls=True, greeting=_silent)
    yield from _slow_parts()


def _slow_parts() -> Iterator[Case]:
    yield _time(
        "slow-token",
        "a token endpoint that does not respond",
        lambda v: [v.record(1)],
        LATE,
        login=True,
        tokens=lambda _: [hang()],
        requests=0,
    )
    yield _time(
        "slow-write",
        "no response to a write",
        lambda _: [hang()],
        "AmbiguousOutcomeError",
        calls=("create",),
        requests=1,
    )
    yield _time(
        "long-retry-after",
        "Retry-After beyond the deadline",
        lambda v: [v.error(429, headers={"Retry-After": "30"})],
        "TooManyRequestsError",
        requests=1,
    )
    yield _time(
        "slow-name",
        "a name that takes 3 s to look up",
        lambda v: [v.record(1)],
        f"{LATE}|ConnectError",
        host="lab.slow.localhost",
        settings={"timeout": 0.5, "deadline": 0.8, "retries": 0},
    )
    for slug, title, run, outcome in (
        ("dead-addresses", "four addresses that do not respond", dead_addresses, f"{LATE}|ConnectError"),
        ("one-alive", "one dead address before one that responds", one_alive, "1"),
        ("pool", "the only connection is taken", pool, "DeadlineExceededError"),
    ):
        yield Case(id=f"time/{slug}", group="time", title=title, run=run, expect=Expect((outcome,), within=4.0))


def _silent(connection: Connection, _request: bytes) -> None:
    connection.hang()


@contextmanager
def silent_port(addresses: int = 1) -> Generator[int]:
    """A port on which attempts to connect neither succeed nor fail, for the queue is full."""
    with ExitStack() as open_sockets:
        port = 0
        for number in range(1, addresses + 1):
            server = open_sockets.enter_context(socket.socket())
            server.bind((f"127.0.0.{number}", port))
            server.listen(0)
            port = server.getsockname()[1]
            for _ in range(8):
                waiting = open_sockets.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex((f"127.0.0.{number}", port))
        yield port


def _bounded(stage: Stage, limit: float, **settings: Any) -> str:
    begun = time.monotonic()
    with stage.player(**settings) as player:
        outcome = player.outcome(stage.vendor.verb("get 1"))
    return outcome if time.monotonic() - begun < limit + SLACK else f"{outcome}, late"


def dead_addresses(stage: Stage) -> str:
    """A host with four addresses of which none responds."""
    with silent_port(4) as port:
        url = f"http://lab.dead.localhost:{port}"
        return _bounded(stage, 0.8, base_url=url, timeout=0.6, deadline=0.8, retries=0)


def one_alive(stage: Stage) -> str:
    """A host whose first address does not respond."""
    with silent_port() as port, LabServer([stage.shapes.record(1)]) as server:
        # The resolver of the lab reads both ports from the name.
        url = f"http://p{port}-{server.port}.mixed.localhost:{server.port}"
        return _bounded(stage, 1.5, base_url=url, timeout=1.5, deadline=1.5, retries=0)


def pool(stage: Stage) -> str:
    """Two calls at a time and one connection; the second has no time to wait for it."""
    with LabServer([hang()]) as server:
        http = HttpOptions(connections=1)
        with stage.player(base_url=server.url, http=http, timeout=0.8, deadline=0.4, retries=0) as player:
            found = player.together(stage.vendor.verb("get 1"), 3)
    return "DeadlineExceededError" if found == "3 x DeadlineExceededError" else found
