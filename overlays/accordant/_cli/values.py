"""Text and JSON from a command line, as values of the types that a method's signature names.

No error repeats a value: it may be a secret that went to the wrong option.
"""

from __future__ import annotations

import datetime
import json
import os
import re
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from accordant_runtime import (
    DecodeError,
    GrowingIntEnum,
    GrowingStrEnum,
    Notes,
    RequestModel,
    Unset,
    is_array,
    is_object,
)

from .._keywords import did_you_mean
from .streams import standard_input
from .usage import UsageError, shell_name


def _digits(kind: Callable[[str], Any]) -> Callable[[str], Any]:
    """What reads a number; digits of other scripts and ``1_000``, which Python takes, are none to a vendor."""

    def read(text: str) -> Any:
        if not text.isascii() or "_" in text:
            raise ValueError
        return kind(text)

    return read


_PARSED: Final[Mapping[Any, tuple[Callable[[str], Any], str]]] = {
    int: (_digits(int), "a whole number"),
    float: (_digits(float), "a number"),
    Decimal: (_digits(Decimal), "a number"),
    datetime.datetime: (datetime.datetime.fromisoformat, "a date-time such as 2026-03-01T09:00:00Z"),
    datetime.date: (datetime.date.fromisoformat, "a date such as 2026-03-01"),
    datetime.time: (datetime.time.fromisoformat, "a time such as 09:00:00"),
    UUID: (UUID, "a UUID"),
}
"""Types that have a text form, what reads it, and what the form is called."""
_NONE: Final = type(None)
_WHOLE: Final = re.compile(r"-?[0-9]{1,1000}")


def alternatives(kind: Any) -> list[Any]:
    """The types that a type consists of, without the one for "not given" and without literals of an enum."""
    origin = typing.get_origin(kind)
    parts = typing.get_args(kind) if origin in (typing.Union, types.UnionType) else (kind,)
    kept = [each for each in parts if each is not Unset and typing.get_origin(each) is not typing.Literal]
    return kept if len(kept) == len(parts) or kept else [str]


def item_kind(kind: Any) -> Any:
    """The type of the items where a type takes several of them; ``None`` where it does not."""
    found = [each for each in alternatives(kind) if typing.get_origin(each) in (Sequence, list)]
    return typing.get_args(found[0])[0] if found else None


def in_words(kind: Any) -> str:
    """What may be written for a type."""
    item = item_kind(kind)
    if takes_json(kind):
        return "JSON, @FILE or @-"
    if item is not None:
        return f"{'JSON, @FILE or @-' if takes_json(item) else in_words(item)}; may be repeated"
    kinds = alternatives(kind)
    members = [_shown(each) for enum in kinds if _is_enum(enum) for each in enum]
    words = [_PARSED[each][1] for each in kinds if each in _PARSED and str not in kinds]
    words += ["true or false"] if bool in kinds else []
    words += [f"one of {', '.join(members)}"] if members else []
    words += ["null"] if _NONE in kinds else []
    return " or ".join(words) or ("text" if str in kinds else "the path of a file")


def takes_json(kind: Any) -> bool:
    """Whether values of the type are written as JSON: objects, and lists of them."""
    return any(
        each is Any or each is object or typing.get_origin(each) in (Mapping, dict) or _is_model(each)
        for each in alternatives(kind)
    )


def is_flag(kind: Any) -> bool:
    """Whether the type is a yes or no."""
    return bool in alternatives(kind)


