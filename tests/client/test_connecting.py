"""How connections come about: names that are looked up slowly, addresses that do not respond."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from accordant import Clock, HttpOptions
from accordant._http import async_sockets, connecting
from accordant._http.connecting import RacingBackend, SocketStream
from accordant._http.host_lookup import LOOKUPS, Address, Lookups, families_in_turn, numeric
from accordant._http.wire_errors import WireConnectError, WireConnectTimeoutError, WireWriteTimeoutError
from accordant.errors import DeadlineExceededError
from tests.client.loopback import Loopback, http
from tests.client.support import Player

HOST = "host.test"


def v4(host: str, port: int) -> Address:
    return Address(socket.AF_INET, (host, port))


@contextmanager
def listening(host: str = "127.0.0.1") -> Generator[int]:
    with socket.create_server((host, 0)) as server:
        yield server.getsockname()[1]


@contextmanager
def silent() -> Generator[int]:
    """The port of a server whose queue is full: attempts to connect neither succeed nor fail."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        port = server.getsockname()[1]
        waiting: list[socket.socket] = []
        for _ in range(8):
            each = socket.socket()
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
            waiting.append(each)
        try:
            yield port
        finally:
            for each in waiting:
                each.close()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The head start of an address is a tenth of what it is for users, so that several fit into a short deadline."""
    for module in (connecting, async_sockets):
        monkeypatch.setattr(module, "HEAD_START", connecting.HEAD_START / 10)


class Ticks:
    """A clock on which every look costs some time."""

    def __init__(self, tick: float) -> None:
        self.now, self.tick = 0.0, tick

    def __call__(self) -> float:
        self.now += self.tick
        return self.now


def backend(*addresses: Address, tick: float = 0.0) -> RacingBackend:
    return RacingBackend(Lookups(lambda _host, _port: addresses), Ticks(tick))


def test_the_first_address_that_connects_wins() -> None:
    """An address that refuses, and a family that this machine may lack, do not keep the next one from being tried."""
    with listening() as port, listening() as closed:
        pass
    with listening() as port:
        addresses = (v4("127.0.0.1", closed), Address(socket.AF_INET6, ("::1", closed, 0, 0)), v4("127.0.0.1", port))
        stream = backend(*addresses).connect_tcp(HOST, port, 5)
        assert stream.get_extra_info("server_addr") == ("127.0.0.1", port)
        stream.close()


@pytest.mark.usefixtures("hurried")
def test_a_silent_address_does_not_hold_up_the_next() -> None:
    """The next address is tried beside one that does not respond; only the winner stays open."""
    with silent() as dead, listening() as port:
        stream = backend(v4("127.0.0.1", dead), v4("127.0.0.1", port)).connect_tcp(HOST, port, 30)
        assert stream.get_extra_info("server_addr") == ("127.0.0.1", port)
        stream.close()


@pytest.mark.usefixtures("hurried")
def test_all_addresses_share_one_deadline() -> None:
    """Four addresses that do not respond take the time of one, and the error names them."""
    with silent() as dead:
        racing = backend(*(v4("127.0.0.1", dead) for _ in range(4)), tick=0.3)
        with pytest.raises(WireConnectTimeoutError, match=r"127\.0\.0\.1, 127\..*no response within 1 s"):
            racing.connect_tcp(HOST, dead, 1.0)


def test_every_refusal_is_named() -> None:
    """Where no address takes the connection, the error says for each of them why."""
    with listening() as port:
        pass
    addresses = (v4("127.0.0.1", port), v4("127.0.0.2", port))
    with pytest.raises(WireConnectError, match=r"127\.0\.0\.1: Connection refused; 127\.0\.0\.2: Connection ref"):
        backend(*addresses).connect_tcp(HOST, port, 5)


@contextmanager
def hanging() -> Generator[tuple[Lookups, Callable[[int], int]]]:
    """Look-ups that hang until the test ends, and how often the resolver was asked, once it was asked so often."""
    release, begun, asked = threading.Event(), threading.Semaphore(0), list[str]()

    def resolve(host: str, port: int) -> Sequence[Address]:
        asked.append(host)
        begun.release()
        release.wait(60)
        return [v4("127.0.0.1", port)]

    try:
        yield Lookups(resolve, most=3), lambda times: len([begun.acquire(timeout=60) for _ in range(times)] and asked)
    finally:
        release.set()


def test_a_look_up_ends_with_the_deadline() -> None:
    """A resolver that hangs is not waited for beyond the time of the attempt; callers of one name share a look-up."""
    with hanging() as (lookups, asked):
        racing = RacingBackend(lookups)
        for _ in range(3):
            with pytest.raises(WireConnectTimeoutError, match=f"the name '{HOST}' was not resolved within 0.01 s"):
                racing.connect_tcp(HOST, 80, 0.01)
        assert asked(1) == 1


def test_hanging_look_ups_are_bounded() -> None:
    """Names that do not come back take a bounded number of threads; a further name waits until one of them is free."""
    with hanging() as (lookups, asked):
        racing = RacingBackend(lookups)
        for number in range(3):
            with pytest.raises(WireConnectTimeoutError):
                racing.connect_tcp(f"{number}.test", 80, 0.01)
        further = lookups.find("4.test", 80)
        assert asked(3) == 3
        assert not further.done()
    assert further.result(60) == [v4("127.0.0.1", 80)]


def test_a_resolver_that_breaks_is_a_connection_error() -> None:
    """Whatever a resolver raises reaches those who wait, and the next connection asks it again."""
    troubles: list[Exception] = [RuntimeError("out of order"), ValueError("no name")]

    def resolve(_host: str, _port: int) -> Sequence[Address]:
        raise troubles.pop(0)

    racing = RacingBackend(Lookups(resolve))
    for words in ("out of order", "no name"):
        with pytest.raises(WireConnectError, match=words):
            racing.connect_tcp(HOST, 80, 30)


def test_no_thread_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the machine has no thread left, a look-up is a connection error, and works again when there is one."""

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    lookups = Lookups(lambda host, port: [v4(host, port)])
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(WireConnectError, match="can't start new thread"):
            RacingBackend(lookups).connect_tcp(HOST, 80, 30)
    assert lookups.find(HOST, 80).result(60) == [v4(HOST, 80)]


