"""Type guards for parsed JSON.

They are asked many times in every call, so they are the interpreter's own instance checks, without a Python frame.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeGuard, cast

is_object: Final = cast("Callable[[object], TypeGuard[dict[str, Any]]]", dict.__instancecheck__)
"""Whether a parsed JSON value is an object."""

is_array: Final = cast("Callable[[object], TypeGuard[list[Any]]]", list.__instancecheck__)
"""Whether a parsed JSON value is an array."""
