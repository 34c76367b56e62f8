"""Reading JSON and YAML 1.2 files that hold one object, string keys only."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from treaty_runtime import is_array, is_object

from .errors import DocumentError

ADVICE = "Fix the document, or pull it again"


class _Yaml12(yaml.CSafeLoader):
    """YAML with the scalar rules of version 1.2 (`on` is a text, and so is a date), in which no key stands twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        problem=f"the key {key.value!r} stands twice", problem_mark=key.start_mark
                    )
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """PyYAML's table of plain scalars by their first character, with the rules of YAML 1.2."""
    table: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for tag, pattern, first in (
        ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
        ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
        (
            "float",
            r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
            "-+.0123456789",
        ),
        ("null", r"~|null|Null|NULL|", "~nN"),
        ("merge", r"<<", "<"),
    ):
        for character in (*first, *([""] if tag == "null" else [])):
            table.setdefault(character, []).append((f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$")))
    return table


def _integer(_loader: Any, node: yaml.ScalarNode) -> int:
    """YAML 1.2: only `0o` makes a number octal, a leading zero does not."""
    text: str = node.value.lstrip("+-")
    number = int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
    return -number if node.value.startswith("-") else number


_Yaml12.yaml_implicit_resolvers = _resolvers()
_Yaml12.add_constructor("tag:yaml.org,2002:int", _integer)


def read_data(path: Path, *, label: str | None = None) -> dict[str, Any]:
    """Read a JSON or YAML file that holds one object; integer keys become text."""
    name = label or str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise DocumentError(name, "$", "there is no such file", "Check the name, or run `make pull`") from None
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError(name, "$", f"it cannot be read ({error})", ADVICE) from None
    return parse(text, name)


def parse(text: str, name: str) -> dict[str, Any]:
    """Parse JSON or YAML text that holds one object."""
    start = text.lstrip()[:1]
    if not start:
        raise DocumentError(name, "$", "it is empty", ADVICE)
    if start == "<":
        raise DocumentError(
            name, "$", "it is an HTML or XML page, not an OpenAPI document", "Name the document's own URL"
        )
    try:
        value: Any = with_text_keys(_json(text, name) if start in "{[" else yaml.load(text, Loader=_Yaml12))
    except json.JSONDecodeError as error:
        raise DocumentError(
            name, f"line {error.lineno}, column {error.colno}", f"it is not whole JSON ({error.msg})", ADVICE
        ) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark is not None else "$"
        raise DocumentError(name, place, f"it is not YAML ({getattr(error, 'problem', error)})", ADVICE) from None
    except RecursionError:
        raise DocumentError(name, "$", "it holds itself, or is nested too deeply", ADVICE) from None
    if not is_object(value):
        raise DocumentError(name, "$", f"it holds {type(value).__name__}, not an object", ADVICE)
    return value


def _json(text: str, name: str) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) != len(pairs):
            twice = next(key for index, (key, _) in enumerate(pairs) if key in [other for other, _ in pairs[:index]])
            raise DocumentError(name, "$", f"the key {twice!r} stands twice in one object", ADVICE)
        return result

    def refuse(constant: str) -> Any:
        raise DocumentError(name, "$", f"{constant} is not JSON", ADVICE)

    return json.loads(text, object_pairs_hook=once, parse_constant=refuse)


def with_text_keys(value: Any) -> Any:
    """The same data with every object key as text: YAML reads the status code ``200:`` as a number."""
    if is_object(value):
        return {_key(key): with_text_keys(item) for key, item in value.items()}
    if is_array(value):
        return [with_text_keys(item) for item in value]
    return value


def _key(key: object) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    return "null" if key is None else str(key)
