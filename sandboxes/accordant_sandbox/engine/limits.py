"""Rate limits: named buckets per tenant, counted in fixed windows on the sandbox's clock."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from math import ceil
from typing import Any

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.engine.transaction import Transaction
from accordant_sandbox.errors import SandboxError, unknown
from accordant_sandbox.http.json_types import is_object
from accordant_sandbox.model.limits import Bucket, Spent, parse_rate
from accordant_sandbox.model.problems import Problem

__all__ = ["check_rates", "spend"]


def check_rates(buckets: tuple[Bucket, ...], rates: Any) -> None:
    """Raise a `SandboxError` for a setting `limits` that names no bucket or gives no rate, or is no mapping."""
    if not is_object(rates):
        raise SandboxError(f'limits={rates!r}: give rates by name, such as limits={{"default": "60/min"}}')
    for name, rate in rates.items():
        if name not in {bucket.name for bucket in buckets}:
            raise unknown("limit", name, [bucket.name for bucket in buckets])
        parse_rate(str(rate))


def spend(call: ActiveCall, buckets: tuple[Bucket, ...], tx: Transaction) -> None:
    """Take one call out of every bucket that the operation draws from.

    `call.spent` then tells how much the caller has left in the first of them, or in the one that refused.

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
        tx.put("_windows", {"name": name, "window": window, "used": used + 1})
        spent = Spent(bucket.name, limit, limit - used - 1, reset)
        call.spent = call.spent or spent
