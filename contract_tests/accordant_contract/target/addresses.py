"""Addresses that a person gave."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from ..errors import ContractError


def given_parts(url: str, named: str) -> SplitResult:
    """The parts of an address; ``named`` is where it was given.

    Raises :class:`ContractError`, which does not repeat the address: a password may be in it.
    """
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:  # a wrong port raises
            return parts
    except ValueError:
        pass
    del url
    raise ContractError(f"{named} is not an address such as https://api.example.com")
