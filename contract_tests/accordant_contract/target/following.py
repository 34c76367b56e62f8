"""Follows an address that a response has given."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from ..document.values import Exchange, Pairs, Response
from ..judges.leads import Followed
from .targets import Target


def follow(target: Target, exchange: Exchange, headers: Pairs) -> Followed | None:
    """What is at the Location of a response; ``None`` where it has none, or the target's limit hides what is there.

    The header fields, credentials among them, go to the target's own origin only; so do keys in the query, where the
    address has none of that name.
    """
    place = exchange.response.header("location") if exchange.response is not None else None
    if place is None:
        return None
    try:
        address = urljoin(exchange.request.url, place)
        here, there = urlsplit(target.base), urlsplit(address)
    except ValueError:
        return Followed(place, None)  # what is no address leads nowhere
    own = (here.scheme, here.netloc) == (there.scheme, there.netloc)
    sent = [pair for pair in headers if own and not pair[0].startswith("?")]
    known = {name for name, _ in parse_qsl(there.query, keep_blank_values=True)}
    keys = [(name[1:], value) for name, value in headers if own and name.startswith("?") and name[1:] not in known]
    query = "&".join(filter(None, (there.query, urlencode(keys))))
    asked = urlunsplit(there._replace(query=query)) if keys else address
    patience, attempt = target.patience, 0
    while True:
        if patience is not None:
            patience.turn(exchange.operation)
        try:
            status, pairs, body = target.send("GET", asked, sent, b"", target.timeout)
        except (ConnectionError, TimeoutError) as error:
            if patience is not None and patience.tolerates(exchange.operation, str(error) or type(error).__name__):
                continue
            return Followed(address, None)
        if patience is None or status != 429:
            return Followed(address, Response(status, tuple(pairs), body))
        wait = patience.after(status, pairs, attempt)
        if wait is None:
            return None
        patience.pause(wait)
        attempt += 1