def test_no_descriptor_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the process has no descriptor left, a connection is a connection error."""

    def refuse() -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr("selectors.DefaultSelector", refuse)
    with pytest.raises(WireConnectError, match="Too many open files"):
        backend(v4("127.0.0.1", 9)).connect_tcp(HOST, 9, 30)


class SlowPeer(socket.socket):
    """A connection that takes one byte at a time, a second for each."""

    def __init__(self, clock: Ticks) -> None:
        super().__init__()
        self.clock = clock

    def send(self, _data: object, _flags: int = 0, /) -> int:
        self.clock.now += 1
        return 1


def test_a_long_body_does_not_outlast_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer that takes a body byte by byte gets the time of one write, not that time for every byte."""
    clock = Ticks(0.0)
    monkeypatch.setattr("accordant._http.connecting._CLOCK.monotonic", clock, raising=False)
    with SlowPeer(clock) as peer, pytest.raises(WireWriteTimeoutError):
        SocketStream(peer).write(bytes(100), 5.0)
    assert clock.now == 5.0


def test_a_child_does_not_wait_for_its_parents_look_ups() -> None:
    """After a fork there are no threads that would end a look-up, so a new one begins."""
    with hanging() as (lookups, asked):
        with pytest.raises(WireConnectTimeoutError):
            RacingBackend(lookups).connect_tcp(HOST, 80, 0.01)
        lookups.renew()
        with pytest.raises(WireConnectTimeoutError):
            RacingBackend(lookups).connect_tcp(HOST, 80, 0.01)
        assert asked(2) == 2


def test_numbers_need_no_resolver() -> None:
    """A numeric address is used as it is."""

    def resolve(host: str, _port: int) -> Sequence[Address]:
        raise AssertionError(host)

    assert Lookups(resolve).find("127.0.0.1", 80).result(0) == [v4("127.0.0.1", 80)]
    assert numeric("::1", 80)[0].family == socket.AF_INET6
    assert numeric(HOST, 80) == []


def test_unknown_names_are_errors() -> None:
    """A name without an address, one that the resolver refuses and one that cannot be a name are connection errors."""

    def refuse(_host: str, _port: int) -> Sequence[Address]:
        raise socket.gaierror(-2, "Name or service not known")

    for lookups in (Lookups(refuse), Lookups(lambda _host, _port: ())):
        with pytest.raises(WireConnectError, match=f"the name '{HOST}' cannot be looked up"):
            RacingBackend(lookups).connect_tcp(HOST, 80, 5)


def test_families_take_turns() -> None:
    """IPv6 and IPv4 addresses are tried in turn, beginning with what the resolver names first."""
    six = [Address(socket.AF_INET6, (f"::{number}", 80, 0, 0)) for number in (1, 2)]
    four = [v4(f"127.0.0.{number}", 80) for number in (1, 2, 3)]
    assert families_in_turn([*six, *four]) == [six[0], four[0], six[1], four[1], four[2]]


THING = b'{"thing": {"id": 7}}'
HTTPS = f"https://{HOST}"


