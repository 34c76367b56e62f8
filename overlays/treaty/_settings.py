"""What a user may set on any client, and where it is read from the environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Self, TypeAlias, TypedDict

from attrs import field, frozen

from treaty_runtime import CallOptions

from ._clock import Clock
from ._deviations import DeviationPolicy
from ._pacing import RateLimits
from ._retry import RetryPolicy
from ._tokens import TokenStore
from ._transport import AsyncTransportFunction, HttpOptions, TransportFunction
from .errors import ConfigurationError

DEFAULT_TIMEOUT = 30.0
DEFAULT_DEADLINE = 120.0


@frozen
class Attempt:
    """One request that a client has sent, for the ``on_attempt`` hook.

    ``number`` counts the requests of this call from 1. ``status`` is the HTTP status, or ``None`` with ``error`` naming
    the class of what went wrong. ``elapsed`` is the time of this request in seconds, and ``wait`` the seconds until the
    next one, ``None`` when there is none.
    """

    operation: str
    method: str
    path: str
    number: int
    status: int | None
    error: str | None
    elapsed: float
    wait: float | None


OnAttempt: TypeAlias = Callable[[Attempt], None]


class ClientSettings(TypedDict, total=False):
    """The settings that all clients share.

    - ``environment``: a name that the vendor's documentation uses, such as ``"production"`` (the default).
    - ``base_url``: an address instead of an environment's own: https, or http on loopback.
    - ``timeout``: seconds for one attempt, 30 by default; ``None`` is no limit.
    - ``deadline``: seconds for a whole call with its token, retries and waits, 120 by default; ``None`` is no limit.
    - ``retries``: further attempts, 2 by default, or a :class:`RetryPolicy`.
    - ``deviations``: what an answer that differs from the document does: ``"lenient"`` (keep it, collect it in
      ``api.deviations``), ``"strict"`` (raise ``DecodeError``), or a function that is called with each report.
    - ``transport``: a function instead of the network (see :data:`TransportFunction`).
    - ``http``: how the default transport connects.
    - ``max_response_bytes``: the most bytes of a response, once its content encoding is undone, 100,000,000 by default;
      ``None`` is no limit. A larger success raises ``ResponseDecodeError``; the body of an error is cut. Downloads into
      files are not limited.
    - ``on_attempt``: called after every request with an :class:`Attempt`.
    - ``token_store``: where tokens are kept between processes.
    - ``rate_limits``: who shares the limits that the client keeps within, where the vendor publishes some:
      :class:`MemoryRateLimits` (the default), :class:`RedisRateLimits`, or ``None`` to leave it to the vendor.
    - ``catalogue_ttl``: seconds for which answers are kept that change rarely, where the vendor has such; ``None``,
      the default, keeps none.
    - ``time_zone``: IANA name of the organisation's zone, for vendors that name times without an offset: what they send
      becomes aware datetimes, and aware ones are sent as that zone's wall clock.
    - ``clock``: time, waiting and chance; see :mod:`treaty.testing`.
    """

    environment: str | None
    base_url: str | None
    timeout: float | None
    deadline: float | None
    retries: int | RetryPolicy
    deviations: DeviationPolicy
    transport: TransportFunction | AsyncTransportFunction | None
    http: HttpOptions
    max_response_bytes: int | None
    on_attempt: OnAttempt | None
    token_store: TokenStore | None
    rate_limits: RateLimits | None
    catalogue_ttl: float | None
    time_zone: str | None
    clock: Clock


@frozen
class Defaults:
    """What a client's calls do where they do not decide for themselves."""

    timeout: float | None = DEFAULT_TIMEOUT
    deadline: float | None = DEFAULT_DEADLINE
    retry: RetryPolicy = field(factory=RetryPolicy)
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)

    def for_call(self, options: CallOptions | None) -> Defaults:
        """The same with one call's own decisions."""
        if options is None:
            return self
        return Defaults(
            timeout=self.timeout if options.timeout is None else positive(options.timeout, "timeout"),
            deadline=self.deadline if options.deadline is None else positive(options.deadline, "deadline"),
            retry=self.retry if options.retries is None else retry_policy(options.retries, self.retry),
            headers={**self.headers, **options.headers} if options.headers else self.headers,
        )


def positive(seconds: float | None, name: str) -> float | None:
    """A time limit; ``None`` is none."""
    if seconds is not None and not seconds > 0:
        raise ConfigurationError(f"{name} must be more than 0 seconds, or None for no limit; it is {seconds!r}")
    return seconds


def retry_policy(retries: int | RetryPolicy, otherwise: RetryPolicy) -> RetryPolicy:
    """A policy from a number of further attempts."""
    if isinstance(retries, RetryPolicy):
        return retries
    if retries < 0:
        raise ConfigurationError(f"retries must be 0 or more; it is {retries}")
    return RetryPolicy(retries, otherwise.base, otherwise.cap, otherwise.longest_wait)


class FromVariable(str):
    """A value that remembers which environment variable it came from, for messages."""

    variable: str

    def __new__(cls, value: str, variable: str) -> Self:
        made = super().__new__(cls, value)
        made.variable = variable
        return made


def address_source(settings: ClientSettings, environment: str, base_url: str) -> str:
    """What named the address of a client: a variable, a setting, or nothing but the default.

    ``environment`` and ``base_url`` are what the client goes by.
    """
    for given, shown, otherwise in (
        (settings.get("base_url"), base_url, "the setting base_url"),
        (settings.get("environment"), repr(environment), "the environment"),
    ):
        if given:
            return f"{given.variable if isinstance(given, FromVariable) else otherwise} is {shown}"
    return f"the environment is {environment!r}, the default"


def variable_that_says(value: str, names: Iterable[str]) -> str | None:
    """The first of these environment variables that has the value."""
    return next((name for name in names if os.environ.get(name) == value), None)


class Variables:
    """The environment variables of one vendor, all with the same prefix; an empty one counts as absent."""

    def __init__(self, prefix: str, environ: Mapping[str, str] | None = None) -> None:
        self._prefix = prefix
        self._environ = os.environ if environ is None else environ

    def get(self, name: str) -> str | None:
        """The value of ``PREFIX_NAME``."""
        return self._environ.get(f"{self._prefix}_{name}") or None

    def required(self, name: str, why: str = "") -> str:
        """The value of ``PREFIX_NAME``; raises ``ConfigurationError`` naming it when it is missing."""
        if not self.get(name):
            reason = f" ({why})" if why else ""
            raise ConfigurationError(f"the environment variable {self._prefix}_{name} is not set{reason}")
        return self.get(name) or ""

    def settings(self, given: ClientSettings) -> ClientSettings:
        """Settings with the address from the environment where they do not name one themselves."""
        found: ClientSettings = {}
        if "environment" not in given and "base_url" not in given:
            found = {"environment": self._named("ENVIRONMENT"), "base_url": self._named("BASE_URL")}
        return {**found, **given}

    def _named(self, name: str) -> FromVariable | None:
        value = self.get(name)
        return None if value is None else FromVariable(value, f"{self._prefix}_{name}")

    def __repr__(self) -> str:
        return f"Variables({self._prefix}_*)"
