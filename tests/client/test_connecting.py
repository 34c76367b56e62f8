"""How blocking connections come about: names that are looked up slowly, addresses that do not respond."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

import httpcore
import pytest

from accordant._http.connecting import RacingBackend
from accordant._http.host_lookup import Address, Lookups, families_in_turn, numeric

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


def test_a_silent_address_does_not_hold_up_the_next() -> None:
    """The next address is tried beside one that does not respond; only the winner stays open."""
    with silent() as dead, listening() as port:
        stream = backend(v4("127.0.0.1", dead), v4("127.0.0.1", port)).connect_tcp(HOST, port, 30)
        assert stream.get_extra_info("server_addr") == ("127.0.0.1", port)
        stream.close()


def test_all_addresses_share_one_deadline() -> None:
    """Four addresses that do not respond take the time of one, and the error names them."""
    with silent() as dead:
        racing = backend(*(v4("127.0.0.1", dead) for _ in range(4)), tick=0.3)
        with pytest.raises(httpcore.ConnectTimeout, match=r"127\.0\.0\.1.*no response in time"):
            racing.connect_tcp(HOST, dead, 1.0)


def test_every_refusal_is_named() -> None:
    """Where no address takes the connection, the error says for each of them why."""
    with listening() as port:
        pass
    addresses = (v4("127.0.0.1", port), v4("127.0.0.2", port))
    with pytest.raises(httpcore.ConnectError, match=r"127\.0\.0\.1: Connection refused; 127\.0\.0\.2: Connection ref"):
        backend(*addresses).connect_tcp(HOST, port, 5)


@contextmanager
def hanging() -> Generator[tuple[Lookups, Callable[[], int]]]:
    """Look-ups that hang until the test ends, and how often the resolver was asked."""
    release, asked = threading.Event(), list[str]()

    def resolve(host: str, port: int) -> Sequence[Address]:
        asked.append(host)
        release.wait(60)
        return [v4("127.0.0.1", port)]

    try:
        yield Lookups(resolve, most=3), lambda: len(asked)
    finally:
        release.set()


def test_a_look_up_ends_with_the_deadline() -> None:
    """A resolver that hangs is not waited for beyond the time of the attempt; callers of one name share a look-up."""
    with hanging() as (lookups, asked):
        racing = RacingBackend(lookups)
        for _ in range(3):
            with pytest.raises(httpcore.ConnectTimeout, match=f"look-up of the name '{HOST}'"):
                racing.connect_tcp(HOST, 80, 0.01)
        assert asked() == 1


def test_hanging_look_ups_are_bounded() -> None:
    """Names that do not come back take a bounded number of threads; a further name fails at once."""
    with hanging() as (lookups, asked):
        racing = RacingBackend(lookups)
        for number in range(3):
            with pytest.raises(httpcore.ConnectTimeout):
                racing.connect_tcp(f"{number}.test", 80, 0.01)
        with pytest.raises(httpcore.ConnectError, match="3 other names"):
            racing.connect_tcp("4.test", 80, 30)
        assert asked() == 3


def test_a_child_does_not_wait_for_its_parents_look_ups() -> None:
    """After a fork there are no threads that would end a look-up, so a new one begins."""
    with hanging() as (lookups, asked):
        with pytest.raises(httpcore.ConnectTimeout):
            RacingBackend(lookups).connect_tcp(HOST, 80, 0.01)
        lookups.renew()
        with pytest.raises(httpcore.ConnectTimeout):
            RacingBackend(lookups).connect_tcp(HOST, 80, 0.01)
        assert asked() == 2


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
        with pytest.raises(httpcore.ConnectError, match=f"the name '{HOST}' cannot be looked up"):
            RacingBackend(lookups).connect_tcp(HOST, 80, 5)


def test_families_take_turns() -> None:
    """IPv6 and IPv4 addresses are tried in turn, beginning with what the resolver names first."""
    six = [Address(socket.AF_INET6, (f"::{number}", 80, 0, 0)) for number in (1, 2)]
    four = [v4(f"127.0.0.{number}", 80) for number in (1, 2, 3)]
    assert families_in_turn([*six, *four]) == [six[0], four[0], six[1], four[1], four[2]]
