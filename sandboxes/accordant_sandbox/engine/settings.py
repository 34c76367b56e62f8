"""The settings of a sandbox, held against what each may be before anything is served."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from accordant_sandbox.engine.limits import check_rates
from accordant_sandbox.errors import SandboxError, unknown
from accordant_sandbox.model.lifecycle import reads_of
from accordant_sandbox.model.vendor import Vendor

__all__ = ["settings_of"]

_COUNTS: Final = ("default_limit", "max_limit")
_SWITCHES: Final = ("lenient_parents", "loose_parents", "strict_fields", "undocumented_errors")
_SETTINGS: Final = frozenset({*_COUNTS, *_SWITCHES, "limits", "max_body", "progress"})
"""Settings that every vendor has."""
_LARGEST: Final = 1_000_000_000


def settings_of(vendor: Vendor, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings in force, those of the vendor included.

    Raises:
        SandboxError: One has a name that does not exist, or a value that it cannot have.
    """
    known = vendor.dialect.settings
    for name, value in settings.items():
        if name not in known and name not in _SETTINGS:
            raise unknown("setting", name, [*known, *_SETTINGS])
        problem = _problem(value, name, known.get(name))
        if problem:
            raise SandboxError(f"{name}={value!r}: {problem}")
    defaults: dict[str, Any] = {name: each[0] if isinstance(each, tuple) else each for name, each in known.items()}
    every = {**defaults, **settings}
    check_rates(vendor.dialect.limits, every.get("limits", {}))
    reads_of(str(every.get("progress", "time")))
    return every


def _problem(value: Any, name: str, default: Any) -> str:
    """What a setting should be that has another value; empty for a value that it can have."""
    if isinstance(default, tuple):
        return "" if value in default else f"give one of {', '.join(cast('tuple[str, ...]', default))}"
    if name in _SWITCHES or isinstance(default, bool):
        return "" if isinstance(value, bool) else "give true or false"
    if name in _COUNTS:
        return "" if type(value) is int and 1 <= value <= _LARGEST else "give a whole number, 1 or more"
    if isinstance(default, (int, float)):
        most = _LARGEST // 86_400 if name.endswith("_days") else _LARGEST
        number = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= most
        return "" if number else f"give a number from 0 to {most:,}, such as {name}={default}"
    return "" if default is None or isinstance(value, str) else "give a text"
