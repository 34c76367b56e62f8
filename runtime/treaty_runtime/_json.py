"""JSON in and out: orjson where it is installed, the standard library otherwise."""

from __future__ import annotations

import json
from typing import Any

try:
    import orjson
except ImportError:  # orjson is optional on platforms without a wheel

    def dumps(value: Any) -> bytes:
        """Encode to UTF-8 bytes without blanks."""
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()

    def loads(data: bytes) -> Any:
        """Decode UTF-8 bytes; raises ``ValueError`` for anything that is not JSON, NaN and Infinity included."""
        return json.loads(data, parse_constant=_refuse_constant)

    def _refuse_constant(name: str) -> Any:
        raise ValueError(f"{name} is not JSON")

else:

    def dumps(value: Any) -> bytes:
        """Encode to UTF-8 bytes without blanks."""
        return orjson.dumps(value)

    def loads(data: bytes) -> Any:
        """Decode UTF-8 bytes; raises ``ValueError`` for anything that is not JSON, NaN and Infinity included."""
        return orjson.loads(data)
