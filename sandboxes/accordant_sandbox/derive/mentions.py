"""Hand-written lines that name an operation: where to look when the document no longer has it."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from importlib.util import find_spec
from pathlib import Path

__all__ = ["mentions"]


def mentions(package: str, names: Collection[str]) -> Iterator[tuple[str, str, int]]:
    """Each line of a package with a text that is one of the names, or has one among its words: name, file, line."""
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for file in sorted(Path(folder).rglob("*.py")):
            place = f"{Path(folder).name}/{file.relative_to(folder).as_posix()}"
            for text, line in _texts(file):
                yield from ((name, place, line) for name in names if name in text.split())


def _texts(file: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value, node.lineno
