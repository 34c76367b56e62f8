"""What each setting may be. A value that is none of it is refused when the client is made, not in the first call."""

from __future__ import annotations

from collections.abc import Mapping
from ssl import SSLContext
from typing import Any, Final

from ._clock import Clock
from ._http.engines import Network
from ._http.transport import HttpOptions
from ._keywords import did_you_mean
from ._limits.retries import RetryPolicy
from .errors import ConfigurationError

_POLICIES: Final = ("lenient", "strict")
_LONGEST: Final = 1e9
"""Seconds, about 30 years: operating systems take no longer limits."""


def check_values(settings: Mapping[str, Any]) -> None:
    """Raise ``ConfigurationError`` for the first setting whose value cannot be used."""
    for name in ("environment", "base_url", "time_zone"):
        _text(name, settings.get(name))
    for name in ("timeout", "deadline", "catalogue_ttl"):
        positive(settings.get(name), name)
    retry_policy(settings.get("retries", 0), RetryPolicy())
    _deviations(settings.get("deviations", "lenient"))
    _callable("on_attempt", settings.get("on_attempt"))
    if not isinstance(settings.get("transport"), Network):
        _callable("transport", settings.get("transport"))
    _methods("observer", settings.get("observer"), "start")
    _methods("token_store", settings.get("token_store"), "load", "save", "remove")
    _methods("rate_limits", settings.get("rate_limits"), "open")
    _bytes("max_response_bytes", settings.get("max_response_bytes"))
    _http(settings.get("http"))
    clock = settings.get("clock")
    if clock is not None and not isinstance(clock, Clock):
        raise ConfigurationError(f"clock must be an accordant.Clock, not {_kind(clock)}")


def positive(seconds: Any, name: str) -> float | None:
    """A time limit in seconds; ``None`` is none."""
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise ConfigurationError(f"{name} must be a number of seconds, or None for no limit; it is {_kind(seconds)}")
    if not seconds > 0:
        raise ConfigurationError(f"{name} must be more than 0 seconds, or None for no limit; it is {seconds!r}")
    if seconds > _LONGEST:
        raise ConfigurationError(f"{name} must be at most {_LONGEST:.0f} seconds; None is no limit")
    return seconds


def retry_policy(retries: Any, otherwise: RetryPolicy) -> RetryPolicy:
    """A policy from a number of further attempts."""
    if isinstance(retries, RetryPolicy):
        return retries
    if isinstance(retries, bool) or not isinstance(retries, int):
        raise ConfigurationError(f"retries must be a whole number or a RetryPolicy; it is {_kind(retries)}")
    if retries < 0:
        raise ConfigurationError(f"retries must be 0 or more; it is {retries}")
    return RetryPolicy(retries, otherwise.base, otherwise.cap, otherwise.longest_wait)


def _text(name: str, value: Any) -> None:
    if value is None:
        return
    if not isinstance(value, str):
        raise ConfigurationError(f"{name} must be a str; it is {_kind(value)}")
    if not value.strip():
        raise ConfigurationError(f"{name} is empty: leave it out, or give None")


def _deviations(policy: Any) -> None:
    if not (isinstance(policy, str) and policy in _POLICIES) and not callable(policy):
        shown = f"{policy!r}{did_you_mean(policy, _POLICIES)}" if isinstance(policy, str) else _kind(policy)
        raise ConfigurationError(f"deviations must be 'lenient', 'strict' or a function, not {shown}")


def _callable(name: str, value: Any) -> None:
    if value is not None and not callable(value):
        raise ConfigurationError(f"{name} must be a function; it is {_kind(value)}")


def _methods(name: str, value: Any, *methods: str) -> None:
    missing = [method for method in methods if not callable(getattr(value, method, None))]
    if value is not None and (missing or isinstance(value, type)):
        what = f"an object with {', '.join(methods)}"
        raise ConfigurationError(f"{name} must be {what}; it is {_kind(value)}")


def _bytes(name: str, value: Any) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        raise ConfigurationError(f"{name} must be a whole number of bytes, 1 or more, or None for no limit")


def _http(options: Any) -> None:
    if options is None:
        return
    if not isinstance(options, HttpOptions):
        raise ConfigurationError(f"http must be an accordant.HttpOptions; it is {_kind(options)}")
    most: Any = options.connections
    if isinstance(most, bool) or not isinstance(most, int):
        raise ConfigurationError("http: connections must be a whole number, 1 or more")
    proxy: Any = options.proxy
    if proxy is not None and not isinstance(proxy, str):
        raise ConfigurationError(f"http: proxy must be a URL as a str; it is {_kind(proxy)}")
    tls: Any = options.tls
    if tls is not None and not isinstance(tls, SSLContext):
        raise ConfigurationError(f"http: tls must be an ssl.SSLContext; it is {_kind(tls)}")


def _kind(value: object) -> str:
    """What a wrong value is, without showing it: it may be a secret in the wrong place."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    name = type(value).__name__
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"