def resolving(patch: pytest.MonkeyPatch, *addresses: Address, until: threading.Event | None = None) -> None:
    """Let every name have these addresses, once ``until`` is set."""

    def resolve(_host: str, _port: int) -> Sequence[Address]:
        if until is not None:
            until.wait(60)
        return addresses

    LOOKUPS.renew()  # whatever another test has left to hang
    patch.setattr(LOOKUPS, "_resolve", resolve)


CALLS: list[Callable[[Any], Any]] = [lambda api: api.things.get(7), lambda api: api.things.create({"name": "a"})]


@pytest.mark.every_transport
@pytest.mark.parametrize("call", CALLS, ids=["read", "write"])
@pytest.mark.parametrize("proxy", [None, "http://user:password@proxy.test:3128"], ids=["direct", "proxy"])
def test_a_deadline_holds_while_a_name_is_looked_up(
    play: Player, monkeypatch: pytest.MonkeyPatch, call: Callable[[Any], Any], proxy: str | None
) -> None:
    """A slow resolver ends a call at its deadline: nothing was sent, and the error names host and time."""
    release = threading.Event()
    resolving(monkeypatch, until=release)
    try:
        api = play.client(base_url=HTTPS, clock=Clock(), deadline=0.15, http=HttpOptions(proxy=proxy))
        name = "proxy.test" if proxy else HOST
        with pytest.raises(DeadlineExceededError, match=rf"the name '{name}' was not resolved within [\d.]+ s") as late:
            play.do(lambda: call(api))
        assert not late.value.sent
        assert "password" not in str(late.value)
    finally:
        release.set()


@pytest.mark.every_transport
@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("call", CALLS, ids=["read", "write"])
def test_a_deadline_holds_for_all_addresses(
    play: Player, monkeypatch: pytest.MonkeyPatch, call: Callable[[Any], Any]
) -> None:
    """Four addresses that do not respond end a call at its deadline: nothing was sent, and the error names them."""
    with silent() as dead:
        resolving(monkeypatch, *(v4("127.0.0.1", dead) for _ in range(4)))
        api = play.client(base_url=HTTPS, clock=Clock(), deadline=0.25)
        with pytest.raises(DeadlineExceededError, match=r"127\.0\.0\.1.*: no response within [\d.]+ s") as late:
            play.do(lambda: call(api))
        assert not late.value.sent


@pytest.mark.every_transport
@pytest.mark.usefixtures("hurried")
def test_a_call_gets_past_addresses_that_are_dead(play: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    """One address that is silent and one that refuses do not keep a call from the third, which works."""
    with listening() as closed:
        pass
    with silent() as dead, Loopback(http(THING)) as server:
        resolving(monkeypatch, *(v4("127.0.0.1", port) for port in (dead, closed, server.port)))
        api = play.client(base_url=f"http://vendor.localhost:{dead}", clock=Clock(), deadline=60)
        assert play.do(lambda: api.things.get(7)).id == 7
        play.do(api.close)


@pytest.mark.every_transport
def test_many_callers_share_a_look_up(play: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that gives up does not end the look-up for the next, which goes on with what it finds."""
    release = threading.Event()
    with Loopback(http(THING)) as server:
        resolving(monkeypatch, v4("127.0.0.1", server.port), until=release)
        api = play.client(base_url=f"http://shared.localhost:{server.port}", clock=Clock(), deadline=0.05, retries=0)
        with pytest.raises(DeadlineExceededError):
            play.do(lambda: api.things.get(7))
        release.set()
        assert play.do(lambda: api.with_options(deadline=60).things.get(7)).id == 7
        play.do(api.close)


PROGRAM = """
import asyncio, socket, sys, threading
from tests.client.support import AsyncTiny, Tiny
from accordant._http.wire_errors import WireConnectError, WireConnectTimeoutError, WireWriteTimeoutError
from accordant.errors import DeadlineExceededError

real = socket.getaddrinfo

def hang(host, *arguments, **more):
    if more.get("flags"):
        return real(host, *arguments, **more)
    threading.Event().wait()

socket.getaddrinfo = hang

async def main():
    async with AsyncTiny(base_url="https://host.test", deadline=0.1) as api:
        await api.things.get(7)

try:
    if sys.argv[1] == "async":
        asyncio.run(main())
    else:
        with Tiny(base_url="https://host.test", deadline=0.1) as api:
            api.things.get(7)
except DeadlineExceededError:
    print("late", threading.active_count())
"""


@pytest.mark.every_transport
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_process_ends_while_a_look_up_hangs(kind: str) -> None:
    """A program can end although the system's resolver never comes back."""
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, kind], capture_output=True, text=True, cwd=root, timeout=60
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "late 2", "")
