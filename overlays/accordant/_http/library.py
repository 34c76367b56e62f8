"""The HTTP libraries that a transport can be made on, httpx and httpx2. They are imported here and nowhere else."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from functools import cache
from importlib.util import find_spec
from typing import Any, Final, NamedTuple

from ..errors import ConfigurationError


class Library(NamedTuple):
    """A library, and the one below it that moves the bytes."""

    name: str
    httpx: Any
    httpcore: Any

    @property
    def public(self) -> tuple[Any, Any]:
        """Both modules."""
        return self.httpx, self.httpcore


def _httpx() -> Library:
    import httpcore
    import httpx

    return Library("httpx", httpx, httpcore)


def _httpx2() -> Library:
    import httpcore2
    import httpx2

    return Library("httpx2", httpx2, httpcore2)


_LIBRARIES: Final[Mapping[str, Callable[[], Library]]] = {"httpx": _httpx, "httpx2": _httpx2}


@cache
def library(name: str) -> Library:
    """The library of that name; raises ``ConfigurationError`` where it is not installed."""
    try:
        return _LIBRARIES[name]()
    except ImportError:
        raise _missing(name) from None


def require_installed(name: str) -> None:
    """Raise ``ConfigurationError`` where a library is not installed; does not import it."""
    if find_spec(name) is None:
        raise _missing(name)


def _missing(name: str) -> ConfigurationError:
    return ConfigurationError(
        f"the transport {name} needs the library {name}, which is not installed: pip install {name}"
    )


def installed() -> str:
    """The library to use where nobody names one: httpx, or httpx2 where that is the only one."""
    return "httpx2" if find_spec("httpx") is None and find_spec("httpx2") is not None else "httpx"


@cache
def shared_tls(name: str) -> ssl.SSLContext:
    """The TLS settings of all clients in the process: reading the authorities costs tens of milliseconds.

    Raises ``ConfigurationError`` where they cannot be read.
    """
    try:
        made: ssl.SSLContext = library(name).httpx.create_ssl_context()
    except OSError as error:
        raise ConfigurationError(
            f"the authorities for TLS cannot be read: {error}; check the environment variables SSL_CERT_FILE and "
            "SSL_CERT_DIR, or give HttpOptions(tls=...)"
        ) from error
    return made
