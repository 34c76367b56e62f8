"""Marking methods that a document calls deprecated: type checkers and editors see it, and a call warns.

Python has the decorator from 3.13 on. Type checkers know it in every version by the name of ``typing_extensions``,
which nothing needs at run time.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

__all__ = ["deprecated"]

if TYPE_CHECKING:
    from typing_extensions import deprecated as deprecated
elif sys.version_info >= (3, 13):
    from warnings import deprecated
else:
    import functools
    import inspect
    import warnings

    def deprecated(message: str, /) -> Any:
        """A decorator of a method whose calls give a ``DeprecationWarning`` with this message."""

        def mark(function: Any) -> Any:
            @functools.wraps(function)
            def warning(*arguments: Any, **options: Any) -> Any:
                warnings.warn(message, DeprecationWarning, stacklevel=2)
                return function(*arguments, **options)

            warning.__deprecated__ = message
            if sys.version_info >= (3, 12) and inspect.iscoroutinefunction(function):
                return inspect.markcoroutinefunction(warning)
            return warning

        return mark
