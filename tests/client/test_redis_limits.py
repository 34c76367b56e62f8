"""Rate limits that are shared through a Redis server: a real one, started for these tests on loopback."""

from __future__ import annotations

import asyncio
import gc
import json
import shutil
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import redis
import redis.asyncio
from attrs import evolve

from accordant import RedisRateLimits
from accordant._limits.rate_limits import RateLimit
from accordant._limits.redis import RedisRateLimitStore
from accordant.errors import ConfigurationError, RateLimitStoreError
from accordant.testing import FakeClock, Script
from tests.client.loopback import free_port
from tests.client.support import VENDOR, AsyncTiny, Player, Tiny
from tests.client.test_pacing import LIMITED, THING, Timed, spent

SERVER = shutil.which("redis-server")
PASSWORD = "redis-password-canary"
ROOT = Path(__file__).parents[2]

needs_redis = pytest.mark.skipif(SERVER is None, reason="redis-server is not installed (Debian: redis-server)")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Redis server of our own."""
    port = free_port()
    options = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--requirepass", PASSWORD)
    folder = tmp_path_factory.mktemp("redis")
    with subprocess.Popen(
        [str(SERVER), "--port", str(port), "--dir", str(folder), *options], stdout=subprocess.DEVNULL
    ) as process:
        try:
            url = f"redis://:{PASSWORD}@127.0.0.1:{port}/0"
            until_it_answers(url)
            yield url
        finally:
            process.terminate()


def connected(url: str, **more: Any) -> Any:
    """A client of the library, untyped: its own annotations are incomplete."""
    kind: Any = redis.Redis
    return kind.from_url(url, **more)


def until_it_answers(url: str) -> None:
    with connected(url) as client:
        for _ in range(200):
            try:
                client.ping()
                return
            except redis.ConnectionError:
                time.sleep(0.005)
    raise AssertionError("the Redis server did not start")


@pytest.fixture
def store(server: str) -> Iterator[Any]:
    """The server, empty."""
    with connected(server, decode_responses=True) as client:
        client.flushall()
        yield client


def limited(play: Player, transport: Any, shared: RedisRateLimits, **settings: Any) -> Any:
    return play.client(transport, vendor=LIMITED, rate_limits=shared, **settings)


@needs_redis
def test_clients_share(play: Player, server: str, store: Any) -> None:
    """Clients that know nothing of each other keep one limit together, a blocking and an asynchronous one too."""
    vendor = Timed(play.clock)
    own, other = (limited(play, vendor, RedisRateLimits(server)) for _ in range(2))
    with Tiny(vendor=LIMITED, transport=vendor, clock=play.clock, rate_limits=RedisRateLimits(server)) as third:
        play.do(lambda: own.things.get(7))
        play.do(lambda: other.things.get(7))
        third.things.get(7)
        play.do(lambda: own.things.get(7))
    assert vendor.at == [0, 0, 0, 10.001]
    assert store.keys()
    assert all(store.pttl(key) > 0 for key in store.keys("*")), "every key expires by itself"


@needs_redis
def test_a_hold_is_shared(play: Player, server: str, store: Any) -> None:
    """What one client learns of the vendor's own count holds up the others as well."""
    reset = int(play.clock.time()) + 6
    vendor = Timed(play.clock, (*THING, spent(3, 0, reset)), THING)
    one, other = (limited(play, vendor, RedisRateLimits(server)) for _ in range(2))
    play.do(lambda: one.things.get(7))
    play.do(lambda: other.things.get(7))
    assert vendor.at == [0, 6]
    assert all(store.pttl(key) > 0 for key in store.keys("*"))


@needs_redis
def test_a_hold_does_not_shrink(play: Player, server: str, store: Any) -> None:
    """An answer of one client that was overtaken by one of another with a later reset does not shorten the wait."""
    now = int(play.clock.time())
    vendor = Timed(play.clock, (*THING, spent(3, 0, now + 6)), THING)
    shared = RedisRateLimits(server)
    one, other = (limited(play, vendor, shared) for _ in range(2))
    play.do(lambda: one.things.get(7))
    before = {name: store.get(name) for name in store.keys("*:held")}
    limits = other._session.pacer._limits
    moment = round(play.clock.time() * 1000)
    counted = other._session.pacer._store
    play.do(lambda: other._io.run(counted.hold(limits, moment + 2000, moment)))
    assert before
    assert {name: store.get(name) for name in before} == before
    play.do(lambda: other.things.get(7))
    assert vendor.at == [0, 6]