def from_text(option: str, kind: Any, text: str) -> Any:
    """The value of a text; ``option`` names it in errors.

    Raises:
        UsageError: The text is not of that type.
    """
    kinds = alternatives(kind)
    if _NONE in kinds and text == "null":
        return None
    if takes_json(kind):
        return from_json(option, kind, json_text(option, text, lenient=Any in kinds))
    enums = [each for each in kinds if _is_enum(each)]
    if enums:
        return _member(option, enums, text)
    if bool in kinds:
        if text.lower() not in ("true", "false"):
            raise UsageError(f"{option}: write true or false")
        return text.lower() == "true"
    for each in kinds:
        if each in _PARSED:
            try:
                return _PARSED[each][0](text)
            except (ValueError, ArithmeticError):
                if str not in kinds:
                    raise UsageError(f"{option} is not {_PARSED[each][1]}") from None
    if str in kinds:
        return text
    if any(typing.get_origin(each) is os.PathLike or each is os.PathLike for each in kinds):
        return _existing(option, text)
    raise UsageError(f"{option} cannot be given on a command line")


def from_json(option: str, kind: Any, value: Any) -> Any:
    """The value of parsed JSON: date-times out of texts, models out of objects.

    Raises:
        UsageError: It is not what the type says.
    """
    kinds = alternatives(kind)
    if is_array(value) and item_kind(kind) is not None:
        return [from_json(f"{option}[{index}]", item_kind(kind), item) for index, item in enumerate(value)]
    if is_object(value) and takes_json(kind):
        models = [each for each in kinds if _is_model(each)]
        return _decoded(option, models[0], value) if len(models) == 1 else value
    if isinstance(value, str) and not takes_json(kind):
        return from_text(option, kind, value)
    if value is None and _NONE not in kinds and Any not in kinds:
        raise UsageError(f"{option}: null is not possible there")
    if (is_object(value) or is_array(value)) and Any not in kinds:
        raise UsageError(f"{option}: a JSON {'object' if is_object(value) else 'list'} is not possible there")
    return value


def json_text(option: str, text: str, *, lenient: bool = False) -> Any:
    """Parsed JSON out of a text, of a file (``@name``) or of the standard input (``@-``)."""
    source = text
    if text.startswith("@"):
        name = "the standard input" if text == "@-" else repr(text[1:])
        try:
            source = standard_input() if text == "@-" else Path(text[1:]).read_text(encoding="utf-8")
        except (OSError, UnicodeError) as error:
            raise UsageError(f"{option}: cannot read {name}: {_why(error)}") from None
        source = source.removeprefix("\ufeff")  # some editors begin a file with a byte-order mark
    try:
        return json.loads(source)
    except json.JSONDecodeError as error:
        if lenient and source is text:
            return text
        raise UsageError(f"{option} is not JSON: {error.msg}, line {error.lineno} column {error.colno}") from None
    except ValueError:
        raise UsageError(f"{option} is not JSON that can be read: a number in it has too many digits") from None
    except RecursionError:
        raise UsageError(f"{option} is not JSON that can be read: it is nested too deep") from None


def _member(option: str, enums: Sequence[type[Enum]], text: str) -> Any:
    """A member of an enum by its value or its name; of one that grows, any value."""
    for enum in enums:
        for each in enum:
            if text == str(each.value) or shell_name(text).lower() == shell_name(each.name).lower():
                return each
    for enum in enums:
        if issubclass(enum, GrowingStrEnum) or (issubclass(enum, GrowingIntEnum) and _WHOLE.fullmatch(text)):
            return enum(text) if issubclass(enum, GrowingStrEnum) else enum(int(text))
    known = [_shown(each) for enum in enums for each in enum]
    hint = did_you_mean(text, known) or f"; there are: {', '.join(known)}"
    raise UsageError(f"{option} has no such value{hint}")


def _shown(member: Enum) -> str:
    return member.value if isinstance(member.value, str) else shell_name(member.name).lower()


def _decoded(option: str, model: type[RequestModel], value: Any) -> Any:
    notes = Notes()
    made = model.decode(value, notes)
    try:
        notes.raise_any(option)
    except DecodeError as error:
        raise UsageError(str(error)) from None
    return made


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, RequestModel)


def _existing(option: str, text: str) -> Path:
    path = Path(text.removeprefix("@"))
    if not path.is_file():
        raise UsageError(f"{option}: there is no file {str(path)!r}")
    return path


def _why(error: Exception) -> str:
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else "it is not UTF-8 text"
