"""Hand-written lines that point at nothing, now that the vendor's document has changed: overlays, sandbox, contract
module, tests, examples, the vendor's pages. They are only told; what they say is the author's business."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .fingerprint import action_key, known_actions
from .names import constant
from .read.document import operations

if TYPE_CHECKING:
    from .read.effective import Effective
    from .read.overlay import UnmatchedError
    from .vendors import VendorFolder

_SHARED = ("tests", "examples", "benchmarks")
"""Folders of all vendors: of their files those count that mention the vendor."""


def lines(vendor: VendorFolder, effective: Effective) -> list[str]:
    """What to look at, a line each: the overlay actions that were left out, and what names an operation that is gone.

    What is gone is told by the committed document, so this is asked before the new one is put into its place.
    """
    try:
        old: Any = json.loads(vendor.effective.read_text(encoding="utf-8"))
        gone = _gone(old, effective.document)
    except (OSError, ValueError, KeyError, TypeError):
        gone = {}
    return [*of_overlays(effective.left_out), *_mentions(vendor, gone), *_hiding(vendor, effective)]


def remembered(effective: Effective) -> dict[str, str]:
    """The overlay actions by their keys, each with a hash of what it replaces."""
    found = dict.fromkeys(map(action_key, effective.targets), "")
    for each in effective.replaced:
        found[action_key(each.action.target)] += each.digest
    return found


def _hiding(vendor: VendorFolder, effective: Effective) -> Iterator[str]:
    """The overlay actions that replace something else than they did: they may hide what the vendor has changed."""
    before, now = known_actions(vendor), remembered(effective)
    for each in effective.replaced:
        key = action_key(each.action.target)
        if before.get(key) and before[key] != now[key]:
            spot = each.overlay.spot(each.action)
            yield f"{spot}: what {each.action.target!r} replaces is not what it was: does the action still hold?"


def of_overlays(left_out: Iterable[UnmatchedError]) -> list[str]:
    """The overlay actions that were left out."""
    return [f"{error.spot}: {error.problem}, and it was left out" for error in left_out]


def as_text(vendor: VendorFolder, found: list[str]) -> str:
    """For people; empty where there is nothing to say."""
    if not found:
        return ""
    head = f"{vendor.name}: hand-written lines that point at nothing now, or at something else. Correct or delete them:"
    return "\n".join([head, *(f"  {line}" for line in found)])


def _gone(old: dict[str, Any], new: dict[str, Any]) -> dict[str, str]:
    """What callers and hand-written code may name and the new document does not have, each with a word on it."""
    before, after = _by_id(old), _by_id(new)
    successors = {(path, verb): name for name, (path, verb, _) in after.items()}
    methods = {_method(item) for _, _, item in after.values()}
    gone: dict[str, str] = {}
    for name, (path, verb, item) in before.items():
        successor = successors.get((path, verb))
        fate = f"it is {successor} now" if successor else "the vendor has it no more"
        call = f"{verb.upper()} {path}"
        if name not in after:
            gone[name] = gone[constant(name)] = f"{name} ({call}): {fate}"
        if _method(item) not in methods:
            own = after[successor][2] if successor else {}
            there = f"it is {_method(own)} now" if own else "the vendor has it no more"
            gone[_method(item)] = f"{_method(item)} ({call}): {there}"
    return gone


def _by_id(document: dict[str, Any]) -> dict[str, tuple[str, str, dict[str, Any]]]:
    return {item["operationId"]: (path, verb, item) for path, verb, item in operations(document)}


def _method(operation: dict[str, Any]) -> str:
    return f"{operation['x-accordant-resource']}.{operation['x-accordant-name']}"


def _mentions(vendor: VendorFolder, gone: dict[str, str]) -> Iterator[str]:
    for file in _files(vendor) if gone else ():
        text = file.read_text(encoding="utf-8", errors="replace")
        found = _in_python(text, gone) if file.suffix == ".py" else _in_text(text, gone)
        for line, name in sorted(found):
            yield f"{vendor.label(file)}:{line}: {gone[name]}"


def _files(vendor: VendorFolder) -> Iterator[Path]:
    root, name = vendor.root, vendor.name
    for folder in (vendor.client, root / "sandboxes" / "accordant_sandbox" / "vendors" / name):
        yield from sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".yaml"))
    yield from sorted((root / "contract_tests").rglob(f"vendors/{name}.py"))
    yield from sorted((root / "docs").glob(f"{name}*.md"))
    for shared in _SHARED:
        for path in sorted((root / shared).rglob("*.py")):
            if name in path.name or name.encode() in path.read_bytes():
                yield path


def _in_python(text: str, gone: dict[str, str]) -> set[tuple[int, str]]:
    """Texts that hold a name, calls of a method, imports and uses of a constant; by line."""
    if not any(all(part in text for part in name.split(".")) for name in gone):
        return set()
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return set()
    found: set[tuple[int, str]] = set()
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= {(line, name) for name in gone if _is_named(name, node.value)}
        elif isinstance(node, ast.alias) and node.name in gone:
            found.add((line, node.name))
        elif isinstance(node, ast.Attribute) and (way := f"{_last(node.value)}.{node.attr}") in gone:
            found.add((line, way))
    return found


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_named(name: str, text: str) -> bool:
    """Whether a text names it; a plain word does so only alone, or before a dot."""
    if name.isalpha() and name.islower():
        return text == name or text.startswith(f"{name}.")
    return name in text and re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", text) is not None


def _in_text(text: str, gone: dict[str, str]) -> set[tuple[int, str]]:
    distinct = [name for name in gone if not name.islower() or "." in name]
    return {
        (number, name) for number, line in enumerate(text.splitlines(), 1) for name in distinct if _is_named(name, line)
    }
