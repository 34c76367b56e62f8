"""What a recording hides: values that whoever made it has masked are neither right nor wrong."""

from __future__ import annotations

import re
from typing import Any, Final

from accordant_runtime import is_array, is_object

_MASKS: Final = re.compile(
    r"\*{3,}|[xX]{4,}|.*\*\*\*secret-\d+\*\*\*.*|.*[\[<({](?i:redacted|masked|removed|filtered|hidden|sanitized)[\])}>].*"
    r"|(?i:redacted|masked|filtered)",
    re.DOTALL,
)
_STEP: Final = re.compile(r"\[(\d+)\]|\.([^.\[]+)")


def is_mask(value: Any) -> bool:
    """Whether a value is what tools write in the place of a secret."""
    return isinstance(value, str) and _MASKS.fullmatch(value) is not None


def hides(value: Any) -> bool:
    """Whether a value is masked, or holds one that is."""
    if is_object(value):
        return any(map(hides, value.values()))
    return any(map(hides, value)) if is_array(value) else is_mask(value)


def at(document: Any, path: str) -> Any:
    """The value at a JSON path, as far as the path leads."""
    node = document
    for index, name in _STEP.findall(path.removeprefix("$")):
        if index and is_array(node) and int(index) < len(node):
            node = node[int(index)]
        elif name and is_object(node) and name in node:
            node = node[name]
        else:
            break
    return node
