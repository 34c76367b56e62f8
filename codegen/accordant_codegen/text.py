"""Literals and docstrings of generated code."""

from __future__ import annotations

import json
import textwrap
from typing import Any, Final

from accordant_runtime import is_object

_JSON: Final = json.JSONEncoder(ensure_ascii=False)
DEPRECATED = "Deprecated."
WIDTH = 114
"""Columns of a docstring's text and its indentation: the quotes on both sides stand in the same line."""


def literal(value: str | int) -> str:
    """A Python literal of a text or a number."""
    return quoted(value) if isinstance(value, str) else repr(value)


def quoted(text: str) -> str:
    """A double-quoted Python string literal, in which everything can be seen."""
    written = _JSON.encode(text)
    if written.isprintable():
        return written
    return "".join(item if item.isprintable() else item.encode("unicode_escape").decode("ascii") for item in written)


def clean(text: Any) -> str:
    """A description on one line, without invisible characters; empty where there is none."""
    words = "" if text is None else " ".join(str(text).split())
    return words if words.isprintable() else "".join(filter(str.isprintable, words))


def shown(text: str) -> str:
    """A text of others for a terminal: its lines stay, control characters, which may move a cursor, are escapes."""
    return "".join(each if each == "\n" or each.isprintable() else ascii(each)[1:-1] for each in text)


def telling(name: str, text: Any) -> str:
    """What is said of something on one line; empty where it says no more than the name (``status``: "Status.")."""
    words = clean(text)
    mark = DEPRECATED if words.startswith(DEPRECATED) else ""
    said = words.removeprefix(mark).strip()
    return mark if _letters(said) in (_letters(name), f"the{_letters(name)}") else words


def marked(text: Any, *nodes: Any) -> str:
    """A description that says first that what it describes is deprecated, where a node does and the words do not."""
    words = clean(text)
    gone = any(is_object(node) and node.get("deprecated") is True for node in nodes)
    return f"{DEPRECATED} {words}".strip() if gone and "deprecated" not in words.lower() else words


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).lower()


def safe(text: str) -> str:
    """Text that a docstring may hold."""
    return text.replace("\\", "\\\\").replace('"""', "'''")


def docstring(
    text: str,
    indent: int,
    described: list[tuple[str, str]] | None = None,
    heading: str = "",
    last: str = "",
    more: str = "",
) -> str:
    """What is between the quotes of a docstring that is indented by ``indent``.

    ``described`` are names with what is said of them, under ``heading``; ``more`` a second paragraph, ``last`` the end.
    """
    width = WIDTH - indent
    lines = textwrap.wrap(safe(clean(text)), width)
    if more:
        lines += ["", *textwrap.wrap(safe(clean(more)), width)]
    entries = [(name, doc) for name, doc in described or [] if doc]
    if entries:
        lines += ["", heading]
        for name, doc in entries:
            lines += textwrap.wrap(
                f"{name}: {safe(clean(doc))}", width, initial_indent="    ", subsequent_indent="        "
            )
    if last:
        lines += ["", safe(clean(last))]
    margin = " " * indent
    result = "\n".join(f"{margin}{line}" if line and index else line for index, line in enumerate(lines))
    result = f"{result}\n{margin}" if len(lines) > 1 else result
    return f"{result} " if result.endswith('"') else result
