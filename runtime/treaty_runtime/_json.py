"""JSON in and out: orjson where it is installed, the standard library otherwise."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any


def _plain(value: object) -> float:
    """The number of a decimal; one with more digits than a JSON number keeps everywhere is refused."""
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} has no JSON form")
    number = float(value)
    if not value.is_finite() or Decimal(repr(number)) != value:
        raise TypeError(f"{value} does not fit into a JSON number")
    return number


try:
    import orjson
except ImportError:  # orjson is optional on platforms without a wheel

    def dumps(value: Any) -> bytes:
        """Encode to UTF-8 bytes without blanks; raises ``TypeError`` for what JSON cannot say."""
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_plain).encode()

    def loads(data: bytes) -> Any:
        """Decode UTF-8 bytes; raises ``ValueError`` for anything that is not JSON, NaN and Infinity included."""
        try:
            # Decoded first: the standard library would take UTF-16 as well, which orjson does not.
            return json.loads(data.decode(), parse_constant=_refuse_constant)
        except RecursionError:
            raise ValueError("JSON is nested too deeply") from None

    def _refuse_constant(name: str) -> Any:
        raise ValueError(f"{name} is not JSON")

else:

    def dumps(value: Any) -> bytes:
        """Encode to UTF-8 bytes without blanks; raises ``TypeError`` for what JSON cannot say."""
        return orjson.dumps(value, default=_plain)

    def loads(data: bytes) -> Any:
        """Decode UTF-8 bytes; raises ``ValueError`` for anything that is not JSON, NaN and Infinity included."""
        return orjson.loads(data)
