"""All cases, in the order of the table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from .cases import Case
from .groups.answers import redirects, statuses, waits, writes
from .groups.bodies import bodies
from .groups.doors import proxies, settings
from .groups.framing import framing
from .groups.life import life
from .groups.lists import lists
from .groups.secrecy import secrets
from .groups.stray import cuts, stray
from .groups.timing import timing
from .groups.tokens import tokens


def _all() -> Iterator[Case]:
    for group in (stray, cuts, framing, timing, statuses, waits, writes, tokens):
        yield from group()
    for group in (redirects, bodies, lists, settings, life, secrets, proxies):
        yield from group()


@lru_cache(maxsize=1)
def registry() -> Sequence[Case]:
    """Every case of the lab."""
    return tuple(_all())


def chosen(pattern: str | None) -> list[Case]:
    """The cases whose id or group holds a text; all of them without one."""
    return [case for case in registry() if not pattern or pattern in case.id or pattern in case.group]
