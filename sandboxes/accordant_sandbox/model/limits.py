"""Rate limits as data: a vendor's buckets, and what a call has left of one."""

from __future__ import annotations

from dataclasses import dataclass

from accordant_sandbox.errors import SandboxError

__all__ = ["Bucket", "Spent", "parse_rate"]

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
    """What a call has left of a bucket: the limit, calls left in this window, epoch second at which the next begins."""

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
    if not count.isascii() or not count.strip().isdigit() or per.strip() not in _SECONDS or int(count) < 1:
        raise SandboxError(f"{text!r} is no rate: write calls per second, minute or hour, such as 60/min")
    return int(count), _SECONDS[per.strip()]
