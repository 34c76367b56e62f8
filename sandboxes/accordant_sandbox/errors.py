"""What can go wrong in using a sandbox, as opposed to what a sandboxed vendor returns (see `problems`)."""

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["DefectError", "SandboxError", "unknown"]

_LISTED = 40
"""How many names a message may list."""


class SandboxError(ValueError):
    """A sandbox was asked for something that it cannot do; the message says what to do instead."""


class DefectError(AssertionError):
    """A sandbox gave a response that its own document forbids: a fault of the sandbox, never of the tested code."""


def unknown(kind: str, name: str, known: Iterable[str]) -> SandboxError:
    """The error for a name that does not exist: it suggests the closest one, and lists all or the closest of many."""
    names = sorted(known)
    close = get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    if len(names) > _LISTED:
        nearest = get_close_matches(name, names, n=5, cutoff=0)
        return SandboxError(f"unknown {kind} {name!r}{hint} (closest of {len(names)}: {', '.join(nearest)})")
    return SandboxError(f"unknown {kind} {name!r}{hint} (known: {', '.join(names) or 'none'})")
