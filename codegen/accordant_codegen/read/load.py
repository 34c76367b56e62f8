"""Reading JSON and YAML 1.2 files that hold one object, string keys only."""

from __future__ import annotations

import json
import marshal
import math
import re
from collections.abc import Hashable
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from attrs import field, frozen

from accordant_runtime import is_array, is_object

from ..errors import DocumentError
from .document import below

ADVICE = "Fetch the document from the vendor again"
DEEPEST = 200
"""Levels of objects and lists within each other."""
_DEEP = f"it is nested too deeply: objects and lists stand more than {DEEPEST} levels within each other"
MOST_VALUES = 200_000
"""Values that aliases may make of a document, unless it has a twentieth of them itself."""


class _Yaml12(yaml.CSafeLoader):
    """YAML with the scalar rules of version 1.2 (`on` is a text, and so is a date), in which no key occurs twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        problem=f"the key {key.value!r} occurs twice", problem_mark=key.start_mark
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
        raise DocumentError(
            name, "$", "the file does not exist", "Check the name in source.toml, or restore the file"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError(name, "$", f"it cannot be read ({error})", ADVICE) from None
    return parse(text, name)


def parse(text: str, name: str) -> dict[str, Any]:
    """Parse JSON or YAML text that holds one object.

    A command meets the same file more than once (a pull reads the overlays for each document that it compares), so what
    the last few texts hold is kept, as bytes: each caller has another object.
    """
    value: dict[str, Any] = marshal.loads(_parsed(_Named(text, name)))
    return value


@frozen
class _Named:
    """A text and the name that errors give it; the same text under another name is what it was: a pull parses what it
    fetched, and a regeneration after it the same as a file of ``specs/``."""

    text: str
    name: str = field(eq=False)


@lru_cache(maxsize=8)
def _parsed(source: _Named) -> bytes:
    text, name = source.text, source.name
    start = text.lstrip()[:1]
    if not start:
        raise DocumentError(name, "$", "it is empty", ADVICE)
    if start == "<":
        raise DocumentError(
            name, "$", "it is an HTML or XML page, not an OpenAPI document", "Name the document's own URL"
        )
    try:
        value: Any = with_text_keys(sound(_json(text, name) if start in "{[" else _yaml(text, name), name))
    except json.JSONDecodeError as error:
        raise DocumentError(
            name, f"line {error.lineno}, column {error.colno}", f"it is not whole JSON ({error.msg})", ADVICE
        ) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark is not None else "$"
        raise DocumentError(name, place, f"it is not YAML ({getattr(error, 'problem', error)})", ADVICE) from None
    except RecursionError:
        raise DocumentError(name, _too_deep(text), _DEEP, ADVICE) from None
    except (ValueError, KeyError) as error:
        raise DocumentError(name, "$", f"it holds a value that cannot be read ({error})", ADVICE) from None
    if not is_object(value):
        raise DocumentError(name, "$", f"it holds {type(value).__name__}, not an object", ADVICE)
    return marshal.dumps(value)


def _yaml(text: str, name: str) -> Any:
    """YAML as data, once its events and its aliases have shown that it stays within bounds."""
    depth, aliased = 0, False
    events: Any = _Yaml12(text)
    while (event := events.get_event()) is not None:
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            place = f"line {event.start_mark.line + 1}, column {event.start_mark.column + 1}"
            raise DocumentError(name, place, _DEEP, ADVICE)
        aliased = aliased or isinstance(event, yaml.AliasEvent)
    loader: Any = _Yaml12(text)
    try:
        node: yaml.Node | None = loader.get_single_node()
        if node is None:
            return None
        if aliased:
            _check_aliases(node, name)
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _check_aliases(root: yaml.Node, name: str) -> None:
    """Refuse aliases that make a small text a huge document, at the innermost place that is too large.

    An alias repeats all that is below its anchor, and what is there may hold aliases again: ten levels of ten make
    ten thousand million values out of one.
    """
    sizes: dict[int, float] = {}
    pending: list[tuple[yaml.Node, bool]] = [(root, False)]
    while pending:
        node, done = pending.pop()
        if done:
            sizes[id(node)] = 1 + sum(sizes[id(below_it)] for _, below_it in _within(node))
        elif id(node) not in sizes:
            sizes[id(node)] = float("inf")  # a node that holds itself stays infinitely large
            pending.append((node, True))
            pending += [(each, False) for _, each in _within(node)]
    allowed = max(MOST_VALUES, 20 * len(sizes))
    if sizes[id(root)] <= allowed:
        return
    place, node = "$", root
    while larger := [(key, each) for key, each in _within(node) if sizes[id(each)] > allowed]:
        key, node = larger[0]
        place = f"{place}{key}"
        if sizes[id(node)] == float("inf"):
            raise DocumentError(name, place, "it holds itself", ADVICE)
    problem = f"its aliases stand for more than {allowed} values (line {node.start_mark.line + 1})"
    raise DocumentError(name, place, problem, "Write out what the aliases repeat, or refer to it with $ref")


def _within(node: yaml.Node) -> list[tuple[str, yaml.Node]]:
    """What a node holds, each with its step of a JSON path; keys are not counted, for they hold nothing."""
    if isinstance(node, yaml.MappingNode):
        return [(below("", str(key.value)), value) for key, value in node.value]
    if isinstance(node, yaml.SequenceNode):
        return [(f"[{index}]", value) for index, value in enumerate(node.value)]
    return []


def _json(text: str, name: str) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) != len(pairs):
            twice = next(key for index, (key, _) in enumerate(pairs) if key in [other for other, _ in pairs[:index]])
            raise DocumentError(name, "$", f"the key {twice!r} occurs twice in one object", ADVICE)
        return result

    def refuse(constant: str) -> Any:
        raise DocumentError(name, "$", f"{constant} is not JSON", ADVICE)

    return json.loads(text, object_pairs_hook=once, parse_constant=refuse)


def sound(value: Any, name: str) -> Any:
    """The data, in which every text is Unicode, every number finite, and nothing deeper than anybody means it."""
    pending: list[tuple[str, Any, int]] = [("$", value, 0)]
    while pending:
        place, node, depth = pending.pop()
        if depth > DEEPEST:
            raise DocumentError(name, place, _DEEP, ADVICE)
        if is_object(node):
            for key, item in ((_key(key), item) for key, item in node.items()):
                if not _is_text(key):
                    raise DocumentError(name, place, f"the key {key!a} is no Unicode text", ADVICE)
                pending.append((below(place, key), item, depth + 1))
        elif is_array(node):
            pending += [(f"{place}[{index}]", item, depth + 1) for index, item in enumerate(node)]
        elif isinstance(node, str) and not _is_text(node):
            raise DocumentError(name, place, "it is no Unicode text: it holds half of a surrogate pair", ADVICE)
        elif isinstance(node, float) and not math.isfinite(node):
            raise DocumentError(name, place, f"{node} is no number of JSON", ADVICE)
        elif node is not None and not isinstance(node, str | int | float):
            raise DocumentError(name, place, f"a {type(node).__name__} is no value of JSON", ADVICE)
    return value


def _too_deep(text: str) -> str:
    """Where brackets outside texts are nested more deeply than is allowed."""
    depth = 0
    for found in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text):
        depth += (found[0] in "[{") - (found[0] in "]}")
        if depth > DEEPEST:
            before = text[: found.start()]
            return f"line {before.count(chr(10)) + 1}, column {found.start() - before.rfind(chr(10))}"
    return "$"


def _is_text(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


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
