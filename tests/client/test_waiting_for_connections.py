"""More calls than connections: they wait their turn, within their own time, and nothing is lost on the way."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from accordant import HttpOptions
from accordant.errors import CallTimeoutError, ConfigurationError, DeadlineExceededError, TransportError
from accordant.testing import FakeClock
from tests.client.loopback import Answer, Connection, Loopback, http
from tests.client.support import CREATE, AsyncTiny, Player, Tiny

THING = b'{"thing": {"id": 7}}'
ONE = HttpOptions(connections=1)


class Gate:
    """A response that comes when the test lets it, on a connection that stays open."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.open = threading.Event()

    def __call__(self, connection: Connection) -> None:
        self.reached.set()
        self.open.wait(20)
        connection.send(http(THING))
        while connection.request():
            connection.send(http(THING))


def together(kind: str, clock: FakeClock, url: str, gate: Gate, action: Callable[[Any], Any], **settings: Any) -> Any:
    """What ``action`` comes to while another call holds the only connection; the gate is opened afterwards."""
    settings = {"base_url": url, "clock": clock, "http": ONE, "retries": 0, **settings}
    if kind == "sync":
        with Tiny(**settings) as api, ThreadPoolExecutor(1) as others:
            first = others.submit(api.things.get, 7)
            gate.reached.wait(10)
            try:
                return action(api)
            finally:
                gate.open.set()
                assert first.result().id == 7
                assert api.things.get(7).id == 7

    async def scenario() -> Any:
        async with AsyncTiny(**settings) as api:
            first = asyncio.create_task(api.things.get(7))
            await asyncio.to_thread(gate.reached.wait, 10)
            try:
                return await action(api)
            finally:
                gate.open.set()
                assert (await first).id == 7
                assert (await api.things.get(7)).id == 7

    return asyncio.run(scenario())


def waited_for(api: Any) -> None:
    """Return when a call of the client waits for a connection."""
    transport = api._io.transport
    while True:
        pools = [*transport._pools.values()] if hasattr(transport, "_pools") else [transport._pool]
        if any(pool._waiting for pool in pools):
            return


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_no_connection_within_the_deadline(kind: str) -> None:
    """A call that gets no connection within its deadline raises DeadlineExceededError: it says that nothing was sent,
    and names the limit as the reason. The connection is as good as before."""
    gate = Gate()
    with Loopback(gate) as server:
        with pytest.raises(DeadlineExceededError, match=r"none of the client's 1 connections.*HttpOptions") as caught:
            together(kind, FakeClock(), server.url, gate, lambda api: api.with_options(deadline=0.1).things.create({}))
        assert not caught.value.sent
        assert f"127.0.0.1:{server.port}" in str(caught.value)
        assert (server.connections, len(server.requests)) == (1, 1)


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_waiting_is_no_part_of_an_attempt(kind: str) -> None:
    """The time that a call waits for a connection counts against its deadline, not against the timeout of the attempt
    that follows."""
    clock, gate = FakeClock(), Gate()
    with Loopback(gate) as server:

        def action(api: Any) -> Any:
            def open_late() -> None:
                waited_for(api)
                clock.advance(60)
                gate.open.set()

            threading.Thread(target=open_late).start()
            return api.with_options(timeout=5.0, deadline=120.0).things.get(7)

        assert together(kind, clock, server.url, gate, action, timeout=None).id == 7


@pytest.mark.every_transport
@pytest.mark.usefixtures("transport")
def test_calls_end_with_the_client() -> None:
    """Closing a client ends the calls under way and those that wait for a connection, each with one of our errors."""
    gate = Gate()
    with Loopback(gate) as server, ThreadPoolExecutor(2) as others:
        api = Tiny(base_url=server.url, http=ONE, retries=0, deadline=None, timeout=None)
        first = others.submit(api.things.get, 7)
        gate.reached.wait(10)
        second = others.submit(api.things.get, 7)
        waited_for(api)
        api.close()
        for call in (first, second):
            with pytest.raises(TransportError):
                call.result(10)
        gate.open.set()
        with pytest.raises(ConfigurationError, match="closed"):
            api.things.get(7)


