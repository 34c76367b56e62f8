"""What a person at a shell did wrong, and names as a shell writes them."""

from __future__ import annotations

from collections.abc import Iterable

from .._keywords import did_you_mean


class UsageError(Exception):
    """The command line makes no call; nothing was sent. Its text never repeats a value that may be a secret."""


def shell_name(name: str) -> str:
    """A Python name as options write it: `type_` is `type`, `status_in` is `status-in`."""
    return name.strip("_").replace("_", "-")


def unknown(kind: str, name: str, known: Iterable[str], more: str = "") -> UsageError:
    """The error for a name that does not exist, with the one that was probably meant, or all of them, and ``more``."""
    names = list(known)
    hint = did_you_mean(name, names) or f"; there are: {', '.join(names) or 'none'}"
    return UsageError(f"there is no {kind} {name!r}{hint}{more}")
