"""Addresses that credentials may travel to: https, or this machine."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from ..errors import ConfigurationError


def checked_address(url: str, what: str) -> str:
    """A base address without its trailing slash; refused when credentials would travel unencrypted."""
    if any(character.isspace() or not character.isprintable() for character in url):
        raise ConfigurationError(f"{what} holds a blank, a line end or another character that no URL has")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ConfigurationError(f"{what} is not a URL: {error}") from None
    if parts.scheme not in ("http", "https") or not host or port == 0:
        raise ConfigurationError(
            f"{what} must look like https://host, not {parts.scheme or 'without a scheme'}://{host}"
        )
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError(f"{what} cannot hold a user name or a password")
    if parts.query or parts.fragment:
        raise ConfigurationError(f"{what} cannot have a query or a fragment")
    require_tls(url, what)
    return url.rstrip("/")


def require_tls(url: str, what: str) -> None:
    """Refuse plain HTTP to anything but this machine."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        raise ConfigurationError(
            f"{what} must use https; plain http is for loopback only (the host is {parts.hostname!r})"
        )


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its very name: ``localhost``, ``*.localhost`` (RFC 6761), 127.0.0.0/8, ::1."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
