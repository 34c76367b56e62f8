"""From a method and a path to an operation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, TypeAlias
from urllib.parse import unquote

from accordant_sandbox.http.document import Operation, Parameter
from accordant_sandbox.http.json_types import is_array

__all__ = ["Match", "Miss", "Router"]


@dataclass(frozen=True, slots=True)
class Match:
    """An operation and its path parameters, decoded, still text."""

    operation: Operation
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True)
class Miss:
    """No operation: `wrong_method` on a known path (with the methods that it has) or `unknown_path`."""

    kind: str
    allowed: tuple[str, ...] = ()


_Segment: TypeAlias = str | tuple[re.Pattern[str], ...] | None
"""A literal part of a path, one with a parameter in its midst (the first pattern that fits), or None for a
parameter."""
_PARAMETER = re.compile(r"\{([^{}]*)\}")


@dataclass(slots=True)
class _Route:
    template: str
    segments: tuple[_Segment, ...]
    names: tuple[str, ...]
    methods: dict[str, Operation] = field(default_factory=dict[str, "Operation"])


@dataclass(frozen=True, slots=True)
class _Shape:
    """What routes have alike that come one after the other: how open each segment is, and which ones are literal."""

    openness: tuple[tuple[int, int], ...]
    literal: tuple[int, ...]


class Router:
    """All paths of a document.

    Args:
        operations: The operations to route to.
        base_path: Path under which all of them begin.
        any_case: Match literal segments without regard to case.
        aliases: Further path templates and the documented template that each means.
    """

    def __init__(
        self,
        operations: Iterable[Operation],
        *,
        base_path: str = "",
        any_case: bool = False,
        aliases: Mapping[str, str] | None = None,
    ) -> None:
        self._base = base_path
        self._any_case = any_case
        routes: dict[str, _Route] = {}
        for operation in operations:
            route = routes.setdefault(operation.path, self._route(operation.path, operation.parameters))
            route.methods[operation.method] = operation
        for alias, template in (aliases or {}).items():
            twin = self._route(alias)
            twin.methods = routes[template].methods
            twin.names = routes[template].names
            routes[alias] = twin
        self._by_length: dict[int, dict[_Shape, dict[tuple[str, ...], list[_Route]]]] = {}
        # Literal segments win over parameters: /jobs/factory before /jobs/{id}.
        for route in sorted(routes.values(), key=lambda each: list(map(_openness, each.segments))):
            shapes = self._by_length.setdefault(len(route.segments), {})
            alike = shapes.setdefault(_shape(route.segments), {})
            alike.setdefault(tuple(each for each in route.segments if isinstance(each, str)), []).append(route)

    def match(
        self, method: str, path: str, choose: Callable[[Sequence[Match]], Match] = lambda matches: matches[0]
    ) -> Match | Miss:
        """The operation for a still percent-encoded path; `choose` picks one of those whose paths are alike."""
        if not path.startswith(f"{self._base}/"):
            return Miss("unknown_path")
        sent = path[len(self._base) :].split("/")[1:]
        parts = list(map(unquote, sent)) if "%" in path else sent
        folded = list(map(self._fold, parts)) if self._any_case else parts
        allowed: set[str] = set()
        alike, found = tuple[_Segment, ...](), list[Match]()
        for route in self._possible(folded):
            values = _values(route, parts, folded) if not found or route.segments == alike else None
            if values is None:
                continue
            operation = route.methods.get(method)
            if operation is not None:
                alike = route.segments
                found.append(Match(operation, dict(zip(route.names, values, strict=True))))
            allowed |= route.methods.keys()
        if found:
            return found[0] if len(found) == 1 else choose(found)
        if allowed:
            return Miss("wrong_method", tuple(sorted(allowed)))
        return Miss("unknown_path")

    def _possible(self, folded: Sequence[str]) -> Iterator[_Route]:
        """The routes whose literal segments are those of a path, in their order."""
        for shape, routes in self._by_length.get(len(folded), {}).items():
            yield from routes.get(tuple(folded[at] for at in shape.literal), ())

    def nearest(self, path: str) -> str:
        """The path template most like a path that matched nothing: the hint for a misspelt one."""
        templates = [
            self._base + route.template
            for shapes in self._by_length.values()
            for alike in shapes.values()
            for routes in alike.values()
            for route in routes
        ]
        return max(templates, key=lambda each: SequenceMatcher(None, each, path).ratio(), default="")

    def _route(self, template: str, parameters: Iterable[Parameter] = ()) -> _Route:
        sent = re.split("[#?]", template, maxsplit=1)[0]  # what is behind it is no part of a sent path
        few = {each.name: values for each in parameters if is_array(values := each.schema.get("enum"))}
        segments = tuple(self._segment(part, few) for part in sent.split("/")[1:])
        return _Route(template, segments, tuple(_PARAMETER.findall(sent)))

    def _segment(self, part: str, few: Mapping[str, list[Any]]) -> _Segment:
        """One part of a template. A parameter in its midst that is one of a few values tells where another ends; what
        is none of them is refused as that parameter's value."""
        if _PARAMETER.fullmatch(part):
            return None
        if not _PARAMETER.search(part):
            return self._fold(part)
        pieces = _PARAMETER.split(part)
        flags = re.IGNORECASE if self._any_case else 0
        anything: dict[str, list[Any]] = {}
        return tuple(re.compile(_pattern(pieces, each), flags) for each in (few, anything))

    def _fold(self, text: str) -> str:
        return text.casefold() if self._any_case else text


def _values(route: _Route, parts: list[str], folded: list[str]) -> list[str] | None:
    """The parameters of a route in the parts of a path, or nothing where it is another; ``folded`` meets literals."""
    values: list[str] = []
    for segment, part, plain in zip(route.segments, parts, folded, strict=True):
        if segment is None:
            if not part:
                return None
            values.append(part)
        elif segment.__class__ is str:
            if segment != plain:
                return None
        elif isinstance(segment, tuple):
            found = next(filter(None, (pattern.fullmatch(part) for pattern in segment)), None)
            if found is None:
                return None
            values += found.groups()
    return values


def _pattern(pieces: Sequence[str], few: Mapping[str, list[Any]]) -> str:
    """What a part of a path looks like whose template splits into these texts and names of parameters, in turn."""
    texts: list[str] = []
    for place, piece in enumerate(pieces):
        known = "|".join(re.escape(str(each)) for each in few.get(piece, ()))
        texts.append((f"({known})" if known else "(.+?)") if place % 2 else re.escape(piece))
    return "".join(texts)


def _shape(segments: Sequence[_Segment]) -> _Shape:
    literal = tuple(at for at, each in enumerate(segments) if isinstance(each, str))
    return _Shape(tuple(map(_openness, segments)), literal)


def _openness(segment: _Segment) -> tuple[int, int]:
    """Literal parts come before those with a parameter in their midst, and both before parameters; of those with a
    parameter in their midst, the ones with more text around it: `{id}.schema.json` before `{id}.json`."""
    if isinstance(segment, tuple):
        return 1, -len(segment[-1].pattern.replace("(.+?)", "").replace("\\", ""))
    return (2, 0) if segment is None else (0, 0)