@needs_redis
@pytest.mark.usefixtures("store")
def test_prefixes_and_addresses(play: Player, server: str) -> None:
    """Another prefix, or another address of the vendor, is counted apart."""
    vendor = Timed(play.clock)
    plain = limited(play, vendor, RedisRateLimits(server))
    apart = limited(play, vendor, RedisRateLimits(server, prefix="staging"))
    elsewhere = limited(play, vendor, RedisRateLimits(server), base_url="https://other.test")
    for api in (plain, apart, elsewhere) * 3:
        play.do(partial(api.things.get, 7))
    assert vendor.at == [0] * 9


@needs_redis
def test_old_entries_go(play: Player, server: str, store: Any) -> None:
    """Entries that no window reaches any more are removed; a long-lived client leaves no trail."""
    api = limited(play, Timed(play.clock), RedisRateLimits(server))
    for _ in range(40):
        play.do(lambda: api.things.get(7))
    (key,) = store.keys("*requests")
    assert store.zcard(key) <= 12


@needs_redis
def test_a_restarted_server(play: Player, server: str, store: Any) -> None:
    """A Redis server that has forgotten its scripts is taught them again."""
    vendor = Timed(play.clock)
    api = limited(play, vendor, RedisRateLimits(server))
    play.do(lambda: api.things.get(7))
    store.script_flush()
    play.do(lambda: api.things.get(7))
    assert vendor.at == [0, 0]


PROCESS = """
import json, sys, time
import redis
from attrs import evolve
from tests.client.support import VENDOR, Tiny
from accordant import RedisRateLimits
from accordant._limits.rate_limits import RateLimit

calls, booked = [], {}

def transport(*request):
    calls.append(time.time())
    return 200, [("content-type", "application/json")], b'{"thing": {"id": 7}}'

vendor = evolve(VENDOR, rate_limits=(RateLimit("requests", 5, 0.25),))
with redis.Redis.from_url(sys.argv[1], decode_responses=True) as store:
    store.incr("here")
    for _ in range(20_000):
        if int(store.get("here")) == 2:
            break
        time.sleep(0.001)
    with Tiny(vendor=vendor, transport=transport, rate_limits=RedisRateLimits(sys.argv[1])) as api:
        for _ in range(8):
            api.things.get(7)
            for key in store.keys("*requests"):  # they expire soon
                booked.update(store.zrange(key, 0, -1, withscores=True))
print(json.dumps([len(calls), booked]))
"""


