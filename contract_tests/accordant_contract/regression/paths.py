"""Paths of fields in what a finding's steps sent and got."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from accordant_runtime import is_object


def general(path: str) -> str:
    """The path for any item of its lists."""
    return re.sub(r"\[\d+\]", "[]", path)


def inner(step: Mapping[str, Any], path: str) -> str:
    """The path of a record's field in the body that was sent, which may lack the record's own member for it."""
    first, rest = _parted(path)
    return general(path if first in step["json"] or not rest else f"${rest}")


def sent_at(step: Mapping[str, Any], path: str) -> bool:
    """Whether the body of a step holds a value at a record's path."""
    body = step.get("json")
    if not is_object(body):
        return False
    first, rest = _parted(path)
    inside = re.match(r"\.([^.\[]+)", rest)
    return first in body or (inside is not None and inside.group(1) in body)


def way_to(dotted: str) -> str:
    """A dotted name as a path from the root."""
    return "".join(["$", *(f".{part}" for part in dotted.split(".") if part)])


def _parted(path: str) -> tuple[str, str]:
    """The first member of a path and what follows it; no member where the path is of the whole, or of an item."""
    found = re.match(r"\$\.([^.\[]+)(.*)", path)
    return ("", "") if found is None else (found[1], found[2])
