"""Follows an address that a response has given."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from ..document.values import Exchange, Pairs, Response
from ..judges.leads import Followed
from .targets import Target


def follow(target: Target, exchange: Exchange, headers: Pairs) -> Followed | None:
    """What is at the Location of a response; ``None`` where it has none.

    The header fields, credentials among them, go to the target's own origin only.
    """
    place = exchange.response.header("location") if exchange.response is not None else None
    if place is None:
        return None
    address = urljoin(exchange.request.url, place)
    here, there = urlsplit(target.base), urlsplit(address)
    own = (here.scheme, here.netloc) == (there.scheme, there.netloc)
    sent = [pair for pair in headers if own and not pair[0].startswith("?")]
    try:
        status, pairs, body = target.send("GET", address, sent, b"", target.timeout)
    except (ConnectionError, TimeoutError):
        return Followed(address, None)
    return Followed(address, Response(status, tuple(pairs), body))
