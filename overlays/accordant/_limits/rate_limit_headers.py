"""The headers in which vendors say when a rate limit begins anew, where they send no ``Retry-After``."""

from __future__ import annotations

import datetime
import re
from email.utils import parsedate_to_datetime
from typing import Final

from .._http.messages import Headers

LIMITED: Final = frozenset({429, 503})
"""Statuses that such a header explains. After others it tells of a limit that is not what went wrong."""

_RESETS: Final = ("ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset", "x-ratelimit-reset-after")
_REMAINING: Final = ("ratelimit-remaining", "x-ratelimit-remaining", "x-rate-limit-remaining")
_NUMBER: Final = re.compile(r"[0-9]{1,20}(\.[0-9]*)?")
_PART: Final = re.compile(r"(?:^|[;,\s])(remaining|reset|r|t)\s*=\s*([0-9]{1,20})(?=$|[;,\s])", re.IGNORECASE)
_EPOCH: Final = 1e9
"""Numbers from here on (September 2001) are dates in seconds; smaller ones are seconds from now."""
_EPOCH_MILLISECONDS: Final = 1e11


def limit_reset(headers: Headers, now: float) -> float | None:
    """Seconds until the exhausted limit begins anew; ``None`` where the headers do not say, or say that some is left.

    Understood are the fields of the IETF draft (``RateLimit: "default";r=0;t=30``, before that ``limit=10, remaining=0,
    reset=30``) and the many ``X-RateLimit-Reset``: seconds from now, or a date as text, in seconds or in milliseconds
    since 1970. A date is measured against the response's own ``Date`` if present.
    """
    policies = [_parts(item) for item in headers.get("ratelimit", "").split(",") if ";" in item]
    if not policies:
        policies = [_parts(headers.get("ratelimit", ""))]
    waits = [wait for wait in (_policy_wait(parts) for parts in policies) if wait is not None]
    if waits:
        return max(waits)
    remaining = next((headers[name].strip() for name in _REMAINING if name in headers), "0")
    text = next((headers[name].strip() for name in _RESETS if name in headers), "")
    if not text or not _is_zero(remaining):
        return None
    here = instant(headers.get("date", ""))
    return _until(text, now if here is None else here)


def instant(text: str) -> float | None:
    """An HTTP date in seconds since 1970; ``None`` for anything else."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return _timestamp(moment)


def _until(text: str, here: float) -> float | None:
    """Seconds from ``here``; ``None`` where that has passed already, for then it explains nothing."""
    several = text.split(",")
    if len(several) > 1 and all(_NUMBER.fullmatch(item.strip()) for item in several):
        waits = [wait for item in several if (wait := _until(item.strip(), here)) is not None]
        return max(waits, default=None)
    if _NUMBER.fullmatch(text):
        number = float(text)
        if number >= _EPOCH_MILLISECONDS:
            number /= 1000
        wait = number - here if number >= _EPOCH else number
    else:
        date = instant(text)
        if date is None:
            date = _iso(text)
        if date is None:
            return None
        wait = date - here
    return wait if wait > 0 else None


def _iso(text: str) -> float | None:
    try:
        return _timestamp(datetime.datetime.fromisoformat(text))
    except ValueError:
        return None


def _timestamp(moment: datetime.datetime) -> float | None:
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)).timestamp()
    except OverflowError:
        return None


def _parts(text: str) -> dict[str, int]:
    return {name.lower()[:3]: int(value) for name, value in _PART.findall(text)}


def _policy_wait(parts: dict[str, int]) -> float | None:
    """The wait of one policy of ``RateLimit``, where nothing of it is left."""
    remaining = parts.get("r", parts.get("rem"))
    reset = parts.get("t", parts.get("res"))
    return float(reset) if remaining == 0 and reset else None


def _is_zero(text: str) -> bool:
    """Whether nothing remains; of several values, which vendors with several limits send, one will do."""
    return any(item.strip().strip("0.") == "" for item in text.split(","))
