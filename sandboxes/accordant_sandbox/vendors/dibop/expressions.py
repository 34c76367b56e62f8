"""DIBOP's expressions: `${parameters.vin}`, `${step.response.items[0].name}`, resolved just before a step runs."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from accordant_sandbox.http.json_types import is_array, is_object

__all__ = ["holds", "resolve"]

_EXPRESSION: Final = re.compile(r"\$\{([^{}]*)\}")
_PART: Final = re.compile(
    r"\.?(?P<name>[A-Za-z_][A-Za-z0-9_-]*)"
    r"|\[(?P<index>-?[0-9]{1,9})\]"
    r"|\[(?P<every>\*)\]"
    r"|\[\?\(@\.(?P<field>[A-Za-z_][A-Za-z0-9_]*)\s?(?P<sign>[=!]=)\s?'(?P<value>[^']*)'\)\]"
)
_COMPARISON: Final = re.compile(r"\$\{[^{}]*\}|(==|!=|>=|<=|>|<)")
"""An operator; expressions are stepped over, as they may hold one of their own."""
_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_WORDS: Final = {"true": True, "false": False, "null": None}


def resolve(value: Any, scope: Mapping[str, Any]) -> Any:
    """A JSON value with its expressions replaced by their values in a scope; what cannot be resolved is null.

    A text that is one expression becomes the value itself, of whatever type; within a longer text values become text.
    """
    if is_object(value):
        return {name: resolve(each, scope) for name, each in value.items()}
    if is_array(value):
        return [resolve(each, scope) for each in value]
    if not isinstance(value, str):
        return value
    alone = _EXPRESSION.fullmatch(value)
    if alone:
        return _look_up(alone[1], scope)
    return _EXPRESSION.sub(lambda found: _text(_look_up(found[1], scope)), value)


def holds(condition: str, scope: Mapping[str, Any]) -> bool:
    """Whether a condition is true: a comparison of two operands, or one operand that is neither empty nor false."""
    sign = next((found for found in _COMPARISON.finditer(condition) if found[1]), None)
    if sign is None:
        return bool(_operand(condition, scope))
    left, right = _operand(condition[: sign.start()], scope), _operand(condition[sign.end() :], scope)
    try:
        return _COMPARE[sign[1]](left, right)
    except TypeError:
        return False


def _operand(text: str, scope: Mapping[str, Any]) -> Any:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    if text in _WORDS:
        return _WORDS[text]
    if re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", text):
        return float(text)
    return resolve(text, scope)


def _look_up(path: str, scope: Mapping[str, Any]) -> Any:
    found: Any = scope
    several = False
    position = 0
    path = path.strip()
    while position < len(path):
        part = _PART.match(path, position)
        if part is None:
            return None
        position = part.end()
        if part["every"] or part["field"]:
            found = _chosen(found, part)
            several = True
        elif several and is_array(found):
            found = [_member(each, part) for each in found]
        else:
            found = _member(found, part)
    return found if path else None


def _chosen(value: Any, part: re.Match[str]) -> list[Any]:
    """The items of a list: all of them, or those that a filter lets through."""
    items = value if is_array(value) else list(value.values()) if is_object(value) else []
    if part["every"]:
        return list(items)
    wanted = part["sign"] == "=="
    return [each for each in items if is_object(each) and (_text(each.get(part["field"])) == part["value"]) is wanted]


def _member(value: Any, part: re.Match[str]) -> Any:
    if part["name"]:
        return value.get(part["name"]) if is_object(value) else None
    index = int(part["index"])
    return value[index] if is_array(value) and -len(value) <= index < len(value) else None


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
