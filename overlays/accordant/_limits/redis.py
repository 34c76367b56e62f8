"""Rate limits that processes and machines share, counted in a Redis server."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from typing import Any, Final
from urllib.parse import urlsplit

from .._clock import Clock
from .._flow.commands import Flow, Invoke
from .._http.secrets import conceal
from .._http.transport import detached
from ..errors import ConfigurationError, RateLimitStoreError
from .rate_limits import RateLimit, RateLimitStore

_NEEDS: Final = "rate limits in Redis need an extra: pip install 'accordant[redis]'"
_SCHEMES: Final = ("redis", "rediss", "unix")
_PATIENCE: Final = 5.0
_KEPT_WINDOWS: Final = 10

_BOOK: Final = """
if redis.call('ZCOUNT', KEYS[1], ARGV[5], '+inf') < tonumber(ARGV[6]) then
  redis.call('ZADD', KEYS[1], ARGV[1], ARGV[3] .. '1')
  return {-1, -1}
end
local rank = -1 - tonumber(ARGV[7])
return {0, tonumber(redis.call('ZRANGE', KEYS[1], rank, rank, 'WITHSCORES')[2])}
"""
"""Does what the library's own script does for one rate and one place, but counts places that lie ahead as well.

Processes reach the server in another order than that in which they read their clocks, and some book ahead.
"""

_HOLD: Final = """
local held = tonumber(redis.call('GET', KEYS[1]) or '0')
if held < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
"""
"""Keeps the later of two moments in one step: two clients may hold at the same time."""


class RedisRateLimits:
    """Shares a vendor's limits among all processes and machines that use the same Redis server.

    ``connection`` is a URL (``redis://``, ``rediss://`` or ``unix://``) or a client of the library ``redis``:
    ``redis.Redis`` for blocking clients, ``redis.asyncio.Redis`` for asynchronous ones. A client that you give stays
    yours to close. Keys begin with ``prefix``; they hold counts and times alone, and expire. The
    machines' clocks must agree, as they do under NTP.

    Needs the extra ``accordant[redis]``. A server that cannot be reached raises ``RateLimitStoreError``: no call goes
    uncounted.
    """

    def __init__(self, connection: Any, *, prefix: str = "accordant") -> None:
        given: Any = connection
        del connection  # a URL may hold a password
        self._url = conceal(given) if isinstance(given, str) else None
        self._client: Any = None if isinstance(given, str) else given
        self._prefix = prefix
        if isinstance(given, str) and urlsplit(given).scheme not in _SCHEMES:
            given = None
            raise ConfigurationError("the address of a Redis server begins with redis://, rediss:// or unix://")

    def open(self, scope: str, asynchronous: bool) -> RateLimitStore:
        """The store for one address of one vendor; connects when it is first used."""
        if find_spec("pyrate_limiter") is None:  # a client that was given needs it as well
            raise ConfigurationError(_NEEDS)
        client = self._own_client(asynchronous) if self._url is not None else self._client
        execute = getattr(client, "execute_command", None)
        if execute is None or inspect.iscoroutinefunction(execute) != asynchronous:
            kind = "redis.asyncio.Redis" if asynchronous else "redis.Redis"
            raise ConfigurationError(f"the rate limits of this client need a URL or a {kind}")
        prefix = f"{self._prefix}:limits:{scope}"
        if self._url is None:
            return RedisRateLimitStore(client, prefix, owned=False)
        store = RedisRateLimitStore(client, prefix, owned=True, where=_where(self._url.reveal()))
        if asynchronous:
            store.in_every_loop(lambda: self._own_client(True))
        return store

    def _own_client(self, asynchronous: bool) -> Any:
        try:
            import redis
            import redis.asyncio
        except ImportError:
            raise ConfigurationError(_NEEDS) from None
        kind: Any = redis.asyncio.Redis if asynchronous else redis.Redis
        assert self._url is not None
        return kind.from_url(self._url.reveal(), socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE)

    def __repr__(self) -> str:
        return f"RedisRateLimits(prefix={self._prefix!r})"


class RedisRateLimitStore:
    """Counts in Redis, by the wall clock."""

    # Some versions of redis show a URL's password in the repr of a client.
    __slots__ = ("_another", "_clients", "_first", "_owned", "_prefix", "_script", "_tidied", "_where")

    def __init__(self, client: Any, prefix: str, *, owned: bool, where: str = "") -> None:
        self._first = client
        self._where = where
        self._another: Callable[[], Any] | None = None
        self._clients: dict[Any, Any] = {}
        self._prefix = prefix
        self._owned = owned
        self._script: str | None = None
        self._tidied: dict[str, int] = {}

    def in_every_loop(self, another: Callable[[], Any]) -> None:
        """Let ``another()`` make a client for each event loop: a connection cannot leave the one it was opened in."""
        self._another = another

    @property
    def _client(self) -> Any:
        if self._another is None:
            return self._first
        import asyncio

        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            kept = {other: client for other, client in self._clients.items() if not other.is_closed()}
            self._clients = {**kept, loop: self._another() if self._clients else self._first}
        return self._clients[loop]

    def now(self, clock: Clock) -> float:
        """The date: what different machines agree upon."""
        return clock.time()

    def take(self, limit: RateLimit, moment: int, now: int) -> Flow[int]:
        """Book a place, or say how long it takes until one is free."""
        try:
            wait = yield from self._put(limit, moment)
        except RateLimitStoreError as error:
            if type(error.__cause__).__name__ != "NoScriptError":
                raise
            self._script = None  # the server was restarted, and has forgotten the script
            wait = yield from self._put(limit, moment)
        if wait == 0:
            yield from self._tidy(limit, moment, now)
        return wait

    def _put(self, limit: RateLimit, moment: int) -> Flow[int]:
        from pyrate_limiter import Rate, RateItem, RedisBucket

        if self._script is None:
            self._script = yield from self._ask(lambda: self._client.script_load(_BOOK))
        rates, key = [Rate(limit.limit, limit.interval)], self._key(limit)
        # A bucket keeps its last verdict in attributes, so each verdict gets a bucket of its own.
        bucket = RedisBucket(rates, self._client, key, self._script or "")
        decision = yield from self._ask(lambda: bucket.put_decision(RateItem(limit.name, moment)))
        return 0 if decision.allowed else max(1, decision.retry_after_ms or 0)

    def _tidy(self, limit: RateLimit, moment: int, now: int) -> Flow[None]:
        """Let the key outlive its newest entry, and drop, once in a window, what no window reaches any more."""
        key, last = self._key(limit), self._tidied.get(limit.name)
        due = last is None or now - last > limit.interval
        if due:
            self._tidied[limit.name] = now
            yield from self._ask(lambda: self._client.zremrangebyscore(key, 0, now - 2 * limit.interval))
        if due or moment > now:
            yield from self._ask(lambda: self._client.pexpire(key, moment - now + _KEPT_WINDOWS * limit.interval))

    def held(self, limits: Sequence[RateLimit]) -> Flow[int]:
        """The latest of the holds."""
        names = [f"{self._key(limit)}:held" for limit in limits]
        found = yield from self._ask(lambda: self._client.mget(names))
        return max(int(item or 0) for item in found)

    def hold(self, limits: Sequence[RateLimit], moment: int, now: int) -> Flow[None]:
        """Keep the moment for each limit until it has come, unless a later one is known."""
        for limit in limits:
            name = f"{self._key(limit)}:held"
            yield from self._ask(partial(self._client.eval, _HOLD, 1, name, moment, max(1, moment - now)))

    def close(self) -> Flow[None]:
        """Give the connections back where they are ours."""
        if self._owned:
            close: Any = getattr(self._client, "aclose", None) or self._client.close
            yield Invoke(close)

    def _key(self, limit: RateLimit) -> str:
        return f"{self._prefix}:{limit.name}"

    def _ask(self, function: Callable[[], Any]) -> Flow[Any]:
        from redis.exceptions import RedisError

        try:
            return (yield Invoke(function))
        except (RedisError, OSError) as error:
            detached(error)
            raise RateLimitStoreError(
                f"the Redis server of the rate limits does not respond{self._where}: {type(error).__name__}",
                sent=False,
                final=True,
            ) from error
        except RuntimeError as error:  # asyncio's word for a connection of an event loop that has ended
            detached(error)
            raise RateLimitStoreError(
                f"the Redis client of the rate limits belongs to another event loop ({error}); "
                "give RedisRateLimits a URL instead",
                sent=False,
                final=True,
            ) from error

    def __repr__(self) -> str:
        return f"RedisRateLimitStore({self._prefix!r})"


def _where(url: str) -> str:
    """The address without the password."""
    parts = urlsplit(url)
    return f" at {parts.path if parts.scheme == 'unix' else parts.netloc.rpartition('@')[2]}"
