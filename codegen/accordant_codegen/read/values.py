"""Single values of a document as they should be: texts, flags, numbers, types."""

from __future__ import annotations

import re
from typing import Any, Final

from accordant_runtime import is_array

from .grammar import TYPES, Words

GONE: Final = object()
"""In the place of what nothing can be made of."""
_KINDS: Final[dict[type, str]] = {
    str: "a text",
    list: "a list",
    dict: "an object",
    bool: "true or false",
    type(None): "null",
}
_WANTED: Final[dict[Words, str]] = {
    "text": "a text",
    "flag": "true or false",
    "number": "a number",
    "bound": "a number",
    "count": "a whole number",
    "texts": "a list of texts",
    "types": "a type",
    "pattern": "a regular expression",
}
_ALIASES: Final = {
    **dict.fromkeys(("int", "int32", "int64", "long"), "integer"),
    **dict.fromkeys(("float", "double", "decimal"), "number"),
    **dict.fromkeys(("str", "text", "date", "datetime", "date-time", "uuid", "file"), "string"),
    "bool": "boolean",
    "list": "array",
    "map": "object",
}


def kind(value: object) -> str:
    """What a value is, in words."""
    found: type[object] = type(value)
    return _KINDS.get(found, "a number")


def is_pattern(text: str) -> bool:
    """Whether a text is a regular expression, as far as Python knows those of JSON Schema."""
    plain = re.sub(r"\\[pP](\{[^{}]*\}|\w)|\\u\{[0-9a-fA-F]+\}|\\[ucxk]", "a", text.replace("(?<", "(?P<"))
    plain = plain.replace("(?P<=", "(?<=").replace("(?P<!", "(?<!")
    try:
        re.compile(plain)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


def mended_value(value: Any, wanted: Words, *, old: bool) -> tuple[Any, str]:
    """The value as it should be, and what is wrong with it: empty where nothing is lost. GONE where nothing can be made
    of it. ``old`` is a version in which exclusive bounds are flags."""
    if wanted == "any":
        return value, ""
    if wanted == "types":
        return _types(value, old=old)
    if wanted == "texts":
        return _texts(value)
    found = _plain(value, "flag" if wanted == "bound" and old and isinstance(value, bool) else wanted)
    return found, "" if found is not GONE else f"it is {kind(value)}, not {_WANTED[wanted]}"


def _plain(value: Any, wanted: Words) -> Any:
    if wanted == "text":
        if isinstance(value, bool):
            return str(value).lower()
        return str(value) if isinstance(value, str | int | float) else GONE
    if wanted == "pattern":
        return value if isinstance(value, str) and is_pattern(value) else GONE
    if wanted == "flag":
        flags = {"true": True, "false": False}
        return value if isinstance(value, bool) else flags.get(value, GONE) if isinstance(value, str) else GONE
    if isinstance(value, bool) or not isinstance(value, int | float):
        return GONE
    if wanted == "count":
        return int(value) if value >= 0 and value == int(value) else GONE
    return value


def _texts(value: Any) -> tuple[Any, str]:
    if isinstance(value, str):
        return [value], ""
    if not is_array(value):
        return GONE, f"it is {kind(value)}, not a list of texts"
    texts = [_plain(item, "text") for item in value]
    kept = list(dict.fromkeys(text for text in texts if text is not GONE))
    return kept, f"it holds {kind(value[texts.index(GONE)])}, which is no text" if GONE in texts else ""


def _types(value: Any, *, old: bool) -> tuple[Any, str]:
    several = is_array(value)
    names: list[Any] = value if several else [value]
    known = (*TYPES, "file") if old else TYPES
    kept: list[str] = []
    problem = ""
    for name in names:
        alias = _ALIASES.get(name) if isinstance(name, str) else None
        if isinstance(name, str) and name in known:
            kept.append(name)
        elif alias is not None:
            kept.append(alias)
            problem = f"type {name!r} is none of JSON Schema's; it is taken as {alias}"
        else:
            problem = f"type {name!r} is none of JSON Schema's"
    if not kept:
        return GONE, problem or "it is an empty list"
    return (list(dict.fromkeys(kept)) if several else kept[0]), problem