def test_first_come_first_served() -> None:
    """Tasks that wait for a connection are served in the order in which they came."""
    gate = Gate()

    async def scenario(url: str) -> None:
        async with AsyncTiny(base_url=url, http=ONE) as api:
            tasks = [asyncio.create_task(api.things.get(number)) for number in range(20)]
            await asyncio.to_thread(gate.reached.wait, 10)
            gate.open.set()
            await asyncio.gather(*tasks)

    class Recording(Loopback):
        def _serve(self, connection: Connection) -> None:
            while request := connection.request():
                self.requests.append(request)
                gate.reached.set()
                gate.open.wait(10)
                connection.send(http(THING))
            connection.close()

    with Recording() as server:
        asyncio.run(scenario(server.url))
        asked = [int(request.split(b" ")[1].rpartition(b"/")[2]) for request in server.requests]
        assert asked == list(range(20))
        assert server.connections == 1


@pytest.mark.every_transport
@pytest.mark.usefixtures("transport")
@pytest.mark.parametrize("place", ["waiting", "under way"])
def test_cancelled_tasks_lose_nothing(place: str) -> None:
    """A task that is cancelled, while it waits or while its request is under way, gives back its place and closes its
    connection: the next call is served with a limit of one connection."""
    gate = Gate()
    ended = threading.Event()

    def until_gone(connection: Connection) -> None:
        gate.reached.set()
        assert not connection.request()  # the client has hung up
        ended.set()

    answers: list[Answer] = [until_gone, http(THING)]

    async def scenario(url: str) -> None:
        async with AsyncTiny(base_url=url, http=ONE, retries=0) as api:
            first = asyncio.create_task(api.things.get(7))
            await asyncio.to_thread(gate.reached.wait, 10)
            second = asyncio.create_task(api.things.get(7))
            third = asyncio.create_task(api.things.get(7))
            await asyncio.sleep(0)
            if place == "waiting":
                second.cancel()
                await asyncio.sleep(0)
            first.cancel()
            assert (await third).id == 7
            found = await asyncio.gather(first, second, return_exceptions=True)
            assert isinstance(found[0], asyncio.CancelledError)
            assert isinstance(found[1], asyncio.CancelledError) == (place == "waiting")
            assert await asyncio.to_thread(ended.wait, 10)

    with Loopback(*answers, repeat=True) as server:
        asyncio.run(scenario(server.url))
        assert server.connections == 2


@pytest.mark.every_transport
def test_timeouts_lose_nothing(play: Player) -> None:
    """An attempt that runs out of time gives its place back, time after time."""
    answering = threading.Event()

    def answer(connection: Connection) -> None:
        if answering.is_set():
            connection.send(http(THING))
        else:
            connection.hang()

    with Loopback(answer, repeat=True) as server:
        api = play.client(base_url=server.url, http=ONE, retries=0, timeout=0.06)
        for _ in range(3):
            with pytest.raises(CallTimeoutError):
                play.do(lambda: api.things.get(7))
        answering.set()
        assert play.do(lambda: api.with_options(timeout=20.0).things.get(7)).id == 7
        play.do(api.close)


@pytest.mark.every_transport
def test_refused_connections_lose_nothing(play: Player) -> None:
    """Connections that never come about give their places back, and a write is tried again: nothing was sent."""
    api = play.client(base_url="http://127.0.0.1:1", http=ONE, retries=3)
    with pytest.raises(TransportError) as caught:
        play.do(lambda: api.things.run(CREATE, body={}))
    assert (caught.value.sent, caught.value.attempts) == (False, 4)


def test_the_price_of_a_call_does_not_grow() -> None:
    """With 400 tasks on one client a call takes at most one and a half times the steps of a call with one task."""

    def steps(tasks: int, url: str) -> float:
        count = 0

        def counted(*_: object) -> None:
            nonlocal count
            count += 1

        async def scenario() -> None:
            async with AsyncTiny(base_url=url) as api:
                for _ in range(3):
                    await api.things.get(7)
                sys.setprofile(counted)
                try:
                    for _ in range(400 // tasks):
                        await asyncio.gather(*(api.things.get(7) for _ in range(tasks)))
                finally:
                    sys.setprofile(None)

        asyncio.run(scenario())
        return count / 400

    with Loopback(http(THING), repeat=True) as server:
        alone = steps(1, server.url)
        assert steps(400, server.url) <= 1.5 * alone
