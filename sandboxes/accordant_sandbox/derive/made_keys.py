"""Keys that are made up: like the example of their schema, no two the same, and as its pattern wants them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from accordant_sandbox.derive.shapes import Shapes
from accordant_sandbox.http.document import Document
from accordant_sandbox.model.collections import Made

__all__ = ["key_maker"]

_DIGITS: Final = "0123456789"
_LOWER: Final = "abcdefghijklmnopqrstuvwxyz"


def key_maker(document: Document, schema: Any, name: str) -> Made:
    """Keys that fit a schema: the first is its example, the others differ from it in the number at its end."""

    def make(number: int) -> Any:
        first = document.examples.of(schema, "request", 1, name)
        value = document.examples.of(schema, "request", number, name)
        return _fitting(document, schema, first, number) if number > 1 and value == first else value

    return Made(make)


def _fitting(document: Document, schema: Any, first: Any, number: int) -> Any:
    """The first of the ways to tell keys apart that the pattern of a schema allows; the plainest where it allows none,
    or where the example itself is none that it allows."""
    if isinstance(first, (int, float)) and not isinstance(first, bool):
        return first + number - 1
    if not isinstance(first, str):
        return first
    plain = _numbered(first, number)
    try:
        node = Shapes(document).node(schema)
        if "pattern" not in node or not _allows(node, first):
            return plain
        return next((each for each in _others(first, number, plain) if _allows(node, each)), plain)
    except (re.error, TypeError):
        return plain


def _others(first: str, number: int, plain: str) -> Iterator[str]:
    yield plain
    yield f"{first}{number}"
    yield from _lettered(first, number)


def _allows(node: Mapping[str, Any], text: str) -> bool:
    most = node.get("maxLength")
    return re.search(node["pattern"], text) is not None and not (isinstance(most, int) and len(text) > most)


def _numbered(first: str, number: int) -> str:
    """The example with another number at its end, as long as it is while that can be. No two are the same: the digits
    at the end of each say which it is."""
    counted = first[-1:].isascii() and first[-1:].isdecimal()
    stem = (first if counted else first[:-1]).rstrip(_DIGITS)
    told = first[len(stem) :]
    digits = str(int(told) + number - 1 if counted else int(f"{told[:-1]}0") + number)
    if len(digits) > len(told):
        stem = first[: max(len(first) - len(digits), 0)].rstrip(_DIGITS)
    return stem + digits.zfill(len(first) - len(stem))


def _lettered(first: str, number: int) -> Iterator[str]:
    """The example with the letters at its end counted on, each as large as it was; nothing where they are used up."""
    stem = first.rstrip(_LOWER + _LOWER.upper())
    counted = number - 1
    made: list[str] = []
    for letter in reversed(first[len(stem) :]):
        counted, place = divmod(_LOWER.index(letter.lower()) + counted, len(_LOWER))
        made.append(_LOWER[place] if letter.islower() else _LOWER[place].upper())
    if not counted:
        yield stem + "".join(reversed(made))
