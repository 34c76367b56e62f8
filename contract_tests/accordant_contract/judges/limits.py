"""Are rate limits and maintenance announced so that a client can obey them?"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from itertools import pairwise

from ..document.document import Operation
from ..document.values import Exchange, Finding, Findings

LONGEST = datetime.timedelta(hours=1)
_REMAINING = "x-ratelimit-remaining"
_RESET = "x-ratelimit-reset"
_LIMIT = "x-ratelimit-limit"
_CREDENTIALS = ("authorization", "x-api-key", "x-webhook-secret")


def retry_after(operation: Operation, exchange: Exchange) -> Findings:
    """A 429 says in Retry-After how long to wait, in seconds or as a date, and not for ever; a 503 may."""
    if exchange.status not in (429, 503) or exchange.response is None:
        return
    value = exchange.response.header("retry-after")

    def finding(text: str, kind: str) -> Finding:
        return Finding("retry_after", operation.id, text, kind=kind, exchanges=(exchange,))

    if value is None:
        if exchange.status == 429:
            yield finding("429 without Retry-After", "missing")
        return
    wait = stated_wait(exchange)
    if wait is None:
        yield finding(f"Retry-After is {value!r}: neither seconds nor an HTTP date", "unreadable")
    elif wait > LONGEST:
        yield finding(f"Retry-After asks for {wait}", "too long")


def limit_honest(operation: Operation, refused: Exchange, later: Exchange) -> Findings:
    """Waiting as long as Retry-After says ends the refusal."""
    if later.status == refused.status:
        text = f"still {later.status} after waiting as long as Retry-After said"
        yield Finding("retry_after", operation.id, text, kind="dishonest", exchanges=(refused, later))


def remaining_honest(operation: Operation, exchanges: Sequence[Exchange]) -> Findings:
    """The remaining count is never negative, and never rises for one credential within one window of one limit."""
    stated = [(each, _count(each, _REMAINING), _count(each, _RESET)) for each in exchanges]
    for exchange, left, _ in stated:
        if left is not None and left < 0:
            text = f"{left} calls remain"
            yield Finding("retry_after", operation.id, text, kind="negative", exchanges=(exchange,))
    counts: dict[tuple[object, ...], list[tuple[Exchange, int]]] = {}
    for exchange, left, window in stated:
        if left is not None and window is not None:
            counts.setdefault((window, _count(exchange, _LIMIT), _holder(exchange)), []).append((exchange, left))
    for told in counts.values():
        for (one, before), (other, after) in pairwise(told):
            if after > before:
                text = f"the remaining count rose from {before} to {after} within one window"
                yield Finding("retry_after", operation.id, text, kind="rises", exchanges=(one, other))


def states_limit(exchange: Exchange) -> bool:
    """Whether a response says how many calls remain."""
    return _count(exchange, _REMAINING) is not None


def stated_wait(exchange: Exchange) -> datetime.timedelta | None:
    """How long Retry-After asks to wait, or ``None`` where it does not say so readably."""
    value = exchange.response.header("retry-after") if exchange.response else None
    if value is None:
        return None
    if value.strip().isdigit():
        return datetime.timedelta(seconds=int(value))
    try:
        return parsedate_to_datetime(value) - exchange.at
    except (ValueError, TypeError):
        return None


def _holder(exchange: Exchange) -> tuple[str | None, ...]:
    """Whose call it was: each tenant has its own counts."""
    return tuple(exchange.request.header(name) for name in _CREDENTIALS)


def _count(exchange: Exchange, name: str) -> int | None:
    value = exchange.response.header(name) if exchange.response else None
    return int(value) if value is not None and value.strip().lstrip("-").isdigit() else None
