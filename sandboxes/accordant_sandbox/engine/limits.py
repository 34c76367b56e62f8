"""Rate limits: named buckets per tenant, counted in fixed windows on the sandbox's clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from math import ceil
from typing import TYPE_CHECKING, Any

from accordant_sandbox.errors import SandboxError, unknown
from accordant_sandbox.model.collections import Collection
from accordant_sandbox.model.problems import Problem

if TYPE_CHECKING:
    from accordant_sandbox.engine.transaction import Transaction
    from accordant_sandbox.http.exchange import Call

__all__ = ["WINDOWS", "Bucket", "Spent", "check_rates", "parse_rate", "spend"]

WINDOWS = Collection(name="_windows", key="name", stamps=())
_SECONDS = {"s": 1, "sec": 1, "second": 1, "min": 60, "minute": 60, "h": 3600, "hour": 3600}


@dataclass(frozen=True, slots=True)
class Bucket:
    """A limit: so many calls per window.

    Args:
        name: Also the key of the setting `limits` that replaces the numbers.
        limit: Calls per window; None = unlimited unless the setting says otherwise.
        seconds: Length of a window.
        operations: Globs of the operation ids that draw from it.
    """

    name: str = "default"
    limit: int | None = None
    seconds: int = 60
    operations: tuple[str, ...] = ("*",)


@dataclass(frozen=True, slots=True)
class Spent:
    """Where a call stands in a bucket: the limit, calls left in this window, epoch second at which the next begins."""

    bucket: str
    limit: int
    remaining: int
    reset: int


def parse_rate(text: str) -> tuple[int, int]:
    """Calls and seconds of a rate such as `60/min`.

    Raises:
        SandboxError: The text is no rate.
    """
    count, _, per = text.partition("/")
    if not count.strip().isdigit() or per.strip() not in _SECONDS or int(count) < 1:
        raise SandboxError(f"{text!r} is no rate: write calls per second, minute or hour, such as 60/min")
    return int(count), _SECONDS[per.strip()]


def check_rates(buckets: tuple[Bucket, ...], rates: Mapping[str, Any]) -> None:
    """Raise a `SandboxError` for a setting `limits` that names no bucket or gives no rate."""
    for name, rate in rates.items():
        if name not in {bucket.name for bucket in buckets}:
            raise unknown("limit", name, [bucket.name for bucket in buckets])
        parse_rate(str(rate))


def spend(call: Call, buckets: tuple[Bucket, ...], tx: Transaction) -> None:
    """Take one call out of every bucket that the operation draws from.

    `call.spent` then tells where the caller stands in the first of them, or in the one that refused.

    Raises:
        Problem: `too_many`: one of them is empty; it says how many seconds to wait.
    """
    rates: Mapping[str, Any] = call.settings.get("limits", {})
    tenant = call.principal.tenant if call.principal else "anonymous"
    now = tx.now.timestamp()
    for bucket in buckets:
        limit, seconds = bucket.limit, bucket.seconds
        if bucket.name in rates:
            limit, seconds = parse_rate(str(rates[bucket.name]))
        if limit is None or not any(fnmatchcase(call.operation.id, glob) for glob in bucket.operations):
            continue
        window = int(now // seconds)
        name = f"{tenant}/{bucket.name}"
        row = tx.table("_windows").get(name, {})
        used = int(row.get("used", 0)) if row.get("window") == window else 0
        reset = (window + 1) * seconds
        if used >= limit:
            call.spent = Spent(bucket.name, limit, 0, reset)
            wait = max(1, ceil(reset - now))
            raise Problem("too_many", f"more than {limit} calls in {seconds} seconds", retry_after=wait)
        tx.put(WINDOWS, {"name": name, "window": window, "used": used + 1})
        spent = Spent(bucket.name, limit, limit - used - 1, reset)
        call.spent = call.spent or spent
