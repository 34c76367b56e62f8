"""OpenAPI Overlay 1.0: our corrections to a vendor's document, each with its reason.

The engine is strict where the specification is lenient: an action that matches nothing is an error, and one that
changes nothing is reported as superfluous (the vendor has made the correction). An action that has matched before, so
that it is the vendor who has moved what it corrected, is left out and reported: his change costs no more than that.
"""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonpath_rfc9535
import yaml
from attrs import field, frozen
from jsonpath_rfc9535 import JSONPathQuery
from jsonpath_rfc9535.exceptions import JSONPathError

from accordant_runtime import is_array, is_object

from ..errors import CodegenError, DocumentError
from .load import read_data

_ADVICE = "Correct the action, or delete it when the vendor has fixed the document"
_ADVICE_ALL = "Correct the actions, or delete those whose document the vendor has fixed"
ORIGINAL = "x-accordant-original"
"""On an action, or on a whole overlay: it aims at the Swagger 2.0 document as the vendor wrote it."""
_ONLY_SWAGGER = "swagger|definitions|parameters|responses|securityDefinitions|host|basePath|schemes|consumes|produces"
_SWAGGER = rf"\$(\.|\[['\"])({_ONLY_SWAGGER})\b"


@frozen
class Action:
    """One action: where, what, why."""

    target: str
    reason: str
    place: str
    update: Any = None
    remove: bool = False
    original: bool = False
    """Whether it aims at the vendor's own words, before Swagger 2.0 becomes OpenAPI 3."""

    @property
    def before_conversion(self) -> bool:
        """Whether it aims at a Swagger 2.0 document: by its own word, or by what only Swagger 2.0 has."""
        return self.original or re.match(_SWAGGER, self.target) is not None


@frozen
class Overlay:
    """A parsed overlay file."""

    file: str
    actions: tuple[Action, ...] = ()
    path: Path | None = None

    def spot(self, action: Action) -> str:
        """Where an action is, for people and editors. Its line is looked up only where something is said of it."""
        line = self._line(action)
        return f"{self.file}:{line}: {action.place}" if line else f"{self.file}: {action.place}"

    def _line(self, action: Action) -> int | None:
        index = re.fullmatch(r"\$\.actions\[(\d+)\]", action.place)
        if self.path is None or index is None:
            return None
        return _lines(self.path.read_text(encoding="utf-8"))[int(index[1])]


@lru_cache(maxsize=16)
def _lines(text: str) -> tuple[int, ...]:
    """The line of each action of an overlay file."""
    root: Any = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    lists = [value for key, value in root.value if key.value == "actions"]
    return tuple(int(each.start_mark.line) + 1 for each in lists[0].value)


@lru_cache(maxsize=2048)
def _path(target: str) -> JSONPathQuery:
    """What an action aims at: a command applies the same overlay to several documents."""
    return jsonpath_rfc9535.compile(target)


@frozen
class Replaced:
    """What an action that aims at one place takes away of the vendor's word there, as a hash."""

    overlay: Overlay
    action: Action
    digest: str


class UnmatchedError(DocumentError):
    """An action that matches nothing, or a part of one that does."""

    def __init__(self, overlay: Overlay, action: Action, problem: str = "") -> None:
        problem = problem or f"target {action.target!r} matches nothing"
        super().__init__(overlay.file, action.place, problem, _ADVICE)
        self.target = action.target
        self.spot = overlay.spot(action)


@frozen
class Applied:
    """The corrected document, the actions that changed nothing in it, and those that matched nothing."""

    document: dict[str, Any]
    superfluous: tuple[Action, ...] = field(default=())
    unmatched: tuple[UnmatchedError, ...] = field(default=())
    replaced: tuple[Replaced, ...] = field(default=())


def read_overlay(path: Path, *, label: str | None = None) -> Overlay:
    """Read an overlay file; every action needs a target, a description and exactly one of update and remove."""
    name = label or str(path)
    data = read_data(path, label=name)
    if not str(data.get("overlay", "")).startswith("1.0"):
        raise DocumentError(name, "$.overlay", "the overlay version must be 1.0.x", "Write `overlay: 1.0.0`")
    actions: Any = data.get("actions")
    if not is_array(actions):
        raise DocumentError(name, "$.actions", "it must be a list", _ADVICE)
    every = data.get(ORIGINAL, False)
    found = tuple(_action(item, f"$.actions[{index}]", name, every) for index, item in enumerate(actions))
    return Overlay(name, found, path)


def _action(item: Any, place: str, name: str, original: Any) -> Action:
    if not is_object(item) or not isinstance(item.get("target"), str):
        raise DocumentError(name, place, "an action needs a `target`", _ADVICE)
    if not str(item.get("description", "")).strip():
        raise DocumentError(name, place, "an action needs a `description`", "Say why the vendor's word is corrected")
    if not isinstance(item.get("remove", False), bool):
        raise DocumentError(name, f"{place}.remove", "it must be true or false", _ADVICE)
    if ("update" in item) == item.get("remove", False):
        raise DocumentError(name, place, "an action needs either `update` or `remove: true`", _ADVICE)
    original = item.get(ORIGINAL, original)
    if not isinstance(original, bool):
        raise DocumentError(name, f"{place}['{ORIGINAL}']", "it must be true or false", _ADVICE)
    unknown = sorted(set(item) - {"target", "description", "update", "remove", ORIGINAL})
    if unknown:
        raise DocumentError(name, place, f"unknown keys {', '.join(unknown)}", _ADVICE)
    return Action(item["target"], item["description"], place, item.get("update"), bool(item.get("remove")), original)


