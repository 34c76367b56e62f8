"""Whether a response shows the record that was asked for.

The id that was asked for is read from the address of the request, so that it is what really travelled. Two ids are
compared by what they mean: ``7`` and ``"007"`` are one number, UUIDs are compared by value, other texts without regard
to case. Where the two are of different kinds (a slug against a number, an external id against a UUID) the vendor found
the record in another way, and nothing can be said.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import UUID

from accordant_runtime import Deviation, Operation, is_object

_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,40}")
_UUID: Final = re.compile(r"\{?[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}\}?")


def other_record(operation: Operation[Any], url: str, record: Any) -> Deviation | None:
    """What is to be noted about the key of a record, ``None`` when it is the one that was asked for."""
    fields = operation.entity.returned
    if not fields or not is_object(record):
        return None
    shown = [(field, record[field]) for field in fields if type(record.get(field)) in (int, float, str)]
    asked = _asked(operation, url) if shown else None
    if asked is None:
        return None
    verdicts = [_same(asked, value) for _, value in shown]
    if True in verdicts or False not in verdicts:
        return None
    field, value = shown[0]
    return Deviation(f"$.{field}", "other_record", f"{_short(asked)} as asked for", _short(str(value)))


def _asked(operation: Operation[Any], url: str) -> str | None:
    """The id in the address of a request: the last segment of its path, or a query parameter."""
    name = operation.entity.key_parameter
    parameter = next((item for item in operation.parameters if item.name == name), None)
    if parameter is None or parameter.json:
        return None
    parts = urlsplit(url)
    if parameter.where == "path" and operation.path.endswith(f"/{{{parameter.wire}}}"):
        return unquote(parts.path.rpartition("/")[2])
    if parameter.where == "query":
        return next((value for key, value in parse_qsl(parts.query) if key == parameter.wire), None)
    return None


def _same(asked: str, shown: float | str) -> bool | None:
    """Whether two ids are one; ``None`` where they are of different kinds."""
    text = str(int(shown)) if isinstance(shown, float) and shown.is_integer() else str(shown)
    left, right = _meaning(asked), _meaning(text)
    return left == right if type(left) is type(right) else None


def _meaning(text: str) -> int | UUID | str:
    stripped = text.strip()
    if _NUMBER.fullmatch(stripped):
        return int(stripped)
    if _UUID.fullmatch(stripped):
        return UUID(stripped)
    return unicodedata.normalize("NFC", stripped).casefold()


def _short(text: str) -> str:
    return repr(text[:40]) + ("..." if len(text) > 40 else "")
