"""Values by the paths to their parts: what is there, and the same value with another part there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from accordant_sandbox.http.json_types import is_array, is_object

__all__ = ["MISSING", "has", "last_name", "part_at", "put", "replaced"]

MISSING: Final = object()
"""What is at a path that leads nowhere."""


def part_at(value: Any, path: Sequence[str | int], *, last: bool = False) -> Any:
    """What is at a path; of a list that is too short its last item, where that will do."""
    for step in path:
        if is_array(value) and isinstance(step, int):
            place = min(step, len(value) - 1) if last else step
            value = value[place] if 0 <= place < len(value) else MISSING
        else:
            value = value.get(str(step), MISSING) if is_object(value) else MISSING
    return value


def replaced(value: Any, path: Sequence[str | int], part: Any) -> Any:
    """A value with another part at a path that it has."""
    if not path:
        return part
    if is_array(value):
        return [replaced(each, path[1:], part) if place == path[0] else each for place, each in enumerate(value)]
    return {**value, path[0]: replaced(value[path[0]], path[1:], part)}


def has(value: Any, path: Sequence[str | int]) -> bool:
    """Whether there is something at a path; of a list that is too short the last item tells."""
    for step in path:
        if is_object(value) and step in value:
            value = value[str(step)]
        elif is_array(value) and value and isinstance(step, int):
            value = value[min(step, len(value) - 1)]
        else:
            return False
    return True


def put(value: Any, path: Sequence[str | int], part: Any) -> Any:
    """A value with a part at the end of a path; a list that is too short gets it in its last item, or as its only
    one."""
    if not path:
        return part
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        items: list[Any] = value if is_array(value) and value else [None]
        place = min(step, len(items) - 1)
        return [put(each, rest, part) if index == place else each for index, each in enumerate(items)]
    known: Mapping[str, Any] = value if is_object(value) else {}
    return {**known, step: put(known.get(step), rest, part)}


def last_name(path: Sequence[str | int]) -> str:
    """The last name of a path; empty where it has none."""
    return next((step for step in reversed(path) if isinstance(step, str)), "")