def apply(document: dict[str, Any], overlay: Overlay) -> Applied:
    """Apply the actions in order to a copy of the document; those that match nothing are errors, all told at once."""
    applied = apply_found(document, overlay)
    refuse_unmatched(list(applied.unmatched))
    return applied


def refuse_unmatched(errors: list[UnmatchedError]) -> None:
    """Raise one error for all actions that match nothing, if there are any."""
    if len(errors) == 1:
        raise errors[0]
    if errors:
        lines = "".join(f"\n  {error.spot}: {error.problem}" for error in errors)
        raise CodegenError(f"{len(errors)} overlay actions match nothing. {_ADVICE_ALL}:{lines}")


def apply_found(document: dict[str, Any], overlay: Overlay, chosen: Iterable[Action] | None = None) -> Applied:
    """Apply the actions, or the chosen ones, in order to a copy of the document; collect those that match nothing."""
    result = copy.deepcopy(document)
    superfluous: list[Action] = []
    unmatched: list[UnmatchedError] = []
    replaced: list[Replaced] = []
    for action in overlay.actions if chosen is None else chosen:
        try:
            nodes = _path(action.target).find(result)
        except JSONPathError as error:
            raise DocumentError(
                overlay.file, f"{action.place}.target", f"{action.target!r} is not an RFC 9535 path ({error})", _ADVICE
            ) from None
        if not nodes:
            unmatched.append(UnmatchedError(overlay, action))
            continue
        locations = list(dict.fromkeys(tuple(node.location) for node in nodes))
        if action.remove and () in locations:
            raise DocumentError(overlay.file, action.place, "the whole document cannot be removed", _ADVICE)
        lost = _lost(result, locations, action)
        if lost:
            digest = hashlib.sha256(repr(lost).encode()).hexdigest()[:8]
            replaced.append(Replaced(overlay, action, digest))
        changed = _remove(result, locations) if action.remove else _update(result, locations, action, overlay)
        if not changed:
            superfluous.append(action)
    return Applied(result, tuple(superfluous), tuple(unmatched), tuple(replaced))


def _lost(document: dict[str, Any], locations: list[tuple[int | str, ...]], action: Action) -> list[Any]:
    """What an action takes away; of one that aims at many places, by a wildcard or a filter, nothing is said."""
    if re.search(r"\*|\?|\.\.", action.target):
        return []
    nodes = [_parent(document, (*location, "")) for location in locations]
    return nodes if action.remove else [each for node in nodes for each in _overwritten(node, action.update)]


def _overwritten(node: Any, update: Any) -> Iterator[Any]:
    """The values of a node that an update puts others in the place of."""
    if is_object(node) and is_object(update):
        for key in (each for each in update if each in node):
            yield from ((key, each) for each in _overwritten(node[key], update[key]))
    elif not is_object(node) and not is_array(node) and node != update:
        yield node


def without_lost_fields(document: dict[str, Any], overlay: Overlay) -> list[UnmatchedError]:
    """Take out of ``required`` what an action requires although the schema has no such property any more."""
    lost: list[UnmatchedError] = []
    for action in overlay.actions:
        wanted: Any = action.update.get("required") if is_object(action.update) else None
        if not is_array(wanted):
            continue
        nodes: list[Any] = [found.value for found in _path(action.target).find(document)]
        for node in nodes:
            present = node.get("required") if is_object(node) and is_object(node.get("properties")) else None
            gone = [name for name in wanted if name not in node["properties"]] if is_array(present) else []
            if gone and not {"allOf", "anyOf", "oneOf", "additionalProperties"} & node.keys():
                node["required"] = [name for name in node["required"] if name not in gone]
                problem = f"{action.target!r} requires {', '.join(gone)}, which the schema does not have"
                lost.append(UnmatchedError(overlay, action, problem))
    return lost


def _parent(document: Any, location: tuple[int | str, ...]) -> Any:
    node = document
    for key in location[:-1]:
        node = node[key]
    return node


def _remove(document: dict[str, Any], locations: list[tuple[int | str, ...]]) -> bool:
    # Indexes are removed from the back, so that earlier ones keep their meaning.
    for location in sorted(locations, key=lambda item: [(isinstance(key, int), key) for key in item], reverse=True):
        del _parent(document, location)[location[-1]]
    return True


def _update(document: dict[str, Any], locations: list[tuple[int | str, ...]], action: Action, overlay: Overlay) -> bool:
    changed = False
    update: Any = action.update
    for location in locations:
        parent = _parent(document, location) if location else None
        node = document if parent is None else parent[location[-1]]
        if is_array(node):
            changed = _extend(node, update if is_array(update) else [update]) or changed
        elif is_object(node) and is_object(update):
            changed = _merge(node, update) or changed
        elif parent is not None and (node is None or not (is_object(node) or is_object(update) or is_array(update))):
            changed = changed or node != update
            parent[location[-1]] = copy.deepcopy(update)
        else:
            raise DocumentError(
                overlay.file,
                action.place,
                f"{type(update).__name__} cannot update {type(node).__name__}",
                _ADVICE,
            )
    return changed


def _extend(present: list[Any], items: list[Any]) -> bool:
    """Append what is not there yet: the lists of a document are sets (required, tags, enum, parameters)."""
    missing = [copy.deepcopy(item) for item in items if item not in present]
    present.extend(missing)
    return bool(missing)


def _merge(node: dict[str, Any], update: dict[str, Any]) -> bool:
    """Merge recursively: objects into objects, lists after lists, everything else replaces."""
    changed = False
    for key, value in update.items():
        present = node.get(key)
        if is_object(present) and is_object(value):
            changed = _merge(present, value) or changed
        elif is_array(present) and is_array(value):
            changed = _extend(present, value) or changed
        elif key not in node or present != value:
            node[key] = copy.deepcopy(value)
            changed = True
    return changed
