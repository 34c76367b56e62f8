"""What a user may set on any client, and where it is read from the environment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Self, TypedDict, cast

from attrs import field, frozen

from accordant_runtime import CallOptions, misspelt

from ._auth.tokens import TokenStore
from ._clock import Clock
from ._deviations import DeviationPolicy
from ._environment import process_variables
from ._http.engines import Network
from ._http.transport import AsyncTransportFunction, HttpOptions, TransportFunction
from ._keywords import refuse_unknown
from ._limits.rate_limits import RateLimits
from ._limits.retries import RetryPolicy
from ._observation import CallObserver, OnAttempt
from ._setting_checks import positive, retry_policy
from .errors import ConfigurationError, RequestError

DEFAULT_TIMEOUT = 30.0
DEFAULT_DEADLINE = 120.0


class ClientSettings(TypedDict, total=False):
    """The settings that all clients share.

    - ``environment``: a name that the vendor's documentation uses, such as ``"production"`` (the default).
    - ``base_url``: an address instead of an environment's own: https, or http on loopback. An ``environment`` beside it
      is its name only, and cannot be another one whose own address ``base_url`` is.
    - ``timeout``: seconds for one attempt, 30 by default; ``None`` is no limit.
    - ``deadline``: seconds for a whole call with its token, retries and waits, 120 by default; ``None`` is no limit.
    - ``retries``: further attempts, 2 by default, or a :class:`RetryPolicy`.
    - ``deviations``: what a response that differs from the document does: ``"lenient"`` (keep it, collect it in
      ``api.deviations``), ``"strict"`` (raise ``DecodeError``), or a function that is called with each report.
    - ``transport``: what carries the requests, one of :mod:`accordant.transports`, or a function instead of the network
      (see :data:`TransportFunction`). Without it the environment variable ``ACCORDANT_TRANSPORT`` decides. A function
      that has the methods ``now()`` and ``sleep(seconds)`` keeps the client's time as well; that of a sandbox does.
    - ``http``: how the client connects, whichever transport of this package it has.
    - ``max_response_bytes``: the most bytes of a response, once its content encoding is undone, 100,000,000 by default;
      ``None`` is no limit. A larger success raises ``ResponseDecodeError``; the body of an error is cut. Downloads into
      files are not limited. It holds for a ``transport`` function as well.
    - ``on_attempt``: called after every request with an :class:`Attempt`.
    - ``observer``: told about the begin, each request and the end of every call (see :class:`CallObserver`);
      :class:`accordant.telemetry.OpenTelemetry` makes spans of them.
    - ``token_store``: where tokens are kept between processes.
    - ``rate_limits``: who shares the limits that the client keeps within, where the vendor publishes some:
      :class:`MemoryRateLimits` (the default), :class:`RedisRateLimits`, or ``None`` to leave it to the vendor.
    - ``catalogue_ttl``: seconds for which responses are kept that change rarely, where the vendor has any; ``None``,
      the default, keeps none.
    - ``time_zone``: IANA name of the organisation's zone, for vendors that name times without an offset: what they send
      becomes aware datetimes, and aware ones are sent as that zone's wall clock.
    - ``clock``: time, waiting and chance; see :mod:`accordant.testing`. By default that of the transport, else the real
      one.
    """

    environment: str | None
    base_url: str | None
    timeout: float | None
    deadline: float | None
    retries: int | RetryPolicy
    deviations: DeviationPolicy
    transport: Network | TransportFunction | AsyncTransportFunction | None
    http: HttpOptions
    max_response_bytes: int | None
    on_attempt: OnAttempt | None
    observer: CallObserver | None
    token_store: TokenStore | None
    rate_limits: RateLimits | None
    catalogue_ttl: float | None
    time_zone: str | None
    clock: Clock


_ADDRESS: Final = ("ENVIRONMENT", "BASE_URL")
_NAMES: Final = frozenset(ClientSettings.__annotations__)


def only_settings(settings: ClientSettings, function: Callable[..., object]) -> None:
    """Raise ``TypeError`` where the further keywords of ``function``, a constructor or ``from_env``, are no settings.

    Call it after the credentials were wrapped: the values of all local variables can be seen in a traceback.
    """
    refuse_unknown(cast(dict[str, Any], settings), _NAMES, function)


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
        if not isinstance(options, CallOptions):  # pyright: ignore[reportUnnecessaryIsInstance] # untyped callers
            raise RequestError(f"options must be an accordant.CallOptions, not a {type(options).__name__}")
        return Defaults(
            timeout=self.timeout if options.timeout is None else positive(options.timeout, "timeout"),
            deadline=self.deadline if options.deadline is None else positive(options.deadline, "deadline"),
            retry=self.retry if options.retries is None else retry_policy(options.retries, self.retry),
            headers={**self.headers, **options.headers} if options.headers else self.headers,
        )


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


class Variables:
    """The environment variables of one vendor, all with the same prefix; one that is empty or blank counts as absent.

    ``names`` are those that the vendor's clients read, beside ``ENVIRONMENT`` and ``BASE_URL``.
    """

    __slots__ = ("_environ", "_names", "_prefix")

    def __init__(self, prefix: str, environ: Mapping[str, str] | None = None, names: Iterable[str] = ()) -> None:
        self._prefix = prefix
        self._environ = process_variables() if environ is None else environ
        self._names = (*_ADDRESS, *names)

    def get(self, name: str) -> str | None:
        """The value of ``PREFIX_NAME``."""
        value = self._environ.get(f"{self._prefix}_{name}")
        return value if value and value.strip() else None

    def required(self, name: str, why: str = "") -> str:
        """The value of ``PREFIX_NAME``; raises ``ConfigurationError`` naming it when it is missing."""
        if not self.get(name):
            found = self._misspelt().get(name)
            empty = "it is there, but empty" if self._empty(name) else ""
            reason = "; ".join(filter(None, (why, empty, f"{found} is: correct its name" if found else "")))
            more = f" ({reason})" if reason else ""
            raise ConfigurationError(f"the environment variable {self._prefix}_{name} is not set{more}")
        return self.get(name) or ""

    def setting(self, name: str) -> str | None:
        """The value of ``PREFIX_NAME``, which decides what a client does and so must not be set to nothing."""
        if self._empty(name):
            full = f"{self._prefix}_{name}"
            raise ConfigurationError(f"the environment variable {full} is empty: unset it or give it a value")
        return self.get(name)

    def arguments(self) -> dict[str, Any]:
        """The arguments of a constructor by the variables that are called like them, in capitals."""
        return {name.lower(): self.get(name) for name in self._names if name not in _ADDRESS}

    def settings(self, given: ClientSettings) -> ClientSettings:
        """Settings with the address from the environment where they do not name one themselves.

        Raises ``ConfigurationError`` for a variable that is certainly a misspelt one of the vendor's.
        """
        found: ClientSettings = {}
        named = given.get("environment") is not None or given.get("base_url") is not None
        if not named:
            found = {"environment": self._named("ENVIRONMENT"), "base_url": self._named("BASE_URL")}
        by_hand = {name.upper() for name, value in given.items() if value is not None}
        by_hand |= {"ENVIRONMENT", "BASE_URL"} if named else set()
        for name, wrong in self._misspelt().items():
            if name not in by_hand:
                raise ConfigurationError(
                    f"the environment variable {wrong} is set, which nothing reads: "
                    f"did you mean {self._prefix}_{name}? Rename it or unset it"
                )
        return {**given, **found}

    def _empty(self, name: str) -> bool:
        value = self._environ.get(f"{self._prefix}_{name}")
        return value is not None and not value.strip()

    def _misspelt(self) -> dict[str, str]:
        """The variables that are misspelt, by the name that each was meant to have, where that one is not set."""
        known = {f"{self._prefix}_{name}": name for name in self._names}
        missing = [name for full, name in known.items() if full not in self._environ]
        start = f"{self._prefix}_"
        others = (name for name in sorted(self._environ) if name.upper().startswith(start) and name not in known)
        return {right: name for name in others if (right := misspelt(name[len(start) :], missing)) is not None}

    def _named(self, name: str) -> FromVariable | None:
        value = self.setting(name)
        return None if value is None else FromVariable(value, f"{self._prefix}_{name}")

    def __repr__(self) -> str:
        return f"Variables({self._prefix}_*)"