@needs_redis
@pytest.mark.usefixtures("store")
def test_processes_share(server: str) -> None:
    """Processes that run at the same time keep one limit together: no six of their turns fall into a quarter second."""
    command = [sys.executable, "-c", PROCESS, server]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(2)]
    out = [run.communicate(timeout=60)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    (calls, one), (others, other) = map(json.loads, out)
    assert (calls, others) == (8, 8)
    booked = sorted({**one, **other}.values())
    assert len(booked) > 5
    assert all(later - earlier > 250 for earlier, later in zip(booked, booked[5:], strict=False))


@needs_redis
@pytest.mark.usefixtures("store")
def test_overtaken_processes(server: str) -> None:
    """A process whose clock is a little behind counts the places that others have taken by theirs."""
    ahead, behind = FakeClock(), FakeClock()
    ahead.advance(2)
    for clock, times in ((ahead, [2, 2, 2]), (behind, [12.001])):
        vendor = Timed(clock)
        with Tiny(vendor=LIMITED, transport=vendor, clock=clock, rate_limits=RedisRateLimits(server)) as api:
            for _ in times:
                api.things.get(7)
        assert vendor.at == times


@needs_redis
@pytest.mark.usefixtures("store")
def test_clients_of_your_own(server: str) -> None:
    """A client of the library redis may be given instead of a URL; it is not closed with the API's client."""
    clock = FakeClock()
    with connected(server) as mine:
        with Tiny(vendor=LIMITED, transport=Timed(clock), clock=clock, rate_limits=RedisRateLimits(mine)) as api:
            api.things.get(7)
        assert mine.ping()
        with pytest.raises(ConfigurationError, match=r"redis\.asyncio\.Redis"):
            AsyncTiny(vendor=LIMITED, transport=Script(), rate_limits=RedisRateLimits(mine))

    async def asynchronously() -> None:
        kind: Any = redis.asyncio.Redis
        async with kind.from_url(server) as theirs:
            shared = RedisRateLimits(theirs)
            async with AsyncTiny(vendor=LIMITED, transport=Timed(clock), clock=clock, rate_limits=shared) as api:
                await api.things.get(7)
            assert await theirs.ping()
            with pytest.raises(ConfigurationError, match=r"a redis\.Redis"):
                Tiny(vendor=LIMITED, transport=Script(), rate_limits=shared)

    asyncio.run(asynchronously())


@needs_redis
@pytest.mark.usefixtures("store")
def test_event_loops_one_after_the_other(server: str) -> None:
    """With a URL, an asynchronous client counts in every asyncio.run(); with a client of the library, which belongs to
    one event loop, it says so in a RateLimitStoreError."""
    theirs: Any = redis.asyncio.Redis

    def use(shared: RedisRateLimits, again: Callable[[Callable[[], None]], None]) -> None:
        clock = FakeClock()
        api: Any = AsyncTiny(vendor=LIMITED, transport=Timed(clock), clock=clock, rate_limits=shared)

        async def call() -> None:
            await api.things.get(7)

        asyncio.run(call())
        again(lambda: asyncio.run(call()))
        asyncio.run(api.close())

    def refused(call: Callable[[], None]) -> None:
        with pytest.raises(RateLimitStoreError, match="belongs to another event loop"):
            call()

    with warnings.catch_warnings():
        # The library cannot close what it opened in an event loop that has ended, and warns of it.
        warnings.simplefilter("ignore", ResourceWarning)
        use(RedisRateLimits(server), lambda call: call())
        use(RedisRateLimits(theirs.from_url(server)), refused)
        gc.collect()


def test_no_server(play: Player) -> None:
    """A Redis server that does not respond is an error of its own: nothing is sent that nobody counts."""
    script = Script(THING, repeat=True)
    shared = RedisRateLimits(f"redis://:{PASSWORD}@127.0.0.1:{free_port()}/0")
    api = limited(play, script, shared)
    with pytest.raises(
        RateLimitStoreError, match=r"Redis server of the rate limits does not respond at 127\.0\.0\.1:"
    ) as caught:
        play.do(lambda: api.things.get(7))
    assert not caught.value.sent
    assert script.requests == []
    assert PASSWORD not in f"{caught.value!r} {vars(caught.value)} {shared!r} {vars(shared)}"


class Broken:
    """A Redis client that fails after some commands."""

    def __init__(self, good: int) -> None:
        self.good = good

    def execute_command(self) -> None: ...

    def mget(self, names: list[str]) -> list[None]:
        self._count()
        return [None for _ in names]

    def script_load(self, _script: str) -> str:
        return "hash"

    def evalsha(self, *_arguments: Any) -> list[int]:
        self._count()
        return [-1, -1]

    def zremrangebyscore(self, *_arguments: Any) -> int:
        return 0

    def pexpire(self, *_arguments: Any) -> bool:
        return True

    def eval(self, *_arguments: Any) -> None:
        raise redis.ConnectionError(PASSWORD)

    def _count(self) -> None:
        self.good -= 1
        if self.good < 0:
            raise redis.ConnectionError(PASSWORD)


def test_a_server_that_goes_away() -> None:
    """When Redis fails after an answer came, the answer counts; when it fails before a retry, the outcome stands."""
    clock = FakeClock()
    vendor = evolve(VENDOR, rate_limits=(RateLimit("requests", 3, 10),))
    answer = (200, {"thing": {"id": 7}}, spent(3, 0, int(clock.time()) + 5))
    api = Tiny(vendor=vendor, clock=clock, transport=Script((503, {}), answer), rate_limits=RedisRateLimits(Broken(4)))
    assert api.things.get(7).id == 7
    api = Tiny(vendor=vendor, clock=clock, transport=Script((503, {})), rate_limits=RedisRateLimits(Broken(2)))
    with pytest.raises(Exception, match="503 Service Unavailable"):
        api.things.get(7)


@pytest.mark.parametrize("wrong", ["http://127.0.0.1", f"{PASSWORD}@host", "", 7, None])
def test_wrong_connections(wrong: Any) -> None:
    """What is neither a URL of Redis nor a client of it is refused when the API's client is made."""
    with pytest.raises(ConfigurationError) as caught:
        Tiny(vendor=LIMITED, transport=Script(), rate_limits=RedisRateLimits(wrong))
    assert PASSWORD not in f"{caught.value!r}"


def test_without_the_library_that_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extra is not installed, a client with limits in Redis says so when it is made, and names the extra."""

    def nothing(_: str) -> None:
        return None

    monkeypatch.setattr("accordant._limits.redis.find_spec", nothing)
    with pytest.raises(ConfigurationError, match=r"pip install 'accordant\[redis\]'"):
        RedisRateLimits("redis://127.0.0.1:1").open("dibop", False)


def test_representations() -> None:
    """Neither the setting nor the store shows the password of the server."""
    shared = RedisRateLimits(f"redis://:{PASSWORD}@127.0.0.1:1/0")
    counted = shared.open("tiny", asynchronous=False)
    assert isinstance(counted, RedisRateLimitStore)
    assert PASSWORD not in f"{shared!r} {counted!r}"
